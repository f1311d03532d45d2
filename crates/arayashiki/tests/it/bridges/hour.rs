//! Slack is away for an hour in which incidents, tickets and events come, move and end. People are paged meanwhile, Connections says
//! what is so, and in the end each thing was told once, as it stands by then.

use super::clock::Clock;
use super::desk::{Desk, Plan, SATO};
use super::spaces::{CUSTOMER, OURS};
use crate::net::each;
use crate::outside::wait;
use crate::world::sandbox::SERVICES;
use crate::world::{Database, Times};
use serde_json::{Value, json};

/// A lease is counted by a clock that passes quickly and kept by one that does not.
const TIMES: Times = Times { lease_s: 240, settle_s: 15 };

/// What each thing is called, and what its message says at the end.
const ENDS: [(&str, &str); 13] = [
    ("disk-before", "解決"),
    ("disk-open", "発生中"),
    ("disk-taken", "確認済み"),
    ("disk-over", "解決"),
    ("課題-前から", "担当者: 佐藤花子"),
    ("課題-そのまま", "担当者のいない課題"),
    ("課題-引き受け", "担当者: 佐藤花子"),
    ("課題-削除", "課題の削除"),
    ("予定-そのまま", "予定"),
    ("予定-完了", "PagerDuty で解決しました"),
    ("予定-取消", "予定が取り消されました"),
    ("予定-延期", "に移されました"),
    ("予定-放置", "誰も対応しないまま終わりました"),
];

#[test]
fn an_hour_without_slack_tells_each_thing_once_as_it_stands_then() {
    each(|database| {
        let (mut desk, clock) = made(database);
        desk.begin_with(&clock.arms());
        desk.first_contacts();
        let back_us = clock.while_time_flies(&desk, || {
            let story = Story::begin(&desk, &clock);
            story.before();
            desk.slack.control("set", &json!({ "down": true }));
            story.during();
            let back_us = wall_us();
            desk.slack.control("set", &json!({ "down": false }));
            caught_up(&desk);
            back_us
        });
        desk.rests();
        judge(&desk, back_us);
    });
}

fn made(database: Database) -> (Desk, Clock) {
    let plan = Plan { tickets: true, calendars: true, times: Some(TIMES), ..Plan::default() };
    let desk = Desk::made(database, &plan);
    desk.edit("poll = \"2s\"", "poll = \"20s\"");
    let clock = Clock::of(&desk);
    (desk, clock)
}

fn wall_us() -> i64 {
    i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_micros()).unwrap()
}

struct Story<'a> {
    desk: &'a Desk,
    clock: &'a Clock,
    begun_s: i64,
}

impl<'a> Story<'a> {
    fn begin(desk: &'a Desk, clock: &'a Clock) -> Self {
        Self { desk, clock, begun_s: clock.ahead_s() }
    }

    /// So much of the hour has passed.
    fn minute(&self, minute: i64) {
        wait::until("time to pass", || (self.clock.ahead_s() - self.begun_s >= minute * 60).then_some(()));
    }

    fn trigger(&self, n: usize, name: &str) -> String {
        self.desk.sandbox().trigger(SERVICES[n], name)
    }

    fn act(&self, incident: &str, what: &str) {
        self.desk.sandbox().control("act", &json!({ "incident": incident, "act": what, "by": SATO }));
    }

    /// It begins in five minutes and its notice is due at once.
    fn event(&self, title: &str, minutes: i64) -> String {
        let start_s = wall_us() / 1_000_000 + self.clock.ahead_s() + 300;
        let start = jiff::Timestamp::from_second(start_s).unwrap().to_string();
        let body = json!({ "calendar": "oncall-promises", "summary": title, "start": start, "minutes": minutes });
        let made = self.desk.google().control("event", &body);
        made["event"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
    }

    fn change(&self, what: &str, event: &str, more: &Value) {
        let mut body = json!({ "calendar": "oncall-promises", "event": event });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.desk.google().control(what, &body);
    }

    /// The ticket's incident, or the event's: somebody is paged although Slack hears of nothing.
    fn is_paged(&self, title: &str) -> String {
        let paged = wait::within(wait::LONG, || Some(self.desk.paged(title)).filter(|found| !found.is_empty()));
        let paged = paged.unwrap_or_else(|| panic!("nobody is paged for {title}: {}", self.desk.world.unrest()));
        paged[0]["id"].as_str().unwrap().to_owned()
    }

    /// Known before, so that only its message has to follow.
    fn before(&self) {
        self.trigger(0, "disk-before");
        self.desk.tracker().create("課題-前から");
        self.desk.until(&["発生中", "disk-before"]);
        self.desk.until(&["課題-前から", "担当者のいない課題"]);
        self.desk.until(&["これまでの経過"]);
    }

    fn during(mut self) {
        self.begun_s = self.clock.ahead_s();
        let tracker = self.desk.tracker();
        let (known, ticket) = (self.is_paged("disk-before"), tracker.titled("課題-前から")[0].clone());
        self.trigger(0, "disk-open");
        let (taken, over) = (self.trigger(1, "disk-taken"), self.trigger(2, "disk-over"));
        tracker.create("課題-そのまま");
        let (helped, deleted) = (tracker.create("課題-引き受け"), tracker.create("課題-削除"));
        self.event("予定-そのまま", 300);
        self.event("予定-放置", 20);
        self.event("予定-完了", 300);
        let (cancelled, moved) = (self.event("予定-取消", 300), self.event("予定-延期", 300));
        for title in
            ["課題-そのまま", "課題-引き受け", "課題-削除", "予定-そのまま", "予定-放置", "予定-取消", "予定-延期"]
        {
            self.is_paged(title);
        }
        let promised = self.is_paged("予定-完了");
        self.minute(10);
        is_said(self.desk);
        self.act(&taken, "acknowledge");
        self.act(&known, "acknowledge");
        self.act(&promised, "acknowledge");
        tracker.acted("comment", &json!({ "as": CUSTOMER, "ticket": helped, "content": "いかがでしょうか" }));
        self.minute(20);
        tracker.acted("assign", &json!({ "as": OURS, "ticket": helped, "to": OURS }));
        tracker.acted("assign", &json!({ "as": OURS, "ticket": ticket, "to": OURS }));
        tracker.acted("delete", &json!({ "as": CUSTOMER, "ticket": deleted }));
        self.change("cancel", &cancelled, &json!({}));
        self.minute(30);
        self.act(&over, "resolve");
        self.act(&known, "resolve");
        self.act(&promised, "resolve");
        let next_week_s = wall_us() / 1_000_000 + self.clock.ahead_s() + 7 * 86_400;
        let start = jiff::Timestamp::from_second(next_week_s).unwrap().to_string();
        self.change("move", &moved, &json!({ "start": start }));
        for minute in (35..=60).step_by(5) {
            self.minute(minute);
        }
    }
}

/// While it lasts, Connections says since when, whose fault it is and what comes of it; and that nothing is lost.
fn is_said(desk: &Desk) {
    let shown = desk.world.site.api("connections").unwrap();
    let breaker = &shown["slack"]["breaker"];
    assert!(breaker["failures"].as_i64().is_some_and(|failures| failures >= 3), "{breaker}");
    assert!(breaker["opened_at"].is_string(), "{breaker}");
    let why = breaker["why"].as_str().unwrap_or_default();
    assert!(why.contains("Slack has trouble of its own") && why.contains("it is tried again"), "{breaker}");
    assert!(desk.world.site.all("jobs?state=dead").unwrap().is_empty(), "something died of it");
}

/// Slack is back, and everything stands there as it is by now.
fn caught_up(desk: &Desk) {
    let lacking = || {
        let messages = desk.messages();
        let is_there = |(title, end): &(&str, &str)| {
            let of = |one: &Value| {
                one["text"].as_str().is_some_and(|text| text.contains(title) || is_about(desk, one, title))
            };
            messages.iter().any(|one| of(one) && one["text"].as_str().is_some_and(|text| text.contains(end)))
        };
        ENDS.iter().filter(|end| !is_there(end)).map(|(title, _)| *title).collect::<Vec<_>>()
    };
    let all = wait::within(wait::LONG, || lacking().is_empty().then_some(()));
    assert!(all.is_some(), "not told as it is: {:?}\n{}\n{}", lacking(), json!(desk.messages()), desk.world.unrest());
}

/// A ticket that has ended is named by its key alone.
fn is_about(desk: &Desk, message: &Value, title: &str) -> bool {
    let all = desk.tracker().backlog.get("tickets");
    let rows = all["tickets"].as_array().unwrap();
    let keys = rows.iter().filter(|row| row["summary"] == title).filter_map(|row| row["issueKey"].as_str());
    keys.into_iter().any(|key| message["text"].as_str().is_some_and(|text| text.starts_with(&format!("{key}: "))))
}

/// What comes so soon after Slack is back is what had waited for it.
const AT_ONCE_US: i64 = 5 * 60 * 1_000_000;

fn judge(desk: &Desk, back_us: i64) {
    desk.no_repeats();
    let posted = desk.posted();
    let (heads, replies): (Vec<&Value>, Vec<&Value>) = posted.iter().partition(|one| one["thread_ts"].is_null());
    let listed = |of: &[&Value]| of.iter().map(|one| one["text"].to_string()).collect::<Vec<_>>().join("\n");
    for (title, _) in ENDS {
        let own =
            heads.iter().filter(|one| one["text"].as_str().unwrap().contains(title) || is_about(desk, one, title));
        let reports = ["予定-放置"].iter().filter(|left| **left == title).count();
        assert_eq!(own.count(), 1 + reports, "{title} was told so often:\n{}", listed(&heads));
        let pages = desk.paged(title);
        assert_eq!(pages.len(), 1, "{title}: {}", json!(pages));
        assert!(title.starts_with("disk") || desk.events(&pages[0]["incident_key"])[0] == "event.trigger", "{title}");
    }
    assert_eq!(heads.len(), ENDS.len() + 1, "{}", listed(&heads));
    let log = desk.log("slack");
    let posts = log.iter().filter(|entry| entry["kind"] == "slack.posted");
    let early = posts.filter(|entry| super::seen::micros(entry) < back_us);
    // The two messages and the one thread that were there before.
    assert_eq!(early.count(), 3, "posted while Slack was away");
    for head in &heads {
        let own: Vec<&Value> = replies.iter().copied().filter(|one| one["thread_ts"] == head["ts"]).collect();
        // Life goes on while it is looked at, and so do the reminders of what nobody has.
        let is_at_once = |one: &&&Value| posted_us(one) < back_us + AT_ONCE_US;
        let reminders = own.iter().filter(is_at_once).filter(|one| reminder(one).is_some()).count();
        assert!(reminders <= 1, "an hour's reminders at once:\n{}\n{}", head["text"], listed(&own));
        let is_open = ["発生中", "担当者のいない課題", "始まる予定"]
            .iter()
            .any(|word| desk.reads(&head["ts"])["text"].to_string().contains(word));
        assert!(is_open || reminders == 0, "reminded of what was over:\n{}\n{}", head["text"], listed(&own));
    }
}

/// When it was posted, as its `ts` tells.
fn posted_us(message: &Value) -> i64 {
    let (seconds, micros) = message["ts"].as_str().unwrap().split_once('.').unwrap();
    seconds.parse::<i64>().unwrap() * 1_000_000 + micros.parse::<i64>().unwrap()
}

/// Which reminder a reply is.
fn reminder(reply: &Value) -> Option<&str> {
    let (_, rest) = reply["text"].as_str()?.split_once("まだ対応されていません (")?;
    rest.split(' ').next()
}
