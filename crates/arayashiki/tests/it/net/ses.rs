//! Amazon's way: SES receives, SNS delivers. Only topics that are ours are confirmed, only signatures that hold are believed;
//! a mail comes inline or lies in a bucket, and an alarm without a mail is read like one.

use super::letters::{address, letter, monitor, problem};
use super::others::Other;
use super::scene::{Plan, Scene, shown};
use super::sender::Letter;
use crate::world::{Arms, Database};
use model::mail::Ledger;
use sandbox::monitors::{Kind, Style};
use serde_json::{Value, json};

struct Amazon {
    aws: Other,
    scene: Scene,
    endpoint: String,
}

impl Amazon {
    fn start() -> Self {
        let mut aws = None;
        let mut scene = Scene::made(Database::Sqlite, |_, folder| {
            let own = Other::start(folder, "aws", &["--retry-ms", "200"]);
            let ses = format!(
                "\n[mail.ses]\ntopics = [\"{}\"]\naccess_key_id = \"{}\"\nsecret_access_key = \"{}\"\ns3_url = \"{url}\"\nsns_url = \"{url}\"\n",
                own.text("topic_arn"),
                own.text("access_key"),
                own.text("secret_key"),
                url = own.text("url"),
            );
            aws = Some(own);
            Plan::mode("observe").with(&ses).with(&monitor("zbx", "zabbix", ""))
        });
        scene.world.site.start(&Arms::default());
        scene.world.settle_at_first();
        let endpoint = format!("http://{}/webhooks/sns", scene.world.site.address);
        Self { aws: aws.unwrap(), scene, endpoint }
    }

    /// What the endpoint answered to each try.
    fn told(&self, what: &str, mut body: Value) -> Vec<i64> {
        body["endpoint"] = json!(self.endpoint);
        statuses(&self.aws.control(what, &body))
    }

    fn mail(&self, letter: &Letter, options: &str) -> Vec<i64> {
        let path = format!("mail?endpoint={}&to={}&from={}&{options}", self.endpoint, letter.to, letter.from);
        statuses(&self.aws.raw(&path, &letter.raw))
    }
}

fn statuses(told: &Value) -> Vec<i64> {
    told["attempts"].as_array().unwrap_or_else(|| panic!("{told}")).iter().filter_map(Value::as_i64).collect()
}

#[test]
fn only_our_topics_are_confirmed() {
    let amazon = Amazon::start();
    let other = "arn:aws:sns:ap-northeast-1:444455556666:somebody-elses";
    let told = amazon.told("subscribe", json!({ "topic": other }));
    assert_eq!(told, [403]);
    assert_eq!(amazon.aws.get("subscriptions")["confirmed"], json!({}), "nobody's topic was confirmed");
    assert_eq!(amazon.told("subscribe", json!({ "tamper": "signature" })), [401]);
    assert_eq!(amazon.aws.get("subscriptions")["confirmed"], json!({}), "an unsigned asking was believed");
    assert_eq!(amazon.told("subscribe", json!({})), [200]);
    let confirmed = amazon.aws.get("subscriptions")["confirmed"].clone();
    assert!(confirmed[&amazon.endpoint].is_string(), "{confirmed}");
}

#[test]
fn mails_come_inline_and_from_a_bucket_once_each() {
    let amazon = Amazon::start();
    let hosts = ["utf01", "base01", "bucket01", "twice01"];
    let mail = |host: &str| letter(&problem(host, "disk /var"), Style::default(), "zbx");
    let options = ["how=utf8&version=1", "how=base64&version=2", "how=s3", "how=utf8&copies=2"];
    for (host, options) in hosts.iter().zip(options) {
        let told = amazon.mail(&mail(host), options);
        assert!(!told.is_empty() && told.iter().all(|status| *status == 200), "{host}: {told:?}");
    }
    for tamper in ["signature", "message", "missing"] {
        let told = amazon.mail(&mail("forged01"), &format!("how=utf8&tamper={tamper}"));
        assert!(told == [401] || told == [400], "{tamper}: {told:?}");
    }
    assert_eq!(amazon.mail(&mail("elses01"), "how=utf8&tamper=topic").first().map(|status| status / 100), Some(4));
    let mails = amazon.scene.judged(hosts.len());
    for host in hosts {
        assert_eq!(
            mails.iter().filter(|mail| mail.host.as_deref() == Some(host)).count(),
            1,
            "{host}: {}",
            shown(&mails)
        );
    }
    assert!(mails.iter().all(|mail| mail.door == "mail-ses" && mail.ledger == Ledger::Missing), "{}", shown(&mails));
    amazon.scene.balances(hosts.len());
    assert_eq!(mails[0].trust, model::mail::Trust::Trusted, "its address is secret: {}", address("zbx"));
}

/// A lifecycle rule was faster: nobody reads that mail any more, and somebody hears of it all the same.
#[test]
fn a_mail_that_is_not_in_the_bucket_is_an_alert_of_unknown_kind_that_names_its_place() {
    let amazon = Amazon::start();
    let gone = letter(&problem("gone01", "disk /var"), Style::default(), "zbx");
    assert_eq!(amazon.mail(&gone, "how=gone"), [200]);
    let mails = amazon.scene.judged(1);
    let mail = &mails[0];
    assert_eq!((mail.ledger, mail.monitor.as_str()), (Ledger::Unreadable, "zbx"), "{}", shown(&mails));
    assert!(mail.subject.contains("s3://alert-mail-example/mail/"), "{}", shown(&mails));
    let balance = amazon.scene.books.balance();
    assert_eq!((balance.received, balance.waiting, balance.difference()), (1, 0, 0), "{balance:?}");
}

/// CloudWatch tells a topic without any mail.
#[test]
fn an_alarm_without_a_mail_is_an_alert_as_well() {
    let amazon = Amazon::start();
    let alarm = json!({
        "AlarmName": "web01-CPU", "AlarmDescription": "CPU of web01", "AWSAccountId": "111122223333", "NewStateValue": "ALARM",
        "OldStateValue": "OK", "NewStateReason": "Threshold Crossed", "StateChangeTime": "2026-05-01T00:00:00.000+0000",
        "Region": "Asia Pacific (Tokyo)", "AlarmArn": "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:web01-CPU",
        "Trigger": { "MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Dimensions": [{ "name": "InstanceId", "value": "web01" }] },
    });
    let body = json!({ "message": alarm, "subject": "ALARM: \"web01-CPU\" in Asia Pacific (Tokyo)" });
    assert_eq!(amazon.told("notify", body), [200]);
    let mails = amazon.scene.judged(1);
    assert_eq!((mails[0].monitor.as_str(), mails[0].state.as_str()), ("cloudwatch", "problem"), "{}", shown(&mails));
    amazon.scene.balances(1);
    // The same alarm by mail is the same alert.
    let by_mail = super::letters::of_kind(Kind::Cloudwatch, "web01", "CPU");
    assert_eq!(amazon.mail(&letter(&by_mail, Style::default(), "cw"), "how=utf8"), [200]);
    let mails = amazon.scene.judged(2);
    assert_eq!(mails[0].key, mails[1].key, "{}", shown(&mails));
}
