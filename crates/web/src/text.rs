//! What happened to an incident, as a sentence in the reader's language. Never guesses: what has no words of ours is
//! told by PagerDuty's own name for it.

use crate::i18n::{Arg, Value};
use crate::view::Frame;
use crate::when;
use model::incident::{Actor, ActorKind, Change, Ref};

/// Long texts are quoted below the line, not squeezed into it.
const INLINE_CHARS: usize = 120;

/// One sentence for one happening; `again` when it had happened before.
pub fn happened(f: &Frame, actor: Option<&Actor>, what: &Change, again: bool) -> String {
    match what {
        Change::Triggered { .. } if again => say(f, None, "change-triggered-again", &[]),
        _ => change(f, actor, what),
    }
}

/// One sentence for one change. Its words are escaped by whoever prints it.
pub fn change(f: &Frame, actor: Option<&Actor>, what: &Change) -> String {
    let by = actor.map(|a| a.who.name.as_str()).filter(|n| !n.is_empty());
    match what {
        Change::Triggered { channel, .. } => triggered(f, by, channel.as_deref()),
        Change::Acknowledged => say(f, by, "change-acknowledged", &[]),
        Change::Unacknowledged => say(f, None, "change-unacknowledged", &[]),
        Change::Resolved { .. } => say(f, by, "change-resolved", &[]),
        Change::Reopened => say(f, by, "change-reopened", &[]),
        // The policy's first choice is nobody's change of mind.
        Change::Reassigned { to } if actor.is_some_and(|a| a.kind != ActorKind::User) && !to.is_empty() => {
            f.t1("change-assigned", "to", names(f, to))
        }
        Change::Reassigned { to } => to_whom(f, by, "change-reassigned", &names(f, to)),
        Change::Escalated { to } => to_whom(f, by, "change-escalated", &names(f, to)),
        Change::Delegated { to } => to_whom(f, by, "change-delegated", &name(to.as_ref())),
        Change::PriorityChanged { to } => to_whom(f, by, "change-priority", &name(to.as_ref())),
        Change::UrgencyChanged => say(f, by, "change-urgency", &[]),
        Change::ServiceChanged { to } => to_whom(f, by, "change-service", &name(to.as_ref())),
        Change::TypeChanged { to } => to_whom(f, by, "change-type", to.as_deref().unwrap_or_default()),
        Change::Snoozed { until } => {
            let until = until.map(|at| when::exact(f.language, &f.zone, f.now, at)).unwrap_or_default();
            to_whom(f, by, "change-snoozed", &until)
        }
        Change::Merged { into } => to_whom(f, by, "change-merged", &name(into.as_ref())),
        _ => aside(f, by, what),
    }
}

/// What tells of people and tools around the incident, rather than of its state.
fn aside(f: &Frame, by: Option<&str>, what: &Change) -> String {
    match what {
        Change::Annotated(_) => say(f, by, "change-annotated", &[]),
        Change::StatusUpdate { .. } => say(f, by, "change-status-update", &[]),
        Change::Notified { user, channel } => notified(f, user.as_ref(), channel.as_deref()),
        Change::ResponderAsked { who, .. } => to_whom(f, by, "change-responder-asked", &name(who.as_ref())),
        Change::ResponderReplied { who, state } => {
            let state = f.word("reply", state);
            say(
                f,
                who.as_ref().map(|w| w.name.as_str()).or(by),
                "change-responder-replied",
                &[("state", state.value())],
            )
        }
        Change::BridgeChanged { url } => {
            say(f, by, if url.is_some() { "change-bridge" } else { "change-bridge-removed" }, &[])
        }
        Change::FieldsChanged { fields } => {
            let list: Vec<String> = fields.iter().take(6).map(|(k, v)| f.t2("pair", "name", k, "value", v)).collect();
            to_whom(f, by, "change-fields", &f.join(&list))
        }
        Change::RoleAssigned { role, who } => {
            let role = role.as_deref().unwrap_or_default().value();
            let key = if who.is_some() { "change-role" } else { "change-role-cleared" };
            say(f, by, key, &[("role", role), ("to", name(who.as_ref()).value())])
        }
        Change::Task { name, state } => named(f, by, "change-task", name, state),
        Change::ActionRun { action, state } => named(f, by, "change-action", &self::name(action.as_ref()), state),
        Change::Workflow { name, state } => named(f, by, "change-workflow", name, state),
        Change::Other { name, summary } => other(f, name, summary.as_deref()),
        _ => String::new(),
    }
}

/// The words that a person or a monitor wrote with it, to be shown as they are.
pub fn quote(what: &Change) -> Option<String> {
    let text = match what {
        Change::Annotated(note) if note.trimmed => return Some(format!("{}…", note.content.trim_end_matches('…'))),
        Change::Annotated(note) => Some(note.content.as_str()),
        Change::StatusUpdate { message } => Some(message.as_str()),
        Change::Triggered { summary, .. } => summary.as_deref(),
        Change::Resolved { resolution } => resolution.as_deref(),
        Change::ResponderAsked { message, .. } => message.as_deref(),
        Change::BridgeChanged { url } => url.as_deref(),
        _ => None,
    };
    text.filter(|t| !t.trim().is_empty()).map(str::to_owned)
}

fn say(f: &Frame, by: Option<&str>, key: &str, args: &[(&'static str, Value<'static>)]) -> String {
    match by {
        None => f.t_args(key, args),
        Some(by) => {
            let mut args = args.to_vec();
            args.push(("by", f.brief(by).value()));
            f.t_args(&format!("{key}-by"), &args)
        }
    }
}

/// Says to whom or what, where that is known: the keys are KEY, KEY-by, KEY-to, KEY-to-by.
fn to_whom(f: &Frame, by: Option<&str>, key: &str, to: &str) -> String {
    if to.is_empty() {
        return say(f, by, key, &[]);
    }
    say(f, by, &format!("{key}-to"), &[("to", to.value())])
}

fn triggered(f: &Frame, by: Option<&str>, channel: Option<&str>) -> String {
    let channel = channel.filter(|c| !c.is_empty()).map(|c| f.word("channel", c)).unwrap_or_default();
    to_whom(f, by, "change-triggered", &channel)
}

fn notified(f: &Frame, user: Option<&Ref>, channel: Option<&str>) -> String {
    let channel = channel.filter(|c| !c.is_empty()).map(|c| f.word("channel", c));
    let who = name(user);
    let who = if who.is_empty() { f.t("who-somebody") } else { who };
    match channel {
        Some(channel) => f.t2("change-notified-through", "who", who, "channel", channel),
        None => f.t1("change-notified", "who", who),
    }
}

fn named(f: &Frame, by: Option<&str>, key: &str, name: &str, state: &str) -> String {
    let state = f.word("progress", state);
    say(f, by, key, &[("name", f.brief(name).value()), ("state", state.value())])
}

fn other(f: &Frame, name: &str, summary: Option<&str>) -> String {
    match summary.filter(|s| !s.is_empty()) {
        Some(summary) => {
            let short = crate::markup::shortened(summary, INLINE_CHARS).into_owned();
            f.t2("change-other-summary", "name", name, "summary", short)
        }
        None => f.t1("change-other", "name", name),
    }
}

fn names(f: &Frame, refs: &[Ref]) -> String {
    f.join(&refs.iter().map(|r| name(Some(r))).collect::<Vec<_>>())
}

fn name(reference: Option<&Ref>) -> String {
    match reference {
        Some(r) if r.name.is_empty() => r.id.clone(),
        Some(r) => crate::markup::shortened(&r.name, INLINE_CHARS).into_owned(),
        None => String::new(),
    }
}
