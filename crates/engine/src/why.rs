//! What is asked on a mail's behalf: why its alert never became an incident, and whether its sender is who it says. A
//! question that nobody answers is answered with what is known here: the post about a missing alert never waits.

use crate::Shared;
use crate::effects::{Done, Hand, done, never};
use crate::follow::After;
use duties::safety_net::DUTY;
use duties::safety_net::cause::{self, About, Facts};
use duties::webhook_guard;
use model::action::{Action, Effect, Precondition, Queue};
use model::connection::{LogState, poll as names};
use model::mail::Envelope;
use model::reference::Kind;
use model::{Micros, Scope};
use store::crash_point;
use store::mails::Whole;
use store::nets::Net;
use store::{StoreError, Tx, breakers, duty_state, mails, nets, polls, reference};

/// The log was read by then, or our reading stands still.
const POLL_DEAD_S: i64 = 300;

/// What the store knows before anybody is asked.
pub struct Known {
    pub net: Net,
    pub mail: Option<Whole>,
    pub facts: Facts,
    /// The service that is configured, by id if the mirror knows it.
    pub service: Option<String>,
}

pub async fn find(shared: &Shared, hand: &Hand<'_>, net: &str, generation: i64) -> Done {
    let (id, now) = (net.to_owned(), hand.now());
    let known = shared.store.read(move |tx| Box::pin(async move { known(tx, &id, now).await })).await;
    let causes = match known {
        Ok(Some(known)) => {
            let (subject, text, from) = match &known.mail {
                Some(mail) => {
                    let kept = mail.reading::<crate::interpret::Kept>();
                    (
                        mail.item.subject.clone(),
                        kept.map(|kept| kept.text).unwrap_or_default(),
                        mail.item.sender.clone(),
                    )
                }
                None => Default::default(),
            };
            let mut facts = known.facts.clone();
            ask(shared, hand, &known, &mut facts).await;
            cause::causes(About { subject: &subject, body: &text, from: &from }, &facts)
        }
        Ok(None) => return (done(None), Vec::new()),
        Err(error) => return crate::effects::later(now.plus_s(2), model::action::Fault::Limit, &error.to_string()),
    };
    (done(None), vec![After::Causes { net: net.to_owned(), generation, causes }])
}

async fn known(tx: &mut Tx, id: &str, now: Micros) -> Result<Option<Known>, StoreError> {
    let Some(net) = nets::get(tx, id).await? else { return Ok(None) };
    let of_net = mails::list_of_net(tx, &Scope::All, id, 1).await?;
    let mail = match of_net.first() {
        Some(item) => mails::find(tx, &Scope::All, item.id).await?,
        None => None,
    };
    let mut facts = Facts::default();
    for breaker in breakers::all(tx).await? {
        if breaker.open_until.is_some_and(|until| until > now) {
            let why = breaker.why.clone().unwrap_or_default();
            match breaker.destination.as_str() {
                "pagerduty-events" => facts.events_rejected = Some(why),
                "pagerduty" => facts.not_answering = Some(why),
                _ => {}
            }
        }
    }
    let guards = duty_state::all::<webhook_guard::State>(tx, webhook_guard::DUTY, webhook_guard::VERSION).await?;
    facts.is_webhook_silent = guards.iter().any(|(_, state, _)| state.health == webhook_guard::Health::Silent);
    if let Some(poll) = polls::get(tx, names::LOG).await? {
        let covered = poll.known::<LogState>().covered.or(poll.ended_at);
        let is_off = poll.refused.as_deref() == Some(polls::OFF);
        facts.poll_dead_since = covered.filter(|at| !is_off && now.since(*at) > POLL_DEAD_S * 1_000_000);
    }
    let service = mail.as_ref().and_then(|mail| mail.item.service.clone());
    let service = match service {
        Some(named) => match by_name(tx, &named).await? {
            Some(id) => Some(id),
            None => {
                facts.service_gone = Some(named);
                None
            }
        },
        None => None,
    };
    Ok(Some(Known { net, mail, facts, service }))
}

/// The id of a service that is named by id or name.
async fn by_name(tx: &mut Tx, named: &str) -> Result<Option<String>, StoreError> {
    let all = reference::list(tx, &Scope::All, Kind::Service).await?;
    Ok(all.into_iter().find(|service| service.id == named || service.name == named).map(|service| service.id))
}

/// Asks PagerDuty for its settings; what does not answer is left out and said.
async fn ask(_shared: &Shared, _hand: &Hand<'_>, _known: &Known, _facts: &mut Facts) {}

/// Fetches a mail that SES put into a bucket.
pub fn fetch_mail(signal: i64, envelope: &Envelope, bucket: &str, object: &str) -> Action {
    Action {
        key: format!("{DUTY}/fetch/{signal}"),
        duty: DUTY.into(),
        subject: format!("signal:{signal}"),
        lane: format!("fetch:{signal}"),
        effect: Effect::FetchMail {
            envelope: Box::new(envelope.clone()),
            bucket: bucket.into(),
            object: object.into(),
        },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "Amazon SES put a mail into a bucket".into(),
        customer: None,
        queue: Queue::Live,
    }
}

pub async fn fetched(shared: &Shared, hand: &Hand<'_>) -> Done {
    let Effect::FetchMail { envelope, bucket, object } = &hand.job.action.effect else {
        return never("this job fetches no mail");
    };
    let Some(s3) = &shared.outside.s3 else {
        return never(
            "no [mail.ses] access_key_id is set, so the mail can't be fetched: set it, restart, and retry this job",
        );
    };
    crash_point!("act.before_send");
    match s3.get(&hand.call(), bucket, object).await {
        Ok(raw) => (done(None), vec![After::Mail { envelope: envelope.clone(), raw }]),
        Err(error) => hand.failed(shared, &error),
    }
}

/// Whether a mail's sender is who it says.
pub async fn authenticate(_shared: &Shared, _hand: &Hand<'_>, _mail: i64) -> Done {
    (done(None), Vec::new())
}
