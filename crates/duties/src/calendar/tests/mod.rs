//! A calendar in which one event has a story: shown, changed, served or not, with timers that fire as they were set.

mod maintenance;
mod properties;
mod table;
mod told;

use super::*;
use crate::Mode;
use crate::locale::{Language, Locale};
use model::calendar::Attendee;

/// "05-08 21:00" in Tokyo, of 2026.
pub fn at(text: &str) -> Micros {
    let (day, time) = text.split_once(' ').unwrap();
    Micros::parse(&format!("2026-{day}T{time}:00+09:00")).unwrap()
}

pub fn who(name: &str, mail: &str) -> Attendee {
    Attendee { mail: Some(mail.into()), name: Some(name.into()), has_declined: false }
}

pub fn event(from: &str, until: &str) -> CalendarEvent {
    CalendarEvent {
        id: "ops/ev1".into(),
        calendar: "ops".into(),
        title: "証明書の更新 web01".into(),
        text: "手順書を見て更新する".into(),
        place: "会議室A".into(),
        starts_at: at(from),
        ends_at: at(until),
        registrant: Some(who("Sato Hanako", "sato@example.jp")),
        attendees: vec![who("Suzuki Jiro", "suzuki@example.jp")],
        colours: vec!["11".into()],
        url: Some("https://calendar.example.com/ev1".into()),
        ..CalendarEvent::default()
    }
}

pub fn settings() -> Settings {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    let locale = Locale { language: Language::En, zone, public_url: String::new() };
    Settings { mode: Mode::Page, locale, rules: vec![Rule { name: "promise".into(), ..Rule::default() }] }
}

pub struct World {
    pub settings: Settings,
    pub memory: Memory,
    pub origin: Origin,
    pub baseline_at: Micros,
    /// When the timer that is set fires.
    pub timer: Option<Micros>,
}

pub fn world() -> World {
    World {
        settings: settings(),
        memory: Memory::default(),
        origin: Origin::Live,
        baseline_at: at("05-01 00:00"),
        timer: None,
    }
}

impl World {
    pub fn steps(&mut self, sighting: Sighting<'_>, act: Option<&Act>, now: Micros) -> Vec<Step> {
        if matches!(sighting, Sighting::Timer) {
            self.timer = None;
        }
        let (origin, baseline_at) = (self.origin, self.baseline_at);
        let view = View { sighting, memory: &self.memory, origin, baseline_at, act };
        let decision = decide(&self.settings, &view, now);
        // What is remembered comes back from the store.
        let kept: Memory = serde_json::from_str(&serde_json::to_string(&decision.memory).unwrap()).unwrap();
        assert_eq!(kept, decision.memory);
        self.memory = decision.memory;
        for step in &decision.steps {
            match step {
                Step::SetTimer { due } => self.timer = Some(*due),
                Step::CancelTimer => self.timer = None,
                _ => {}
            }
        }
        assert_eq!(self.timer, self.memory.timer, "what is remembered is what is set");
        decision.steps
    }

    pub fn sees(&mut self, event: &CalendarEvent, now: &str) -> String {
        told(&self.steps(Sighting::Event(event), None, at(now)))
    }

    pub fn gone(&mut self, now: &str) -> String {
        told(&self.steps(Sighting::Gone, None, at(now)))
    }

    pub fn acts(&mut self, notice: &str, what: Acted, now: &str) -> String {
        let act = Act { notice: notice.into(), what, by: Some("Suzuki Jiro".into()), at: at(now) };
        told(&self.steps(Sighting::Known, Some(&act), at(now)))
    }

    /// Lets every timer fire that is due until then, each when it is due.
    pub fn until(&mut self, end: &str) -> String {
        let mut all = Vec::new();
        while let Some(due) = self.timer.filter(|due| *due <= at(end)) {
            all.extend(self.steps(Sighting::Timer, None, due));
            assert!(all.len() < 50, "timers go round in circles");
        }
        told(&all)
    }

    /// The timer fires once, late.
    pub fn late(&mut self, now: &str) -> String {
        assert!(self.timer.is_some_and(|due| due <= at(now)), "a timer is due");
        told(&self.steps(Sighting::Timer, None, at(now)))
    }
}

fn clock(at: Micros) -> String {
    at.timestamp().to_zoned(settings().locale.zone).strftime("%m-%d %H:%M").to_string()
}

/// Steps in short.
pub fn told(steps: &[Step]) -> String {
    if steps.is_empty() {
        return "nothing".into();
    }
    let one = |step: &Step| match step {
        Step::Announce(early) => format!("announce {}", early.rule),
        Step::Notice(notice) => format!("notice {} {}", notice.key, clock(notice.at)),
        Step::Update { notice } => format!("update {notice}"),
        Step::Ended { notice, end } => format!("ended {}: {}", notice.key, why(end.why)),
        Step::Unserved(Unserved { key, was_noticed: true, .. }) => format!("unserved {key}"),
        Step::Unserved(Unserved { key, is_afterthought: true, .. }) => format!("afterthought {key}"),
        Step::Unserved(Unserved { key, .. }) => format!("missed {key}"),
        Step::OpenWindow(window) => format!("open {}", span(window)),
        Step::ChangeWindow(window) => format!("change {}", span(window)),
        Step::CloseWindow { window, why } => format!("close {}: {why:?}", window.key),
        Step::WouldHave { rule } => format!("would {rule}"),
        Step::SetTimer { due } => format!("timer {}", clock(*due)),
        Step::CancelTimer => "no timer".into(),
    };
    steps.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn span(window: &Window) -> String {
    format!("{} {} to {}", window.key, clock(window.starts_at), clock(window.ends_at))
}

fn why(why: EndWhy) -> String {
    match why {
        EndWhy::Acted { what } => format!("{what:?}"),
        EndWhy::Moved { to } => format!("moved to {}", clock(to)),
        other => format!("{other:?}"),
    }
}
