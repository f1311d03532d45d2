//! Answers to whoever pressed or asked: sent to the address that came with the signal, which is read out of the signal again and
//! stands nowhere else. What is asked for is looked up when it is sent, within what they may see.

use super::heard::{self, From, signal_of};
use super::{Settings, forms, render};
use crate::Shared;
use crate::effects::{Done, Hand, done, later, never};
use connectors::slack::{Client, Inbound, Message as Words, Reply, UserId};
use connectors::{CallError, Kind, Secret};
use duties::say::Language;
use duties::wording::answers;
use model::Scope;
use model::action::{Answer, Effect, Fault, Outcome};
use model::message::Message;
use store::accounts::{self, Account};
use store::incidents::{self, By, Filter, Order};
use store::jobs::Claimed;
use store::slack_accounts::Member;
use store::{StoreError, Tx, concerns, inbox, nets, reference, slack_accounts};

/// Incidents that an answer names; the page has all.
const MOST: i64 = 15;

/// Who asked, and where the answer goes.
struct Asker {
    member: Member,
    response_url: Option<Secret>,
    /// Where they were when they asked.
    channel: Option<String>,
    trigger_id: String,
    account: Option<Account>,
}

pub async fn respond(shared: &Shared, hand: &Hand<'_>) -> Done {
    let Effect::Respond { signal, answer } = &hand.job.action.effect else { return never("this job answers nobody") };
    let (Some(bot), Some(slack)) = (&shared.outside.bot, &shared.settings.slack) else {
        return never("no [slack] bot_token is set: set it, restart, and retry this job");
    };
    let asker = match asker(shared, *signal).await {
        Ok(Some(asker)) => asker,
        Ok(None) => return never("who asked can't be read any more"),
        Err(error) => return later(hand.now().plus_s(1), Fault::Limit, &error.to_string()),
    };
    let message = match words(shared, slack, &asker, answer).await {
        Ok(message) => message,
        Err(error) => return later(hand.now().plus_s(1), Fault::Limit, &error.to_string()),
    };
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    match whisper(bot, hand, &asker, render::message(&message, hand.job.unsettled.is_some())).await {
        Some(Ok(())) => (done(None), Vec::new()),
        None => (Outcome::Skipped { why: "Slack gave no address for an answer".into() }, Vec::new()),
        // It works five times and for half an hour: nothing is left to be done then.
        Some(Err(error)) if error.kind == Kind::NotFound => (Outcome::Skipped { why: error.text }, Vec::new()),
        Some(Err(error)) => hand.failed(shared, &error),
    }
}

/// To whoever asked alone: by the address that came with it, or, for a form, which has none, in the channel that it was opened in.
async fn whisper(bot: &Client, hand: &Hand<'_>, asker: &Asker, message: Words) -> Option<Result<(), CallError>> {
    if let Some(url) = &asker.response_url {
        return Some(bot.respond(&hand.call(), url, &Reply::Whisper(message)).await);
    }
    let (channel, user) = (asker.channel.as_deref()?, UserId::parse(&asker.member.member)?);
    Some(bot.post_ephemeral(&hand.call(), channel, &user, &message, None).await)
}

/// The form for a note. Its trigger works for three seconds and once; whoever was too slow is told.
pub async fn open_form(shared: &Shared, hand: &Hand<'_>) -> Done {
    let Effect::OpenForm { signal, incident } = &hand.job.action.effect else { return never("this job opens no form") };
    let (Some(bot), Some(slack)) = (&shared.outside.bot, &shared.settings.slack) else {
        return never("no [slack] bot_token is set: set it, restart, and retry this job");
    };
    let asker = match asker(shared, *signal).await {
        Ok(Some(asker)) => asker,
        Ok(None) => return never("who asked can't be read any more"),
        Err(error) => return later(hand.now().plus_s(1), Fault::Limit, &error.to_string()),
    };
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    let language = language(slack, &asker);
    match bot
        .open_modal(&hand.call(), &asker.trigger_id, &forms::note(language, incident, asker.channel.as_deref()))
        .await
    {
        Ok(view) => (done(Some(view)), Vec::new()),
        Err(error) => too_late(hand, bot, language, &asker, error.text).await,
    }
}

async fn too_late(hand: &Hand<'_>, bot: &Client, language: Language, asker: &Asker, why: String) -> Done {
    let words = answers::refused(language, answers::Refused::FormLate);
    if let Some(Err(error)) = whisper(bot, hand, asker, render::message(&words, false)).await {
        tracing::info!(%error, "nobody could be told that a form did not open");
    }
    (Outcome::Skipped { why }, Vec::new())
}

fn language(slack: &Settings, asker: &Asker) -> Language {
    let own = asker.account.as_ref().and_then(|account| account.language.as_deref()).and_then(Language::parse);
    own.unwrap_or(slack.language)
}

async fn asker(shared: &Shared, signal: i64) -> Result<Option<Asker>, StoreError> {
    let unit = shared.store.read(move |tx| {
        Box::pin(async move {
            let Some(sealed) = inbox::find(tx, &Scope::All, signal).await? else { return Ok(None) };
            let Some(mut asker) = read(&sealed.raw) else { return Ok(None) };
            let account = slack_accounts::account_of(tx, &asker.member.team, &asker.member.member).await?;
            asker.account = match account {
                Some(id) => accounts::by_id(tx, &id).await?.filter(|account| account.disabled_at.is_none()),
                None => None,
            };
            Ok(Some(asker))
        })
    });
    unit.await
}

fn read(raw: &[u8]) -> Option<Asker> {
    let of = |member: Member, response_url, channel, trigger_id| Asker {
        member,
        response_url,
        channel,
        trigger_id,
        account: None,
    };
    let who = |team, member, name| Member { team, member, name };
    Some(match connectors::slack::parse(raw).ok()? {
        Inbound::Pressed(one) => {
            of(who(one.team, one.user, one.user_name), one.response_url, one.channel, one.trigger_id)
        }
        Inbound::Command(one) => {
            of(who(one.team, one.user, one.user_name), one.response_url, Some(one.channel), one.trigger_id)
        }
        Inbound::Submitted(one) => {
            let channel = forms::about(&one.private_metadata).1.map(str::to_owned);
            of(who(one.team, one.user, one.user_name), None, channel, one.trigger_id)
        }
        _ => return None,
    })
}

async fn words(shared: &Shared, slack: &Settings, asker: &Asker, answer: &Answer) -> Result<Message, StoreError> {
    let language = language(slack, asker);
    match answer {
        Answer::Say(message) => return Ok(message.clone()),
        Answer::Link => return link(shared, slack, asker).await,
        _ => {}
    }
    // What they may see by now; whoever was parted from their account meanwhile sees nothing.
    let scope = asker.account.as_ref().map_or(Scope::Customers(Vec::new()), |account| account.scope.clone());
    let (answer, slack) = (answer.clone(), slack.clone());
    let unit = shared.store.read(move |tx| {
        let (answer, slack, scope) = (answer.clone(), slack.clone(), scope.clone());
        Box::pin(async move { told(tx, &slack, language, &scope, &answer).await })
    });
    unit.await
}

/// A link for this member alone; its secret is made now and is nowhere afterwards.
async fn link(shared: &Shared, slack: &Settings, asker: &Asker) -> Result<Message, StoreError> {
    if slack.public_url.is_empty() {
        return Ok(answers::link(slack.language, None));
    }
    let token = hex::encode(rand::random::<[u8; 24]>());
    let (digest, who) = (model::signal::digest(token.as_bytes()), asker.member.clone());
    let kept = shared.store.write("slack_link", move |tx| {
        let who = who.clone();
        Box::pin(async move { slack_accounts::offer(tx, digest, &who).await })
    });
    kept.await?;
    Ok(answers::link(slack.language, Some(&format!("{}/link/slack/{token}", slack.public_url))))
}

async fn told(
    tx: &mut Tx,
    slack: &Settings,
    l: Language,
    scope: &Scope,
    answer: &Answer,
) -> Result<Message, StoreError> {
    let now = tx.now();
    let mut on_call: Vec<String> = reference::on_duty(tx, scope, now).await?.into_iter().map(|row| row.name).collect();
    on_call.sort();
    on_call.dedup();
    if matches!(answer, Answer::OnCall) {
        return Ok(answers::on_call(l, &on_call));
    }
    let oldest_first = Order { by: By::Opened, descending: false };
    let open = |status: &str| Filter { statuses: vec![status.to_owned()], order: oldest_first, ..Filter::default() };
    let (triggered, acknowledged) = (open("triggered"), open("acknowledged"));
    let counts = (incidents::count(tx, scope, &triggered).await?, incidents::count(tx, scope, &acknowledged).await?);
    let missing = nets::count_missing(tx, scope, 1_000).await?;
    let mut lines = Vec::new();
    if !matches!(answer, Answer::Status) {
        for filter in [&triggered, &acknowledged] {
            lines.extend(incident_lines(&incidents::list(tx, scope, filter, MOST).await?, l));
        }
    }
    if matches!(answer, Answer::HandOver) {
        for duty in [duties::TICKETS, duties::CALENDAR] {
            let raised = concerns::list(tx, scope, duty, true, None, MOST).await?;
            lines.extend(raised.into_iter().map(|one| one.title));
        }
    }
    let facts = serde_json::json!({ "open": counts.0 + counts.1, "triggered": counts.0, "acknowledged": counts.1,
        "missing": missing.lacking, "lines": lines, "on_call": on_call });
    let said = slack.wording.say("summary", l, &facts);
    let mut message = said.map_err(|problem| StoreError::Bug(problem.to_string()))?;
    if !slack.public_url.is_empty() {
        let text = if l == Language::Ja { "開く" } else { "Open" };
        message = message.link(text, format!("{}/", slack.public_url));
    }
    Ok(message)
}

fn incident_lines(items: &[incidents::Item], l: Language) -> Vec<String> {
    let word = |status: &str| {
        model::incident::Status::parse(status).map(|status| duties::wording::incident::status_word(l, status))
    };
    let line = |item: &incidents::Item| {
        let number = item.number.map_or_else(|| item.id.clone(), |number| format!("#{number}"));
        let customer = item.customer.as_ref().map(|customer| format!("{customer} · ")).unwrap_or_default();
        format!("[{}] {number} {customer}{}", word(&item.status).unwrap_or_default(), item.title)
    };
    items.iter().map(line).collect()
}

/// An act that somebody asked for in Slack has ended: what the message does not show by itself is told.
pub async fn act_ended(tx: &mut Tx, slack: &Settings, job: &Claimed, outcome: &Outcome) -> Result<(), StoreError> {
    let (Some(signal), Effect::Act { act, .. }) = (signal_of(&job.action.key), &job.action.effect) else {
        return Ok(());
    };
    let Some(sealed) = inbox::find(tx, &Scope::All, signal).await? else { return Ok(()) };
    let said = match outcome {
        Outcome::Done { .. } => answers::done(slack.language, act.name()),
        Outcome::Never { why } | Outcome::Human { why } | Outcome::Skipped { why } => {
            Some(answers::failed(slack.language, why))
        }
        Outcome::Later { .. } | Outcome::Unknown { .. } => None,
    };
    let Some(message) = said else { return Ok(()) };
    let from = From { signal, received_at: sealed.item.received_at };
    heard::answer(tx, from, Answer::Say(message), "what came of it").await
}
