//! How a ticket stood right after each thing that happened to it, found by going back from how it stands. The history tells
//! names alone; whoever else stands in the same reading gives them their accounts.

use super::Settings;
use super::directory::Party;
use super::rule::Kind;
use model::text::fold;
use model::ticket::{Change, Happening, Reading, Ticket, Who};

/// What the comments of our own tool carry.
pub const MARKER: &str = "[arayashiki:";

/// A happening, and the ticket right after it.
#[derive(Clone, Debug)]
pub(super) struct Moment<'a> {
    pub happening: &'a Happening,
    pub party: Party,
    /// Our own tool wrote it: it neither asks for anybody nor answers anybody.
    pub is_tool: bool,
    pub assignee: Option<Who>,
    pub is_done: bool,
    pub kinds: Vec<Kind>,
    /// The status it was set to, when it was.
    pub status: Option<&'a str>,
    pub closes: bool,
}

impl Moment<'_> {
    pub const fn id(&self) -> i64 {
        self.happening.id
    }

    /// Something was written for the other side to read.
    pub fn wrote(&self) -> bool {
        self.kinds.contains(&Kind::Created) || self.kinds.contains(&Kind::Commented)
    }
}

/// Every moment of a reading once, in order, whatever order it came in.
pub(super) fn moments<'a>(settings: &Settings, reading: &'a Reading) -> Vec<Moment<'a>> {
    let mut history: Vec<&Happening> = reading.history.iter().collect();
    history.sort_by_key(|happening| happening.id);
    history.dedup_by_key(|happening| happening.id);
    let mut assignee = present_assignee(settings, reading, &history);
    let mut is_done = present_done(settings, &reading.ticket, &history);
    let mut moments = Vec::with_capacity(history.len());
    for happening in history.into_iter().rev() {
        let moment = moment(settings, reading, happening, (assignee.clone(), is_done));
        if let Some(from) = was_assigned(happening) {
            assignee = from.and_then(|name| resolved(settings, reading, name));
        }
        if let Some((from, _)) = status(happening) {
            is_done = is_done_status(settings, &reading.ticket, from);
        }
        moments.push(moment);
    }
    moments.reverse();
    moments
}

fn moment<'a>(
    settings: &Settings,
    reading: &'a Reading,
    happening: &'a Happening,
    (assignee, is_done): (Option<Who>, bool),
) -> Moment<'a> {
    let directory = &settings.directory;
    let party = directory.who(&happening.by);
    let text = happening.text.as_deref().unwrap_or_default();
    let done = |name: &str| is_done_status(settings, &reading.ticket, name);
    let moved = status(happening).map(|(from, to)| (done(from), done(to)));
    let kinds = [
        (Kind::Created, happening.changes.contains(&Change::Created)),
        (Kind::Commented, !text.trim().is_empty()),
        (Kind::Reopened, moved == Some((true, false))),
        (Kind::Assigned, was_assigned(happening).is_some()),
    ];
    Moment {
        happening,
        // A customer who quotes our comment quotes its marker too.
        is_tool: directory.is_own(&happening.by) && text.contains(MARKER),
        party,
        assignee,
        is_done,
        kinds: kinds.into_iter().filter_map(|(kind, is_so)| is_so.then_some(kind)).collect(),
        status: status(happening).map(|(_, to)| to),
        closes: moved == Some((false, true)),
    }
}

/// The first assignee that a happening replaced: `Some(None)` when there was none before.
fn was_assigned(happening: &Happening) -> Option<Option<&str>> {
    happening.changes.iter().find_map(|change| match change {
        Change::Assignee { from, .. } => Some(from.as_deref().filter(|name| !name.is_empty())),
        _ => None,
    })
}

fn is_assigned_to(happening: &Happening) -> Option<Option<&str>> {
    happening.changes.iter().rev().find_map(|change| match change {
        Change::Assignee { to, .. } => Some(to.as_deref().filter(|name| !name.is_empty())),
        _ => None,
    })
}

fn status(happening: &Happening) -> Option<(&str, &str)> {
    happening.changes.iter().find_map(|change| match change {
        Change::Status { from, to } => Some((from.as_str(), to.as_str())),
        _ => None,
    })
}

/// The ticket and its history are two calls: what the history tells that is not older than the ticket's own state is newer, or the same.
/// The tracker tells whole seconds.
fn since<'a>(ticket: &Ticket, history: &[&'a Happening]) -> impl Iterator<Item = &'a Happening> {
    let from = ticket.updated_at.floor_s();
    history.iter().rev().copied().filter(move |happening| happening.at >= from)
}

fn present_assignee(settings: &Settings, reading: &Reading, history: &[&Happening]) -> Option<Who> {
    let shown = reading.ticket.assignee.as_ref();
    match since(&reading.ticket, history).find_map(is_assigned_to) {
        Some(name) if name != shown.map(|who| who.name.as_str()) => {
            name.and_then(|name| resolved(settings, reading, name))
        }
        _ => shown.cloned(),
    }
}

fn present_done(settings: &Settings, ticket: &Ticket, history: &[&Happening]) -> bool {
    match since(ticket, history).find_map(status) {
        Some((_, to)) => is_done_status(settings, ticket, to),
        None => ticket.is_done,
    }
}

/// The tracker says it of the present status alone; others are known by name or number.
fn is_done_status(settings: &Settings, ticket: &Ticket, name: &str) -> bool {
    if name == ticket.status.name || name == ticket.status.id.to_string() {
        return ticket.is_done;
    }
    settings.done.iter().any(|done| fold(done) == fold(name))
}

/// The account behind a name: of those in the reading, one of ours before others.
fn resolved(settings: &Settings, reading: &Reading, name: &str) -> Option<Who> {
    let ticket = &reading.ticket;
    let authors = reading.history.iter().map(|happening| &happening.by);
    let known = ticket.assignee.iter().chain([&ticket.created_by]).chain(authors).filter(|who| who.name == name);
    let ours = known.clone().find(|who| settings.directory.who(who).is_ours());
    Some(ours.or_else(|| known.clone().next()).cloned().unwrap_or_else(|| Who { name: name.into(), ..Who::default() }))
}
