//! Was it posted? Looks for our own message with a marker, since Slack knows no key against doubles. Says that it can't tell rather
//! than that nothing is there.

use super::answer;
use super::client::{Client, later};
use super::markup::is_id;
use super::method::Method;
use super::people::Who;
use super::post::{MARKER, Posted};
use crate::{Call, CallError, Kind};
use model::Micros;
use serde::Deserialize;
use serde_json::Value;

/// Which message, and where.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub channel: &'a str,
    pub thread_ts: Option<&'a str>,
    pub marker: &'a str,
    /// Not before this; a little earlier than the first try, for clocks differ.
    pub oldest: Micros,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundPost {
    Found(Posted),
    /// Everything since then was read, and it is not there.
    Nothing,
    /// What keeps us from knowing, and what to do about it.
    CantTell(String),
}

const PAGE: &str = "100";
const MOST_PAGES: usize = 20;
/// What Slack gives at once, and only once a minute, to apps that are given away outside of its Marketplace.
const RESTRICTED_PAGE: usize = 15;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    messages: Vec<Row>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    response_metadata: Option<Cursor>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cursor {
    next_cursor: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    ts: String,
    user: Option<String>,
    bot_id: Option<String>,
    metadata: Option<RowMetadata>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RowMetadata {
    event_payload: Value,
}

impl Client {
    pub async fn find_post(&self, call: &Call, look: &Look<'_>) -> Result<FoundPost, CallError> {
        if !is_id(look.channel, &['C', 'G', 'D']) {
            let text = "a channel can be looked through by its id only, which begins with C, G or D: set it in [slack] channels";
            return Ok(FoundPost::CantTell(text.to_owned()));
        }
        let started = tokio::time::Instant::now();
        let who = self.who(call).await?;
        let (mut cursor, mut is_restricted) = (String::new(), false);
        for _ in 0..MOST_PAGES {
            let page = match self.page(&later(call, started), look, &cursor).await {
                Ok(page) => page,
                Err(error) => return closed(error, is_restricted),
            };
            if let Some(row) = page.messages.iter().find(|row| row.is(&who, look.marker)) {
                return Ok(FoundPost::Found(Posted { channel: look.channel.to_owned(), ts: row.ts.clone() }));
            }
            is_restricted = page.messages.len() <= RESTRICTED_PAGE;
            cursor = match page.next() {
                Next::Page(cursor) => cursor,
                Next::End => return Ok(FoundPost::Nothing),
                Next::Lost => {
                    return Ok(FoundPost::CantTell("Slack says that there is more, and not where".to_owned()));
                }
            };
        }
        Ok(FoundPost::CantTell("there are more than two thousand messages since then: look in the channel".to_owned()))
    }

    async fn page(&self, call: &Call, look: &Look<'_>, cursor: &str) -> Result<Page, CallError> {
        let oldest = format!("{}.{:06}", look.oldest.second(), look.oldest.0.rem_euclid(model::time::SECOND_US));
        let mut fields = vec![
            ("channel", look.channel),
            ("oldest", oldest.as_str()),
            ("inclusive", "true"),
            ("limit", PAGE),
            ("include_all_metadata", "true"),
        ];
        if !cursor.is_empty() {
            fields.push(("cursor", cursor));
        }
        let method = match look.thread_ts {
            Some(thread_ts) => {
                fields.push(("ts", thread_ts));
                Method::Replies
            }
            None => Method::History,
        };
        answer::read(&self.form(call, method, &fields).await?, false)
    }
}

/// A history that is closed to us says nothing of what stands in it.
fn closed(error: CallError, is_restricted: bool) -> Result<FoundPost, CallError> {
    match error.kind {
        Kind::Auth | Kind::Forbidden | Kind::NotFound | Kind::BadRequest => Ok(FoundPost::CantTell(error.text)),
        // To begin anew each minute would never come to an end.
        Kind::Limited if is_restricted => Ok(FoundPost::CantTell(
            "Slack lets this app read fifteen messages a minute, as it does with apps that are given away outside of its Marketplace: look in \
             the channel, or use an app of your own"
                .to_owned(),
        )),
        _ => Err(error),
    }
}

impl Row {
    /// Anybody may copy a marker; only we post as ourselves.
    fn is(&self, who: &Who, marker: &str) -> bool {
        let is_ours = self.user.as_ref() == Some(&who.user_id) || (self.bot_id.is_some() && self.bot_id == who.bot_id);
        let found = self.metadata.as_ref().and_then(|metadata| metadata.event_payload.get(MARKER)?.as_str());
        is_ours && !self.ts.is_empty() && found == Some(marker)
    }
}

enum Next {
    Page(String),
    End,
    Lost,
}

impl Page {
    fn next(self) -> Next {
        match self.response_metadata.and_then(|at| at.next_cursor).filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => Next::Page(cursor),
            None if self.has_more => Next::Lost,
            None => Next::End,
        }
    }
}
