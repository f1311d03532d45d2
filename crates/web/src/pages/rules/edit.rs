//! One rule's form: what was typed, last week under it, and then the button that keeps it.

use super::kept::{Came, Said, Want, Wish, carry_out, rows};
use super::list::{as_kept, file, kept, may_change};
use super::preview::{Change, preview};
use super::{Asks, Sent, cut, html, need_leader};
use crate::acts::{Form, new_nonce};
use crate::auth::Reader;
use crate::page;
use crate::pages::frame::customers;
use crate::people::{RuleDraft, RuleWrong, whens};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{Frame, Named, Preview, RuleView, Section, rule_summary};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use duties::page_rules::{self as pure, Kept, TICKET_RULE, Unread};
use duties::tickets::Rule;
use std::collections::HashMap;
use store::page_rules::{self, Rule as Row};
use store::{StoreError, Tx};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Query {
    name: String,
}

/// The form of a rule that is kept, or of a new one.
pub(in crate::pages) async fn form(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    need_leader(&reader)?;
    let name = cut(&query.name);
    let found = desk.store.read(move |tx| Box::pin(async move { found(tx, &name).await }));
    let (versions, names, next) = found.await?;
    let frame = reader.frame(&desk, Section::Settings).await?;
    let base = match versions.first() {
        None if query.name.is_empty() => RuleView {
            is_new: true,
            draft: RuleDraft { position: next.to_string(), ..RuleDraft::default() },
            ..RuleView::default()
        },
        Some(row) if !row.is_deleted && may_change(&reader.person.scope, row) => of_row(&desk, row),
        _ => return Err(Fault::NotFound),
    };
    let view = RuleView { versions: told(&frame, &versions, &names), ..base };
    render(&desk, &reader, &frame, view)
}

type Versions = (Vec<Row>, HashMap<String, String>, i64);

/// The versions of a rule, and where a new one would stand.
async fn found(tx: &mut Tx, name: &str) -> Result<Versions, StoreError> {
    let (all, names) = kept(tx).await?;
    let next = all.iter().map(|row| row.position).max().unwrap_or(0) + 1;
    Ok((page_rules::versions(tx, TICKET_RULE, name).await?, names, next))
}

fn of_row(desk: &Desk, row: &Row) -> RuleView {
    let read = pure::rule(&file(&desk.settings.people), &as_kept(row));
    let unread = read.as_ref().err().cloned();
    // What names something that is gone can be mended; what can't be read at all is written anew.
    let rule = read.or_else(|_| as_kept(row).read::<Rule>());
    let rule = rule.unwrap_or_else(|_: Unread| Rule::default());
    let draft = RuleDraft::of_rule(&Rule { name: row.name.clone(), ..rule }, row.version, row.position);
    RuleView { draft, unread, ..RuleView::default() }
}

fn told(frame: &Frame, versions: &[Row], names: &HashMap<String, String>) -> Vec<crate::view::VersionRow> {
    rows(versions, names, |row| {
        as_kept(row).read::<Rule>().map(|rule| rule_summary(frame, &rule)).map_err(|unread| unread.why)
    })
}

fn render(desk: &Desk, reader: &Reader, frame: &Frame, view: RuleView) -> Result<Response, Fault> {
    let people = &desk.settings.people;
    let named = |id: &String, name: &String| Named { id: id.clone(), name: name.clone() };
    let view = RuleView {
        groups: people.groups.iter().map(|team| named(&team.id, &team.name)).collect(),
        persons: people.persons.iter().map(|member| named(&member.id, &member.name)).collect(),
        spaces: people.spaces.iter().map(|space| space.name.clone()).collect(),
        customers: customers(&desk.settings, &reader.person.scope),
        whens: whens(),
        nonce: new_nonce(),
        ..view
    };
    html(page::rule(frame, &view))
}

/// Shows last week under what was typed, or keeps it.
pub(in crate::pages) async fn post(
    State(desk): State<Desk>,
    reader: Reader,
    Sent(pairs): Sent<Vec<(String, String)>>,
) -> Result<Response, Fault> {
    need_leader(&reader)?;
    let form = Form(pairs);
    let draft = RuleDraft::of_form(&form);
    let rule = draft.rule(&desk.settings.people, &reader.person.scope);
    let rule = match rule {
        Ok(rule) => rule,
        Err(wrong) => return refused(&desk, &reader, draft, wrong).await,
    };
    if form.one("do") == "save" {
        return save(&desk, &reader, draft, rule, form.one("nonce").to_owned()).await;
    }
    look(&desk, &reader, draft, rule).await
}

async fn refused(desk: &Desk, reader: &Reader, draft: RuleDraft, wrong: RuleWrong) -> Result<Response, Fault> {
    let frame = reader.frame(desk, Section::Settings).await?;
    let is_new = draft.version == 0;
    let view = RuleView { draft, is_new, wrong: Some(wrong), ..RuleView::default() };
    let mut response = render(desk, reader, &frame, view)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

async fn save(desk: &Desk, reader: &Reader, draft: RuleDraft, rule: Rule, nonce: String) -> Result<Response, Fault> {
    let position = draft.position().map_err(|_| Fault::bad("position", "It is a whole number."))?;
    let body = serde_json::to_string(&rule).map_err(|error| Fault::Internal { why: error.to_string() })?;
    let want = Want::Save { body, position };
    let wish = Wish { kind: TICKET_RULE, name: rule.name, version: draft.version, want, nonce };
    match carry_out(desk, reader, wish, |by, row| may_change(&by.person.scope, row)).await? {
        Came::Done(done) => Ok(Redirect::to(&format!("/people/rules?{}", Said::query(&done))).into_response()),
        Came::NotYours => Err(Fault::Forbidden { needs: "the role leader or admin for every customer of this rule" }),
        Came::Stale if draft.version == 0 => refused(desk, reader, draft, RuleWrong::Taken).await,
        Came::Stale => refused(desk, reader, draft, RuleWrong::Stale).await,
    }
}

async fn look(desk: &Desk, reader: &Reader, draft: RuleDraft, rule: Rule) -> Result<Response, Fault> {
    let frame = reader.frame(desk, Section::Settings).await?;
    let (people, scope, typed) = (desk.settings.people.clone(), reader.person.scope.clone(), draft.clone());
    let seen = desk.store.read(move |tx| {
        Box::pin(async move {
            let now = tx.now();
            let roster = (people.roster.0)(tx, now).await?;
            let (rows, _) = kept(tx).await?;
            let then = with(&rows, &rule, &typed);
            let (now, then): (Vec<Kept<'_>>, Vec<Kept<'_>>) =
                (rows.iter().map(as_kept).collect(), then.iter().map(as_kept).collect());
            let change = Change { now: (&now, &roster), then: (&then, &roster) };
            preview(tx, &people.spaces, &scope, &change).await
        })
    });
    let seen: Preview = seen.await?;
    let is_new = draft.version == 0;
    render(desk, reader, &frame, RuleView { draft, is_new, preview: Some(seen), ..RuleView::default() })
}

/// The page's rules with this one among them, as if it were kept and held.
fn with(rows: &[Row], rule: &Rule, draft: &RuleDraft) -> Vec<Row> {
    let position = draft.position().unwrap_or(1);
    let mut all: Vec<Row> = rows.iter().filter(|row| row.name != rule.name).cloned().collect();
    all.push(Row {
        id: String::new(),
        kind: TICKET_RULE.into(),
        name: rule.name.clone(),
        version: draft.version + 1,
        position,
        body: serde_json::to_string(rule).unwrap_or_default(),
        is_off: false,
        is_deleted: false,
        said_by: String::new(),
        said_at: model::Micros(0),
    });
    all.sort_by(|a, b| (a.position, &a.name).cmp(&(b.position, &b.name)));
    all
}
