//! Stories that happen in the simulated PagerDuty, whatever becomes of the program meanwhile, and what is known
//! afterwards about how they must have ended.

use crate::outside::wait;
use crate::world::sandbox::{PEOPLE, SERVICES};
use crate::world::{Arms, Sandbox, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One thing that happens; incidents are numbered within the chapter.
enum Step {
    Trigger,
    Enqueue,
    Act(usize, Value),
    Merge { into: usize, from: usize },
}

/// Everything that an incident can go through, on eight incidents.
fn chapter() -> Vec<Step> {
    use Step::{Act, Enqueue, Merge, Trigger};
    let act = |n, word: &str| Act(n, json!({ "act": word }));
    vec![
        Trigger,
        Trigger,
        act(1, "acknowledge"),
        Enqueue,
        act(2, "acknowledge"),
        Act(2, json!({ "act": "note", "content": "見ています 🔧" })),
        Trigger,
        Act(3, json!({ "act": "reassign", "to": PEOPLE[2] })),
        Trigger,
        act(4, "resolve"),
        Trigger,
        act(5, "acknowledge"),
        Merge { into: 0, from: 5 },
        Trigger,
        Act(6, json!({ "act": "priority", "priority": "P1" })),
        Enqueue,
        act(7, "acknowledge"),
        act(7, "unacknowledge"),
        Act(7, json!({ "act": "status_update", "message": "調査中" })),
        Act(1, json!({ "act": "responder", "users": [PEOPLE[0]] })),
    ]
}

pub const HALF: usize = 10;

/// Chapters of the same kind, one after another.
pub struct Story {
    name: String,
    chapter: usize,
    /// Incidents of this chapter.
    ids: Vec<String>,
    /// Every incident of the story.
    pub all: Vec<String>,
    /// Incidents that were open when everything had come to rest: each must have its note.
    pub noted: BTreeSet<String>,
}

impl Story {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), chapter: 0, ids: Vec::new(), all: Vec::new(), noted: BTreeSet::new() }
    }

    /// Plays steps of the chapter; a pause in between lets them meet the program one by one.
    pub fn play(&mut self, sandbox: &Sandbox, from: usize, to: usize, pause_ms: u64) {
        for step in chapter().into_iter().take(to).skip(from) {
            self.step(sandbox, step);
            std::thread::sleep(std::time::Duration::from_millis(pause_ms));
        }
    }

    pub fn first_half(&mut self, sandbox: &Sandbox) {
        self.play(sandbox, 0, HALF, 5);
    }

    pub fn second_half(&mut self, sandbox: &Sandbox) {
        self.play(sandbox, HALF, usize::MAX, 5);
    }

    pub fn next_chapter(&mut self) {
        self.chapter += 1;
        self.ids.clear();
    }

    fn step(&mut self, sandbox: &Sandbox, step: Step) {
        let n = self.ids.len();
        let key = format!("{}/{}/{n}", self.name, self.chapter);
        let service = SERVICES[n % SERVICES.len()];
        match step {
            Step::Trigger => self.opened(sandbox.trigger(service, &key)),
            Step::Enqueue => self.opened(sandbox.enqueue(service, &key)),
            Step::Act(n, mut body) => {
                body["incident"] = json!(self.ids[n]);
                body["by"] = json!(PEOPLE[n % 2]);
                sandbox.control("act", &body);
            }
            Step::Merge { into, from } => {
                let body = json!({ "incident": self.ids[into], "act": "merge", "sources": [self.ids[from]] });
                sandbox.control("act", &body);
            }
        }
    }

    fn opened(&mut self, id: String) {
        self.all.push(id.clone());
        self.ids.push(id);
    }

    /// Lets everything come to rest, resolves some of what is open, and lets that come to rest too.
    pub fn close(&mut self, world: &World) {
        world.settle();
        self.remember_open(world);
        for id in [&self.ids[2], &self.ids[6]] {
            world.sandbox.control("act", &json!({ "incident": id, "act": "resolve", "resolution": "直りました" }));
        }
        world.settle();
    }

    pub fn remember_open(&mut self, world: &World) {
        let open = world.sandbox.incidents().into_iter().filter(|incident| incident["status"] != "resolved");
        self.noted.extend(open.filter_map(|incident| incident["id"].as_str().map(str::to_owned)));
    }
}

/// The other story: our subscription's secret changes without a word. PagerDuty's events are refused with 503, the
/// program pages through Events, looks whether that became an incident, and settles it when the new secret is there.
pub struct Alarm {
    old_secret: String,
    new_secret: String,
    pub story: Story,
}

impl Alarm {
    /// The world's program runs; from here on it refuses what comes.
    pub fn begin(world: &World) -> Self {
        let old_secret = world.sandbox.secret();
        let new_secret = world.sandbox.rotate_secretly();
        let mut story = Story::new("alarm");
        story.opened(world.sandbox.trigger(SERVICES[0], "alarm/0"));
        Self { old_secret, new_secret, story }
    }

    /// The alarm's incident, once it is there.
    pub fn incident(world: &World) -> Option<Value> {
        world.sandbox.incidents().into_iter().find(|incident| is_alarm(incident["incident_key"].as_str()))
    }

    /// Waits until the page was sent and confirmed.
    pub fn wait_until_confirmed(world: &World) {
        let confirmed = || {
            let jobs = world.site.all("jobs").ok()?;
            let is_done =
                |job: &Value| job["key"].as_str().is_some_and(|k| k.starts_with("confirm/")) && job["state"] == "done";
            jobs.iter().any(is_done).then_some(())
        };
        if wait::within(wait::LONG, confirmed).is_none() {
            panic!("the alarm was never confirmed: {}", world.unrest());
        }
    }

    /// The operator puts the new secret in and restarts; everything that PagerDuty kept comes in now.
    pub fn mend(&mut self, world: &mut World, arms: &Arms) {
        world.site.kill();
        let config = std::fs::read_to_string(world.site.config()).unwrap();
        std::fs::write(world.site.config(), config.replace(&self.old_secret, &self.new_secret)).unwrap();
        world.site.start(arms);
        // What was refused several times would wait for its next try.
        world.sandbox.control("advance", &json!({ "seconds": 60 }));
    }

    /// Some life after the repair, so that there is a delivery when everything is known again.
    pub fn go_on(&mut self, world: &World) {
        world.settle();
        for service in &SERVICES[1..3] {
            self.story.opened(world.sandbox.trigger(service, &format!("alarm/{service}")));
            world.settle();
        }
    }
}

pub fn is_alarm(key: Option<&str>) -> bool {
    key.is_some_and(|key| key.starts_with("arayashiki/intake_guard/"))
}
