//! What may be done on an incident's page, and the form that does it: `POST /incidents/{id}/acts`. What becomes of an act
//! is shown on the page and arrives there live.

use super::Sent;
use super::incident::{Query, Refused, page_of};
use crate::acts::{Ask, Form, Key, Refusal, Said, Standing, ask, morning, new_nonce, standing};
use crate::auth::Reader;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{ActProblem, ActState, ActsView, AskedRow, Bar, Named, Other};
use crate::{Language, markup};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use model::Scope;
use model::act::Act;
use model::incident::Status;
use model::reference::{Kind, Thing};
use store::acts::Asked;
use store::incidents::{self, By, Filter, Order, Whole};
use store::{StoreError, Tx, reference};

/// Other incidents that are offered for a merge; any other is named by its number.
const MOST_OTHERS: usize = 20;

/// Who looks, as far as acts are concerned.
pub(super) struct Looker<'a> {
    pub reader: &'a Reader,
    pub language: Language,
    pub zone: &'a TimeZone,
    pub key: Key,
}

pub(super) async fn load(tx: &mut Tx, looker: &Looker<'_>, whole: &Whole) -> Result<ActsView, StoreError> {
    let scope = &looker.reader.person.scope;
    let standing = standing(tx, &looker.reader.person, &looker.key).await?;
    let asked = store::acts::list(tx, scope, &whole.item.id).await?;
    let data = &whole.incident.data;
    let mut view = ActsView {
        incident: data.id.clone(),
        label: crate::view::label(data.number, &data.id),
        as_user: standing.by.as_ref().ok().map(|by| (by.name.clone(), by.from.clone())),
        bar: bar(&standing, looker.language, data.status),
        offered: offered(&standing, data.status, &asked),
        nonce: new_nonce(),
        morning: morning(looker.zone, tx.now()),
        users: Vec::new(),
        levels: Vec::new(),
        priorities: Vec::new(),
        others: Vec::new(),
        more_others: false,
        asked: Vec::new(),
        problem: None,
        draft: None,
    };
    let users = if view.offers("reassign") || !asked.is_empty() {
        reference::list(tx, scope, Kind::User).await?
    } else {
        Vec::new()
    };
    let priorities = if view.offers("priority") || !asked.is_empty() {
        reference::list(tx, scope, Kind::Priority).await?
    } else {
        Vec::new()
    };
    if view.offers("escalate") {
        view.levels = levels(tx, scope, whole).await?;
    }
    if view.offers("merge") {
        (view.others, view.more_others) = others(tx, scope, whole).await?;
    }
    view.asked = rows(tx, scope, asked, &users, &priorities).await?;
    let own = standing.by.as_ref().ok().map(|by| by.user.as_str());
    for row in &mut view.asked {
        let may_tell = looker.reader.person.role.may_administer() || own == Some(row.user.as_str());
        row.may_settle = row.state == ActState::Human && may_tell;
    }
    view.users = named(users);
    view.priorities = named(priorities);
    Ok(view)
}

fn named(things: Vec<Thing>) -> Vec<Named> {
    things.into_iter().map(|thing| Named { id: thing.id, name: thing.name }).collect()
}

fn bar(standing: &Standing, language: Language, status: Status) -> Option<Bar> {
    match &standing.by {
        Err(why) => Some(Bar::MayNot(why.words(language, &standing.named))),
        Ok(_) if status == Status::Resolved => Some(Bar::Over),
        Ok(_) => None,
    }
}

/// Nothing to whom may not; of what is over only notes; and nothing that waits to be sent already. Two notes are two.
fn offered(standing: &Standing, status: Status, asked: &[Asked]) -> Vec<&'static str> {
    if standing.by.is_err() {
        return Vec::new();
    }
    let waits = |name: &str| {
        let mut of_name = asked.iter().filter(|a| a.act.name() == name);
        of_name.any(|a| ActState::of(&a.state, a.outcome.as_deref()).is_live())
    };
    let is_offered = |name: &&str| match *name {
        "note" => true,
        _ if status == Status::Resolved => false,
        "acknowledge" if status != Status::Triggered => false,
        name => !waits(name),
    };
    Act::NAMES.into_iter().filter(is_offered).collect()
}

/// The levels above the first, each with who is on call there.
async fn levels(tx: &mut Tx, scope: &Scope, whole: &Whole) -> Result<Vec<(i64, String)>, StoreError> {
    let Some(policy) = &whole.incident.data.escalation_policy else { return Ok(Vec::new()) };
    let found = reference::find(tx, scope, Kind::EscalationPolicy, &policy.id).await?;
    let most = found.and_then(|p| p.level).unwrap_or_default().min(20);
    if most < 2 {
        return Ok(Vec::new());
    }
    let prefix = format!("{}/", policy.id);
    let on_call: Vec<Thing> = reference::list(tx, scope, Kind::OnCall).await?;
    let at = |level: i64| {
        let mut names: Vec<String> = Vec::new();
        for thing in on_call.iter().filter(|t| t.level == Some(level) && t.id.starts_with(&prefix)) {
            if !names.contains(&thing.name) {
                names.push(thing.name.clone());
            }
        }
        names.join(", ")
    };
    Ok((2..=most).map(|level| (level, at(level))).collect())
}

/// Other open incidents, those of the same service first, then the newest.
async fn others(tx: &mut Tx, scope: &Scope, whole: &Whole) -> Result<(Vec<Other>, bool), StoreError> {
    let order = Order { by: By::Opened, descending: true };
    let open = || Filter {
        statuses: vec!["triggered".into(), "acknowledged".into()],
        customer: whole.item.customer.clone(),
        order,
        ..Filter::default()
    };
    let service = whole.item.service.as_ref().map(|s| s.id.clone());
    let limit = MOST_OTHERS as i64 + 2;
    let mut found = match &service {
        Some(id) => incidents::list(tx, scope, &Filter { service: Some(id.clone()), ..open() }, limit).await?,
        None => Vec::new(),
    };
    for item in incidents::list(tx, scope, &open(), limit).await? {
        if !found.iter().any(|held| held.id == item.id) {
            found.push(item);
        }
    }
    found.retain(|item| item.id != whole.item.id);
    let more = found.len() > MOST_OTHERS;
    found.truncate(MOST_OTHERS);
    let other = |item: incidents::Item| Other {
        label: crate::view::label(item.number, &item.id),
        id: item.id,
        title: item.title,
        service: item.service.map(|s| s.name),
    };
    Ok((found.into_iter().map(other).collect(), more))
}

async fn rows(
    tx: &mut Tx,
    scope: &Scope,
    asked: Vec<Asked>,
    users: &[Thing],
    priorities: &[Thing],
) -> Result<Vec<AskedRow>, StoreError> {
    let merged: Vec<String> = asked.iter().flat_map(|a| sources(&a.act)).cloned().collect();
    let titles = incidents::list_titles(tx, scope, &merged).await?;
    let name = |things: &[Thing], id: &String| {
        things.iter().find(|thing| thing.id == *id).map_or_else(|| id.clone(), |thing| thing.name.clone())
    };
    let names = |act: &Act| match act {
        Act::Reassign { users: ids } => ids.iter().map(|id| name(users, id)).collect(),
        Act::Priority { to: Some(id) } => vec![name(priorities, id)],
        Act::Merge { sources } => sources
            .iter()
            .map(|id| titles.get(id).map_or_else(|| id.clone(), |t| crate::view::label(t.number, &t.id)))
            .collect(),
        _ => Vec::new(),
    };
    let row = |a: Asked| AskedRow {
        job: a.job,
        names: names(&a.act),
        may_settle: false,
        who: users.iter().find(|u| u.id == a.user).map_or_else(|| a.from.clone(), |u| u.name.clone()),
        asked_at: a.asked_at,
        state: ActState::of(&a.state, a.outcome.as_deref()),
        cause: a.cause,
        user: a.user,
        due: a.due,
        ended_at: a.ended_at,
        act: a.act,
    };
    Ok(asked.into_iter().map(row).collect())
}

fn sources(act: &Act) -> &[String] {
    match act {
        Act::Merge { sources } => sources,
        _ => &[],
    }
}

/// Where a form that was refused is loaded again, or its language is changed.
pub(super) async fn place(Path(id): Path<String>) -> Redirect {
    Redirect::to(&format!("/incidents/{}#acts", markup::encode(&id)))
}

pub(super) async fn act(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Sent(pairs): Sent<Vec<(String, String)>>,
) -> Result<Response, Fault> {
    let form = Form(pairs);
    let zone = reader.person.zone.clone().unwrap_or_else(|| desk.settings.zone.clone());
    let nonce = form.one("nonce").to_owned();
    let said = match form.act(&zone, desk.store.clock().now()) {
        Ok(act) => {
            let wanted = Ask { incident: id.clone(), act, nonce };
            let (by, key) = (reader.clone(), Key::of(&desk.settings));
            let unit = desk.store.write("act", move |tx| {
                let (by, wanted) = (by.clone(), wanted.clone());
                Box::pin(async move { ask(tx, &by, &key, wanted).await })
            });
            unit.await?
        }
        Err(field) => Said::Unknown { field, value: String::new() },
    };
    let (status, problem) = match said {
        Said::New(asked) => {
            desk.act.notify_waiters();
            desk.show.notify_waiters();
            tracing::info!(job = asked.job, act = asked.act.name(), incident = id, "an act was asked for");
            return Ok(to_acts(&id));
        }
        Said::Again(_) => return Ok(to_acts(&id)),
        Said::NotFound => return Err(Fault::NotFound),
        Said::MayNot(_, Refusal::MakerScope) => return Err(Fault::NotFound),
        Said::MayNot(..) => (StatusCode::FORBIDDEN, ActProblem::MayNot),
        Said::Unfit(unfit) => (StatusCode::UNPROCESSABLE_ENTITY, ActProblem::Unfit(unfit)),
        Said::Unknown { field, value } => {
            (StatusCode::UNPROCESSABLE_ENTITY, ActProblem::Field { field: field.into(), value })
        }
        Said::OddNonce => {
            let problem = ActProblem::Field { field: "nonce".into(), value: String::new() };
            (StatusCode::UNPROCESSABLE_ENTITY, problem)
        }
        Said::OtherWords => (StatusCode::CONFLICT, ActProblem::OtherWords),
        Said::Over => (StatusCode::CONFLICT, ActProblem::Over),
    };
    let draft = draft(&form);
    page_of(&desk, &reader, &id, (Some(Refused { status, problem, draft }), Query::default())).await
}

fn to_acts(id: &str) -> Response {
    Redirect::to(&format!("/incidents/{}#acts", markup::encode(id))).into_response()
}

/// What somebody wrote is not lost because it was refused.
fn draft(form: &Form) -> (String, String) {
    let name = form.one("act");
    let field = match name {
        "note" => "text",
        "resolve" => "resolution",
        "merge" => "more",
        "snooze" => "minutes",
        _ => "",
    };
    (name.to_owned(), form.one(field).to_owned())
}
