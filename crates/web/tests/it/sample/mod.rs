//! Views to render: a busy night, a quiet one, and strings that nobody should send.

#![allow(dead_code, unused_imports, reason = "the example and the tests each use a part")]

mod acts;
pub mod bridges;
mod calendars;
mod called;
mod desk;
mod feed;
mod incident;
pub mod net;
mod night;
pub mod people;
pub mod runs;

pub use acts::{acts, asked, barred, refused};
pub use desk::{account, audit, errors, jobs, link_slack, people, setup, sign_in, signal, signals};
pub use feed::{
    backfills, connections, connections_bad, connections_none, connections_varied, gap, gaps, now_unfed, seats,
    seats_unsure, slack, slack_bad, troubles,
};
pub use incident::{all_hostile, entries, hostile_incident, incident};
pub use night::{all_alarms, incidents, now_busy, now_never, now_quiet};

use jiff::tz::TimeZone;
use model::Micros;
use model::incident::Ref;
use model::person::Role;
use web::Language;
use web::view::{Frame, Health, Named, Person, Section, Untaken};

/// Sunday 22 November 2026, 03:14:07 in Tokyo.
pub const NOW: Micros = Micros(1_795_284_847_000_000);

/// That many seconds before now.
pub const fn before(seconds: i64) -> Micros {
    NOW.plus_s(-seconds)
}

pub fn frame(language: Language, section: Section, address: &str) -> Frame {
    Frame {
        language,
        zone: TimeZone::get("Asia/Tokyo").expect("the bundled zones have Tokyo"),
        now: NOW,
        address: address.to_owned(),
        section,
        person: Some(Person { name: "佐藤 花子".into(), email: "hanako@ops.example.jp".into(), role: Role::Admin }),
        customers: vec![named("aoba", "青葉商事"), named("kita", "Northline Freight"), named("mina", "みなと病院")],
        customer: None,
        health: Health::Attention,
        open: 7,
        jobs_for_people: 2,
        lacking: 2,
        registering: 1,
        lacking_since: None,
        outage: None,
        tickets: Untaken { n: 2, since: Some(before(2_460)) },
        events: Untaken::default(),
    }
}

pub fn stranger(language: Language, address: &str) -> Frame {
    Frame {
        person: None,
        customers: Vec::new(),
        health: Health::Unknown,
        open: 0,
        jobs_for_people: 0,
        lacking: 0,
        registering: 0,
        tickets: Untaken::default(),
        ..frame(language, Section::Elsewhere, address)
    }
}

pub fn named(id: &str, name: &str) -> Named {
    Named { id: id.into(), name: name.into() }
}

pub fn reference(id: &str, name: &str) -> Ref {
    Ref { id: id.into(), name: name.into(), url: None }
}

/// Strings that break pages which trust what they are sent.
pub fn hostile() -> [String; 7] {
    [
        "<script>alert(1)</script>".into(),
        "\"><img src=x onerror=alert(1)>'".into(),
        "{{ 7*7 }} {% raw %} ${x} &lt;b&gt;".into(),
        "\u{202E}txt.exe\u{2066} שלום עולם".into(),
        "あ".repeat(10_000),
        "x".repeat(10_000),
        "\u{FFFD}\u{0007}\u{200B} ]]>-->".into(),
    ]
}
