//! A storm's alerts count as registered with the list that names them, and not before; what its incident never had is not
//! lost with it.

use super::*;
use crate::net::{ours, seen};
use duties::Mode;
use duties::safety_net::{dedup_key, register};
use model::action::Effect;
use store::callouts::{self, Callout};
use store::nets::Net;

/// Three missing in a minute are a storm; nobody's sender is proven, and all of them page.
fn storming() -> Settings {
    let net = duties::safety_net::Settings { storm: 2, untrusted: Mode::Page, ..settings().net };
    let mut settings = Settings { net, key_mark: "key".into(), posts: true, ..settings() };
    settings.desk.monitors[0].dkim.clear();
    settings
}

impl Bed {
    /// Alerts of these hosts come, and their grace time passes.
    async fn lack(&self, hosts: &[&str]) -> Vec<i64> {
        let mut ids = Vec::new();
        for host in hosts {
            ids.push(self.mail(&format!("PROBLEM {host} CPU")).await);
        }
        self.clock.advance_s(61);
        self.judge(false).await;
        ids
    }

    async fn storm(&self) -> Net {
        self.write(|tx| Box::pin(nets::last_storm(tx, "zbx"))).await.unwrap()
    }

    /// PagerDuty took the last page a moment ago, or at that time, and shows this incident.
    async fn seen_as(&self, incident: &'static str, paged_at: Option<Micros>) {
        let (key, settings) = (self.storm().await.dedup_key.unwrap(), self.settings.clone());
        let paged_at = paged_at.or(Some(self.clock.now()));
        self.write(move |tx| Box::pin(async move { seen(tx, &settings, (&key, paged_at), incident).await })).await;
    }

    async fn again(&self) -> i64 {
        let settings = self.settings.clone();
        self.write(move |tx| Box::pin(async move { ours::again(tx, &settings).await })).await
    }

    async fn stand(&self, ids: &[i64]) -> Vec<(Ledger, Option<String>)> {
        let mut stand = Vec::new();
        for id in ids {
            let item = self.item(*id).await;
            stand.push((item.ledger, item.incident));
        }
        stand
    }

    /// How many lack one, and how many are registered, as the first page counts them.
    async fn counts(&self) -> (i64, i64) {
        let counted = self.write(|tx| Box::pin(nets::count_missing(tx, &Scope::All, 1_000))).await;
        (counted.lacking, counted.registered)
    }

    /// Whom the second path would call for, so many seconds from now.
    async fn uncalled_in(&self, s: i64) -> Vec<String> {
        let due = register::call_due(&self.settings.net, self.clock.now().plus_s(s), false);
        let due = nets::Due { asked: due.asked, long_asked: due.long_asked, missing: due.missing };
        self.write(move |tx| Box::pin(async move { nets::uncalled(tx, due, 100).await }))
            .await
            .into_iter()
            .map(|net| net.id)
            .collect()
    }

    /// What was decided since this was asked last: each thing's name with its text.
    async fn decided(&self) -> Vec<(&'static str, String)> {
        let (queue, terms) = (model::action::Queue::Live, self.settings.terms);
        let unit = self.write(move |tx| {
            Box::pin(async move {
                let mut effects = Vec::new();
                while let jobs::Claim::Job(job) = jobs::claim(tx, queue, "w", terms).await? {
                    jobs::finish(tx, &job, &model::action::Outcome::Done { external: None }).await?;
                    effects.push(job.action.effect);
                }
                Ok(effects)
            })
        });
        let said = |effect: &Effect| match effect {
            Effect::Note { text, .. } => text.clone(),
            Effect::Tell { message, .. } => message.plain(),
            Effect::Page { summary, details, .. } => format!("{summary} {}", details["alerts"]),
            other => format!("{other:?}"),
        };
        unit.await.iter().map(|effect| (effect.name(), said(effect))).collect()
    }

    /// Its cause has been found.
    async fn explained(&self, id: String) {
        let (settings, causes) = (self.settings.clone(), vec![cause()]);
        self.write(move |tx| Box::pin(async move { net::explained(tx, &settings, (&id, 1), causes).await })).await;
    }

    /// Somebody resolved that incident over there, as the mirror shows it.
    async fn resolved_there(&self, key: String, incident: &str) {
        let settings = self.settings.clone();
        let shown = resolved(key, incident, self.clock.now());
        self.write(move |tx| Box::pin(async move { ours::shown(tx, &settings, &shown).await })).await;
    }
}

fn resolved(key: String, id: &str, at: Micros) -> model::incident::Incident {
    use model::incident::{Fact, FactBody, IncidentData, Source, Status, Urgency};
    let data = IncidentData {
        id: id.to_owned(),
        number: None,
        title: String::new(),
        status: Status::Resolved,
        urgency: Urgency::High,
        html_url: None,
        incident_key: Some(key),
        incident_type: None,
        created_at: None,
        updated_at: None,
        resolved_at: None,
        service: None,
        teams: Vec::new(),
        assignees: Vec::new(),
        escalation_policy: None,
        priority: None,
        acknowledgements: None,
        resolve_reason: None,
        alert_counts: None,
        conference_bridge: None,
    };
    let fact = Fact {
        incident: id.to_owned(),
        source: Source::Snapshot,
        source_id: "1".into(),
        at,
        actor: None,
        body: FactBody::Snapshot { incident: Box::new(data), taken_at: at },
    };
    model::incident::fold(&[fact]).unwrap()
}

fn texts<'a>(decided: &'a [(&'static str, String)], name: &str) -> Vec<&'a str> {
    decided.iter().filter(|(of, _)| *of == name).map(|(_, text)| text.as_str()).collect()
}

fn cause() -> model::mail::Cause {
    model::mail::Cause {
        kind: model::mail::CauseKind::NoService,
        name: String::new(),
        url: None,
        changed_by: None,
        changed_at: None,
        detail: String::new(),
    }
}

const REGISTERED: Ledger = Ledger::Registered;

#[test]
fn what_joins_a_storm_is_registered_with_the_list_that_names_it() {
    on_a_bed_with(storming(), async |bed: &Bed| {
        let first = bed.lack(&["web01", "web02", "web03"]).await;
        assert_eq!(bed.storm().await.registration, Registration::Asked);
        assert_eq!(bed.counts().await, (3, 0));
        bed.seen_as("Q1", None).await;
        assert_eq!(bed.stand(&first).await, vec![(REGISTERED, Some("Q1".into())); 3]);
        assert_eq!(bed.counts().await, (0, 3));
        assert!(texts(&bed.decided().await, "note").is_empty(), "its incident has the whole list");

        let paged_at = bed.clock.now();
        let second = bed.lack(&["db01", "db02"]).await;
        let lacks = vec![(Ledger::Missing, None); 2];
        assert_eq!(bed.stand(&second).await, lacks, "no list that PagerDuty has names them");
        assert_eq!(bed.counts().await, (2, 3));
        assert_eq!(bed.again().await, 1);
        let storm = bed.storm().await;
        assert_eq!(storm.registration, Registration::Asked);
        assert!(storm.asked_at > Some(paged_at));
        bed.seen_as("Q1", Some(paged_at)).await;
        assert_eq!(bed.stand(&second).await, lacks, "the list of before was looked for");
        assert!(bed.uncalled_in(19).await.is_empty(), "it has a moment to be seen");
        assert_eq!(bed.uncalled_in(46).await, std::slice::from_ref(&storm.id), "then people are called for it");

        let decided = bed.decided().await;
        let pages = texts(&decided, "page");
        assert!(pages.iter().any(|page| page.contains("5 alerts of zbx") && page.contains("db02")), "{pages:?}");
        bed.clock.advance_s(5);
        bed.seen_as("Q1", None).await;
        assert_eq!(bed.stand(&second).await, vec![(REGISTERED, Some("Q1".into())); 2]);
        assert_eq!(bed.counts().await, (0, 5));
        let decided = bed.decided().await;
        let notes = texts(&decided, "note");
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains("db01") && notes[0].contains("db02") && !notes[0].contains("web01"), "{notes:?}");
        bed.clock.advance_s(60);
        assert_eq!(bed.again().await, 0, "it has not grown");
    });
}

#[test]
fn a_storm_that_grows_fast_has_its_list_made_again_after_a_while() {
    on_a_bed_with(storming(), async |bed: &Bed| {
        bed.lack(&["web01", "web02", "web03"]).await;
        bed.mail("PROBLEM db01 CPU").await;
        bed.clock.advance_s(55);
        // Seen late: the next list would follow at once.
        bed.seen_as("Q1", None).await;
        bed.clock.advance_s(6);
        bed.judge(false).await;
        bed.explained(bed.storm().await.id).await;
        assert_eq!(bed.again().await, 1);
        bed.clock.advance_s(5);
        bed.seen_as("Q1", None).await;
        for n in 0..3 {
            bed.mail(&format!("PROBLEM app{n:02} CPU")).await;
        }
        bed.clock.advance_s(61);
        bed.judge(false).await;
        assert_eq!(bed.again().await, 1);
        assert_eq!(bed.again().await, 0, "the list is on its way");
        let told = bed.decided().await;
        let grown: Vec<&str> = texts(&told, "tell").into_iter().filter(|text| text.contains("増えています")).collect();
        assert_eq!(grown.len(), 1, "once until there are twice as many: {told:?}");
    });
}

#[test]
fn a_storm_that_nobody_registers_is_told_again_when_it_is_twice_as_long() {
    let mut posting = storming();
    (posting.net.mode, posting.net.untrusted) = (Mode::Post, Mode::Post);
    on_a_bed_with(posting, async |bed: &Bed| {
        bed.lack(&["web01", "web02", "web03"]).await;
        let storm = bed.storm().await;
        assert_eq!(storm.registration, Registration::None);
        bed.decided().await;
        bed.explained(storm.id).await;
        let first = bed.decided().await;
        assert!(texts(&first, "tell")[0].contains(" 3 件"), "{first:?}");
        for host in ["db01", "db02", "db03"] {
            bed.lack(&[host]).await;
        }
        let told = bed.decided().await;
        let told = texts(&told, "tell");
        assert!(told.len() == 1 && told[0].contains("4 件") && told[0].contains("登録していません"), "{told:?}");
        assert_eq!(bed.again().await, 0);
    });
}

#[test]
fn what_the_incident_never_had_is_registered_anew_when_somebody_resolves_it() {
    on_a_bed_with(storming(), async |bed: &Bed| {
        let first = bed.lack(&["web01", "web02", "web03"]).await;
        bed.seen_as("Q1", None).await;
        let second = bed.lack(&["db01"]).await;
        let before = bed.storm().await;
        let key = before.dedup_key.clone().unwrap();
        bed.resolved_there(key.clone(), "Q1").await;
        let storm = bed.storm().await;
        assert_eq!((storm.generation, storm.registration), (before.generation + 1, Registration::Asked));
        assert_eq!(storm.dedup_key, Some(dedup_key(&storm.id, storm.generation)));
        assert_eq!(bed.counts().await, (1, 0), "what was in its list is dealt with");
        bed.resolved_there(key, "Q1").await;
        assert_eq!(bed.storm().await.registration, Registration::Asked, "told twice");
        bed.seen_as("Q2", None).await;
        assert_eq!(bed.stand(&second).await, [(REGISTERED, Some("Q2".to_owned()))]);
        assert_eq!(bed.stand(&first[..1]).await, [(REGISTERED, Some("Q1".to_owned()))]);
        // The one of before says nothing of the one that stands.
        let key = bed.storm().await.dedup_key.unwrap();
        bed.resolved_there(key.clone(), "Q1").await;
        assert_eq!(bed.storm().await.registration, Registration::Seen);
        bed.resolved_there(key, "Q2").await;
        let last = bed.write(move |tx| Box::pin(async move { nets::get(tx, &storm.id).await })).await.unwrap();
        assert_eq!((last.open_since, last.registration), (None, Registration::None));
        assert_eq!(bed.counts().await, (0, 0));
    });
}

#[test]
fn a_storm_whose_alerts_are_over_asks_for_nothing_more() {
    on_a_bed_with(storming(), async |bed: &Bed| {
        bed.lack(&["web01", "web02", "web03"]).await;
        bed.seen_as("Q1", None).await;
        let late = bed.lack(&["db01"]).await;
        let net = bed.net_of(late[0]).await.id;
        let now = bed.clock.now();
        bed.write(move |tx| Box::pin(async move { crate::net::arrive::over(tx, &net, now).await })).await;
        bed.clock.advance_s(60);
        assert_eq!(bed.again().await, 0, "the one that was in no list is over");
        assert_eq!(bed.storm().await.registration, Registration::Seen);
    });
}

#[test]
fn nobody_is_called_any_more_for_a_storm_that_is_over() {
    on_a_bed_with(storming(), async |bed: &Bed| {
        let mails = bed.lack(&["web01", "web02", "web03"]).await;
        let (storm, now) = (bed.storm().await.id, bed.clock.now());
        let call = Callout {
            id: "call/1/1/sato".into(),
            subject: "call/1".into(),
            generation: 1,
            level: 1,
            person: "sato".into(),
            text: String::new(),
            customer: None,
            asked_at: now,
            due: Some(now.plus_s(300)),
            sent_at: None,
            answered_at: None,
            answered_by: None,
            ended_at: None,
        };
        bed.write(move |tx| {
            let (call, storm) = (call.clone(), storm.clone());
            Box::pin(async move {
                callouts::add(tx, &call).await?;
                nets::call(tx, &storm, "call/1", None).await
            })
        })
        .await;
        for (n, mail) in mails.into_iter().enumerate() {
            let net = bed.net_of(mail).await.id;
            bed.write(move |tx| Box::pin(async move { crate::net::arrive::over(tx, &net, now).await })).await;
            let call = bed.write(|tx| Box::pin(callouts::get(tx, "call/1/1/sato"))).await.unwrap();
            assert_eq!(call.ended_at.is_some(), n == 2, "after {} of three", n + 1);
        }
    });
}

#[test]
fn in_observe_the_cause_is_looked_for_and_nobody_is_told() {
    let mut observing = storming();
    observing.net.mode = Mode::Observe;
    on_a_bed_with(observing, async |bed: &Bed| {
        bed.lack(&["web01"]).await;
        let net = bed.net_of(bed.lack(&["web02"]).await[0]).await;
        assert_eq!(net.registration, Registration::None);
        let decided = bed.decided().await;
        assert_eq!(texts(&decided, "find_cause").len(), 2, "{decided:?}");
        assert!(texts(&decided, "page").is_empty());
        bed.explained(net.id).await;
        assert!(bed.decided().await.is_empty());
    });
}
