//! Which delivery goes next and what its outcome means. Pure: the dispatcher sends, this decides.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;

use super::{AT_ONCE, DISABLED_S, DROPS_THAT_DISABLE, Delivery, GIVE_UP_S, Lane, Subscription};
use crate::pagerduty::clock::{micros, plus_ms, plus_s};
use crate::pagerduty::faults::{Do, Faults, Surface};
use crate::pagerduty::state::State;

/// One attempt to be made.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub subscription: String,
    pub lane: String,
    pub delivery: String,
    pub event_type: String,
    pub incident: Option<String>,
    pub attempt: u32,
    pub url: String,
    /// None: a webhook of the older kind, which nobody signs.
    pub signature: Option<String>,
    pub custom_headers: Vec<(String, String)>,
    pub body: Bytes,
    pub trouble: Do,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Status(u16),
    Failed(String),
}

impl State {
    /// Takes everything that may go now, oldest first, up to the number allowed at once.
    pub(crate) fn take_deliveries(&mut self) -> Vec<Job> {
        let mut jobs = Vec::new();
        if self.faults.outage.webhooks {
            return jobs;
        }
        for subscription in &mut self.hooks.subscriptions {
            if subscription.url.is_none() || subscription.is_disabled(self.now) {
                continue;
            }
            for lane in lanes_by_age(subscription) {
                if self.hooks.in_flight >= AT_ONCE {
                    return jobs;
                }
                if let Some(job) = take_head(subscription, &lane, &mut self.faults, self.now) {
                    self.hooks.in_flight += 1;
                    jobs.push(job);
                }
            }
        }
        jobs
    }

    /// When a delivery that waits may go; None when none waits for time.
    pub(crate) fn next_delivery(&self) -> Option<Timestamp> {
        let free = self.hooks.subscriptions.iter().flat_map(|s| s.lanes.values()).filter(|l| !l.busy);
        let heads = free.filter_map(|l| l.queue.front()).filter(|d| d.held_until.is_none());
        heads.map(|d| d.due).filter(|due| *due > self.now).min()
    }

    pub(crate) fn note_attempt(&mut self, job: &Job, outcome: &Outcome, ms: u64) {
        let (status, error) = match outcome {
            Outcome::Status(status) => (Some(*status), None),
            Outcome::Failed(error) => (None, Some(error.as_str())),
        };
        self.hooks.attempts.push(json!({
            "at": micros(self.now), "id": job.delivery, "subscription": job.subscription, "event_type": job.event_type,
            "incident": job.incident, "attempt": job.attempt, "status": status, "error": error, "ms": ms,
        }));
    }

    /// What follows from the last attempt of a job.
    pub(crate) fn finish_delivery(&mut self, job: &Job, outcome: &Outcome) {
        self.hooks.in_flight = self.hooks.in_flight.saturating_sub(1);
        let (now, retry_ms) = (self.now, self.settings.retry_ms);
        let Some(subscription) = self.hooks.find(&job.subscription) else { return };
        // The queue may have been thrown away while the attempt was under way.
        let Some(lane) = subscription.lanes.get_mut(&job.lane) else { return };
        lane.busy = false;
        let Some(at) = lane.queue.iter().position(|d| d.id == job.delivery) else { return };
        match verdict(outcome, &lane.queue[at], now) {
            Verdict::Done => {
                lane.queue.remove(at);
                subscription.done += 1;
                subscription.drops = 0;
            }
            Verdict::Again => back_off(&mut lane.queue[at], now, retry_ms),
            Verdict::Dropped => {
                lane.queue.remove(at);
                subscription.drops += 1;
                if subscription.drops >= DROPS_THAT_DISABLE {
                    subscription.disable(now, DISABLED_S);
                }
            }
        }
        subscription.lanes.retain(|_, lane| lane.busy || !lane.queue.is_empty());
    }
}

enum Verdict {
    Done,
    Again,
    Dropped,
}

fn verdict(outcome: &Outcome, delivery: &Delivery, now: Timestamp) -> Verdict {
    let again = match outcome {
        Outcome::Status(200..=299) => return Verdict::Done,
        Outcome::Status(429 | 500..=599) | Outcome::Failed(_) => true,
        Outcome::Status(_) => false,
    };
    if again && now < plus_s(delivery.first, GIVE_UP_S) { Verdict::Again } else { Verdict::Dropped }
}

fn back_off(delivery: &mut Delivery, now: Timestamp, retry_ms: u64) {
    let doublings = delivery.attempts.saturating_sub(1).min(16);
    let wait_ms = retry_ms.saturating_mul(1 << doublings).min(3_600_000);
    delivery.due = plus_ms(now, i64::try_from(wait_ms).unwrap_or(i64::MAX));
}

fn lanes_by_age(subscription: &Subscription) -> Vec<String> {
    let ready = subscription.lanes.iter().filter(|(_, lane)| !lane.busy);
    let mut ages: Vec<(u64, &String)> =
        ready.filter_map(|(name, lane)| Some((lane.queue.front()?.made, name))).collect();
    ages.sort();
    ages.into_iter().map(|(_, name)| name.clone()).collect()
}

fn take_head(subscription: &mut Subscription, name: &str, faults: &mut Faults, now: Timestamp) -> Option<Job> {
    let (done, copies) = (subscription.done, subscription.mischief.copies);
    let lane = subscription.lanes.get_mut(name)?;
    if !make_ready(lane, faults, done, now) {
        return None;
    }
    lane.busy = true;
    let head = lane.queue.front_mut()?;
    head.attempts += 1;
    head.delayed = false;
    let mut trouble = head.trouble.take().unwrap_or_default();
    trouble.duplicate = trouble.duplicate.or(Some(copies).filter(|n| *n > 0));
    let (delivery, body) = (head.id.clone(), head.body.clone());
    let (event_type, incident, attempt) = (head.event_type.clone(), head.incident.clone(), head.attempts);
    Some(Job {
        subscription: subscription.id.clone(),
        lane: name.to_owned(),
        delivery,
        event_type,
        incident,
        attempt,
        url: subscription.url.clone()?,
        signature: Some(super::sign::header(&subscription.secrets(), &body)),
        custom_headers: subscription.custom_headers.clone(),
        body,
        trouble,
    })
}

/// Whether the lane's head may go now. Scripted trouble is drawn once per attempt, here.
fn make_ready(lane: &mut Lane, faults: &mut Faults, done: u64, now: Timestamp) -> bool {
    let Some(head) = lane.queue.front_mut() else { return false };
    if head.due > now {
        return false;
    }
    if head.trouble.is_none() {
        head.trouble = Some(faults.hit(Surface::Webhook, "POST", &head.event_type).unwrap_or_default());
    }
    let Some(trouble) = &head.trouble else { return false };
    if let Some(delay_ms) = trouble.delay_ms.filter(|_| !head.delayed) {
        head.delayed = true;
        head.due = plus_ms(now, i64::try_from(delay_ms).unwrap_or(i64::MAX));
        return false;
    }
    if trouble.reorder && trouble.force {
        return step_aside(lane);
    }
    if trouble.reorder && done < *head.held_until.get_or_insert(done + 1) {
        return false;
    }
    head.held_until = None;
    true
}

/// Lets the incident's next event go first, against the vendor's promise; waits while there is none.
fn step_aside(lane: &mut Lane) -> bool {
    if lane.queue.len() < 2 {
        return false;
    }
    lane.queue.swap(0, 1);
    for delivery in lane.queue.iter_mut().take(2) {
        let trouble = delivery.trouble.get_or_insert_default();
        trouble.reorder = false;
    }
    true
}
