//! Filters of the list of incidents that people keep by name: their own, and those that leaders share. What a filter
//! finds is bounded by the scope of whoever uses it.

use super::{Sent, cut};
use crate::auth::{Reader, new_id};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{Asked as _, Filters, SavedRow};
use axum::extract::{Path, Query, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use model::Scope;
use model::person::Role;
use serde::Deserialize;
use serde_json::json;
use store::saved_filters::{self, SavedFilter};
use store::{StoreError, Tx, audit};

const MOST_NAME_CHARS: usize = 80;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct New {
    name: String,
    query: String,
    shared: String,
}

pub(super) const fn may_share(role: Role) -> bool {
    matches!(role, Role::Leader | Role::Admin)
}

pub(super) async fn list(tx: &mut Tx, scope: &Scope, account: &str) -> Result<Vec<SavedRow>, StoreError> {
    let held = saved_filters::list(tx, scope, account).await?;
    let row = |saved: SavedFilter| SavedRow {
        href: read(&saved.query).href(),
        own: saved.account == account,
        id: saved.id,
        name: saved.name,
        shared: saved.shared,
    };
    Ok(held.into_iter().map(row).collect())
}

pub(super) async fn add(State(desk): State<Desk>, reader: Reader, Sent(new): Sent<New>) -> Result<Response, Fault> {
    let name: String = cut(&new.name).chars().take(MOST_NAME_CHARS).collect();
    if name.is_empty() {
        return Err(Fault::bad("name", "Give the filter a name."));
    }
    let shared = !new.shared.is_empty();
    if shared && !may_share(reader.person.role) {
        return Err(Fault::Forbidden { needs: "the role leader or admin" });
    }
    let filters = read(&new.query);
    let by = reader;
    let query = filters.query();
    let unit = desk.store.write("add_filter", move |tx| {
        Box::pin(async move {
            let account = by.person.id.clone();
            let filter = SavedFilter { id: new_id(), account, name, query, shared, created_at: tx.now() };
            // One form sent twice, or a name taken again, leaves one filter: the newer.
            for held in saved_filters::list(tx, &by.person.scope, &filter.account).await? {
                if held.account == filter.account && held.name == filter.name {
                    saved_filters::delete(tx, &filter.account, &held.id).await?;
                }
            }
            saved_filters::add(tx, &filter).await?;
            let mut trail = by.trail();
            trail["name"] = json!(filter.name);
            trail["shared"] = json!(filter.shared);
            let subject = format!("filter/{}", filter.id);
            audit::add(tx, &by.person.actor(), "filter.add", &subject, None, &trail).await
        })
    });
    unit.await?;
    Ok(Redirect::to(&filters.href()).into_response())
}

pub(super) async fn delete(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Sent(form): Sent<New>,
) -> Result<Response, Fault> {
    let unit = desk.store.write("delete_filter", move |tx| {
        Box::pin(async move {
            let gone = saved_filters::delete(tx, &reader.person.id, &id).await?;
            if gone {
                let subject = format!("filter/{id}");
                audit::add(tx, &reader.person.actor(), "filter.delete", &subject, None, &reader.trail()).await?;
            }
            Ok(gone)
        })
    });
    if !unit.await? {
        return Err(Fault::NotFound);
    }
    Ok(Redirect::to(&read(&form.query).href()).into_response())
}

/// A query as it stood in an address; what means nothing is dropped, so that nothing else is ever kept.
fn read(query: &str) -> Filters {
    let uri: Option<Uri> = format!("/incidents?{query}").parse().ok();
    let read = uri.and_then(|uri| Query::<Filters>::try_from_uri(&uri).ok()).map(|q| q.0).unwrap_or_default();
    Filters {
        text: cut(&read.text),
        service: cut(&read.service),
        team: cut(&read.team),
        customer: cut(&read.customer),
        assignee: cut(&read.assignee),
        status: cut(&read.status),
        urgency: cut(&read.urgency),
        since: cut(&read.since),
        until: cut(&read.until),
        sort: cut(&read.sort),
        cursor: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::view::Asked as _;

    #[test]
    fn only_a_query_of_ours_is_kept() {
        assert_eq!(
            read("status=open&text=%E9%9A%9C%E5%AE%B3&cursor=abc&x=1").query(),
            "status=open&text=%E9%9A%9C%E5%AE%B3"
        );
        assert_eq!(read("//evil.example/\n?status=open").query(), "");
        assert_eq!(read(&format!("text={}", "x".repeat(5_000))).text.len(), 200);
    }
}
