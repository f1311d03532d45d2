//! The rules in the order in which they are asked: the page's, then the file's.

use super::kept::{Came, Said, Turn, carry_out};
use super::{Asks, Sent, html, need_leader};
use crate::acts::new_nonce;
use crate::auth::Reader;
use crate::page;
use crate::people::{People, RuleWrong, may_say};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{PageRule, RulesView, Section};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use duties::page_rules::{self as pure, Kept, TICKET_RULE};
use duties::tickets::{Rule, Settings};
use model::Scope;
use std::collections::HashMap;
use store::page_rules::{self, Rule as Row};
use store::{StoreError, Tx, accounts};

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(said): Asks<Said>,
) -> Result<Response, Fault> {
    need_leader(&reader)?;
    let (done, wrong) = (said.done(), None);
    render(&desk, &reader, RulesView { done, wrong, ..RulesView::default() }).await
}

async fn render(desk: &Desk, reader: &Reader, with: RulesView) -> Result<Response, Fault> {
    let frame = reader.frame(desk, Section::Settings).await?;
    let (rows, names) = desk.store.read(|tx| Box::pin(async move { kept(tx).await })).await?;
    let (people, scope) = (&desk.settings.people, &reader.person.scope);
    let page = rows.iter().map(|row| page_rule(people, &names, scope, row));
    let view = RulesView {
        page: page.filter(|row| is_seen(scope, row)).collect(),
        file: file_rules(people, scope),
        has_spaces: !people.spaces.is_empty(),
        nonce: new_nonce(),
        ..with
    };
    html(page::rules(&frame, &view))
}

pub(super) async fn kept(tx: &mut Tx) -> Result<(Vec<Row>, HashMap<String, String>), StoreError> {
    Ok((page_rules::of_kind(tx, TICKET_RULE).await?, names(tx).await?))
}

/// What accounts are called.
pub(super) async fn names(tx: &mut Tx) -> Result<HashMap<String, String>, StoreError> {
    Ok(accounts::list(tx, &Scope::All).await?.into_iter().map(|account| (account.id, account.name)).collect())
}

/// Whatever a rule may name is known in every space alike; without one the file has no rules.
pub(super) fn file(people: &People) -> Settings {
    people.spaces.first().map(|space| space.settings.clone()).unwrap_or_default()
}

pub(super) fn as_kept(row: &Row) -> Kept<'_> {
    Kept { name: &row.name, version: row.version, body: &row.body, is_off: row.is_off }
}

fn page_rule(people: &People, names: &HashMap<String, String>, scope: &Scope, row: &Row) -> PageRule {
    PageRule {
        name: row.name.clone(),
        version: row.version,
        position: row.position,
        is_off: row.is_off,
        said_by: names.get(&row.said_by).cloned().unwrap_or_else(|| row.said_by.clone()),
        said_at: row.said_at,
        rule: pure::rule(&file(people), &as_kept(row)),
        is_yours: may_change(scope, row),
    }
}

/// A leader of some customers sees the rules that are for one of them, or for everybody.
fn is_seen(scope: &Scope, row: &PageRule) -> bool {
    row.rule.as_ref().map_or(*scope == Scope::All, |rule| concerns(scope, rule))
}

fn concerns(scope: &Scope, rule: &Rule) -> bool {
    *scope == Scope::All || rule.customers.is_empty() || rule.customers.iter().any(|id| scope.allows(Some(id)))
}

fn file_rules(people: &People, scope: &Scope) -> Vec<Rule> {
    let rules = people.spaces.first().map(|space| space.settings.rules.as_slice()).unwrap_or_default();
    let mut seen: Vec<Rule> = rules.iter().filter(|rule| concerns(scope, rule)).cloned().collect();
    if *scope != Scope::All {
        seen.iter_mut().for_each(|rule| rule.customers.retain(|id| scope.allows(Some(id))));
    }
    seen
}

/// What can't be read is for whoever sees everything.
pub(super) fn may_change(scope: &Scope, row: &Row) -> bool {
    *scope == Scope::All || as_kept(row).read::<Rule>().is_ok_and(|rule| may_say(&rule, scope).is_ok())
}

/// Switches a rule off or on, deletes it, or brings a version back.
pub(in crate::pages) async fn turn(
    State(desk): State<Desk>,
    reader: Reader,
    Sent(form): Sent<Turn>,
) -> Result<Response, Fault> {
    need_leader(&reader)?;
    let name = form.name.clone();
    let wish = form.wish(TICKET_RULE, name)?;
    match carry_out(&desk, &reader, wish, |by, row| may_change(&by.person.scope, row)).await? {
        Came::Done(done) => Ok(Redirect::to(&format!("/people/rules?{}", Said::query(&done))).into_response()),
        Came::NotYours => Err(Fault::Forbidden { needs: "the role leader or admin for every customer of this rule" }),
        Came::Stale => {
            let view = RulesView { wrong: Some(RuleWrong::Stale), ..RulesView::default() };
            let mut response = render(&desk, &reader, view).await?;
            *response.status_mut() = StatusCode::CONFLICT;
            Ok(response)
        }
    }
}
