//! The connectors meet the simulations that were written without knowing them: the same vendor's page, read twice.

use connectors::pager::{Encryption, Mail, Mailer, MailerSetup, Page, Person, Sms, SmsSetup, Webhook, WebhookSetup};
use connectors::pagerduty::{AuditOf, Client, Setup, Shown};
use connectors::ses::{Content, Receipt, S3, S3Settings};
use connectors::sigv4::Credentials;
use connectors::slack::{Incoming, Message};
use connectors::sns::{Said, Sns, Trust};
use connectors::{Call, Class, Secret, http};
use model::Micros;
use model::mail::{Door, Envelope};
use sandbox::monitors::{Alert, Charset, Language, Style};
use sandbox::{aws, monitors, pagerduty, phone, slack};
use serde_json::{Value, json};
use std::time::SystemTime;

#[expect(clippy::disallowed_methods, reason = "both sides sign by the clock on the wall")]
fn call() -> Call {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Call::new(Class::Live, Micros::from_seconds(i64::try_from(now.as_secs()).unwrap()))
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(future)
}

async fn post(url: String, body: impl Into<reqwest::Body>) -> Value {
    reqwest::Client::builder().build().unwrap().post(url).body(body).send().await.unwrap().json().await.unwrap()
}

fn credentials(info: &aws::Info) -> Credentials {
    let secret_key = Secret::new(info.secret_key.clone());
    Credentials { access_key: info.access_key.clone(), secret_key, session_token: None }
}

fn sns(info: &aws::Info) -> Sns {
    Sns::new(connectors::sns::Settings {
        topics: vec![info.topic_arn.clone()],
        endpoint: Some(info.url.clone()),
        trust: Trust::Only(info.cert_pem.clone().into_bytes()),
        http: http::Settings::default(),
    })
    .unwrap()
}

#[test]
fn sns_is_believed_in_both_versions_and_not_when_tampered_with() {
    run(async {
        let aws = aws::start(aws::Options::default()).await.unwrap();
        let own = sns(aws.info());
        let control = |what: &str| format!("{}/{what}", aws.info().control_url);
        for version in ["1", "2"] {
            let told = post(
                control("notify"),
                json!({ "send": false, "message": "障害", "subject": "x", "version": version }).to_string(),
            )
            .await;
            let said = own.understand(&call(), false, told["body"].to_string().as_bytes()).await;
            assert!(
                matches!(&said, Ok(Said::Notification { message, .. }) if message == "障害"),
                "{version}: {said:?}"
            );
        }
        for tamper in ["signature", "message", "topic", "missing"] {
            let told =
                post(control("notify"), json!({ "send": false, "message": "x", "tamper": tamper }).to_string()).await;
            assert!(own.understand(&call(), false, told["body"].to_string().as_bytes()).await.is_err(), "{tamper}");
        }
        let told =
            post(control("subscribe"), json!({ "endpoint": "http://192.0.2.1/", "send": false }).to_string()).await;
        let said = own.understand(&call(), false, told["body"].to_string().as_bytes()).await;
        let Ok(Said::Confirm(confirmation)) = said else { panic!("{said:?}") };
        own.confirm(&call(), &confirmation).await.unwrap();
        let shown: Value = reqwest::get(control("effects")).await.unwrap().json().await.unwrap();
        assert!(shown["effects"].as_array().unwrap().iter().any(|e| e["kind"] == "sns.confirmed"), "{shown}");
    });
}

#[test]
fn a_received_mail_is_read_inline_and_out_of_the_bucket() {
    run(async {
        let aws = aws::start(aws::Options::default()).await.unwrap();
        let info = aws.info();
        let raw = "From: zabbix@example.jp\r\nTo: ops@example.jp\r\nSubject: x\r\n\r\n本文\r\n";
        for how in ["utf8", "base64", "s3"] {
            let told = post(format!("{}/mail?how={how}&send=false", info.control_url), raw).await;
            let said = sns(info).understand(&call(), false, told["body"].to_string().as_bytes()).await;
            let Ok(Said::Notification { message, .. }) = said else { panic!("{how}: {said:?}") };
            let receipt = connectors::ses::read(&message);
            let Ok(Receipt::Mail(mail)) = receipt else { panic!("{how}: {receipt:?}") };
            match mail.content {
                Content::Inline(bytes) => assert_eq!(bytes, raw.as_bytes(), "{how}"),
                Content::Stored { bucket, key } => {
                    let mut settings = S3Settings::new(&info.region, credentials(info));
                    settings.endpoint = Some(info.url.clone());
                    let bytes = S3::new(&settings).unwrap().get(&call(), &bucket, &key).await.unwrap();
                    assert!(bytes.ends_with(raw.as_bytes()), "{how}");
                }
            }
        }
    });
}

#[test]
fn the_second_path_arrives_at_its_three_ends() {
    run(async {
        let (aws, phone) = (
            aws::start(aws::Options::default()).await.unwrap(),
            phone::start(phone::Options::default()).await.unwrap(),
        );
        let setup = SmsSetup {
            region: aws.info().region.clone(),
            credentials: credentials(aws.info()),
            url: Some(aws.info().url.clone()),
            sender_id: None,
            parts: 1,
            http: http::Settings::default(),
        };
        let link = "https://ops.example.jp/a/1";
        Sms::new(&setup).unwrap().send(&call(), "+819012345678", "障害 web01", Some(link)).await.unwrap();
        assert_eq!(
            (&aws.messages()[0]["phone"], &aws.messages()[0]["links"][0]),
            (&json!("+819012345678"), &json!(link))
        );

        let address = Secret::new(phone.info().webhook_url.clone());
        let setup = WebhookSetup {
            address,
            bearer: Some(Secret::new("key")),
            signing_secret: None,
            http: http::Settings::default(),
        };
        let to = Person { name: "Sato Hanako".into(), email: None, phone: None };
        let page = Page {
            id: "p1".into(),
            title: "disk".into(),
            text: "web01".into(),
            severity: "critical".into(),
            to,
            level: 1,
            url: None,
            acknowledge_url: Some(link.into()),
            may_be_a_repeat: false,
        };
        Webhook::new(&setup).unwrap().page(&call(), &page).await.unwrap();
        let rang = &phone.calls()[0];
        assert_eq!(
            (&rang["body"]["to"]["name"], &rang["links"][0], &rang["headers"]["authorization"]),
            (&json!("Sato Hanako"), &json!(link), &json!("Bearer key"))
        );

        let (host, port) = phone.info().mail.rsplit_once(':').unwrap();
        let setup = MailerSetup {
            host: host.into(),
            port: Some(port.parse().unwrap()),
            encryption: Encryption::None,
            user: None,
            password: None,
            from: "net@example.jp".into(),
            trusted_pem: None,
            timeout_ms: 5_000,
        };
        let mail = Mail {
            to: "sato@example.jp".into(),
            subject: "障害 web01".into(),
            text: format!("応答してください: {link}\n"),
            message_id: "p1@ops.example.jp".into(),
            purpose: "page".into(),
            headers: Vec::new(),
        };
        Mailer::new(&setup).unwrap().send(&call(), &mail).await.unwrap();
        let seen = &phone.mails()[0];
        assert_eq!(
            (&seen["subject"], &seen["links"][0], &seen["headers"]["x-arayashiki"]),
            (&json!("障害 web01"), &json!(link), &json!("page"))
        );
    });
}

#[test]
fn a_post_goes_through_an_incoming_webhook() {
    run(async {
        let slack = slack::start(slack::Options::default()).await.unwrap();
        let address = Secret::new(slack.info().webhook_url.clone());
        let own = Incoming::new(&address, http::Settings::default()).unwrap();
        own.post(&call(), &Message::text("見逃し: web01 <disk>")).await.unwrap();
        assert_eq!(slack.messages().len(), 1);
    });
}

/// A key that may do everything, on an account in which much is mis-set.
#[test]
fn the_cause_finder_sees_what_was_mis_set_and_by_whom() {
    run(async {
        let account = pagerduty::start(pagerduty::Options::default()).await.unwrap();
        let info = account.info();
        let own = Client::new(&Setup::new(&info.url, Secret::new(info.token.clone()))).unwrap();
        let name = "Hoshino Foods / EC site";
        let set = |what: &str, mut body: Value| {
            body["service"] = json!(name);
            account.control(what, &body).unwrap()
        };
        let rule = json!([{ "id": "start", "rules": [{ "label": "noise", "conditions": [{ "expression": "event.summary matches part 'disk'" }], "actions": { "drop_event": true } }] }]);
        let id = set("service", json!({ "status": "disabled", "by": "Sato Hanako" }))["service"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        set("maintenance", json!({ "seconds": 600 }));
        set("grouping", json!({ "type": "time", "config": { "timeout": 600 } }));
        set("orchestration", json!({ "sets": rule }));
        let filter = json!({ "subject_mode": "match", "subject_regex": "^Problem", "body_mode": "always", "from_email_mode": "always" });
        set(
            "integration",
            json!({ "act": "change", "rules": { "email_filter_mode": "or-rules-email", "email_filters": [filter] } }),
        );

        let shown = own.service(&call(), &id).await.unwrap();
        assert!(!shown.status.takes_events());
        let mail = shown.integrations.iter().find(|i| i.is_mail()).unwrap();
        assert!(mail.takes_mail_for("hoshino-ec@example.pagerduty.com"));
        let whole = own.integration(&call(), &id, &mail.integration.id).await.unwrap().unwrap();
        assert_eq!(whole.mail.unwrap().filters.len(), 1);
        assert_eq!(own.maintenance_windows(&call(), &id, true).await.unwrap().len(), 1);
        assert_eq!(own.alert_grouping(&call(), &id).await.unwrap().ok().unwrap()[0].kind, "time");
        let orchestration = own.service_orchestration(&call(), &id).await.unwrap().ok().unwrap();
        assert!(orchestration.is_active && orchestration.path.unwrap().sets[0].rules[0].actions.drops);

        // The end of the span is no part of it, and whole seconds are asked for.
        let soon = Call::new(Class::Live, call().now.plus_s(2));
        let day_ago = soon.now.plus_s(-86_400);
        let changes = own.audit(&soon, AuditOf::Service(&id), day_ago, 100).await.unwrap().ok().unwrap();
        let off = changes.iter().find(|c| c.fields.iter().any(|f| f.name == "status")).unwrap();
        assert_eq!(off.by[0].name, "Sato Hanako");
        account.control("audit", &json!({ "forbidden": true })).unwrap();
        assert!(matches!(own.audit(&soon, AuditOf::Service(&id), day_ago, 100).await, Ok(Shown::NotAllowed { .. })));
    });
}

fn envelope() -> Envelope {
    Envelope {
        door: Door::Smtp,
        from: Some("monitor@example.jp".into()),
        recipients: vec!["ops@example.jp".into()],
        peer: None,
        helo: None,
        tls: false,
        checked: None,
        place: None,
    }
}

/// Every monitor of the simulation in every language and charset: its reader, its host, its state, and one key for a problem and
/// its end.
#[test]
fn the_readers_understand_the_simulated_monitors() {
    let mut wrong = Vec::new();
    for kind in monitors::Kind::ALL {
        let mut seen = std::collections::BTreeSet::new();
        for (language, charset) in [
            (Language::En, Charset::Utf8),
            (Language::Ja, Charset::Utf8),
            (Language::Ja, Charset::Iso2022Jp),
            (Language::Ja, Charset::ShiftJis),
        ] {
            for state in [monitors::State::Problem, monitors::State::Recovery] {
                if state == monitors::State::Recovery && !kind.tells_recovery() {
                    continue;
                }
                let style = Style { language, charset, ..Style::default() };
                let alert = Alert { kind, state, check: "HTTP".into(), ..Alert::default() };
                let raw = monitors::mail(&alert, style, ("monitor@example.jp", "ops@example.jp"), "1@example.jp");
                let read = duties::mail::read(&duties::mail::Desk::default(), &envelope(), &raw, None, call().now);
                let is_problem = read.reading.state == model::mail::State::Problem;
                // Some monitors know names of their own and no hosts.
                let words = [&read.reading.host, &read.reading.check, &Some(read.reading.title.clone())];
                let host: Vec<&str> = words.into_iter().filter_map(|w| w.as_deref()).collect();
                let claims = duties::mail::claimants(&raw);
                if claims.len() != 1
                    || !host.iter().any(|words| words.contains("web01"))
                    || is_problem != (state == monitors::State::Problem)
                {
                    wrong.push(format!(
                        "{kind:?} {language:?} {charset:?} {state:?}: {claims:?} {:?} on {host:?}",
                        read.reading.state
                    ));
                }
                seen.insert(read.reading.key);
            }
        }
        if seen.len() != 1 {
            wrong.push(format!("{kind:?} has the keys {seen:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
