//! Senders that keep their own count: each hands its mails over until they are taken, whatever becomes of the program meanwhile,
//! and some mails are handed over once only.

use crate::outage::alert::Alert;
use crate::outage::scene::{RECIPIENT, SENDER, Scene};
use crate::outage::verdict::{Counted, End};
use crate::outside::smtp;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A relay would wait longer.
const RETRY: Duration = Duration::from_millis(60);
const BOUND: Duration = Duration::from_secs(120);

pub struct Tale<'a> {
    scene: &'a Scene,
    counted: Mutex<Counted>,
    ends: Mutex<Vec<(Alert, End)>>,
}

impl<'a> Tale<'a> {
    pub fn new(scene: &'a Scene) -> Self {
        Self { scene, counted: Mutex::default(), ends: Mutex::default() }
    }

    /// Until it is taken, as a relay does.
    fn surely(&self, id: String, raw: &[u8]) {
        let begun = Instant::now();
        loop {
            match smtp::deliver(self.scene.door, (SENDER, RECIPIENT), raw) {
                Ok(answer) if answer.starts_with("250") => break,
                Ok(answer) => assert!(answer.starts_with('4'), "refused for good: {answer}"),
                Err(_) => {}
            }
            assert!(begun.elapsed() < BOUND, "{id} is never taken:\n{}", self.scene.world.site.log_tail());
            std::thread::sleep(RETRY);
        }
        let mut counted = self.counted.lock().unwrap();
        counted.answers += 1;
        counted.taken.insert(id);
    }

    /// Once, whatever is said to it.
    fn once(&self, id: String, raw: &[u8]) {
        let answer = smtp::deliver(self.scene.door, (SENDER, RECIPIENT), raw);
        let mut counted = self.counted.lock().unwrap();
        if answer.is_ok_and(|answer| answer.starts_with("250")) {
            counted.answers += 1;
            counted.taken.insert(id);
        } else {
            counted.doubtful.insert(id);
        }
    }

    fn ends(&self, alert: &Alert, end: End) {
        self.ends.lock().unwrap().push((alert.clone(), end));
    }

    fn problem(&self, alert: &Alert) {
        self.surely(alert.message_id("problem", 0), &alert.problem(self.scene.now(), 0));
    }

    fn event(&self, alert: &Alert, action: &str) {
        let begun = Instant::now();
        while !alert.event(self.scene, action) {
            assert!(begun.elapsed() < BOUND, "PagerDuty never takes an event");
            std::thread::sleep(RETRY);
        }
    }

    /// One alert from its beginning to its end; what it is like follows from its number.
    pub fn live(&self, story: &str, n: u64) {
        let alert = Alert::nth(story, n);
        match n % 6 {
            0 => {
                self.event(&alert, "trigger");
                self.problem(&alert);
                self.once(alert.message_id("problem", 1), &alert.problem(self.scene.now(), 1));
                self.ends(&alert, End::Original);
            }
            1 | 2 => {
                self.problem(&alert);
                self.ends(&alert, End::Registered);
            }
            3 => {
                self.problem(&alert);
                self.until_ours(&alert);
                self.surely(alert.message_id("recovery", 0), &alert.recovery(self.scene.now()));
                self.ends(&alert, End::Over);
            }
            4 => {
                // It lasts so shortly that both mails may lie in the spool, or one of them.
                self.problem(&alert);
                self.surely(alert.message_id("recovery", 0), &alert.recovery(self.scene.now()));
                self.ends(&alert, End::Over);
            }
            _ => {
                self.problem(&alert);
                self.until_ours(&alert);
                self.event(&alert, "trigger");
                self.ends(&alert, End::Original);
            }
        }
    }

    /// Waits until PagerDuty has our incident of it.
    fn until_ours(&self, alert: &Alert) {
        let begun = Instant::now();
        let is_there = || {
            let incidents = self.scene.world.sandbox.incidents();
            incidents.iter().any(|incident| incident["title"].as_str().is_some_and(|t| t.contains(&alert.host)))
        };
        while !is_there() {
            assert!(begun.elapsed() < BOUND, "{} is never registered: {}", alert.host, self.scene.world.unrest());
            std::thread::sleep(RETRY);
        }
    }

    /// What is wrong once everything has come to rest.
    pub fn complaints(self) -> Vec<String> {
        self.scene.settle();
        let (counted, ends) = (self.counted.into_inner().unwrap(), self.ends.into_inner().unwrap());
        let mut found = self.scene.complaints(&counted, &ends);
        found.extend(crate::judge::account_and_mirror(&self.scene.world));
        let told =
            |alert: &Alert| self.scene.slack.all("messages").iter().any(|post| post.to_string().contains(&alert.host));
        for (alert, _) in ends.iter().filter(|(alert, end)| *end == End::Registered && !told(alert)) {
            found.push(format!("{} was registered and nobody was told", alert.host));
        }
        eprintln!("{} mails, {} alerts", counted.taken.len() + counted.doubtful.len(), ends.len());
        found
    }

    /// How many alerts have come to their end.
    pub fn lived(&self) -> usize {
        self.ends.lock().unwrap().len()
    }
}
