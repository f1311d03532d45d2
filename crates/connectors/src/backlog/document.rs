//! One ticket read whole: itself and all its comments, in one document of raw answers, and what that document tells. The reading
//! of the document is pure: the engine keeps the bytes and reads them again whenever it wants.

use super::history::history;
use super::{Client, Unreadable, checked_key, decode, later, unreadable, wire};
use crate::pagerduty::json;
use crate::{Call, CallError, Kind};
use model::ticket::{Reading, Ticket};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// A ticket with its history, and the document to keep.
#[derive(Clone, Debug)]
pub struct Whole {
    pub reading: Reading,
    /// `{"space":…,"url":…,"issue":…,"comments":[…]}`, the last two in the bytes that came (U+0000 replaced).
    pub raw: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Document {
    space: String,
    /// Where people open tickets.
    url: String,
    issue: Box<RawValue>,
    /// Newest first, as they came.
    comments: Vec<Box<RawValue>>,
    /// There are more, older ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

pub(super) type Rows = Vec<Box<RawValue>>;

#[derive(Deserialize)]
struct Numbered {
    id: i64,
}

/// Resolved and closed; statuses of a project's own come before them.
const DONE: [i64; 2] = [3, 4];
pub(super) const PAGE_ROWS: usize = 100;
/// Ten thousand comments; the oldest ones beyond are left out, and the document says so.
const MOST_PAGES: usize = 100;

impl Client {
    /// By number or by key. The ticket comes first, so that its comments are never older than it.
    pub async fn ticket(&self, call: &Call, id_or_key: &str) -> Result<Whole, CallError> {
        let started = tokio::time::Instant::now();
        let raw = self.get(call, &["issues", checked_key(id_or_key, false)?], &[]).await?;
        let issue: Box<RawValue> = decode(&raw, false)?;
        // By its number, which stays when the ticket is moved to another project in between.
        let id = decode::<Numbered>(issue.get().as_bytes(), false)?.id.to_string();
        let (comments, truncated) = self.all_comments(call, &id, started).await?;
        let document = Document { space: self.space.clone(), url: self.pages.clone(), issue, comments, truncated };
        let raw = serde_json::to_vec(&document)
            .map_err(|e| CallError::new(Kind::Unreadable, false, format!("the ticket can't be kept as JSON: {e}")))?;
        let reading = reading_from_document(&raw).map_err(|e| unreadable(&e, false))?;
        Ok(Whole { reading, raw })
    }

    /// Newest first, so that a ceiling cuts off what is oldest.
    async fn all_comments(
        &self,
        call: &Call,
        issue: &str,
        started: tokio::time::Instant,
    ) -> Result<(Rows, bool), CallError> {
        let (mut rows, mut seen) = (Rows::new(), BTreeSet::new());
        for _ in 0..MOST_PAGES {
            let page = self.comments_below(&later(call, started), issue, seen.first().copied()).await?;
            let (before, count) = (seen.len(), page.len());
            for row in page {
                if seen.insert(decode::<Numbered>(row.get().as_bytes(), false)?.id) {
                    rows.push(row);
                }
            }
            if count < PAGE_ROWS || seen.len() == before {
                return Ok((rows, false));
            }
        }
        Ok((rows, true))
    }

    /// A page of comments, newest first, up to this one. Whether it is among them Backlog does not say; either will do.
    pub(super) async fn comments_below(&self, call: &Call, issue: &str, id: Option<i64>) -> Result<Rows, CallError> {
        let mut query = vec![("count", PAGE_ROWS.to_string()), ("order", "desc".to_owned())];
        query.extend(id.map(|id| ("maxId", id.to_string())));
        let raw = self.get(call, &["issues", issue, "comments"], &query).await?;
        decode(&raw, false)
    }
}

/// What a document that `Client::ticket` made tells.
pub fn reading_from_document(raw: &[u8]) -> Result<Reading, Unreadable> {
    let document: Document = json::read(&json::without_nul(raw))?;
    let issue: wire::Issue = json::read(document.issue.get().as_bytes()).map_err(|e| within("issue", e))?;
    let comment =
        |at: usize, row: &RawValue| json::read(row.get().as_bytes()).map_err(|e| within(&format!("comments[{at}]"), e));
    let comments = document.comments.iter().enumerate().map(|(at, row)| comment(at, row));
    let comments = comments.collect::<Result<Vec<wire::Comment>, _>>()?;
    let ticket = ticket(&document.space, &document.url, issue);
    let history = history(&ticket, comments);
    Ok(Reading { ticket, history })
}

/// The tickets of one page of a list, as `TicketPage::raw` holds it. `url` is the space's address.
pub fn tickets_from_list(space: &str, url: &str, raw: &[u8]) -> Result<Vec<Ticket>, Unreadable> {
    let rows: Vec<wire::Issue> = json::read(&json::without_nul(raw))?;
    Ok(rows.into_iter().map(|issue| ticket(space, url.trim_end_matches('/'), issue)).collect())
}

fn within(part: &str, error: Unreadable) -> Unreadable {
    Unreadable { place: format!("{part}: {}", error.place), ..error }
}

fn ticket(space: &str, url: &str, issue: wire::Issue) -> Ticket {
    let status = issue.status.named().unwrap_or(model::ticket::Named { id: 0, name: String::new() });
    Ticket {
        id: format!("{space}/{}", issue.id),
        space: space.to_owned(),
        project: issue.issue_key.rsplit_once('-').map_or("", |(project, _)| project).to_owned(),
        title: issue.summary.unwrap_or_default(),
        body: issue.description.unwrap_or_default(),
        kind: issue.issue_type.and_then(wire::Value::name).unwrap_or_default(),
        categories: issue.category.into_iter().filter_map(wire::Value::name).collect(),
        priority: issue.priority.and_then(wire::Value::named),
        is_done: DONE.contains(&status.id),
        status,
        assignee: issue.assignee.and_then(wire::User::who),
        created_by: issue.created_user.and_then(wire::User::who).unwrap_or_default(),
        created_at: issue.created,
        updated_at: issue.updated.unwrap_or(issue.created),
        url: format!("{url}/view/{}", issue.issue_key),
        key: issue.issue_key,
    }
}
