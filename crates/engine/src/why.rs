//! What is asked on a mail's behalf: why its alert never became an incident, and whether its sender is who it says. A
//! question that nobody answers is answered with what is known here: the post about a missing alert never waits.

use crate::Shared;
use crate::effects::{Done, Hand, done, never};
use crate::follow::After;
use crate::interpret::Checked;
use crate::minute::{Fetched, Minute};
use connectors::Kind as ErrorKind;
use connectors::pagerduty::{AuditOf, Client, Page, Shown};
use duties::orchestration::Event;
use duties::safety_net::DUTY;
use duties::safety_net::cause::{self, About, Change, Facts, Named, Rule};
use duties::webhook_guard;
use model::action::{Action, Effect, Fault, Outcome, Precondition, Queue};
use model::connection::{LogState, poll as names};
use model::mail::{Envelope, Trust};
use model::orchestration::{Orchestration, Path, Paths, ServiceOrchestration};
use model::reference::Kind;
use model::setting::{KeyPrint, Service, SettingChange};
use model::{Micros, Scope};
use store::crash_point;
use store::mails::Whole;
use store::nets::{Net, Registration};
use store::{StoreError, Tx, breakers, duty_state, inbox, jobs, mails, nets, polls, reference};

const AUDIT_S: i64 = 90 * 86_400;
const AUDIT_MOST: u32 = 50;
const MOST_ORCHESTRATIONS: usize = 5;
/// A mail that S3 does not give is asked for again so often, and so long.
const ASK_AGAIN_S: i64 = 20;
const MAY_BE_ALLOWED_US: i64 = 3_600 * 1_000_000;
const AUTHENTICATE_TRIES: i64 = 3;
/// Events v2 takes about so many a minute and key.
const RATE_A_MINUTE: i64 = 120;
/// The log was read by then, or our reading stands still.
const POLL_DEAD_S: i64 = 300;

/// How PagerDuty takes our own registration is waited for so long.
const TOLD_WITHIN_MS: i64 = 3_000;
const LOOK_AGAIN_MS: i64 = 400;

/// What the store knows before anybody is asked.
pub struct Known {
    pub net: Net,
    pub mail: Option<Whole>,
    pub facts: Facts,
    /// The service that is configured, by id if the mirror knows it.
    pub service: Option<String>,
    /// It is to be registered, and nobody has tried yet.
    pub is_untold: bool,
}

pub async fn find(shared: &Shared, hand: &Hand<'_>, net: &str, generation: i64) -> Done {
    let (id, now) = (net.to_owned(), hand.now());
    let known = shared.store.read(move |tx| Box::pin(async move { known(tx, &id, now).await })).await;
    let causes = match known {
        Ok(Some(known)) if known.is_untold && now.since(known.net.asked_at.unwrap_or(now)) < TOLD_WITHIN_MS * 1_000 => {
            let why = "its registration is on the way: how PagerDuty takes it tells something of the cause";
            return crate::effects::later(now.plus_ms(LOOK_AGAIN_MS), Fault::Limit, why);
        }
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
    // A storm has no mail of its own: that of the first of its alerts tells whose it is.
    let (members, _) = nets::of_storm(tx, id, 1).await?;
    let told = members.first().map_or(id, |first| first.id.as_str());
    let of_net = mails::list_of_net(tx, &Scope::All, told, 1).await?;
    let mail = match of_net.first() {
        Some(item) => mails::find(tx, &Scope::All, item.id).await?,
        None => None,
    };
    let mut facts = Facts::default();
    for breaker in breakers::all(tx).await? {
        let is_open = breaker.open_until.is_some_and(|until| until > now);
        match breaker.destination.as_str() {
            // What refuses our events refuses the monitor's: one refusal tells that.
            "pagerduty-events" if breaker.failures > 0 => facts.events_rejected = breaker.why,
            "pagerduty" if is_open => facts.not_answering = breaker.why,
            _ => {}
        }
    }
    let is_asked = net.registration == Registration::Asked && facts.events_rejected.is_none();
    let is_untold = match net.dedup_key.as_ref().filter(|_| is_asked) {
        Some(key) => jobs::is_untried(tx, &format!("events:{key}")).await?,
        None => false,
    };
    let guards = duty_state::all::<webhook_guard::State>(tx, webhook_guard::DUTY, webhook_guard::VERSION).await?;
    facts.is_webhook_silent = guards.iter().any(|(_, state, _)| state.health == webhook_guard::Health::Silent);
    if let Some(poll) = polls::get(tx, names::LOG).await? {
        let covered = poll.known::<LogState>().covered.or(poll.ended_at);
        let is_off = poll.refused.as_deref() == Some(polls::OFF);
        facts.poll_dead_since = covered.filter(|at| !is_off && now.since(*at) > POLL_DEAD_S * 1_000_000);
    }
    if let Some(mail) = &mail {
        let (since, until) = (mail.item.received_at.plus_s(-60), mail.item.received_at.plus_s(60));
        facts.is_rate_limited = mails::came_of_monitor(tx, &net.monitor, since, until).await? > RATE_A_MINUTE;
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
    Ok(Some(Known { net, mail, facts, service, is_untold }))
}

/// The id of a service that is named by id or name.
async fn by_name(tx: &mut Tx, named: &str) -> Result<Option<String>, StoreError> {
    let all = reference::list(tx, &Scope::All, Kind::Service).await?;
    Ok(all.into_iter().find(|service| service.id == named || service.name == named).map(|service| service.id))
}

/// What PagerDuty said, each for a minute: alerts that are missing together ask once.
#[derive(Default)]
pub struct Cache {
    services: Minute<Facts>,
    of_services: Minute<Option<Shown<ServiceOrchestration>>>,
    orchestrations: Minute<Option<Shown<Page<Orchestration>>>>,
    paths: Minute<Option<Shown<Paths>>>,
}

impl Fetched for Facts {
    fn is_answer(&self) -> bool {
        self.not_answering.is_none()
    }
}

/// Asks PagerDuty for its settings; what does not answer is left out and said.
async fn ask(shared: &Shared, hand: &Hand<'_>, known: &Known, facts: &mut Facts) {
    let (Some(client), Some(service)) = (&shared.outside.pagerduty, &known.service) else { return };
    if facts.not_answering.is_some() {
        return;
    }
    let fetched = shared.causes.services.get(service, hand.now(), settings(client, hand, service)).await;
    let before = std::mem::replace(facts, fetched);
    facts.events_rejected = before.events_rejected;
    facts.is_rate_limited = before.is_rate_limited;
    facts.is_webhook_silent = before.is_webhook_silent;
    facts.poll_dead_since = before.poll_dead_since;
    facts.wanted_address = integration_of(shared, &known.net.monitor);
    if facts.not_answering.is_none() {
        orchestrations(shared, client, hand, known, facts).await;
    }
}

/// The address in PagerDuty that this monitor's mails should reach as well.
fn integration_of(shared: &Shared, monitor: &str) -> Option<String> {
    shared.settings.routes.iter().find(|route| route.name == monitor)?.integration.clone()
}

/// How a service is set, and who changed it.
async fn settings(client: &Client, hand: &Hand<'_>, id: &str) -> Facts {
    let mut facts = Facts::default();
    let mut service = match client.service(&hand.call(), id).await {
        Ok(service) => service,
        Err(error) if error.kind == ErrorKind::NotFound => {
            facts.service_gone = Some(id.to_owned());
            return facts;
        }
        Err(error) => {
            facts.not_answering = Some(error.text);
            return facts;
        }
    };
    // The list of integrations names mail integrations and keeps their filters to itself.
    for integration in service.integrations.iter_mut().filter(|one| one.is_reference && one.is_mail()) {
        if let Ok(Some(whole)) = client.integration(&hand.call(), id, &integration.integration.id).await {
            *integration = whole;
        }
    }
    if let Ok(windows) = client.maintenance_windows(&hand.call(), id, true).await {
        facts.windows = windows.iter().map(|window| named(&window.window)).collect();
    }
    if let Ok(Shown::Yes(grouping)) = client.alert_grouping(&hand.call(), id).await {
        facts.grouping = grouping.first().map(|grouping| grouping.kind.clone()).or_else(|| service.grouping.clone());
    }
    if let Some(policy) = &service.escalation_policy {
        let on_call = client.on_calls(&hand.call(), std::slice::from_ref(&policy.id)).await;
        facts.nobody_on_call = on_call.is_ok_and(|people| people.is_empty());
    }
    let since = hand.now().plus_s(-AUDIT_S);
    if let Ok(Shown::Yes(changes)) = client.audit(&hand.call(), AuditOf::Service(id), since, AUDIT_MOST).await {
        facts.changes = changes.iter().flat_map(|change| changed(id, change)).collect();
    }
    facts.service = Some(service);
    facts
}

fn named(of: &model::incident::Ref) -> Named {
    Named { id: of.id.clone(), name: of.name.clone(), url: of.url.clone() }
}

/// A change of a part of the service is one of the service as well.
fn changed(service: &str, change: &SettingChange) -> Vec<Change> {
    let by: Vec<&str> = change.by.iter().map(|by| by.name.as_str()).collect();
    let fields: Vec<String> = change
        .fields
        .iter()
        .map(|field| {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
            format!("{}: {} → {}", field.name, value(&field.before), value(&field.after))
        })
        .collect();
    let of = |what: &str| Change { what: what.to_owned(), by: by.join(", "), at: change.at, fields: fields.join("; ") };
    let mut changes = vec![of(service)];
    changes.extend(change.what.as_ref().filter(|what| what.id != service).map(|what| of(&what.id)));
    changes
}

/// Rules that keep the event from paging: those of its service, and of the orchestrations that it may come by.
async fn orchestrations(shared: &Shared, client: &Client, hand: &Hand<'_>, known: &Known, facts: &mut Facts) {
    let (Some(mail), Some(service)) = (&known.mail, facts.service.clone()) else { return };
    let severity = mail.item.severity.as_deref();
    let event = cause::event(About::default(), &known.net.title, known.net.host.as_deref(), severity);
    let (causes, id) = (&shared.causes, &service.service.id);
    let fetch = async { client.service_orchestration(&hand.call(), id).await.ok() };
    match causes.of_services.get(id, hand.now(), fetch).await {
        Some(Shown::Yes(of_service)) if of_service.is_active => {
            let name =
                Named { name: service.service.name.clone(), url: service.service.url.clone(), ..Named::default() };
            facts.rules.extend(of_path(shared, of_service.path.as_ref(), &event, &name).await);
        }
        Some(Shown::NotAllowed { .. }) | None => facts.is_orchestration_unclear = true,
        Some(Shown::Yes(_)) => {}
    }
    let key = shared.settings.route_keys.get(&known.net.monitor);
    let is_by = |one: &Orchestration| key.is_some_and(|key| one.keys.iter().any(|own| own.key == *key));
    let fetch = async { client.orchestrations(&hand.call(), 0).await.ok() };
    let mut all = match causes.orchestrations.get("", hand.now(), fetch).await {
        Some(Shown::Yes(page)) => {
            let is_nobodys = !page.more && !page.items.iter().any(is_by);
            facts.is_key_unknown = is_nobodys && key.is_some_and(|key| lacks_key(&service, key));
            page.items
        }
        Some(Shown::NotAllowed { .. }) => return,
        None => {
            facts.is_orchestration_unclear = true;
            return;
        }
    };
    // The one that the monitor's events come by is not left out.
    all.sort_by_key(|one| !is_by(one));
    for one in all.iter().take(MOST_ORCHESTRATIONS) {
        let fetch = async { client.orchestration_paths(&hand.call(), &one.id).await.ok() };
        let Some(Shown::Yes(paths)) = causes.paths.get(&one.id, hand.now(), fetch).await else {
            facts.is_orchestration_unclear = true;
            continue;
        };
        let name = Named { id: one.id.clone(), name: one.name.clone(), url: None };
        let is_known = is_by(one);
        for path in [&paths.global, &paths.unrouted] {
            let mut rules = of_path(shared, path.as_ref(), &event, &name).await;
            // Whether the monitor's events come by this orchestration at all is not known.
            rules.iter_mut().for_each(|rule| rule.is_certain &= is_known);
            facts.rules.extend(rules);
        }
    }
}

/// Whether no integration of the service takes events by this key; one whose key was not told may be it.
fn lacks_key(service: &Service, key: &KeyPrint) -> bool {
    let mut for_events = service.integrations.iter().filter(|one| !one.is_mail());
    for_events.all(|one| one.key.as_ref().is_some_and(|own| own != key))
}

async fn of_path(shared: &Shared, path: Option<&Path>, event: &Event, name: &Named) -> Vec<Rule> {
    let Some(path) = path else { return Vec::new() };
    let by = match &path.updated_by {
        Some(id) => Some(user_name(shared, id).await.unwrap_or_else(|| id.clone())),
        None => None,
    };
    cause::rules(path, event, name, by)
}

async fn user_name(shared: &Shared, id: &str) -> Option<String> {
    let id = id.to_owned();
    let user = shared
        .store
        .read(move |tx| Box::pin(async move { reference::find(tx, &Scope::All, Kind::User, &id).await }))
        .await;
    user.ok().flatten().map(|user| user.name)
}

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
        // A right that was just given, or is being given, takes its time. Meanwhile an alert stands in the mail's place.
        Err(error)
            if error.kind == ErrorKind::Forbidden && hand.now().since(hand.job.created_at) < MAY_BE_ALLOWED_US =>
        {
            crate::effects::later(hand.now().plus_s(ASK_AGAIN_S), Fault::Limit, &error.text)
        }
        Err(error) => hand.failed(shared, &error),
    }
}

/// Whether a mail's sender is who it says: what DNS tells comes in as a signal.
pub async fn authenticate(shared: &Shared, hand: &Hand<'_>, mail: i64) -> Done {
    let Some(authenticator) = &shared.outside.authenticator else {
        return (done(None), vec![After::Checked(unproven(mail, "nobody can ask DNS here"))]);
    };
    let row = shared.store.read(move |tx| Box::pin(async move { inbox::find(tx, &Scope::All, mail).await })).await;
    let sealed = match row {
        Ok(Some(sealed)) => sealed,
        Ok(None) => return never("this mail is not in the inbox any more"),
        Err(error) => return crate::effects::later(hand.now().plus_s(2), Fault::Limit, &error.to_string()),
    };
    let Ok(envelope) = serde_json::from_str::<Envelope>(&sealed.headers) else {
        return never("the envelope of this mail can't be read");
    };
    crash_point!("act.before_send");
    let said = authenticator.authenticate(&envelope, &sealed.raw).await;
    let desk = &shared.settings.desk;
    let read = duties::mail::read(desk, &envelope, &sealed.raw, Some(&said), sealed.item.received_at);
    let is_left = said.is_incomplete && read.trust != Trust::Trusted;
    // DNS did not answer: once more, within the mail's grace time.
    if is_left && hand.job.spent < AUTHENTICATE_TRIES {
        let why = "DNS did not answer; it is asked again".to_owned();
        return (Outcome::Later { at: hand.now().plus_s(5), fault: Fault::Ours, why }, Vec::new());
    }
    let why =
        if said.why.is_empty() { read.trust_why } else { format!("{} ({})", read.trust_why, said.why.join("; ")) };
    let trust = if read.trust == Trust::Waiting { Trust::Untrusted } else { read.trust };
    (done(None), vec![After::Checked(Checked { mail, trust, why })])
}

fn unproven(mail: i64, why: &str) -> Checked {
    Checked { mail, trust: Trust::Untrusted, why: why.to_owned() }
}
