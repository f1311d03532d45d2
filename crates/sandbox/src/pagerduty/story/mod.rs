//! What happens in the account without anybody from outside: monitors fire, people answer. One generator lives through the
//! past and then through the night; both come from the seed. It acts only through `happen` and `events`, as everyone does.

mod checks;
mod evening;
mod plots;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde_json::json;

use super::account::ZONE;
use super::book::{By, Status};
use super::channel::Body;
use super::clock::{plus_ms, plus_s};
use super::dice::Dice;
use super::events::EventJob;
use super::happen::{NewNote, Opening, Request};
use super::state::{State, Timer};
use super::webhooks::DISABLED_S;
use checks::Firing;

/// Arrivals end this long before the present, so that the past can come to rest.
const REST_S: i64 = 4 * 3600;
/// The oldest of the incidents that are open when the night begins.
const OLDEST_OPEN_S: i64 = 80 * 60;
/// One arrival in so many seconds gives about seven incidents a day.
const PAST_GAP_S: f64 = 17_400.0;
/// How many incidents an arrival brings, about.
const PER_ARRIVAL: f64 = 1.5;

#[derive(Debug)]
pub(crate) struct Story {
    dice: Dice,
    pace: Pace,
}

#[derive(Debug)]
enum Pace {
    /// Of `wanted` incidents, or of as many as a provider of this size has when that is 0.
    Past {
        until: Timestamp,
        wanted: usize,
    },
    Night {
        speed: f64,
        mood: Mood,
        until: Timestamp,
    },
}

/// A night is not even: stretches of nothing, then everything at once.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Quiet,
    Steady,
    Busy,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Something new begins, and the next arrival is planned.
    Arrive,
    Fire(Box<Firing>),
    /// The monitor sees that all is well again.
    Clear(Alarm),
    /// Someone does something with the open incident of that alarm; nothing when it is not open any more.
    Deed(Alarm, Deed),
    /// Other alarms' incidents are merged into the first one's.
    Gather(Alarm, Vec<Alarm>, usize),
    /// A person opens an incident by hand.
    ByHand {
        service: usize,
        user: usize,
        title: String,
    },
    /// An incident without an alarm is closed by the one who opened it.
    Close {
        index: usize,
        user: usize,
    },
    /// The first subscription is disabled for a day, or until somebody enables it.
    Outage,
}

/// A service and the dedup key of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alarm {
    pub service: usize,
    pub key: String,
}

#[derive(Debug, Clone)]
pub(crate) enum Deed {
    Acknowledge(usize),
    Note(usize, String),
    Priority(usize, usize),
    Escalate(usize),
    Reassign(usize, usize),
    Help(usize, usize),
    Update(usize, String),
    Resolve(usize, Option<String>),
}

impl Step {
    fn deed(alarm: &Alarm, deed: Deed) -> Self {
        Self::Deed(alarm.clone(), deed)
    }
}

/// Fills the account with `days` of resolved incidents that end before `now`.
pub(crate) fn live_through_history(state: &mut State, (days, wanted): (u32, usize), now: Timestamp, seed: u64) {
    let rested = plus_s(now, -OLDEST_OPEN_S - 600);
    let start = plus_s(now, -i64::from(days) * 86_400).min(rested);
    let until = plus_s(now, -REST_S);
    state.now = start;
    state.story = Some(Story { dice: Dice::new(seed ^ 0xA11), pace: Pace::Past { until, wanted } });
    if start < until {
        state.at(start, Timer::Story(Step::Arrive));
    }
    state.run_until(rested);
    state.forget_story_timers();
    let open: Vec<usize> = state.book.open().collect();
    for index in open {
        let user = state.account.responders(state.book.incidents[index].policy, 0, state.now).first().copied();
        state.resolve(index, &By::user(user.unwrap_or(0), "website"), None);
    }
    state.story = None;
}

/// Leaves a handful of incidents open and lets the night go on from there.
pub(crate) fn begin_night(state: &mut State, seed: u64, speed: f64, outage_s: Option<u32>, now: Timestamp) {
    let mut story = Story {
        dice: Dice::new(seed ^ 0xB22),
        pace: Pace::Night { speed, mood: Mood::Steady, until: plus_s(now, 600) },
    };
    let mut alarms = evening::open_at_start(&mut story.dice, state, now);
    state.run_until(now);
    alarms.extend(evening::first_minute(&mut story.dice, state, &alarms, outage_s));
    state.story = Some(story);
    for alarm in alarms {
        let after_s = state.story.as_mut().map_or(600, |s| s.dice.between(600, 5400));
        state.plan(vec![(after_s, Step::Clear(alarm))]);
    }
    state.plan(vec![(20, Step::Arrive)]);
}

impl Story {
    fn speed(&self) -> f64 {
        match self.pace {
            Pace::Past { .. } => 1.0,
            Pace::Night { speed, .. } => speed,
        }
    }

    /// Seconds of the story until the next arrival; None when the past is over.
    fn next_gap_s(&mut self, now: Timestamp, lived: usize) -> Option<i64> {
        let mean_s = match &mut self.pace {
            Pace::Past { wanted, .. } if *wanted > 0 && lived >= *wanted => return None,
            Pace::Past { until, wanted } if *wanted > 0 => {
                let left_s = until.duration_since(now).as_secs().max(0) as f64;
                left_s / (*wanted - lived) as f64 * PER_ARRIVAL * day_factor(now)
            }
            Pace::Past { until, .. } if now >= *until => return None,
            Pace::Past { .. } => PAST_GAP_S * day_factor(now),
            Pace::Night { speed, mood, until } => {
                if now >= *until {
                    *mood = *self.dice.pick(&[Mood::Quiet, Mood::Steady, Mood::Steady, Mood::Busy]);
                    let stretch_s = self.dice.between(600, 3000) as f64 / *speed;
                    *until = plus_ms(now, (stretch_s * 1000.0) as i64);
                }
                match mood {
                    Mood::Quiet => 900.0,
                    Mood::Steady => 300.0,
                    Mood::Busy => 75.0,
                }
            }
        };
        let unit = (self.dice.below(10_000) + 1) as f64 / 10_001.0;
        Some((-unit.ln() * mean_s) as i64 + 1)
    }
}

/// Daytime changes break things; the small hours belong to the batch jobs.
fn day_factor(now: Timestamp) -> f64 {
    let hour = now.in_tz(ZONE).map_or(12, |z| z.hour());
    match hour {
        9..=18 => 0.75,
        2..=4 => 0.9,
        _ => 1.3,
    }
}

impl State {
    /// Schedules steps so many story seconds from now.
    fn plan(&mut self, steps: Vec<(i64, Step)>) {
        let speed = self.story.as_ref().map_or(1.0, Story::speed);
        for (after_s, step) in steps {
            let due = plus_ms(self.now, (after_s as f64 * 1000.0 / speed) as i64);
            self.at(due, Timer::Story(step));
        }
    }

    pub(crate) fn tell_story(&mut self, step: Step) {
        match step {
            Step::Arrive => self.arrive(),
            Step::Fire(firing) if self.is_past_full() && self.open_alert_of(&firing.alarm).is_none() => {}
            Step::Fire(firing) => {
                self.apply_event(firing.job("trigger"));
            }
            Step::Clear(Alarm { service, key }) => {
                self.apply_event(EventJob::of_service(service, "resolve", &key, json!({})));
            }
            Step::Deed(alarm, deed) => {
                if let Some(index) = self.open_alert_of(&alarm) {
                    self.do_deed(index, deed);
                }
            }
            Step::Gather(first, others, user) => self.gather(&first, &others, user),
            Step::Outage => self.disable_first_subscription(),
            Step::ByHand { .. } if self.is_past_full() => {}
            Step::ByHand { service, user, title } => self.open_by_hand(service, user, title),
            Step::Close { index, user } if self.book.incidents[index].is_open() => {
                self.resolve(index, &By::user(user, "website"), None);
            }
            Step::Close { .. } => {}
        }
    }

    fn open_alert_of(&self, alarm: &Alarm) -> Option<usize> {
        self.open_alert(alarm.service, &alarm.key).map(|(index, _)| index)
    }

    /// As many incidents as were asked for have been lived through.
    fn is_past_full(&self) -> bool {
        let pace = self.story.as_ref().map(|s| &s.pace);
        matches!(pace, Some(Pace::Past { wanted, .. }) if *wanted > 0 && self.book.incidents.len() >= *wanted)
    }

    fn disable_first_subscription(&mut self) {
        if let Some(own) = self.hooks.subscriptions.first_mut() {
            own.disable(self.now, DISABLED_S);
        }
    }

    fn arrive(&mut self) {
        let Some(mut story) = self.story.take() else { return };
        let (steps, gap_s) =
            (plots::next(&mut story.dice, self), story.next_gap_s(self.now, self.book.incidents.len()));
        self.story = Some(story);
        self.plan(steps);
        if let Some(gap_s) = gap_s {
            self.plan(vec![(gap_s, Step::Arrive)]);
        }
    }

    fn do_deed(&mut self, index: usize, deed: Deed) {
        let status = self.book.incidents[index].status;
        match deed {
            Deed::Acknowledge(user) if status == Status::Triggered => {
                self.acknowledge(index, &By::user(user, "mobile"))
            }
            Deed::Acknowledge(_) => {}
            Deed::Note(user, content) => {
                let note = NewNote { user, content, channel: "The PagerDuty website or APIs" };
                self.annotate(index, note, &By::user(user, "website"));
            }
            Deed::Priority(user, priority) => self.set_priority(index, Some(priority), &By::user(user, "website")),
            Deed::Escalate(user) => {
                let next = self.book.incidents[index].level + 1;
                if next < self.account.policies[self.book.incidents[index].policy].rules.len() {
                    self.escalate(index, next, &By::user(user, "website"));
                }
            }
            Deed::Reassign(user, to) => self.reassign(index, &[to], &By::user(user, "website")),
            Deed::Help(user, whom) => {
                let request =
                    Request { requester: user, message: "手を貸してください", users: &[whom], policies: &[] };
                self.request_responders(index, &request, &By::user(user, "website"));
                self.answer(index, whom, "joined", &By::user(whom, "mobile"));
            }
            Deed::Update(user, message) => {
                let text = json!({ "message": message, "subject": "", "html_message": "" });
                self.publish(index, user, &text, &By::user(user, "website"));
            }
            Deed::Resolve(user, why) => self.resolve(index, &By::user(user, "website"), why.as_deref()),
        }
    }

    fn gather(&mut self, first: &Alarm, others: &[Alarm], user: usize) {
        let Some(target) = self.open_alert_of(first) else { return };
        let mut sources = Vec::new();
        for other in others {
            let found = self.open_alert_of(other);
            sources.extend(found.filter(|i| *i != target && !sources.contains(i)));
        }
        if !sources.is_empty() {
            self.merge(target, &sources, &By::user(user, "website"));
        }
    }

    fn open_by_hand(&mut self, service: usize, user: usize, title: String) {
        let key = self.dice.hex(32);
        let body = Body::Text("Reported by telephone".into());
        let opening = Opening {
            service,
            title,
            key,
            kind: "incident_default".into(),
            urgency: "high".into(),
            policy: None,
            assignee: Some(user),
            priority: Some(2),
            body: Some(body),
            bridge: None,
            alert: None,
        };
        let index = self.open(opening, &By::user(user, "website"));
        let resolved = self.story.as_mut().map_or(1800, |s| s.dice.between(900, 7200));
        self.plan(vec![(resolved, Step::Close { index, user })]);
    }
}
