//! Monitors that send: for one alert an event or a mail to PagerDuty, and a mail to whoever catches them. They write in the words of
//! real monitors, in English and Japanese, and keep their own count of what was taken.

mod compose;
mod formats;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::StartError;
use crate::smtp::client::{self, Envelope};

/// Whose words a mail has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    #[default]
    Zabbix,
    Nagios,
    Icinga,
    Munin,
    Cloudwatch,
    Rds,
    Alertmanager,
    Grafana,
    Mackerel,
    Datadog,
    NewRelic,
    UptimeRobot,
    Monit,
    Cron,
    Smartd,
}

impl Kind {
    pub const ALL: [Self; 15] = [
        Self::Zabbix,
        Self::Nagios,
        Self::Icinga,
        Self::Munin,
        Self::Cloudwatch,
        Self::Rds,
        Self::Alertmanager,
        Self::Grafana,
        Self::Mackerel,
        Self::Datadog,
        Self::NewRelic,
        Self::UptimeRobot,
        Self::Monit,
        Self::Cron,
        Self::Smartd,
    ];

    /// Some tell of trouble and never of its end.
    pub fn tells_recovery(self) -> bool {
        !matches!(self, Self::Cron | Self::Smartd | Self::Rds)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    #[default]
    Problem,
    Recovery,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    En,
    Ja,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Charset {
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "iso-2022-jp")]
    Iso2022Jp,
    #[serde(rename = "shift_jis")]
    ShiftJis,
    #[serde(rename = "euc-jp")]
    EucJp,
}

/// How the text is written into the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transfer {
    /// As it is, in the seven or eight bits that its charset has.
    #[default]
    Plain,
    Base64,
    QuotedPrintable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parts {
    #[default]
    Text,
    Html,
    /// Both, as alternatives.
    Alternative,
}

/// How a mail is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Style {
    pub language: Language,
    pub charset: Charset,
    pub transfer: Transfer,
    pub parts: Parts,
}

/// What has happened, as the monitor sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alert {
    pub kind: Kind,
    pub host: String,
    pub check: String,
    pub state: State,
    /// critical, error, warning or info
    pub severity: String,
    pub value: String,
    /// The monitor's own number of the problem; a recovery has that of its problem. 0: one of its own for each monitor, host
    /// and check, as real monitors count.
    pub number: u64,
    /// None: when it is sent.
    pub at: Option<Timestamp>,
}

impl Default for Alert {
    fn default() -> Self {
        Self {
            kind: Kind::Zabbix,
            host: "web01".into(),
            check: "disk /var".into(),
            state: State::Problem,
            severity: "critical".into(),
            value: "93".into(),
            number: 0,
            at: None,
        }
    }
}

impl Alert {
    /// The same with its number.
    #[must_use]
    fn numbered(&self) -> Self {
        let number = if self.number == 0 { self.own_number() } else { self.number };
        Self { number, ..self.clone() }
    }

    fn own_number(&self) -> u64 {
        let digest = Sha256::digest(format!("{:?}\n{}\n{}", self.kind, self.host, self.check));
        let first = digest.iter().take(6).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        // As many digits as the numbers of a site that has been watched for years.
        1_000_000 + first % 999_000_000
    }

    /// Under which the monitor tells PagerDuty of it.
    pub fn key(&self) -> String {
        format!("{}/{}", self.host, self.check)
    }

    /// A title as people give it to events.
    pub fn title(&self, language: Language) -> String {
        match language {
            Language::En => format!("{} on {} is {}", self.check, self.host, self.severity),
            Language::Ja => format!("【障害】{} {} 異常", self.host, self.check),
        }
    }

    /// The event of Events v2 for it.
    pub fn event(&self, routing_key: &str, key: &str, language: Language) -> Value {
        let action = if self.state == State::Problem { "trigger" } else { "resolve" };
        json!({
            "routing_key": routing_key, "event_action": action, "dedup_key": key, "client": format!("{:?}", self.kind),
            "payload": {
                "summary": self.title(language), "source": self.host, "severity": self.severity, "component": self.host, "class": self.check,
                "custom_details": { "host": self.host, "check": self.check, "value": self.value, "number": self.number },
            },
        })
    }
}

/// How a monitor tells PagerDuty, if at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    Event {
        events_url: String,
        routing_key: String,
    },
    /// By its e-mail integration.
    Mail {
        smtp: String,
        address: String,
    },
    /// Mis-set: nothing goes there.
    Nowhere,
}

/// Who catches the mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Net {
    /// Host and port.
    pub smtp: String,
    pub to: String,
}

impl Sending {
    /// A well-set monitor in English, without a net and without retries.
    pub fn new(alert: Alert, route: Route) -> Self {
        Self {
            alert,
            style: Style::default(),
            from: "monitor@example.jp".into(),
            route,
            net: None,
            key: None,
            mail_first: false,
            retries: 0,
            retry_ms: 1_000,
        }
    }
}

/// One alert on its way.
#[derive(Debug, Clone)]
pub struct Sending {
    pub alert: Alert,
    pub style: Style,
    pub from: String,
    pub route: Route,
    pub net: Option<Net>,
    /// Instead of the alert's own.
    pub key: Option<String>,
    /// The mail goes first, as a cron job would have it.
    pub mail_first: bool,
    /// How often what was not taken is tried again, and after how long. A relay does that with mails, a careful agent with events.
    pub retries: u32,
    pub retry_ms: u64,
}

/// What became of it, as the sender knows.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    pub alert: Alert,
    pub key: String,
    pub message_id: String,
    pub subject: String,
    /// The net's last reply; none when no net was given.
    pub mail: Option<Told>,
    pub pagerduty: Option<Told>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    pub taken: bool,
    /// A reply's line, a status, or what went wrong.
    pub said: String,
    pub attempts: u32,
}

/// Writes the mail of an alert.
pub fn mail(alert: &Alert, style: Style, (from, to): (&str, &str), message_id: &str) -> Vec<u8> {
    let at = alert.at.unwrap_or_else(crate::clock::real_now);
    let written = formats::write(&alert.numbered(), style.language, at);
    compose::compose(&written, style, &compose::Head { from, to, message_id, at })
}

/// Sends alerts; one for all of them.
#[derive(Debug, Clone)]
pub struct Sender(reqwest::Client);

impl Sender {
    pub fn new() -> Result<Self, StartError> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        client.build().map(Self).map_err(|e| StartError::Client(e.to_string()))
    }

    /// Any mail, to one recipient; says the last reply.
    pub async fn letter(&self, smtp: &str, (from, to): (&str, &str), raw: &[u8]) -> Result<String, String> {
        client::send(smtp, Envelope { from, to }, raw).await
    }

    /// On both ways; tells what was said to it. Never fails: what goes wrong is an answer too.
    pub async fn send(&self, sending: &Sending) -> Sent {
        send(&self.0, sending).await
    }
}

pub(crate) async fn send(client: &reqwest::Client, sending: &Sending) -> Sent {
    let mut alert = sending.alert.numbered();
    let at = *alert.at.get_or_insert_with(crate::clock::real_now);
    let key = sending.key.clone().unwrap_or_else(|| alert.key());
    let message_id = message_id(&alert, at);
    let to_pagerduty = tell_pagerduty(client, sending, &alert, (&key, &message_id));
    let to_net = async {
        let net = sending.net.as_ref()?;
        let raw = mail(&alert, sending.style, (&sending.from, &net.to), &message_id);
        Some(again(sending, || by_mail(&net.smtp, &sending.from, &net.to, &raw)).await)
    };
    let (pagerduty, mail) = if sending.mail_first {
        let mail = to_net.await;
        (to_pagerduty.await, mail)
    } else {
        (to_pagerduty.await, to_net.await)
    };
    let subject = formats::write(&alert, sending.style.language, at).subject;
    Sent { alert, key, message_id, subject, mail, pagerduty }
}

fn message_id(alert: &Alert, at: Timestamp) -> String {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let state = if alert.state == State::Problem { "p" } else { "r" };
    format!(
        "{}.{}{state}.{}.{}@monitor.example.jp",
        at.as_nanosecond(),
        alert.number,
        plain(&alert.host),
        plain(&alert.check)
    )
}

async fn tell_pagerduty(
    client: &reqwest::Client,
    sending: &Sending,
    alert: &Alert,
    (key, message_id): (&str, &str),
) -> Option<Told> {
    match &sending.route {
        Route::Nowhere => None,
        Route::Event { events_url, routing_key } => {
            let event = alert.event(routing_key, key, sending.style.language).to_string();
            Some(again(sending, || by_event(client, events_url, &event)).await)
        }
        Route::Mail { smtp, address } => {
            let raw = mail(alert, sending.style, (&sending.from, address), message_id);
            Some(again(sending, || by_mail(smtp, &sending.from, address, &raw)).await)
        }
    }
}

async fn by_event(client: &reqwest::Client, url: &str, event: &str) -> Result<String, String> {
    let request = client.post(url).header("content-type", "application/json").body(event.to_owned());
    match request.send().await {
        Ok(reply) if reply.status().is_success() => Ok(reply.status().as_u16().to_string()),
        Ok(reply) => Err(reply.status().as_u16().to_string()),
        Err(error) => Err(format!("no answer: {error}")),
    }
}

async fn by_mail(smtp: &str, from: &str, to: &str, raw: &[u8]) -> Result<String, String> {
    client::send(smtp, Envelope { from, to }, raw).await
}

/// Until it is taken or refused for good, or the retries are used up.
async fn again<F, T>(sending: &Sending, mut attempt: F) -> Told
where
    F: FnMut() -> T,
    T: Future<Output = Result<String, String>>,
{
    let mut attempts = 0;
    loop {
        attempts += 1;
        let told = attempt().await;
        let is_final = matches!(&told, Err(said) if said.starts_with('5') && said.contains(' ') || said == "400");
        if told.is_ok() || is_final || attempts > sending.retries {
            let taken = told.is_ok();
            return Told { taken, said: told.unwrap_or_else(|said| said), attempts };
        }
        tokio::time::sleep(Duration::from_millis(sending.retry_ms)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::read;

    fn alert(kind: Kind, state: State) -> Alert {
        let at = "2026-05-01T00:00:00Z".parse().expect("an instant");
        Alert { kind, state, check: "HTTP".into(), number: 4711, at: Some(at), ..Alert::default() }
    }

    #[test]
    fn every_monitors_mail_names_host_and_state_whatever_its_charset() {
        for kind in Kind::ALL {
            for (language, charset) in [
                (Language::En, Charset::Utf8),
                (Language::Ja, Charset::Utf8),
                (Language::Ja, Charset::Iso2022Jp),
                (Language::Ja, Charset::ShiftJis),
                (Language::Ja, Charset::EucJp),
            ] {
                for transfer in [Transfer::Plain, Transfer::Base64, Transfer::QuotedPrintable] {
                    let style = Style { language, charset, transfer, parts: Parts::Text };
                    let own = alert(kind, State::Problem);
                    let raw = mail(&own, style, ("monitor@example.jp", "ops@example.jp"), "1@example.jp");
                    let seen = read(&raw);
                    let written = formats::write(&own, language, own.at.expect("an instant"));
                    assert_eq!(seen.subject, written.subject, "{kind:?} {charset:?}");
                    let text = |t: &str| t.replace("\r\n", "\n").trim().to_owned();
                    assert_eq!(text(&seen.text), text(&written.text()), "{kind:?} {charset:?} {transfer:?}");
                    assert!(format!("{} {}", seen.subject, seen.text).contains("web01"), "{kind:?}");
                    assert_eq!((&seen.from[0][..], &seen.to[0][..]), ("monitor@example.jp", "ops@example.jp"));
                    assert!(raw.split(|b| *b == b'\n').all(|line| line.len() <= 998));
                }
            }
        }
    }

    #[test]
    fn a_recovery_reads_otherwise_and_keeps_its_number() {
        for kind in Kind::ALL.into_iter().filter(|k| k.tells_recovery()) {
            let write = |state| formats::write(&alert(kind, state), Language::En, Timestamp::UNIX_EPOCH);
            let (problem, recovery) = (write(State::Problem), write(State::Recovery));
            assert_ne!(
                (problem.subject.as_str(), problem.text()),
                (recovery.subject.as_str(), recovery.text()),
                "{kind:?}"
            );
        }
        let problem = formats::write(&alert(Kind::Zabbix, State::Problem), Language::En, Timestamp::UNIX_EPOCH);
        assert_eq!(problem.subject, "Problem: HTTP");
        assert!(problem.text().contains("\nOriginal problem ID: 4711\n"), "{}", problem.text());
    }

    #[test]
    fn each_problem_has_a_number_of_its_own_and_its_end_has_the_same() {
        let of =
            |kind, host: &str, check: &str| Alert { kind, host: host.into(), check: check.into(), ..Alert::default() };
        let all = [
            of(Kind::Zabbix, "web01", "HTTP"),
            of(Kind::Zabbix, "web02", "HTTP"),
            of(Kind::Zabbix, "web01", "disk /var"),
            of(Kind::Mackerel, "web01", "HTTP"),
        ];
        let numbers: std::collections::BTreeSet<u64> = all.iter().map(|alert| alert.numbered().number).collect();
        assert!(numbers.len() == all.len() && !numbers.contains(&0), "{numbers:?}");
        let raw = |alert: &Alert| {
            let raw = mail(alert, Style::default(), ("a@example.jp", "b@example.jp"), "1@example.jp");
            read(&raw).text
        };
        let told = format!("Original problem ID: {}", all[0].numbered().number);
        let over = Alert { state: State::Recovery, ..all[0].clone() };
        assert!(raw(&all[0]).contains(&told) && raw(&over).contains(&told), "{}", raw(&over));
        assert_eq!(Alert { number: 7, ..Alert::default() }.numbered().number, 7);
    }

    #[test]
    fn html_and_alternatives_are_read_as_such() {
        for (parts, is_html) in [(Parts::Html, true), (Parts::Alternative, false)] {
            let style = Style { parts, language: Language::Ja, ..Style::default() };
            let raw =
                mail(&alert(Kind::Nagios, State::Problem), style, ("a@example.jp", "b@example.jp"), "1@example.jp");
            let seen = read(&raw);
            assert_eq!(seen.is_html, is_html, "{parts:?}");
            assert!(seen.text.contains("Host: web01"), "{}", seen.text);
        }
    }
}
