//! Absorbing a batch of understood signals in one transaction: facts, folded incidents, marks, alarms, actions, timers.
//! Never calls out, and absorbing a signal twice changes nothing.

use crate::interpret::{Interpreted, Meaning};
use crate::read::{apply, ask_for_reading};
use crate::{Settings, bridges, buttons, hosts, net, poll, slack, webhook_guard};
use duties::{Decision, Mode, confirm, intake_guard, link_note, mirror};
use model::Micros;
use model::connection::{TokenState, poll as names};
use model::incident::{ActorKind, Change, Fact, FactBody, Incident, Source, fold};
use model::signal::Origin;
use std::collections::{BTreeMap, BTreeSet};
use store::actions::Doing;
use store::inbox::{self, Reading};
use store::{
    StoreError, Tx, alerts, crash_point, dirty, duty_state, facts, gaps, heard, incidents, polls, reference, sightings,
    unheard,
};

pub struct Context<'a> {
    pub settings: &'a Settings,
    pub can_read: bool,
    /// Webhooks are configured, so that what only the log tells is something they should have told.
    pub hears_webhooks: bool,
}

/// What this batch has to say about one incident.
#[derive(Default)]
struct News {
    /// Somebody told something that was not known: whence, if so.
    told: Option<Origin>,
    /// A page of a list showed it for the first time, or changed.
    listed: Option<Origin>,
    /// It was read whole; asked for at this instant.
    asked_at: Option<Micros>,
    /// Why it was read whole: an incident that no webhook told of is news as well.
    read_for: Option<Origin>,
    /// The API showed it, in a list or whole.
    shown: bool,
    /// Its alerts were fetched; asked for at this instant.
    alerts_at: Option<Micros>,
    customer: Option<String>,
}

/// History told in the same breath makes nothing old of what happens now.
fn first(known: Option<Origin>, told: Origin) -> Option<Origin> {
    Some(known.map_or(told, |known| known.min(told)))
}

/// Who was last active when, in the one order in which everybody writes them.
type Seats = BTreeMap<(String, &'static str), Micros>;

fn note_activity(fact: &Fact, seats: &mut Seats) {
    let FactBody::Changed { what, .. } = &fact.body else { return };
    let mut active = |person: &str, kind| {
        let at = seats.entry((person.to_owned(), kind)).or_insert(fact.at);
        *at = fact.at.max(*at);
    };
    if let Some(actor) = fact.actor.as_ref().filter(|actor| actor.kind == ActorKind::User) {
        active(&actor.who.id, reference::ACTED);
    }
    if let Change::Notified { user: Some(user), .. } = what {
        active(&user.id, reference::PAGED);
    }
}

impl Context<'_> {
    pub async fn write(&self, tx: &mut Tx, batch: &[Interpreted]) -> Result<(), StoreError> {
        let ids: Vec<i64> = batch.iter().map(|row| row.id).collect();
        let taken = inbox::claim(tx, &ids).await?;
        let rows: Vec<&Interpreted> = batch.iter().filter(|row| taken.contains(&row.id)).collect();
        // Mails and those who judge them write the same rows in orders of their own: they take turns.
        if rows.iter().any(|row| matches!(row.meaning, Meaning::Mail(_) | Meaning::Checked(_) | Meaning::Desk(_))) {
            net::alone(tx).await?;
        }
        self.lock(tx, &rows).await?;
        let (mut news, mut seats) = (BTreeMap::new(), Seats::new());
        for row in &rows {
            self.add_facts(tx, row, &mut news, &mut seats).await?;
        }
        for (subscription, at) in heard(&rows) {
            heard::note(tx, subscription, at).await?;
        }
        crash_point!("read.facts_written");
        for ((person, kind), at) in seats {
            reference::active(tx, &person, kind, at).await?;
        }
        for (id, about) in &mut news {
            self.incident(tx, id, about).await?;
        }
        for row in &rows {
            self.others(tx, row).await?;
        }
        crash_point!("read.actions_written");
        for row in &rows {
            inbox::mark_read(tx, row.id, &reading(row, &news, &self.settings.bridges)).await?;
        }
        Ok(())
    }

    /// All that the whole of it may need, in the one order in which everybody takes them.
    async fn lock(&self, tx: &mut Tx, rows: &[&Interpreted]) -> Result<(), StoreError> {
        let mut names = subjects(rows);
        // On SQLite one writes at a time, and nobody waits for anybody.
        if tx.is_postgres() && self.settings.bridges.has_any() {
            let told: BTreeSet<String> =
                rows.iter().flat_map(|row| row.meaning.facts()).map(|fact| fact.incident.clone()).collect();
            let told: Vec<String> = told.into_iter().collect();
            names.extend(bridges::locks::of_signals(tx, rows.iter().map(|row| &row.meaning), &told).await?);
        }
        bridges::locks::take(tx, names).await
    }

    async fn add_facts<'b>(
        &self,
        tx: &mut Tx,
        row: &'b Interpreted,
        news: &mut BTreeMap<&'b str, News>,
        seats: &mut Seats,
    ) -> Result<(), StoreError> {
        let facts = match &row.meaning {
            Meaning::Told(facts) | Meaning::Listed(facts) => facts,
            Meaning::Whole { incident, asked_at, facts } => {
                let about = news.entry(incident).or_default();
                about.asked_at = Some(*asked_at);
                about.read_for = first(about.read_for, row.origin);
                about.shown = true;
                facts
            }
            Meaning::Alerts { incident, asked_at, facts } => {
                news.entry(incident).or_default().alerts_at = Some(*asked_at);
                facts
            }
            _ => return Ok(()),
        };
        for fact in facts {
            let is_new = facts::add(tx, fact, row.origin, Some(row.id)).await?;
            let about = news.entry(fact.incident.as_str()).or_default();
            match &row.meaning {
                Meaning::Told(_) if is_new => about.told = first(about.told, row.origin),
                Meaning::Listed(_) => {
                    about.shown = true;
                    if is_new {
                        about.listed = first(about.listed, row.origin);
                    }
                }
                _ => {}
            }
            if is_new {
                note_activity(fact, seats);
                self.note_heard(tx, fact, row.origin).await?;
            }
        }
        Ok(())
    }

    /// What webhooks told, or should have told.
    async fn note_heard(&self, tx: &mut Tx, fact: &Fact, origin: Origin) -> Result<(), StoreError> {
        let FactBody::Changed { what, .. } = &fact.body else { return Ok(()) };
        match fact.source {
            Source::Webhook => unheard::heard(tx, fact).await,
            Source::LogEntry if origin == Origin::Repair && self.hears_webhooks => match webhook_name(what) {
                Some(kind) => unheard::entry(tx, fact, kind).await,
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    async fn incident(&self, tx: &mut Tx, id: &str, news: &mut News) -> Result<(), StoreError> {
        let all = facts::of(tx, id).await?;
        let folded = fold(&all);
        if let Some(incident) = &folded {
            news.customer = net::customer(tx, self.settings, incident).await?;
            incidents::save(tx, incident, news.customer.as_deref(), all.len(), news.asked_at).await?;
            self.alerts(tx, incident, news.customer.as_deref()).await?;
            if news.shown {
                sightings::settled(tx, id).await?;
            }
        }
        crash_point!("read.incident_written");
        if let Some(incident) = &folded {
            let origin = news.told.into_iter().chain(news.read_for).min();
            slack::incident_changed(tx, self.settings, incident, news.customer.as_deref(), origin).await?;
        }
        if let Some(incident) = &folded {
            bridges::shown(tx, self.settings, incident).await?;
        }
        if let Some(incident) = &folded {
            let origin = news.told.into_iter().chain(news.read_for).min();
            hosts::look::incident_changed(tx, self.settings, incident, news.customer.as_deref(), origin).await?;
        }
        self.history(tx, id, news, folded.as_ref()).await?;
        self.mirror(tx, id, news, folded.as_ref()).await?;
        if let (Some(incident), Some(origin)) = (&folded, news.told.into_iter().chain(news.read_for).min()) {
            let settings = link_note::Settings { public_url: self.settings.public_url.clone() };
            let now = tx.now();
            let decision = link_note::decide(&settings, incident, news.customer.as_deref(), origin, now);
            if !decision.actions.is_empty() {
                let doing = self.unless_read_only(tx, doing(self.settings.link_note, Mode::Post)).await?;
                apply(tx, decision, doing).await?;
            }
        }
        Ok(())
    }

    /// Its alerts, for the mails that wait for theirs; our own incidents tell what became of what we registered.
    async fn alerts(&self, tx: &mut Tx, incident: &Incident, customer: Option<&str>) -> Result<(), StoreError> {
        let now = tx.now();
        if let Some(rows) = net::alert_rows(incident, now) {
            let service = incident.data.service.as_ref().map(|service| service.id.as_str());
            alerts::save(tx, &incident.data.id, (service, customer), &rows).await?;
        }
        net::shown(tx, self.settings, incident).await
    }

    /// History costs one call an incident, for its alerts; its list and the log told everything else.
    async fn history(&self, tx: &mut Tx, id: &str, news: &News, folded: Option<&Incident>) -> Result<(), StoreError> {
        let lacks_alerts = folded.is_some_and(|incident| {
            let has = i64::try_from(incident.alerts.len()).unwrap_or(i64::MAX);
            incident.data.alert_counts.is_none_or(|(all, ..)| has < all)
        });
        if news.listed == Some(Origin::Backfill) && lacks_alerts && self.can_read {
            dirty::mark(tx, dirty::ALERTS, id, Origin::Backfill).await?;
        }
        if let Some(asked_at) = news.alerts_at.max(news.asked_at)
            && let Some(mark) = dirty::of(tx, dirty::ALERTS, id).await?
            && mark.since <= asked_at
        {
            dirty::clear(tx, dirty::ALERTS, id).await?;
        }
        Ok(())
    }

    /// What was told marks the incident; what was read clears the mark, or asks once more.
    async fn mirror(&self, tx: &mut Tx, id: &str, news: &News, folded: Option<&Incident>) -> Result<(), StoreError> {
        let origin = news.told.into_iter().chain(news.listed).min();
        // History that a snapshot covers is whole as it is.
        if let Some(origin) = origin.filter(|origin| *origin != Origin::Backfill || model::incident::needs_read(folded))
        {
            dirty::mark(tx, dirty::READ, id, origin).await?;
        }
        let Some(mark) = dirty::of(tx, dirty::READ, id).await? else { return Ok(()) };
        if news.asked_at.is_some_and(|asked_at| mark.since <= asked_at) {
            if !model::incident::needs_read(folded) || mirror::believes_the_api(mark.tries) {
                return dirty::clear(tx, dirty::READ, id).await;
            }
            dirty::try_again(tx, dirty::READ, id).await?;
        }
        ask_for_reading(tx, id, news.customer.clone(), self.can_read).await
    }

    async fn others(&self, tx: &mut Tx, row: &Interpreted) -> Result<(), StoreError> {
        if let Meaning::Configured { asked_at, things, .. } = &row.meaning {
            // In one order for everybody, so that nobody waits for each other.
            let mut ordered: Vec<_> = things.iter().collect();
            ordered.sort_by(|a, b| a.id.cmp(&b.id));
            for thing in ordered {
                reference::save(tx, thing, *asked_at).await?;
            }
            return Ok(());
        }
        if let Meaning::Mail(mailed) = &row.meaning {
            return net::arrive(tx, self.settings, (row.id, row.received_at, row.origin), mailed).await;
        }
        match &row.meaning {
            Meaning::Inside(inside) => {
                let (envelope, raw) = inside.as_ref();
                return crate::post::insert(tx, envelope, raw.clone(), row.origin).await.map(|_| ());
            }
            Meaning::Stored { envelope, bucket, object } => {
                let fetch = crate::why::fetch_mail(row.id, envelope, bucket, object);
                return apply(tx, Decision::act(fetch), Doing::Really).await;
            }
            _ => {}
        }
        if let Meaning::Ticket { reading, asked_at } = &row.meaning {
            return bridges::absorb(tx, self.settings, reading, *asked_at, row.origin).await;
        }
        if let Meaning::Events(news) = &row.meaning {
            if news.is_too_much() {
                return bridges::calendar::divide(tx, self.settings, news, (row.id, row.origin)).await;
            }
            return bridges::calendar::absorb(tx, self.settings, news, row.origin).await;
        }
        // History never acts: what is read once more changes no alarm and sets nothing going.
        if !row.origin.may_act() {
            return Ok(());
        }
        match &row.meaning {
            Meaning::Noticed(noticed) => self.noticed(tx, noticed, row.received_at).await,
            Meaning::Subscriptions(state) => {
                let doing = self.unless_read_only(tx, doing(self.settings.webhook_guard, Mode::Post)).await?;
                webhook_guard::look(tx, state, self.settings, doing).await
            }
            Meaning::Confirm(pending) => apply(tx, confirm::decide(pending), Doing::Really).await,
            Meaning::Pressed(claims) => buttons::heard(tx, (row.id, row.received_at), claims).await,
            Meaning::Hint { space, hint } => bridges::hinted(tx, &self.settings.bridges, space, hint, row.origin).await,
            Meaning::TicketTimer(told) => bridges::timer(tx, told).await,
            Meaning::Push(heard) => bridges::push::heard(tx, heard).await,
            Meaning::EventTimer(told) => bridges::calendar::timer(tx, self.settings, told).await,
            Meaning::Slack(inbound) => {
                let from = slack::From { signal: row.id, received_at: row.received_at };
                slack::heard(tx, self.settings, from, inbound).await
            }
            Meaning::Desk(said) => net::said(tx, self.settings, row.id, said).await,
            Meaning::Checked(checked) => {
                net::checked(tx, self.settings, (checked.mail, checked.trust, &checked.why)).await
            }
            _ => Ok(()),
        }
    }

    /// A key that may only look can't do what a duty wants: it is shown instead.
    async fn unless_read_only(&self, tx: &mut Tx, doing: Doing) -> Result<Doing, StoreError> {
        Ok(if is_read_only(tx, self.settings).await? { Doing::Observed } else { doing })
    }

    async fn noticed(&self, tx: &mut Tx, noticed: &intake_guard::Noticed, at: Micros) -> Result<(), StoreError> {
        let subject = noticed.subscription();
        let before: Option<intake_guard::State> =
            duty_state::get(tx, intake_guard::DUTY, subject, intake_guard::VERSION).await?;
        let before = before.unwrap_or_default();
        // By the instant at which it was noticed: two readers may come to them in another order.
        let (state, decision) = intake_guard::decide(&before, noticed, at);
        // PagerDuty keeps what we refuse for two days; what it gave up on meanwhile only the log has.
        let gap = format!("{subject}-signature-{}", state.generation);
        match (before.open_since, state.open_since) {
            (None, Some(since)) => {
                gaps::open(tx, &gap, subject, "wrong_secret", since).await?;
            }
            (Some(_), None) => {
                poll::begin_pass(tx, &gap, at).await?;
            }
            _ => {}
        }
        duty_state::set(tx, intake_guard::DUTY, subject, intake_guard::VERSION, &state).await?;
        apply(tx, decision, doing(self.settings.intake_guard, Mode::Page)).await
    }
}

/// Whether the key is known to be one that may only look.
pub async fn is_read_only(tx: &mut Tx, settings: &Settings) -> Result<bool, StoreError> {
    let state: TokenState = polls::get(tx, names::TOKEN).await?.map(|poll| poll.known()).unwrap_or_default();
    Ok(state.of_key(&settings.key_mark).can_write == Some(false))
}

/// The changes that a webhook tells as well as the log.
const fn webhook_name(what: &Change) -> Option<&'static str> {
    match what {
        Change::Triggered { .. } => Some(unheard::TRIGGERED),
        Change::Acknowledged => Some("acknowledged"),
        Change::Resolved { .. } => Some("resolved"),
        _ => None,
    }
}

fn doing(mode: Mode, needed: Mode) -> Doing {
    if mode >= needed { Doing::Really } else { Doing::Observed }
}

/// When each subscription was last heard, in one order for everybody.
fn heard<'a>(rows: &[&'a Interpreted]) -> BTreeMap<&'a str, Micros> {
    let mut heard = BTreeMap::new();
    for row in rows {
        if let Some(subscription) = &row.subscription {
            let at = heard.entry(subscription.as_str()).or_insert(row.received_at);
            *at = row.received_at.max(*at);
        }
    }
    heard
}

fn subjects(rows: &[&Interpreted]) -> BTreeSet<String> {
    let mut subjects: BTreeSet<String> = rows
        .iter()
        .flat_map(|row| match &row.meaning {
            Meaning::Told(facts) | Meaning::Listed(facts) => facts.iter().map(|f| f.incident.clone()).collect(),
            Meaning::Whole { incident, .. } | Meaning::Alerts { incident, .. } => vec![incident.clone()],
            Meaning::Noticed(noticed) => vec![noticed.subscription().to_owned()],
            Meaning::Subscriptions(_) => vec![duties::webhook_guard::DUTY.to_owned()],
            Meaning::Mail(mailed) => net::subjects(mailed),
            _ => Vec::new(),
        })
        .collect();
    // Our own incidents change alerts of the net as well: taken with all others, in the one order.
    subjects.extend(rows.iter().flat_map(|row| row.meaning.facts()).filter_map(net::subject_of));
    subjects
}

fn reading(row: &Interpreted, news: &BTreeMap<&str, News>, bridges: &bridges::Settings) -> Reading {
    // A page of the account's log is about many incidents, and no customer's alone.
    let is_log = row.event_type.as_deref() == Some(crate::interpret::LOG_LISTED);
    let subject = match &row.meaning {
        _ if is_log => None,
        Meaning::Told(facts) => facts.first().map(|f| f.incident.clone()),
        Meaning::Whole { incident, .. } | Meaning::Alerts { incident, .. } => Some(incident.clone()),
        Meaning::Noticed(noticed) => Some(noticed.subscription().to_owned()),
        Meaning::Pressed(claims) => claims.first().map(|claim| claim.incident.clone()),
        Meaning::Mail(_) => Some(format!("mail:{}", row.id)),
        Meaning::Ticket { reading, .. } => Some(format!("ticket:{}", reading.ticket.id)),
        _ => None,
    };
    let customer = match &row.meaning {
        Meaning::Ticket { reading, .. } => bridges.customer_of(&reading.ticket),
        _ => subject.as_deref().and_then(|s| news.get(s)).and_then(|n| n.customer.clone()),
    };
    let unreadable = match &row.meaning {
        Meaning::Unreadable(why) => Some(why.replace('\0', "\u{fffd}")),
        _ => None,
    };
    Reading { subject, event_type: row.event_type.clone(), customer, unreadable, dead: None }
}
