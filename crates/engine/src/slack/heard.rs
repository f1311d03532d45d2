//! What people press and ask in Slack, read in one transaction: whose account they are, what they may do, and the action that comes of
//! it. Answers nothing itself.

use super::Settings;
use crate::Settings as All;
use crate::bridges::{concern, event};
use connectors::slack::{Command, Inbound, Pressed, Submitted};
use duties::acts::{self, View};
use duties::say::Language;
use duties::wording::answers::{self, Refused};
use duties::wording::incident::{act_of, press};
use model::Micros;
use model::act::Act;
use model::action::{Action, Answer, Effect, Precondition, Queue};
use model::connection::{TokenState, poll as names};
use model::incident::Status;
use model::person::Role;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::accounts::{self, Account};
use store::actions::{self, Doing};
use store::{StoreError, Tx, audit, duty_state, incidents, polls, reference, slack_accounts};

/// What a press or a form that is read later than this asked for is no longer done.
const LATE_S: i64 = 600;
/// The addresses that answers go to work for so long.
const ANSWERS_S: i64 = 1_700;
/// What a muted channel is remembered under.
pub const MUTE: &str = "slack_mute";
pub const NOTE_FORM: &str = "note";
pub const NOTE_FIELD: &str = "text";

/// New posts to a channel are held back until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    pub until: Micros,
    pub by: String,
}

/// A signal of Slack's, and when it came.
#[derive(Clone, Copy, Debug)]
pub struct From {
    pub signal: i64,
    pub received_at: Micros,
}

pub async fn heard(tx: &mut Tx, all: &All, from: From, inbound: &Inbound) -> Result<(), StoreError> {
    let Some(slack) = &all.slack else { return Ok(()) };
    match inbound {
        Inbound::Pressed(pressed) => press(tx, all, slack, from, pressed).await,
        Inbound::Submitted(sent) if sent.callback_id == NOTE_FORM => note(tx, all, slack, from, sent).await,
        Inbound::Command(command) => commanded(tx, slack, from, command).await,
        _ => Ok(()),
    }
}

/// Whoever signed in as somebody here, with the language they read.
struct Known {
    account: Account,
    language: Language,
}

/// Whose account a member of the workspace is. `None`: they have been answered.
async fn known(
    tx: &mut Tx,
    slack: &Settings,
    from: From,
    (team, user): (&str, &str),
) -> Result<Option<Known>, StoreError> {
    let account = match slack_accounts::account_of(tx, team, user).await? {
        Some(id) => accounts::by_id(tx, &id).await?,
        None => None,
    };
    let Some(account) = account else {
        answer(tx, from, Answer::Link, "it is not known yet whose Slack account this is").await?;
        return Ok(None);
    };
    let language = account.language.as_deref().and_then(Language::parse).unwrap_or(slack.language);
    if account.disabled_at.is_some() {
        refuse(tx, from, language, Refused::Disabled).await?;
        return Ok(None);
    }
    Ok(Some(Known { account, language }))
}

async fn press(tx: &mut Tx, all: &All, slack: &Settings, from: From, pressed: &Pressed) -> Result<(), StoreError> {
    if [concern::TAKE, event::DONE].contains(&pressed.action_id.as_str()) {
        return take(tx, all, slack, from, pressed).await;
    }
    // Links are opened by the browser; Slack tells of them as well.
    if !press::ALL.contains(&pressed.action_id.as_str()) {
        return Ok(());
    }
    let Some(known) = known(tx, slack, from, (&pressed.team, &pressed.user)).await? else { return Ok(()) };
    let incident = pressed.value.as_deref().unwrap_or_default();
    if pressed.action_id == press::NOTE {
        if incidents::find(tx, &known.account.scope, incident).await?.is_none() {
            return refuse(tx, from, known.language, Refused::NotSeen).await;
        }
        return open_form(tx, from, incident).await;
    }
    let Some(user) = own_user(tx, all, from, &known).await? else { return Ok(()) };
    match act_of(&pressed.action_id, &user.user) {
        Some(act) => act_on(tx, from, &known, &user, incident, act).await,
        None => refuse(tx, from, known.language, Refused::UnknownPress).await,
    }
}

/// A ticket or an event that waits for somebody is theirs from now on.
async fn take(tx: &mut Tx, all: &All, slack: &Settings, from: From, pressed: &Pressed) -> Result<(), StoreError> {
    let Some(known) = known(tx, slack, from, (&pressed.team, &pressed.user)).await? else { return Ok(()) };
    let l = known.language;
    let id = pressed.value.as_deref().unwrap_or_default();
    let customer = store::concerns::get(tx, id).await?.map(|one| one.customer);
    let Some(customer) = customer.filter(|customer| known.account.scope.allows(customer.as_deref())) else {
        return refuse(tx, from, l, Refused::NotSeen).await;
    };
    if !may_mute(known.account.role) {
        let words = answers::why_not(l, acts::WhyNot::Role, &known.account.email);
        return answer(tx, from, Answer::Say(words), "the role looks only").await;
    }
    if is_late(tx, from) {
        return refuse(tx, from, l, Refused::Late).await;
    }
    let is_done = pressed.action_id == event::DONE;
    let took = match is_done {
        true => concern::finish(tx, all, id, &known.account.name).await?,
        false => concern::take(tx, all, id, &known.account.name).await?,
    };
    if !took {
        return refuse(tx, from, l, Refused::TakenAlready).await;
    }
    let trail = json!({ "via": "slack", "signal": from.signal });
    let name = if is_done { "concern.done" } else { "concern.take" };
    audit::add(tx, &known.account.id, name, id, customer.as_deref(), &trail).await
}

/// So long after the press nobody knows any more what it was meant for.
fn is_late(tx: &Tx, from: From) -> bool {
    tx.now().since(from.received_at) > LATE_S * 1_000_000
}

async fn note(tx: &mut Tx, all: &All, slack: &Settings, from: From, sent: &Submitted) -> Result<(), StoreError> {
    let Some(known) = known(tx, slack, from, (&sent.team, &sent.user)).await? else { return Ok(()) };
    let text = sent.entered.iter().find(|field| field.action_id == NOTE_FIELD).and_then(|field| field.value.clone());
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return refuse(tx, from, known.language, Refused::NothingWritten).await;
    };
    let Some(user) = own_user(tx, all, from, &known).await? else { return Ok(()) };
    let (incident, _) = super::forms::about(&sent.private_metadata);
    act_on(tx, from, &known, &user, incident, Act::Note { text }).await
}

/// As whom they act in PagerDuty. `None`: they have been answered.
async fn own_user(tx: &mut Tx, all: &All, from: From, known: &Known) -> Result<Option<acts::As>, StoreError> {
    let state: TokenState = polls::get(tx, names::TOKEN).await?.map(|poll| poll.known()).unwrap_or_default();
    let token = state.of_key(&all.key_mark);
    let user = reference::user_by_email(tx, &known.account.email).await?;
    let can_call = !all.key_mark.is_empty();
    let view = View { role: known.account.role, can_call, token: &token, user: user.as_ref() };
    match acts::allowed(&view) {
        Ok(by) => Ok(Some(by)),
        Err(why) => {
            let words = answers::why_not(known.language, why, &known.account.email);
            answer(tx, from, Answer::Say(words), why.as_str()).await?;
            Ok(None)
        }
    }
}

async fn act_on(
    tx: &mut Tx,
    from: From,
    known: &Known,
    by: &acts::As,
    incident: &str,
    act: Act,
) -> Result<(), StoreError> {
    let Some(whole) = incidents::find(tx, &known.account.scope, incident).await? else {
        return refuse(tx, from, known.language, Refused::NotSeen).await;
    };
    if is_late(tx, from) {
        return refuse(tx, from, known.language, Refused::Late).await;
    }
    if act.needs_open() && whole.incident.data.status == Status::Resolved {
        return refuse(tx, from, known.language, Refused::Over).await;
    }
    let (id, customer) = (&whole.item.id, whole.item.customer.clone());
    let action = acts::action(id, act.clone(), by, &nonce(from.signal), customer.clone(), tx.now());
    if !actions::add(tx, &action, Doing::Really).await? {
        return Ok(());
    }
    let (name, subject) = (format!("act.{}", act.name()), format!("incident/{id}"));
    let trail = json!({ "via": "slack", "signal": from.signal, "as": by.user });
    audit::add(tx, &known.account.id, &name, &subject, customer.as_deref(), &trail).await
}

/// The act that came of a signal is known by it: once for ever, and whoever asked can be answered.
fn nonce(signal: i64) -> String {
    format!("slack-{signal:09}")
}

/// The signal that asked for this act, if it came from Slack.
pub fn signal_of(key: &str) -> Option<i64> {
    key.rsplit('/').next()?.strip_prefix("slack-")?.parse().ok()
}

async fn commanded(tx: &mut Tx, slack: &Settings, from: From, command: &Command) -> Result<(), StoreError> {
    let asked = answers::command(&command.text);
    let Some(known) = known(tx, slack, from, (&command.team, &command.user)).await? else { return Ok(()) };
    let l = known.language;
    let said = match asked {
        answers::Command::Status => Answer::Status,
        answers::Command::OnCall => Answer::OnCall,
        answers::Command::Incidents => Answer::Incidents,
        answers::Command::HandOver => Answer::HandOver,
        answers::Command::Help => Answer::Say(answers::help(l)),
        answers::Command::Odd(text) => Answer::Say(answers::odd(l, &text)),
        answers::Command::Mute(_) | answers::Command::Unmute if !may_mute(known.account.role) => {
            Answer::Say(answers::why_not(l, acts::WhyNot::Role, &known.account.email))
        }
        answers::Command::Mute(seconds) => {
            let until = from.received_at.plus_s(seconds);
            mute(tx, &known, &command.channel, until).await?;
            Answer::Say(answers::muted(l, &slack.zone, until, seconds))
        }
        answers::Command::Unmute => {
            mute(tx, &known, &command.channel, tx.now()).await?;
            Answer::Say(answers::unmuted(l))
        }
    };
    answer(tx, from, said, "somebody asked").await
}

const fn may_mute(role: Role) -> bool {
    role.may_act()
}

async fn mute(tx: &mut Tx, known: &Known, channel: &str, until: Micros) -> Result<(), StoreError> {
    let state = Mute { until, by: known.account.id.clone() };
    duty_state::set(tx, MUTE, channel, 1, &state).await?;
    let trail = json!({ "via": "slack", "until": until.rfc3339() });
    audit::add(tx, &known.account.id, "slack.mute", &format!("channel/{channel}"), None, &trail).await
}

async fn refuse(tx: &mut Tx, from: From, language: Language, why: Refused) -> Result<(), StoreError> {
    answer(tx, from, Answer::Say(answers::refused(language, why)), "it can't be done").await
}

/// One answer to a signal at a time; `why` is for the page of jobs.
pub async fn answer(tx: &mut Tx, from: From, answer: Answer, why: &str) -> Result<(), StoreError> {
    let kind = match &answer {
        Answer::Say(_) => "say",
        Answer::Link => "link",
        _ => "tell",
    };
    let action = Action {
        key: format!("{}/{}/answer/{kind}", super::follow::DUTY, from.signal),
        effect: Effect::Respond { signal: from.signal, answer },
        not_after: Some(from.received_at.plus_s(ANSWERS_S)),
        why: why.to_owned(),
        ..quick(from.signal)
    };
    actions::add(tx, &action, Doing::Really).await.map(|_| ())
}

async fn open_form(tx: &mut Tx, from: From, incident: &str) -> Result<(), StoreError> {
    let action = Action {
        key: format!("{}/{}/form", super::follow::DUTY, from.signal),
        effect: Effect::OpenForm { signal: from.signal, incident: incident.to_owned() },
        not_after: None,
        why: "somebody wants to write a note".into(),
        ..quick(from.signal)
    };
    actions::add(tx, &action, Doing::Really).await.map(|_| ())
}

fn quick(signal: i64) -> Action {
    Action {
        key: String::new(),
        duty: super::follow::DUTY.into(),
        subject: format!("signal:{signal}"),
        lane: format!("slack-answer:{signal}"),
        effect: Effect::Respond { signal, answer: Answer::Link },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: String::new(),
        customer: None,
        queue: Queue::Live,
    }
}
