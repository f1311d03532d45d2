//! A small space with its people, in which tickets have stories: told as happenings, read as readings, decided as ever.

mod properties;
mod table;
mod time;
mod told;

use super::*;
use crate::Mode;
use crate::locale::{Language, Locale};
use model::hours::{Group as HourGroup, Leave, LeaveSource, LeaveSpan, Pattern, Person as HourPerson};
use model::ticket::{Change, Happening, Named, Who};

pub const SATO: &str = "佐藤花子";
pub const SUZUKI: &str = "鈴木 次郎";
pub const DESK: &str = "運用窓口";
pub const CUSTOMER: &str = "山田";
pub const BOT: &str = "arayashiki-bot";
pub const COLLEAGUE: &str = "大田";

/// "05-08 21:00" in Tokyo, of 2026.
pub fn at(text: &str) -> Micros {
    let (day, time) = text.split_once(' ').unwrap();
    Micros::parse(&format!("2026-{day}T{time}:00+09:00")).unwrap()
}

pub fn account(name: &str) -> Who {
    let id = match name {
        SATO => 7,
        SUZUKI => 8,
        "伊藤" => 9,
        DESK => 90,
        BOT => 99,
        COLLEAGUE => 14,
        _ => 1_000 + i64::try_from(name.len()).unwrap(),
    };
    let mail = (name == COLLEAGUE).then(|| "ota@example.jp".to_owned());
    Who { id, login: None, name: name.into(), mail }
}

pub fn settings() -> Settings {
    let known = |number, name: &str| vec![Identity { name: Some(name.into()), ..Identity::numbered(number) }];
    let person = |id: &str, name: &str, accounts| Person { id: id.into(), name: name.into(), accounts };
    let directory = Directory {
        persons: vec![
            person("sato", "Sato Hanako", known(7, SATO)),
            person("suzuki", "Suzuki Jiro", known(8, SUZUKI)),
            person("ito", "Ito Ken", known(9, "伊藤")),
        ],
        groups: vec![Group {
            id: "desk".into(),
            name: "Desk".into(),
            members: vec!["sato".into(), "suzuki".into()],
            accounts: known(90, DESK),
        }],
        own: vec![Identity::numbered(99)],
        ours: vec!["@example.jp".into()],
    };
    let rule = |name: &str, when| Rule { name: name.into(), when, ..Rule::default() };
    let rules = vec![
        Rule { ignore: true, projects: vec!["LAB".into()], ..rule("ignored", When::Any) },
        rule("unassigned", When::Unassigned),
        rule("desk", When::GroupAccount),
        rule("off hours", When::OffHours),
        rule("stranger", When::AssigneeUnknown),
    ];
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    let locale = Locale { language: Language::En, zone, public_url: String::new() };
    Settings { mode: Mode::Page, locale, directory, rules, ..Settings::default() }
}

/// Sato and the desk work by day, Suzuki by night; Sato is on leave on the 14th of May. Nobody knows Ito's hours.
pub fn roster() -> Roster {
    let pattern = |json: &str| -> Pattern { serde_json::from_str(json).unwrap() };
    let person = |id: &str, pattern: Option<&str>| HourPerson {
        id: id.into(),
        pattern: pattern.map(Into::into),
        ..HourPerson::default()
    };
    let span = LeaveSpan::Time { from: at("05-14 00:00"), until: at("05-15 00:00") };
    Roster {
        patterns: vec![
            pattern(
                r#"{"name":"day","zone":"Asia/Tokyo","week":"mon-fri 09:00-18:00","breaks":["12:00-13:00 lunch"],"holidays":"japan"}"#,
            ),
            pattern(r#"{"name":"night","zone":"Asia/Tokyo","week":"18:00-09:00"}"#),
        ],
        persons: vec![person("sato", Some("day")), person("suzuki", Some("night")), person("ito", None)],
        groups: vec![HourGroup { id: "desk".into(), pattern: Some("day".into()) }],
        leaves: vec![Leave { who: "sato".into(), span, note: "通院".into(), source: LeaveSource::File }],
        ..Roster::default()
    }
}

/// Something that somebody did; it gets its number from its place in the story.
pub fn did(when: &str, by: &str, text: Option<&str>, changes: Vec<Change>) -> Happening {
    Happening { id: 0, at: at(when), by: account(by), text: text.map(Into::into), changes }
}

pub fn creates(when: &str, by: &str) -> Happening {
    did(when, by, None, vec![Change::Created])
}

pub fn says(when: &str, by: &str) -> Happening {
    did(when, by, Some("いかがでしょうか"), Vec::new())
}

pub fn assigns(when: &str, by: &str, from: &str, to: &str) -> Happening {
    let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    did(when, by, None, vec![Change::Assignee { from: name(from), to: name(to) }])
}

pub fn sets(when: &str, by: &str, from: &str, to: &str) -> Happening {
    did(when, by, None, vec![Change::Status { from: from.into(), to: to.into() }])
}

/// The reading after a story, of a ticket that had this assignee at first.
pub fn read(assignee: &str, story: &[Happening]) -> Reading {
    let mut who = (!assignee.is_empty()).then(|| account(assignee));
    let mut status = "未対応".to_owned();
    let mut history = story.to_vec();
    for (n, happening) in history.iter_mut().enumerate() {
        happening.id = i64::try_from(n).unwrap();
        for change in &happening.changes {
            match change {
                Change::Assignee { to, .. } => who = to.as_deref().map(account),
                Change::Status { to, .. } => status.clone_from(to),
                _ => {}
            }
        }
    }
    let is_done = ["処理済み", "完了"].contains(&status.as_str());
    let updated_at = history.last().unwrap().at;
    let ticket = Ticket {
        id: "example/1001".into(),
        space: "example".into(),
        key: "OPS-12".into(),
        project: "OPS".into(),
        title: "web01 ディスク逼迫".into(),
        body: "本文".into(),
        kind: "障害".into(),
        categories: Vec::new(),
        priority: Some(Named { id: 2, name: "高".into() }),
        status: Named { id: 1, name: status },
        is_done,
        assignee: who,
        created_by: history[0].by.clone(),
        created_at: history[0].at,
        updated_at,
        url: "https://example.backlog.jp/view/OPS-12".into(),
    };
    Reading { ticket, history }
}

/// A ticket's memory among settings that a test may change.
pub struct World {
    pub settings: Settings,
    pub roster: Roster,
    pub memory: Memory,
    pub origin: Origin,
    pub baseline_at: Micros,
    pub customer: Option<&'static str>,
    pub closed: Option<Closed>,
    pub has_fired: bool,
}

pub fn world() -> World {
    World {
        settings: settings(),
        roster: roster(),
        memory: Memory::default(),
        origin: Origin::Live,
        baseline_at: at("05-01 00:00"),
        customer: None,
        closed: None,
        has_fired: false,
    }
}

impl World {
    pub fn steps(&mut self, sighting: Sighting<'_>, now: Micros) -> Vec<Step> {
        let view = View {
            sighting,
            memory: &self.memory,
            customer: self.customer,
            origin: self.origin,
            read_at: now,
            baseline_at: self.baseline_at,
            roster: &self.roster,
            has_fired: self.has_fired,
            closed: self.closed.as_ref(),
        };
        let decision = decide(&self.settings, &view, now);
        // What is remembered comes back from the store.
        let kept: Memory = serde_json::from_str(&serde_json::to_string(&decision.memory).unwrap()).unwrap();
        assert_eq!(kept, decision.memory);
        self.memory = decision.memory;
        decision.steps
    }

    pub fn read(&mut self, reading: &Reading, now: &str) -> String {
        told(&self.steps(Sighting::Read(reading), at(now)))
    }

    /// A minute after its last happening.
    pub fn soon(&mut self, assignee: &str, story: &[Happening]) -> String {
        let reading = read(assignee, story);
        told(&self.steps(Sighting::Read(&reading), reading.ticket.updated_at.plus_s(60)))
    }

    /// Read after every single happening.
    pub fn step_by_step(&mut self, assignee: &str, story: &[Happening]) -> String {
        let all = (1..=story.len()).map(|n| self.soon(assignee, &story[..n])).filter(|told| told != "nothing");
        let all = all.collect::<Vec<_>>().join("; ");
        if all.is_empty() { "nothing".into() } else { all }
    }
}

/// Steps in short.
pub fn told(steps: &[Step]) -> String {
    if steps.is_empty() {
        return "nothing".into();
    }
    let locale = settings().locale;
    let one = |step: &Step| match step {
        Step::Hit(hit) => format!("hit {}", hit.key),
        Step::Comment { hit } => format!("comment {hit}"),
        Step::Again(again) => format!("again {}", again.rule),
        Step::Ended { hit, end } => format!("ended {}: {}", hit.key, words::end_words(&locale, end)),
        Step::WouldHave { hit, instead: Instead::Baseline } => format!("would {}", hit.rule),
        Step::WouldHave { hit, instead: Instead::Over(end) } => {
            format!("over {}: {}", hit.rule, words::end_words(&locale, end))
        }
        Step::Timer(Timer::Set { due }) => format!("timer {}", locale.when(*due)),
        Step::Timer(Timer::Cancel) => "no timer".into(),
    };
    steps.iter().map(one).collect::<Vec<_>>().join("; ")
}
