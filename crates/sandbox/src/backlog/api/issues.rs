//! Tickets, listed and counted: filters with the granularity of a day, sorting, pages.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use super::super::errors::Problem;
use super::super::world::{Issue, State};
use super::params::{Params, wrong};
use super::{Call, Outcome, found};

pub(super) fn one(state: &State, call: &Call, key: &str) -> Outcome {
    let at = state.issue_for(call.user, key)?;
    found(state.issue_shown(&state.issues[at]))
}

pub(super) fn count(state: &State, call: &Call) -> Outcome {
    let own = chosen(state, call)?;
    found(json!({ "count": own.len() }))
}

pub(super) fn list(state: &State, call: &Call) -> Outcome {
    let (count, offset) = (call.params.count()?, call.params.number("offset")?.unwrap_or(0) as usize);
    let by = order(call.params.full("sort").unwrap_or("created"))?;
    let mut own = chosen(state, call)?;
    own.sort_by(|a, b| by(a, b).then(a.id.cmp(&b.id)));
    if !call.params.is_ascending()? {
        own.reverse();
    }
    found(own.into_iter().skip(offset).take(count).map(|i| state.issue_shown(i)).collect())
}

type Order = fn(&Issue, &Issue) -> Ordering;

fn order(word: &str) -> Result<Order, Problem> {
    Ok(match word {
        "created" => |a, b| a.created.cmp(&b.created),
        "updated" => |a, b| a.updated.cmp(&b.updated),
        "summary" => |a, b| a.summary.cmp(&b.summary),
        "status" => |a, b| a.status.cmp(&b.status),
        "priority" => |a, b| b.priority.cmp(&a.priority),
        "issueType" => |a, b| a.kind.cmp(&b.kind),
        "assignee" => |a, b| a.assignee.cmp(&b.assignee),
        "createdUser" => |a, b| a.created_by.cmp(&b.created_by),
        "updatedUser" => |a, b| a.updated_by.cmp(&b.updated_by),
        "dueDate" => |a, b| a.due.cmp(&b.due),
        "startDate" => |a, b| a.start.cmp(&b.start),
        "category" => |a, b| a.categories.cmp(&b.categories),
        "version" | "milestone" | "attachment" | "sharedFile" | "estimatedHours" | "actualHours" | "childIssue" => {
            |_, _| Ordering::Equal
        }
        _ => return Err(wrong("sort")),
    })
}

/// What the filters leave of the tickets that the user may see.
fn chosen<'a>(state: &'a State, call: &Call) -> Result<Vec<&'a Issue>, Problem> {
    let filters = filters(state, &call.params)?;
    let visible = |i: &&Issue| !i.is_deleted && state.project(i.project).is_some_and(|p| p.has_member(call.user));
    Ok(state.issues.iter().filter(visible).filter(|i| filters.iter().all(|f| f(i))).collect())
}

type Filter = Box<dyn Fn(&Issue) -> bool>;

fn filters(state: &State, params: &Params) -> Result<Vec<Filter>, Problem> {
    let mut all = by_number(params)?;
    all.extend(by_day(state, params)?);
    if let Some(word) = params.full("keyword").map(str::to_owned) {
        all.push(Box::new(move |i| {
            let said = i.comments.iter().filter_map(|c| c.content.as_deref());
            [i.summary.as_str(), &i.description].into_iter().chain(said).any(|t| t.contains(&word))
        }));
    }
    all.extend(by_family(params)?);
    Ok(all)
}

type Numbers = fn(&Issue) -> Vec<u64>;
type Instant = fn(&Issue) -> Timestamp;

fn by_number(params: &Params) -> Result<Vec<Filter>, Problem> {
    let names: [(&str, Numbers); 10] = [
        ("id", |i| vec![i.id]),
        ("projectId", |i| vec![i.project]),
        ("issueTypeId", |i| vec![i.kind]),
        ("statusId", |i| vec![i.status]),
        ("priorityId", |i| vec![i.priority]),
        ("assigneeId", |i| i.assignee.into_iter().collect()),
        ("createdUserId", |i| vec![i.created_by]),
        ("resolutionId", |i| i.resolution.into_iter().collect()),
        ("categoryId", |i| i.categories.clone()),
        ("parentIssueId", |i| i.parent.into_iter().collect()),
    ];
    let mut all: Vec<Filter> = Vec::new();
    for (name, of) in names {
        let wanted = params.numbers(name)?;
        if !wanted.is_empty() {
            all.push(Box::new(move |i| of(i).iter().any(|n| wanted.contains(n))));
        }
    }
    Ok(all)
}

fn by_day(state: &State, params: &Params) -> Result<Vec<Filter>, Problem> {
    let mut all: Vec<Filter> = Vec::new();
    let instants: [(&str, Instant); 2] = [("created", |i: &Issue| i.created), ("updated", |i: &Issue| i.updated)];
    for (name, of) in instants {
        let zone = state.settings.zone();
        all.extend(between(params, name, move |i| Some(of(i).to_zoned(zone.clone()).date()))?);
    }
    all.extend(between(params, "dueDate", |i| i.due)?);
    all.extend(between(params, "startDate", |i| i.start)?);
    match params.full("hasDueDate") {
        Some("false") => all.push(Box::new(|i| i.due.is_none())),
        Some(_) => return Err(wrong("hasDueDate")),
        None => {}
    }
    Ok(all)
}

/// `…Since` and `…Until`, both days included.
fn between(
    params: &Params,
    name: &str,
    of: impl Fn(&Issue) -> Option<Date> + 'static,
) -> Result<Option<Filter>, Problem> {
    let (since, until) = (params.day(&format!("{name}Since"))?, params.day(&format!("{name}Until"))?);
    if since.is_none() && until.is_none() {
        return Ok(None);
    }
    let fits = move |day: Date| since.is_none_or(|s| day >= s) && until.is_none_or(|u| day <= u);
    Ok(Some(Box::new(move |i| of(i).is_some_and(fits))))
}

fn by_family(params: &Params) -> Result<Option<Filter>, Problem> {
    Ok(match params.number("parentChild")? {
        None | Some(0 | 5..=10) => None,
        Some(1) => Some(Box::new(|i| i.parent.is_none())),
        Some(2) => Some(Box::new(|i| i.parent.is_some())),
        Some(3) => Some(Box::new(|i| i.parent.is_none())),
        Some(4) => Some(Box::new(|_| false)),
        Some(_) => return Err(wrong("parentChild")),
    })
}
