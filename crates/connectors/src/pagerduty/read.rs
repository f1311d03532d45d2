//! What we read from the REST API, page by page, in our words and with the raw bytes beside them. Never writes; a
//! failed read changed nothing and may be repeated.

use super::words::{WireAuditRecord, WireSubscription, WireUser};
use super::{AuditRecord, Client, Identity, Subscription, User, checked_id, decode, facts, map, wire};
use crate::{Call, CallError, Kind};
use bytes::Bytes;
use model::Micros;
use model::incident::{Fact, IncidentData, Status};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// What was read, and the bytes it was read from.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    pub value: T,
    pub raw: Bytes,
}

/// One page. PagerDuty refuses to page beyond `MAX_OFFSET`, so long lists are asked for in slices of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub more: bool,
    /// Where the next page begins.
    pub next_offset: u32,
    /// How many rows all pages have together; only when asked for.
    pub total: Option<u32>,
}

/// One page of a list that is paged by cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct CursorPage<T> {
    pub items: Vec<T>,
    /// `None` at the end.
    pub next_cursor: Option<String>,
}

/// The largest page that PagerDuty gives.
pub(super) const PAGE_ROWS: u32 = 100;
/// offset + limit may not exceed this.
pub(super) const MAX_OFFSET: u32 = 10_000;

/// Which incidents to list, oldest first so that new ones don't shift the pages. A span may not exceed six months; with
/// neither end all that ever were are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListIncidents {
    pub since: Option<Micros>,
    pub until: Option<Micros>,
    /// None: all.
    pub statuses: Vec<Status>,
    pub offset: u32,
    /// 1 to 100; 0 means 100.
    pub limit: u32,
    /// Counting costs PagerDuty time, so it is asked for where the count is used.
    pub with_total: bool,
}

/// Which entries of the account-wide log to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListLogEntries {
    pub since: Option<Micros>,
    pub until: Option<Micros>,
    pub offset: u32,
    pub with_total: bool,
}

pub(super) type Query = Vec<(&'static str, String)>;

impl Client {
    pub async fn incident(&self, call: &Call, id: &str) -> Result<Answer<IncidentData>, CallError> {
        let raw = self.get(call, &["incidents", checked_id(id, false)?], &[]).await?;
        let one: wire::One<wire::Incident> = decode(&raw, false)?;
        Ok(Answer { value: map::incident(one.one), raw })
    }

    pub async fn incidents(&self, call: &Call, list: &ListIncidents) -> Result<Answer<Page<IncidentData>>, CallError> {
        let limit = if list.limit == 0 { PAGE_ROWS } else { list.limit.min(PAGE_ROWS) };
        let mut query = paging(limit, list.offset);
        if list.since.is_none() && list.until.is_none() {
            query.push(("date_range", "all".to_owned()));
        }
        query.extend(span(list.since, list.until));
        query.extend(list.statuses.iter().map(|status| ("statuses[]", status.as_str().to_owned())));
        query.push(("sort_by", "created_at:asc".to_owned()));
        query.extend(total(list.with_total));
        // One odd incident must not hold up the page: the raw bytes have it, and so has the next page's offset.
        let (rows, raw) = self.rows::<Box<RawValue>>(call, &["incidents"], &query).await?;
        let rows = page(rows, list.offset, |row| decode::<wire::Incident>(row.get().as_bytes(), false).ok());
        let items = rows.items.into_iter().flatten().map(map::incident).collect();
        Ok(Answer { value: Page { items, more: rows.more, next_offset: rows.next_offset, total: rows.total }, raw })
    }

    /// The story of one incident, as facts, with the channels' own words.
    pub async fn log_entries(
        &self,
        call: &Call,
        incident: &str,
        since: Option<Micros>,
        offset: u32,
    ) -> Result<Answer<Page<Fact>>, CallError> {
        let mut query = paging(PAGE_ROWS, offset);
        query.extend(span(since, None));
        query.push(("include[]", "channels".to_owned()));
        let path = ["incidents", checked_id(incident, false)?, "log_entries"];
        let (rows, raw) = self.rows::<wire::LogEntry>(call, &path, &query).await?;
        Ok(Answer { value: page(rows, offset, |entry| facts::log_entry(incident, entry)), raw })
    }

    /// What happened in the whole account, as facts.
    pub async fn all_log_entries(&self, call: &Call, list: ListLogEntries) -> Result<Answer<Page<Fact>>, CallError> {
        let mut query = paging(PAGE_ROWS, list.offset);
        query.extend(span(list.since, list.until));
        query.push(("include[]", "channels".to_owned()));
        query.extend(total(list.with_total));
        let (rows, raw) = self.rows::<Box<RawValue>>(call, &["log_entries"], &query).await?;
        let Page { items, more, next_offset, total } =
            page(rows, list.offset, |entry| facts::account_log_entry(&entry));
        Ok(Answer { value: Page { items: items.into_iter().flatten().collect(), more, next_offset, total }, raw })
    }

    pub async fn alerts(&self, call: &Call, incident: &str, offset: u32) -> Result<Answer<Page<Fact>>, CallError> {
        let path = ["incidents", checked_id(incident, false)?, "alerts"];
        let (rows, raw) = self.rows::<wire::Alert>(call, &path, &paging(PAGE_ROWS, offset)).await?;
        Ok(Answer { value: page(rows, offset, |alert| facts::alert(incident, alert, call.now)), raw })
    }

    /// All notes of an incident; PagerDuty has no paging here.
    pub async fn notes(&self, call: &Call, incident: &str) -> Result<Answer<Vec<Fact>>, CallError> {
        let path = ["incidents", checked_id(incident, false)?, "notes"];
        let (rows, raw) = self.rows::<wire::Note>(call, &path, &[]).await?;
        let value = rows.rows.into_iter().map(|note| facts::note(incident, note, call.now)).collect();
        Ok(Answer { value, raw })
    }

    pub async fn abilities(&self, call: &Call) -> Result<Vec<String>, CallError> {
        Ok(self.rows::<String>(call, &["abilities"], &[]).await?.0.rows)
    }

    pub async fn webhook_subscriptions(&self, call: &Call, offset: u32) -> Result<Page<Subscription>, CallError> {
        let query = paging(PAGE_ROWS, offset);
        let (rows, _) = self.rows::<WireSubscription>(call, &["webhook_subscriptions"], &query).await?;
        Ok(page(rows, offset, Subscription::from))
    }

    /// How one subscription is.
    pub async fn webhook_subscription(&self, call: &Call, id: &str) -> Result<Subscription, CallError> {
        let raw = self.get(call, &["webhook_subscriptions", checked_id(id, false)?], &[]).await?;
        super::outbound::subscription(&raw, false)
    }

    /// The audit trail from a cursor on, or its beginning. Needs an administrator's token on a plan that has it.
    pub async fn audit_records(
        &self,
        call: &Call,
        cursor: Option<&str>,
    ) -> Result<Answer<CursorPage<AuditRecord>>, CallError> {
        let mut query = vec![("limit", PAGE_ROWS.to_string())];
        query.extend(cursor.map(|cursor| ("cursor", cursor.to_owned())));
        let (rows, raw) = self.rows::<WireAuditRecord>(call, &["audit", "records"], &query).await?;
        let items = rows.rows.into_iter().map(AuditRecord::from).collect();
        Ok(Answer { value: CursorPage { items, next_cursor: rows.next_cursor }, raw })
    }

    /// Whose token it is. Only a user's token knows a user; an account's is refused there with 400 and asked for its
    /// abilities instead.
    pub async fn current_identity(&self, call: &Call) -> Result<Identity, CallError> {
        match self.get(call, &["users", "me"], &[]).await {
            Ok(raw) => Ok(Identity::User(Box::new(User::from(decode::<wire::One<WireUser>>(&raw, false)?.one)))),
            Err(error) if matches!(error.kind, Kind::BadRequest | Kind::Forbidden | Kind::NotFound) => {
                Ok(Identity::Account { abilities: self.abilities(call).await? })
            }
            Err(error) => Err(error),
        }
    }

    /// All incidents that ever had this key, resolved ones too, the newest first. PagerDuty matches the keys of their
    /// alerts as well, so this finds what an Events v2 dedup key has opened.
    pub async fn find_incidents_by_key(
        &self,
        call: &Call,
        key: &str,
        service: Option<&str>,
    ) -> Result<Vec<IncidentData>, CallError> {
        // An empty key would list every incident there is.
        if key.is_empty() {
            return Err(CallError::new(Kind::BadRequest, false, "an incident can't be looked up by an empty key"));
        }
        let mut query = paging(PAGE_ROWS, 0);
        query.push(("incident_key", key.to_owned()));
        query.push(("date_range", "all".to_owned()));
        query.extend(service.map(|id| ("service_ids[]", id.to_owned())));
        query.push(("sort_by", "created_at:desc".to_owned()));
        let (rows, _) = self.rows::<wire::Incident>(call, &["incidents"], &query).await?;
        Ok(rows.rows.into_iter().map(map::incident).collect())
    }

    pub(super) async fn rows<T: DeserializeOwned>(
        &self,
        call: &Call,
        path: &[&str],
        query: &[(&'static str, String)],
    ) -> Result<(wire::Rows<T>, Bytes), CallError> {
        let raw = self.get(call, path, query).await?;
        Ok((decode(&raw, false)?, raw))
    }
}

pub(super) fn paging(limit: u32, offset: u32) -> Query {
    vec![("limit", limit.to_string()), ("offset", offset.to_string())]
}

pub(super) fn span(since: Option<Micros>, until: Option<Micros>) -> impl Iterator<Item = (&'static str, String)> {
    let since = since.map(|at| ("since", at.rfc3339()));
    let until = until.map(|at| ("until", at.rfc3339()));
    since.into_iter().chain(until)
}

fn total(wanted: bool) -> Option<(&'static str, String)> {
    wanted.then(|| ("total", "true".to_owned()))
}

pub(super) fn page<W, T>(rows: wire::Rows<W>, offset: u32, word: impl FnMut(W) -> T) -> Page<T> {
    let count = u32::try_from(rows.rows.len()).unwrap_or(u32::MAX);
    let next_offset = offset.saturating_add(count);
    // A page that says there is more and brings nothing would be asked for for ever.
    let more = rows.more.unwrap_or_default() && count > 0;
    let total = rows.total;
    Page { items: rows.rows.into_iter().map(word).collect(), more, next_offset, total }
}
