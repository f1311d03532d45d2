//! Mails as monitors write them, each with a Message-ID of its own, and the events that the same monitors would send. The words
//! are the simulated monitors'; the names are invented.

use super::sender::Letter;
use sandbox::monitors::{Alert, Kind, Language, State, Style, mail};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

/// The domain that the net takes mail for.
pub const DOMAIN: &str = "net.example.jp";

pub fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(100_001);
    NEXT.fetch_add(1, Ordering::SeqCst)
}

/// The secret address of a monitor.
pub fn address(monitor: &str) -> String {
    format!("{monitor}-7f3a91c2@{DOMAIN}")
}

/// A problem of a Zabbix, with a number of its own.
pub fn problem(host: &str, check: &str) -> Alert {
    Alert { host: host.into(), check: check.into(), number: number(), ..Alert::default() }
}

pub fn of_kind(kind: Kind, host: &str, check: &str) -> Alert {
    Alert { kind, ..problem(host, check) }
}

/// The end of it.
pub fn over(alert: &Alert) -> Alert {
    Alert { state: State::Recovery, ..alert.clone() }
}

/// To the monitor's secret address.
pub fn letter(alert: &Alert, style: Style, monitor: &str) -> Letter {
    let (from, to) = ("monitor@example.jp", address(monitor));
    let id = format!("{}.{}@monitor.example.jp", number(), alert.number);
    Letter { from: from.into(), to: to.clone(), raw: mail(alert, style, (from, &to), &id) }
}

/// A text that nobody wrote a reader for.
pub fn plain(from: &str, to: &str, headers: &str, subject: &str, body: &str) -> Letter {
    let id = number();
    let raw = format!(
        "From: {from}\r\nTo: {to}\r\nMessage-ID: <{id}@example.jp>\r\n{headers}MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nSubject: {subject}\r\n\r\n{body}\r\n"
    );
    Letter { from: from.into(), to: to.into(), raw: raw.into_bytes() }
}

/// The event of Events v2 for an alert, under the monitor's own key.
pub fn event(alert: &Alert, routing_key: &str) -> Value {
    alert.event(routing_key, &alert.key(), Language::En)
}

/// A `[[mail.monitor]]` whose address is secret.
pub fn monitor(name: &str, reader: &str, more: &str) -> String {
    format!(
        "\n[[mail.monitor]]\nname = \"{name}\"\nreader = \"{reader}\"\nrecipients = [{}]\nsecret_recipient = true\n{more}\n",
        json!(address(name)),
    )
}
