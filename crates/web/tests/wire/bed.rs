//! A server without a socket: its store in a folder of its own, people of every role, incidents of two customers.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header, request::Builder};
use http_body_util::BodyExt;
use jiff::tz::TimeZone;
use model::action::{Action, Effect, Outcome, Precondition, Queue};
use model::customer::Customer;
use model::incident::{
    Actor, ActorKind, Alert, Change, Fact, FactBody, IncidentData, Note, Ref, Source, Status, Urgency, fold,
};
use model::mail::{Door, Ledger};
use model::person::Role;
use model::signal::{Key, Origin, Signal, digest};
use model::{Micros, Scope};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use store::inbox::Reading;
use store::jobs::{Claim, Terms};
use store::{Clock, Options, Place, Store, accounts, actions, audit, facts, inbox, incidents, jobs, sessions, tokens};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use web::{HostsOf, HostsShown, Language, Settings, Web, auth};

pub const PASSWORD: &str = "a lantern in the long rain";
static HASH: LazyLock<String> = LazyLock::new(|| auth::hash_password(PASSWORD).unwrap());

pub struct Bed {
    pub store: Store,
    pub clock: Clock,
    pub show: Arc<Notify>,
    pub stop: CancellationToken,
    /// Makes `/metrics` panic.
    pub breaks: Arc<AtomicBool>,
    router: Router,
    pub evidence: evidence::Settings,
    _folder: tempfile::TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
    }

    /// The session's secret that this answer sets.
    pub fn session(&self) -> String {
        let set = self.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap());
        let mut values = set.filter_map(|v| v.strip_prefix("arayashiki_session="));
        values.next().expect("a session is set").split(';').next().unwrap().to_owned()
    }
}

pub async fn bed() -> Bed {
    with(|settings| settings).await
}

pub async fn with(change: impl FnOnce(Settings) -> Settings) -> Bed {
    hosted(change, HostsShown::default()).await
}

/// With an inventory and runbooks; what steps said whole is looked for below the bed's folder.
pub async fn hosted(change: impl FnOnce(Settings) -> Settings, shown: HostsShown) -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let (clock, place) = (Clock::default(), Place::Sqlite(folder.path().join("store.db")));
    let evidence = evidence::Settings::new(format!("file:{}/e", folder.path().display()), folder.path().join("key"));
    let store = Store::open(Options { place, readers: 2, clock: clock.clone() }).unwrap();
    store.probe().await.unwrap();
    let customer = |id: &str, name: &str| Customer { id: id.into(), name: name.into(), ..Customer::default() };
    let settings = Settings {
        public_url: "https://ops.example.jp".into(),
        language: Language::Ja,
        zone: TimeZone::get("Asia/Tokyo").unwrap(),
        customers: vec![customer("aoba", "青葉商事"), customer("minato", "みなと病院")],
        secure_cookies: true,
        version: "0.0.0",
        can_read: true,
        key_mark: String::new(),
        mirrors_pagerduty: true,
        is_demo: false,
        has_webhook_secret: true,
        has_routing_key: true,
        link_notes: false,
        poll_s: 60,
        seat_price: None,
        safety_net: Arc::default(),
        slack: web::Slack::default(),
        people: Arc::default(),
        bridges: Arc::default(),
    };
    let (show, stop, breaks) = (Arc::new(Notify::new()), CancellationToken::new(), Arc::new(AtomicBool::new(false)));
    let broken = breaks.clone();
    let web = Web {
        store: store.clone(),
        settings: Arc::new(change(settings)),
        show: show.clone(),
        read: Arc::default(),
        act: Arc::default(),
        stop: stop.clone(),
        metrics: Arc::new(move || {
            assert!(!broken.load(Relaxed), "told to break");
            "arayashiki_of_the_process 1\n".to_owned()
        }),
        hosts: HostsOf::fixed(shown),
        evidence: Some(evidence.clone()),
    };
    Bed { store, clock, show, stop, breaks, router: web::routes(web), evidence, _folder: folder }
}

impl Bed {
    pub async fn raw(&self, mut request: Request<Body>) -> axum::response::Response {
        let peer: SocketAddr = "192.0.2.10:5000".parse().unwrap();
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(&self, request: Builder, body: impl Into<Body>) -> Answer {
        let response = self.raw(request.body(body.into()).unwrap()).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub async fn get(&self, path: &str, who: &str) -> Answer {
        self.send(as_who(Request::get(path), who), Body::empty()).await
    }

    /// A form of our own pages.
    pub async fn post(&self, path: &str, who: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header("origin", "https://ops.example.jp");
        self.send(as_who(request, who), form.to_owned()).await
    }

    /// An account with this role and scope; gives a cookie of a session of its own.
    pub async fn person(&self, name: &str, role: Role, scope: Scope) -> String {
        let account = accounts::Account {
            id: format!("id-{name}"),
            email: format!("{name}@example.jp"),
            name: name.to_owned(),
            role,
            scope,
            password: Some(HASH.clone()),
            language: None,
            time_zone: None,
            created_at: self.clock.now(),
            disabled_at: None,
        };
        self.store.write("test", move |tx| Box::pin(async move { accounts::add(tx, &account).await })).await.unwrap();
        self.session(name).await
    }

    pub async fn session(&self, name: &str) -> String {
        let (secret, digest) = auth::new_secret();
        let now = self.clock.now();
        let session = sessions::Session {
            id: auth::new_id(),
            account: format!("id-{name}"),
            created_at: now,
            seen_at: now,
            expires_at: now.plus_s(86_400 * 90),
            address: "192.0.2.10".into(),
            agent: "test".into(),
        };
        self.store
            .write("test", move |tx| Box::pin(async move { sessions::add(tx, digest, &session).await }))
            .await
            .unwrap();
        format!("cookie:arayashiki_session={secret}")
    }

    pub async fn token(&self, name: &str, role: Role, scope: Scope) -> String {
        let (secret, digest) = auth::new_token();
        let token = tokens::Token {
            id: format!("id-{name}"),
            name: name.to_owned(),
            role,
            scope,
            created_by: "system".into(),
            created_at: self.clock.now(),
            used_at: None,
            revoked_at: None,
        };
        self.store
            .write("test", move |tx| Box::pin(async move { tokens::add(tx, digest, &token).await }))
            .await
            .unwrap();
        format!("bearer:{secret}")
    }

    /// An incident of a customer with a note and an alert; triggered unless told otherwise.
    pub async fn incident(&self, id: &str, number: i64, title: &str, customer: Option<&str>, status: Status) {
        let at = self.clock.now().plus_s(-600 + number);
        let told = facts_of(id, number, title, customer, status, at);
        let customer = customer.map(str::to_owned);
        self.store
            .write("test", move |tx| {
                Box::pin(async move {
                    for fact in &told {
                        facts::add(tx, fact, Origin::Live, None).await?;
                    }
                    let incident = fold(&told).expect("it is told what it is");
                    incidents::save(tx, &incident, customer.as_deref(), told.len(), Some(at)).await
                })
            })
            .await
            .unwrap();
    }

    /// A signal that was read; gives its id.
    pub async fn signal(&self, raw: &[u8], subject: &str, customer: Option<&str>) -> i64 {
        let signal = Signal {
            source: model::signal::source::PAGERDUTY_WEBHOOK,
            key: Key::of("test", &[raw, subject.as_bytes()]),
            digest: digest(raw),
            received_at: self.clock.now(),
            origin: Origin::Live,
            raw: raw.to_vec(),
            headers: r#"{"user-agent":"PagerDuty-Webhook/V3.0","x-webhook-id":null}"#.into(),
        };
        self.store.accept(signal).await.unwrap();
        let reading = Reading {
            subject: Some(subject.to_owned()),
            event_type: Some("incident.triggered".into()),
            customer: customer.map(str::to_owned),
            ..Reading::default()
        };
        self.store
            .write("test", move |tx| {
                Box::pin(async move {
                    let new = inbox::waiting(tx, 1, 0, 1).await?.remove(0);
                    inbox::mark_read(tx, new.id, &reading).await?;
                    Ok(new.id)
                })
            })
            .await
            .unwrap()
    }

    /// A mail of a problem that was read and lacks an incident, with its alert; gives its id.
    pub async fn mail(&self, subject: &str, customer: Option<&str>) -> i64 {
        self.mail_as(subject, customer, Ledger::Missing).await
    }

    pub async fn mail_as(&self, subject: &str, customer: Option<&str>, ledger: Ledger) -> i64 {
        let raw = format!("From: zabbix@example.jp\r\nSubject: {subject}\r\n\r\nbody of {subject}\r\n").into_bytes();
        let now = self.clock.now();
        let signal = Signal {
            source: Door::Smtp.source(),
            key: Key::of("test-mail", &[&raw]),
            digest: digest(&raw),
            received_at: now,
            origin: Origin::Live,
            raw,
            headers: "{}".into(),
        };
        self.store.accept(signal).await.unwrap();
        let (net, new) = mail_rows(subject, customer, ledger, now);
        self.store
            .write("test", move |tx| {
                Box::pin(async move {
                    let id = inbox::waiting(tx, 1, 0, 1).await?.remove(0).id;
                    inbox::mark_read(tx, id, &Reading::default()).await?;
                    store::nets::save(tx, &net).await?;
                    store::mails::add(tx, &store::mails::New { id, ..new }).await?;
                    store::ledger::note_hour(tx, "zabbix", now, 1, 0).await?;
                    Ok(id)
                })
            })
            .await
            .unwrap()
    }

    /// A call of the second path; its link's token is `token`.
    pub async fn callout(&self, id: &str, token: &str, customer: Option<&str>) {
        let message = model::message::Message::new(format!("alert of {id}")).line("PagerDuty does not do its work");
        let link = digest(token.as_bytes());
        let call = store::callouts::Callout {
            id: id.into(),
            subject: "call/1".into(),
            generation: 1,
            level: 1,
            person: "sato".into(),
            text: serde_json::to_string(&message).unwrap(),
            customer: customer.map(str::to_owned),
            asked_at: self.clock.now(),
            due: None,
            sent_at: None,
            answered_at: None,
            answered_by: None,
            ended_at: None,
        };
        self.store
            .write("test", move |tx| {
                Box::pin(async move {
                    store::callouts::add(tx, &call).await?;
                    store::callouts::link(tx, &call.id, link).await
                })
            })
            .await
            .unwrap();
    }

    /// A job that is dead; gives its id.
    pub async fn dead_job(&self, incident: &str, customer: Option<&str>) -> i64 {
        let action = Action {
            key: format!("test/{incident}"),
            duty: "test".into(),
            subject: incident.into(),
            lane: incident.into(),
            effect: Effect::ReadIncident { incident: incident.into() },
            not_before: None,
            not_after: None,
            precondition: Precondition::None,
            why: "a test wants it".into(),
            customer: customer.map(str::to_owned),
            queue: Queue::Read,
        };
        self.store
            .write("test", move |tx| {
                Box::pin(async move {
                    actions::add(tx, &action, actions::Doing::Really).await?;
                    let terms = Terms { lease_ms: 1_000, settle_ms: 0 };
                    let Claim::Job(job) = jobs::claim(tx, Queue::Read, "w", terms).await? else { panic!("no job") };
                    let why = format!("secret cause of {}", job.action.subject);
                    jobs::finish(tx, &job, &Outcome::Never { why }).await?;
                    Ok(job.id)
                })
            })
            .await
            .unwrap()
    }

    pub async fn audit(&self) -> Vec<store::audit::Entry> {
        self.store
            .read(|tx| Box::pin(async move { audit::list(tx, &Scope::All, &audit::Filter::default(), 100).await }))
            .await
            .unwrap()
    }
}

fn mail_rows(
    subject: &str,
    customer: Option<&str>,
    ledger: Ledger,
    now: Micros,
) -> (store::nets::Net, store::mails::New) {
    let id = format!("net-{subject}");
    let owner = customer.unwrap_or("nobody");
    let net = store::nets::Net {
        id: id.clone(),
        monitor: "zabbix".into(),
        host: Some(format!("host-{owner}")),
        check: None,
        title: subject.into(),
        customer: customer.map(str::to_owned),
        generation: 1,
        open_since: Some(now),
        ended_at: None,
        mails: 1,
        last_mail: Some(now),
        incident: None,
        missing_since: (ledger == Ledger::Missing).then_some(now),
        registration: store::nets::Registration::None,
        dedup_key: None,
        asked_at: None,
        tries: 0,
        seen_at: None,
        ours: None,
        storm: None,
        called: None,
        cause: None,
        changed_at: now,
    };
    let reading = serde_json::json!({
        "reading": { "reader": "zabbix", "rule": "r", "host": null, "check": null, "state": "problem", "severity": null,
            "at": null, "key": subject, "names": ["17"], "title": subject, "details": [["Item", "0"]] },
        "text": format!("text of {subject}"), "sent_at": null, "from_name": "", "to": [], "trust_why": "no rule",
        "notes": [], "envelope": { "door": "smtp", "from": null, "recipients": [], "peer": null, "helo": null, "tls": false },
        "is_configured": false,
    });
    let new = store::mails::New {
        id: 0,
        received_at: now,
        door: Door::Smtp.source().into(),
        message_id: None,
        sender: "zabbix@example.jp".into(),
        subject: subject.into(),
        monitor: "zabbix".into(),
        host: Some(format!("host-{owner}")),
        check: Some("disk".into()),
        state: model::mail::State::Problem,
        severity: Some("critical".into()),
        key: subject.into(),
        occurred_at: None,
        customer: customer.map(str::to_owned),
        service: Some("PSHOP01".into()),
        trust: model::mail::Trust::Untrusted,
        net: Some(id),
        ledger,
        reason: model::mail::Reason::Nothing,
        due: None,
        reading: reading.to_string(),
    };
    (net, new)
}

/// `cookie:…`, `bearer:…` or nobody.
pub fn as_who(request: Builder, who: &str) -> Builder {
    match who.split_once(':') {
        Some(("cookie", value)) => request.header(header::COOKIE, value),
        Some(("bearer", value)) => request.header(header::AUTHORIZATION, format!("Bearer {value}")),
        _ => request,
    }
}

fn reference(id: &str, name: &str) -> Ref {
    Ref { id: id.into(), name: name.into(), url: None }
}

fn facts_of(id: &str, number: i64, title: &str, customer: Option<&str>, status: Status, at: Micros) -> Vec<Fact> {
    let own = customer.unwrap_or("nobody");
    let data = IncidentData {
        id: id.into(),
        number: Some(number),
        title: title.into(),
        status,
        urgency: if number % 2 == 0 { Urgency::High } else { Urgency::Low },
        html_url: Some(format!("https://example.pagerduty.com/incidents/{id}")),
        incident_key: Some(format!("key-{id}")),
        incident_type: None,
        created_at: Some(at),
        updated_at: Some(at.plus_s(2)),
        resolved_at: (status == Status::Resolved).then(|| at.plus_s(2)),
        service: Some(reference(&format!("S-{own}"), &format!("service of {own}"))),
        teams: vec![reference(&format!("T-{own}"), &format!("team of {own}"))],
        assignees: vec![reference(&format!("U-{own}"), &format!("person of {own}"))],
        escalation_policy: None,
        priority: None,
        acknowledgements: Some(Vec::new()),
        resolve_reason: None,
        alert_counts: Some((1, 1, 0)),
        conference_bridge: None,
    };
    let actor = Some(Actor { kind: ActorKind::User, who: reference("U1", "佐藤 花子") });
    let fact = |source, source_id: String, body| Fact {
        incident: id.into(),
        source,
        source_id,
        at,
        actor: actor.clone(),
        body,
    };
    let triggered = Change::Triggered { channel: Some("api".into()), summary: Some(format!("it broke: {title}")) };
    let note = Note { id: format!("N-{id}"), content: format!("note on {title}"), trimmed: false };
    let alert = Alert {
        id: format!("A-{id}"),
        key: None,
        title: format!("alert of {title}"),
        status: "triggered".into(),
        severity: Some("critical".into()),
        suppressed: false,
        created_at: Some(at),
        html_url: None,
        integration: None,
        body: serde_json::json!({ "host": "db-01", "<script>": "</script><img src=x onerror=alert(1)>" }),
        links: vec![("link".into(), "javascript:alert(1)".into(), None)],
    };
    vec![
        fact(
            Source::Webhook,
            format!("01-{id}"),
            FactBody::Changed { what: triggered, incident: Some(Box::new(data.clone())) },
        ),
        fact(
            Source::Snapshot,
            format!("s-{id}"),
            FactBody::Snapshot { incident: Box::new(data), taken_at: at.plus_s(3) },
        ),
        fact(Source::Note, format!("N-{id}"), FactBody::Note(note)),
        fact(Source::Alert, format!("A-{id}"), FactBody::Alert(Box::new(alert))),
    ]
}
