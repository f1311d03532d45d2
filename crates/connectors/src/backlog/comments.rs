//! Comments that we write, and finding one of unknown outcome again by a marker in its text. Never changes anything else.

use super::document::PAGE_ROWS;
use super::limits::Bucket;
use super::{Ask, Client, checked_key, decode, later, wire};
use crate::{Call, CallError, Kind};
use http::Method;
use model::Micros;
use serde::Deserialize;

#[derive(Deserialize)]
struct Numbered {
    id: i64,
}

/// Clocks differ, and Backlog tells whole seconds.
const CLOCK_SLACK_S: i64 = 120;
/// A thousand newer comments; a marker that could lie behind them is doubt.
const MOST_PAGES: usize = 10;

impl Client {
    /// Writes a comment and returns its number. `notified` are numbers of users whom Backlog tells of it. The text should hold a
    /// marker by which `find_comment` knows it.
    pub async fn add_comment(
        &self,
        call: &Call,
        ticket: &str,
        content: &str,
        notified: &[i64],
    ) -> Result<i64, CallError> {
        if content.trim().is_empty() {
            return Err(CallError::new(Kind::BadRequest, true, "an empty comment says nothing; nothing was sent"));
        }
        let path = ["issues", checked_key(ticket, true)?, "comments"];
        let mut form = vec![("content", content.to_owned())];
        form.extend(notified.iter().map(|id| ("notifiedUserId[]", id.to_string())));
        let ask = Ask { method: Method::POST, path: &path, query: &[], form: Some(&form), bucket: Bucket::Update };
        let raw = self.send(call, &ask).await?.body;
        Ok(decode::<Numbered>(&raw, true)?.id)
    }

    /// The number of a comment that holds the marker and was written about since then. `None`: not seen, it may be sent again.
    /// Doubt is an error.
    pub async fn find_comment(
        &self,
        call: &Call,
        ticket: &str,
        marker: &str,
        since: Micros,
    ) -> Result<Option<i64>, CallError> {
        let started = tokio::time::Instant::now();
        let ticket = checked_key(ticket, false)?;
        if marker.trim().is_empty() {
            return Err(CallError::new(Kind::BadRequest, false, "a comment can't be found by an empty marker"));
        }
        let (not_before, mut oldest) = (since.plus_s(-CLOCK_SLACK_S), None);
        for _ in 0..MOST_PAGES {
            let rows = self.comments_below(&later(call, started), ticket, oldest).await?;
            let rows = rows.iter().map(|row| decode::<wire::Comment>(row.get().as_bytes(), false));
            let page = rows.collect::<Result<Vec<_>, _>>()?;
            if let Some(found) = page.iter().find(|c| c.content.as_deref().is_some_and(|text| text.contains(marker))) {
                return Ok(Some(found.id));
            }
            let least = page.iter().map(|comment| comment.id).min();
            let is_over = page.len() < PAGE_ROWS || least == oldest || page.iter().any(|c| c.created < not_before);
            if is_over {
                return Ok(None);
            }
            oldest = least;
        }
        let text = format!("{ticket} has so many newer comments that whether ours is among them can't be told");
        Err(CallError::new(Kind::TooLarge, false, text))
    }
}
