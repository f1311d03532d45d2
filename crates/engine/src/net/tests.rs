//! The net against a database of its own: what DNS says late, what could not be read or fetched, and whose question a round
//! of PagerDuty's list answers. Nobody outside is called.

mod storms;
mod windows;

use super::judge;
use crate::absorb::Context;
use crate::interpret::interpret;
use crate::{Pace, Settings, net, post};
use duties::Mode;
use duties::mail::{Desk, Monitor, PatternTexts, Patterns};
use model::connection::{RecentState, poll};
use model::mail::{Door, Envelope, Ledger, Reason, State, Trust};
use model::signal::{Origin, Signal};
use model::{Micros, Scope};
use std::collections::BTreeMap;
use store::inbox::Reading;
use store::mails::Item;
use store::nets::Registration;
use store::{Clock, Options, Place, Store, Tx, inbox, jobs, ledger, mails, nets, polls};

pub(crate) struct Bed {
    pub store: Store,
    pub clock: Clock,
    pub settings: Settings,
    _folder: tempfile::TempDir,
}

fn on_a_bed(case: impl AsyncFn(&Bed)) {
    on_a_bed_with(settings(), case);
}

pub(crate) fn on_a_bed_with(settings: Settings, case: impl AsyncFn(&Bed)) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::default();
    let place = Place::Sqlite(folder.path().join("store.db"));
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(async {
        let store = Store::open(Options { place, readers: 1, clock: clock.clone() }).unwrap();
        store.probe().await.unwrap();
        let bed = Bed { store, clock, settings, _folder: folder };
        case(&bed).await;
        bed.store.close().await;
    });
}

pub(crate) fn settings() -> Settings {
    let texts = PatternTexts {
        subject: Some(r"^(?P<state>\S+) (?P<host>\S+) (?P<check>.+)$".into()),
        ..PatternTexts::default()
    };
    let monitor = Monitor {
        name: "zbx".into(),
        recipients: vec!["zbx@example.jp".into()],
        dkim: vec!["example.jp".into()],
        patterns: Some(Patterns::parse("zbx", &texts).unwrap()),
        ..Monitor::default()
    };
    Settings {
        slack: None,
        bridges: crate::bridges::Settings::default(),
        hosts: None,
        record: crate::record::Settings::default(),
        webhook_secrets: Vec::new(),
        action_secrets: Vec::new(),
        webhook_subscriptions: Vec::new(),
        customers: Vec::new(),
        link_note: Mode::Observe,
        intake_guard: Mode::Observe,
        public_url: String::new(),
        from: None,
        webhook_guard: Mode::Observe,
        key_mark: String::new(),
        webhook_late_s: 60,
        pace: Pace { log_s: 60, open_s: 60, subscriptions_s: 60, reference_s: 60, first_sight_s: 0 },
        terms: jobs::Terms { lease_ms: 30_000, settle_ms: 5_000 },
        desk: Desk { monitors: vec![monitor], ..Desk::default() },
        net: duties::safety_net::Settings { mode: Mode::Page, ..duties::safety_net::Settings::default() },
        services: Vec::new(),
        people: Vec::new(),
        channels: Vec::new(),
        posts: false,
        routes: Vec::new(),
        route_keys: BTreeMap::new(),
        in_flight: 1,
        readers: 1,
        worker: "w".into(),
    }
}

impl Bed {
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        unit: impl for<'a> FnOnce(&'a mut Tx) -> store::Unit<'a, T> + Send + 'static,
    ) -> T {
        self.store.write("test", unit).await.unwrap()
    }

    fn signal(&self, subject: &str, date: Option<Micros>) -> Signal {
        let envelope = Envelope {
            door: Door::Smtp,
            from: Some("zabbix@example.jp".into()),
            recipients: vec!["zbx@example.jp".into()],
            peer: None,
            helo: None,
            tls: true,
            checked: None,
            place: None,
        };
        let date = date.map_or_else(String::new, |at| {
            let zoned = at.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
            format!("Date: {}\r\n", jiff::fmt::rfc2822::to_string(&zoned).unwrap())
        });
        let raw = format!("From: zabbix@example.jp\r\nSubject: {subject}\r\n{date}\r\n{subject}\r\n");
        post::signal(&envelope, raw.into_bytes(), self.clock.now(), Origin::Live).unwrap()
    }

    /// A mail comes and is read.
    async fn mail(&self, subject: &str) -> i64 {
        self.store.accept(self.signal(subject, None)).await.unwrap();
        self.read().await
    }

    /// Reads what waits; gives the last row's id.
    pub(crate) async fn read(&self) -> i64 {
        let settings = self.settings.clone();
        self.write(move |tx| {
            Box::pin(async move {
                let rows = inbox::waiting(tx, 100, 0, 1).await?;
                let read: Vec<_> = rows.iter().map(|row| interpret(row, &settings.desk)).collect();
                let context = Context { settings: &settings, can_read: false, hears_webhooks: false };
                context.write(tx, &read).await?;
                Ok(rows.last().unwrap().id)
            })
        })
        .await
    }

    async fn judge(&self, can_read: bool) {
        let settings = self.settings.clone();
        self.write(move |tx| Box::pin(async move { judge::batch(tx, &settings, can_read).await })).await;
    }

    async fn checked(&self, mail: i64, trust: Trust) {
        let settings = self.settings.clone();
        self.write(move |tx| Box::pin(async move { net::checked(tx, &settings, (mail, trust, "DKIM")).await })).await;
    }

    async fn item(&self, id: i64) -> Item {
        self.write(move |tx| Box::pin(async move { mails::find(tx, &Scope::All, id).await })).await.unwrap().item
    }

    async fn net_of(&self, mail: i64) -> nets::Net {
        let id = self.item(mail).await.net.unwrap();
        self.write(move |tx| Box::pin(async move { nets::get(tx, &id).await })).await.unwrap()
    }

    async fn balance(&self) -> ledger::Balance {
        self.write(|tx| {
            Box::pin(async move {
                let (since, until) = (Micros(0), tx.now().plus_s(86_400));
                ledger::balance(tx, &Scope::All, since, until).await
            })
        })
        .await
    }

    async fn recent(&self) -> RecentState {
        self.write(|tx| Box::pin(polls::get(tx, poll::RECENT))).await.unwrap().known()
    }

    /// A whole round of the list, as far back as mails wanted, or as said; and whatever time it takes.
    async fn round(&self, since: Option<Micros>) {
        let wanted = self.recent().await.since;
        self.write(move |tx| {
            Box::pin(async move {
                let found = polls::get(tx, poll::RECENT).await?.unwrap();
                polls::begin(tx, &found, tx.now().plus_s(3_600)).await?;
                let asked_since = since.or(wanted);
                polls::keep(tx, poll::RECENT, &RecentState { since: None, asked_since }).await?;
                polls::ended::<()>(tx, poll::RECENT, None).await
            })
        })
        .await;
    }
}

#[test]
fn a_mail_waits_for_dns_also_when_its_time_ran_out_while_nobody_was_there() {
    on_a_bed(async |bed: &Bed| {
        let problem = bed.mail("PROBLEM web01 CPU").await;
        assert_eq!(bed.item(problem).await.trust, Trust::Waiting);
        bed.clock.advance_s(600);
        bed.judge(false).await;
        assert_eq!(bed.item(problem).await.ledger, Ledger::Expected, "DNS has its chance first");
        bed.checked(problem, Trust::Trusted).await;
        bed.clock.advance_s(2);
        bed.judge(false).await;
        assert_eq!(bed.net_of(problem).await.registration, Registration::Asked);
        let recovery = bed.mail("RECOVERY web01 CPU").await;
        bed.clock.advance_s(600);
        bed.judge(false).await;
        assert_eq!(bed.item(recovery).await.ledger, Ledger::Expected);
        bed.clock.advance_s(2);
        bed.checked(recovery, Trust::Trusted).await;
        let net = bed.net_of(problem).await;
        assert_eq!((net.open_since, net.registration), (None, Registration::None), "it is over");
    });
}

#[test]
fn what_dns_says_after_the_verdict_still_resolves_and_registers() {
    on_a_bed(async |bed: &Bed| {
        let problem = bed.mail("PROBLEM web01 CPU").await;
        for wait_s in [600, 25] {
            bed.clock.advance_s(wait_s);
            bed.judge(false).await;
        }
        assert_eq!(bed.item(problem).await.ledger, Ledger::Missing, "DNS does not hold it up for ever");
        assert_eq!(bed.net_of(problem).await.registration, Registration::None, "nobody vouches for it");
        bed.checked(problem, Trust::Trusted).await;
        bed.judge(false).await;
        let net = bed.net_of(problem).await;
        assert_eq!((net.registration, net.generation), (Registration::Asked, 1));
        let recovery = bed.mail("RECOVERY web01 CPU").await;
        for wait_s in [600, 25] {
            bed.clock.advance_s(wait_s);
            bed.judge(false).await;
        }
        let item = bed.item(recovery).await;
        assert!(matches!(item.reason, Reason::OverUntrusted { .. }), "{item:?}");
        assert!(bed.net_of(problem).await.open_since.is_some());
        bed.checked(recovery, Trust::Trusted).await;
        assert_eq!(bed.item(recovery).await.reason, Reason::Over);
        assert_eq!(bed.net_of(problem).await.open_since, None);
    });
}

#[test]
fn dns_that_vouches_for_nobody_changes_nothing() {
    on_a_bed(async |bed: &Bed| {
        let problem = bed.mail("PROBLEM web01 CPU").await;
        for wait_s in [600, 25] {
            bed.clock.advance_s(wait_s);
            bed.judge(false).await;
        }
        let before = bed.item(problem).await;
        bed.checked(problem, Trust::Untrusted).await;
        let after = bed.item(problem).await;
        assert_eq!((after.ledger, after.reason, after.due), (before.ledger, before.reason, before.due));
    });
}

#[test]
fn a_mail_whose_reading_failed_is_judged_once_it_can_be_read() {
    on_a_bed(async |bed: &Bed| {
        bed.store.accept(bed.signal("PROBLEM web01 CPU", None)).await.unwrap();
        let id = bed
            .write(|tx| {
                Box::pin(async move {
                    let id = inbox::waiting(tx, 1, 0, 1).await?[0].id;
                    inbox::mark_read(tx, id, &Reading { dead: Some("ours".into()), ..Reading::default() }).await?;
                    Ok(id)
                })
            })
            .await;
        let balance = bed.balance().await;
        assert_eq!((balance.waiting, balance.difference()), (1, 0));
        bed.clock.advance_s(86_400);
        assert!(bed.write(move |tx| Box::pin(inbox::read_again(tx, id))).await);
        assert_eq!(bed.read().await, id);
        assert_eq!(bed.item(id).await.ledger, Ledger::Expected, "it is no baseline");
        for wait_s in [0, 25] {
            bed.clock.advance_s(wait_s);
            bed.judge(false).await;
        }
        assert_eq!(bed.item(id).await.ledger, Ledger::Missing);
        // What was read is history when it is read once more.
        assert!(bed.write(move |tx| Box::pin(inbox::read_again(tx, id))).await);
        bed.read().await;
        assert_eq!(bed.item(id).await.ledger, Ledger::Missing);
    });
}

#[test]
fn a_mail_that_can_not_be_fetched_becomes_an_alert_that_names_its_place() {
    on_a_bed(async |bed: &Bed| {
        let fetch = |bed: &Bed, n: i64| {
            let envelope: Envelope = serde_json::from_str(&bed.signal("", None).headers).unwrap();
            let envelope = Envelope { door: Door::Ses, ..envelope };
            crate::why::fetch_mail(n, &envelope, "mails", &format!("in/{n}"))
        };
        let (given_up, slow) = (fetch(bed, 1), fetch(bed, 2));
        let stood = bed
            .write(move |tx| {
                Box::pin(async move {
                    for action in [&given_up, &slow] {
                        store::actions::add(tx, action, store::actions::Doing::Really).await?;
                    }
                    let terms = jobs::Terms { lease_ms: 30_000, settle_ms: 5_000 };
                    let queue = model::action::Queue::Live;
                    let jobs::Claim::Job(job) = jobs::claim(tx, queue, "w", terms).await? else { panic!("no job") };
                    let why = "S3 does not give it (404 NoSuchKey)".to_owned();
                    jobs::finish(tx, &job, &model::action::Outcome::Never { why }).await?;
                    Ok((super::unfetched::stand_in(tx).await?, super::unfetched::stand_in(tx).await?))
                })
            })
            .await;
        assert_eq!(stood, (1, 0), "once, and the other has its time");
        let id = bed.read().await;
        let item = bed.item(id).await;
        assert_eq!((item.monitor.as_str(), item.state, item.ledger), ("zbx", State::Unknown, Ledger::Expected));
        assert!(item.subject.contains("s3://mails/in/1"), "{item:?}");
        bed.clock.advance_s(121);
        assert_eq!(bed.write(|tx| Box::pin(super::unfetched::stand_in(tx))).await, 1);
        bed.read().await;
        for wait_s in [61, 25] {
            bed.clock.advance_s(wait_s);
            bed.judge(false).await;
        }
        let balance = bed.balance().await;
        assert_eq!((balance.received, balance.waiting, balance.difference()), (2, 0, 0));
        assert_eq!(balance.counts, BTreeMap::from([("unreadable".to_owned(), 2)]));
    });
}

/// A list that was asked for from later on than a mail's alert may have been created says nothing of it.
#[test]
fn a_round_answers_only_for_the_time_that_it_asked_for() {
    on_a_bed(async |bed: &Bed| {
        bed.write(|tx| Box::pin(polls::register(tx, poll::RECENT))).await;
        let old = bed.clock.now().plus_s(-3_600);
        bed.store.accept(bed.signal("PROBLEM web01 CPU", Some(old))).await.unwrap();
        let id = bed.read().await;
        bed.checked(id, Trust::Trusted).await;
        bed.clock.advance_s(61);
        bed.judge(true).await;
        let wanted = bed.recent().await.since.unwrap();
        assert!(wanted <= old.plus_s(-bed.settings.net.window_s + 1), "it was sent an hour ago: {wanted}");
        // Whoever wants less meanwhile takes nothing from it.
        let now = bed.clock.now();
        bed.write(move |tx| Box::pin(judge::ask(tx, now.plus_s(-900)))).await;
        assert_eq!(bed.recent().await.since, Some(wanted));
        bed.round(Some(now.plus_s(-1_800))).await;
        bed.clock.advance_s(4);
        bed.judge(true).await;
        assert_eq!(bed.item(id).await.ledger, Ledger::Expected, "an hour ago was not asked for");
        bed.round(None).await;
        bed.clock.advance_s(4);
        bed.judge(true).await;
        let item = bed.item(id).await;
        assert_eq!((item.ledger, item.reason), (Ledger::Missing, Reason::Nothing));
    });
}

#[test]
fn no_date_makes_everybody_wait_for_two_days_of_incidents() {
    on_a_bed(async |bed: &Bed| {
        bed.write(|tx| Box::pin(polls::register(tx, poll::RECENT))).await;
        for (trust, most_s) in [(Trust::Untrusted, 1_000), (Trust::Trusted, 7_201)] {
            let old = bed.clock.now().plus_s(-47 * 3_600);
            bed.store.accept(bed.signal(&format!("PROBLEM {} CPU", trust.as_str()), Some(old))).await.unwrap();
            let id = bed.read().await;
            bed.checked(id, trust).await;
            bed.clock.advance_s(61);
            bed.judge(true).await;
            let back_s = bed.clock.now().since(bed.recent().await.since.unwrap()) / 1_000_000;
            assert!(back_s <= most_s, "{trust:?}: {back_s} s");
        }
    });
}
