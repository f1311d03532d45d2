//! The way of an accepted event or mail: orchestrations, then the service's settings, then an alert and perhaps an incident. Says
//! of every one what became of it; never what its sender was told.

use std::sync::Arc;

use serde_json::{Value, json};

use super::account::{Presence, Source, Vacant};
use super::book::{Agent, By, Status};
use super::channel::{Body, Channel, Raised};
use super::clock::{micros, plus_s};
use super::effects::Effect;
use super::events::EventJob;
use super::happen::{NewAlert, Opening};
use super::state::{State, Timer};

/// What became of an event.
#[derive(Debug, Clone)]
pub(crate) struct Fate {
    pub became: &'static str,
    pub reason: Option<String>,
    pub incident: Option<usize>,
}

impl Fate {
    pub(crate) fn nothing(became: &'static str, reason: impl Into<String>) -> Self {
        Self { became, reason: Some(reason.into()), incident: None }
    }

    fn of(became: &'static str, incident: usize) -> Self {
        Self { became, reason: None, incident: Some(incident) }
    }
}

/// Alerts that have no incident: suppressed ones, and those that wait.
#[derive(Debug, Default)]
pub(crate) struct Loose {
    pub suppressed: Vec<Suppressed>,
    waiting: Vec<(u64, Flow)>,
    numbered: u64,
}

#[derive(Debug)]
pub(crate) struct Suppressed {
    pub source: Source,
    pub key: String,
    pub shown: Value,
}

/// An event with what its orchestrations made of it.
#[derive(Debug, Clone)]
struct Flow {
    job: EventJob,
    service: usize,
    suppressed_by: Option<String>,
    suspend_s: Option<i64>,
    policy: Option<usize>,
    priority: Option<usize>,
}

impl State {
    /// Lives through the whole way and notes what became of it.
    pub(crate) fn apply_event(&mut self, job: EventJob) -> Fate {
        let (source, key, effect) = (job.source, job.key.clone(), job.effect);
        let fate = self.flow(job);
        self.note_fate((source, &key), effect, &fate);
        fate
    }

    pub(crate) fn note_fate(&mut self, (source, key): (Source, &str), effect: Option<u64>, fate: &Fate) {
        let Some(of) = effect else { return };
        let is_mail = matches!(source, Source::Mail(_));
        let id = fate.incident.map(|i| self.book.incidents[i].id.clone());
        if is_mail && let Some(mail) = self.mails.iter_mut().rev().find(|m| m["effect"] == of) {
            mail["became"] = json!(fate.became);
            mail["reason"] = json!(fate.reason);
            mail["incident"] = json!(id);
        }
        self.record(&Effect {
            kind: if is_mail { "mail.became" } else { "event.became" },
            via: "account",
            incident: id.as_deref(),
            key: Some(key),
            detail: json!({ "of": of, "became": fate.became, "reason": fate.reason }),
            from: None,
        });
    }

    fn flow(&mut self, job: EventJob) -> Fate {
        let is_mail = matches!(job.source, Source::Mail(_));
        // A mail's own key is made up; its subject is what a repeat would share.
        let luck = if is_mail { job.event["payload"]["summary"].to_string() } else { job.key.clone() };
        if job.effect.is_some() && self.loses(&luck, is_mail) {
            return Fate::nothing("lost", "the outage swallowed it");
        }
        let flow = match self.led(job) {
            Ok(flow) => flow,
            Err(fate) => return fate,
        };
        if let Some(fate) = self.deafness(&flow) {
            return fate;
        }
        let (source, by) = (flow.job.source, self.monitor(&flow.job, flow.service));
        if let Some(index) = self.any_open(&flow.job) {
            self.repeat_trigger(index, &by);
            return Fate::of("joined", index);
        }
        match (flow.job.action.as_str(), self.open_alert_by(source, &flow.job.key)) {
            ("trigger", Some((index, _))) => {
                self.repeat_trigger(index, &by);
                Fate::of("repeat", index)
            }
            ("trigger", None) => self.new_alert(flow, &by),
            ("acknowledge", Some((index, _))) if self.book.incidents[index].status == Status::Triggered => {
                self.acknowledge(index, &by);
                Fate::of("acknowledged", index)
            }
            ("resolve", Some((index, alert))) => {
                self.resolve_alert(index, alert, &by);
                Fate::of("resolved", index)
            }
            ("resolve", None) => self.resolve_loose(&flow.job),
            _ => Fate::nothing("nothing_open", "there is no open alert with this key"),
        }
    }

    /// Through the orchestrations, to a service.
    fn led(&self, mut job: EventJob) -> Result<Flow, Fate> {
        if let Some((index, _)) = self.open_alert_by(job.source, &job.key).filter(|_| job.action != "trigger") {
            // Its payload may be empty, so no rule could lead it where its alert is.
            let service = self.book.incidents[index].service;
            return Ok(Flow { job, service, suppressed_by: None, suspend_s: None, policy: None, priority: None });
        }
        let (mut suppressed_by, mut suspend_s, mut policy, mut priority) = (None, None, None, None);
        job.event["event_action"] = json!(job.action);
        job.event["dedup_key"] = json!(job.key);
        let all = &self.account.orchestrations;
        let service = match job.source {
            Source::Orchestration(own) => {
                let own = &all.all[own];
                let played = own.global.play(&mut job.event);
                dropped(&played.dropped_by, "the global path")?;
                (suppressed_by, suspend_s) = (played.suppressed_by, played.suspend_s);
                (policy, priority) = (played.policy, played.priority);
                let routed = own.router.play(&mut job.event).route_to;
                let found = routed.and_then(|id| self.service_named(&id));
                found.ok_or_else(|| unrouted(&own.unrouted, &mut job.event))?
            }
            source => self.account.service_of(source).unwrap_or_default(),
        };
        if let Some(own) = all.services.get(&service).filter(|own| own.active) {
            let played = own.path.play(&mut job.event);
            dropped(&played.dropped_by, "the service's orchestration")?;
            suppressed_by = played.suppressed_by.or(suppressed_by);
            suspend_s = played.suspend_s.or(suspend_s);
            (policy, priority) = (played.policy.or(policy), played.priority.or(priority));
        }
        job.action = job.event["event_action"].as_str().unwrap_or_default().to_owned();
        job.key = job.event["dedup_key"].as_str().unwrap_or_default().to_owned();
        let policy = policy.and_then(|id| self.account.policy(&id));
        let priority = priority.and_then(|id| self.account.priority(&id));
        Ok(Flow { job, service, suppressed_by, suspend_s, policy, priority })
    }

    pub(crate) fn service_named(&self, wanted: &str) -> Option<usize> {
        let by_name = || self.account.services.iter().position(|s| s.name == wanted);
        self.account.service(wanted).or_else(by_name)
    }

    /// Why the service makes nothing of it.
    fn deafness(&self, flow: &Flow) -> Option<Fate> {
        let service = &self.account.services[flow.service];
        let gone = match flow.job.source {
            Source::Events(own) => self.account.services[own].events != Presence::Live,
            Source::Mail(own) => self.account.mailboxes[own].deleted,
            Source::Orchestration(_) => false,
        };
        if gone {
            Some(Fate::nothing("integration_deleted", "its integration is deleted"))
        } else if service.disabled {
            Some(Fate::nothing("service_disabled", format!("the service {} is disabled", service.name)))
        } else if self.account.in_maintenance(flow.service, self.now) {
            Some(Fate::nothing("maintenance", format!("the service {} is in maintenance", service.name)))
        } else {
            None
        }
    }

    fn new_alert(&mut self, flow: Flow, by: &By) -> Fate {
        if let Some(rule) = flow.suppressed_by.clone() {
            return self.suppress(&flow, rule);
        }
        let waiting =
            self.loose.waiting.iter().any(|(_, w)| (w.job.source, &w.job.key) == (flow.job.source, &flow.job.key));
        if waiting {
            return Fate::nothing("paused", "its alert waits already");
        }
        if let Some(seconds) = flow.suspend_s.filter(|s| *s > 0) {
            return self.pause(flow, seconds, "an orchestration suspends it");
        }
        if let Some(seconds) = self.account.services[flow.service].auto_pause_s {
            return self.pause(flow, seconds, "the service pauses new alerts");
        }
        self.raise(&flow, by)
    }

    /// The alert is let through: into an open incident, or into one of its own.
    fn raise(&mut self, flow: &Flow, by: &By) -> Fate {
        let policy = flow.policy.unwrap_or(self.account.services[flow.service].policy);
        if let Some(index) = self.incident_to_join(flow.service, &flow.job.event) {
            self.join(index, alert_of(flow, by), &flow.job.key, by);
            return Fate::of("grouped", index);
        }
        if self.account.vacant.get(&policy) == Some(&Vacant::NoIncident) {
            let name = &self.account.policies[policy].name;
            return Fate::nothing("nobody_on_call", format!("nobody is on call in {name}"));
        }
        let opening = self.opening(flow, by);
        Fate::of("incident", self.open(opening, by))
    }

    fn suppress(&mut self, flow: &Flow, rule: String) -> Fate {
        let key = &flow.job.key;
        let known = |s: &Suppressed| s.source == flow.job.source && s.key == *key && s.shown["status"] == "triggered";
        if !self.loose.suppressed.iter().any(known) {
            let shown = json!({
                "id": self.dice.code("Q", 14), "type": "alert", "summary": flow.job.event["payload"]["summary"], "status": "triggered",
                "alert_key": key, "suppressed": true, "created_at": micros(self.now), "service": self.account.service_ref(flow.service),
            });
            self.loose.suppressed.push(Suppressed { source: flow.job.source, key: key.clone(), shown });
        }
        Fate::nothing("suppressed", rule)
    }

    fn pause(&mut self, flow: Flow, seconds: i64, why: &str) -> Fate {
        self.loose.numbered += 1;
        let number = self.loose.numbered;
        self.loose.waiting.push((number, flow));
        self.at(plus_s(self.now, seconds), Timer::Unpause(number));
        Fate::nothing("paused", format!("{why} for {seconds} seconds"))
    }

    pub(crate) fn unpause(&mut self, number: u64) {
        let Some(at) = self.loose.waiting.iter().position(|(n, _)| *n == number) else { return };
        let (_, flow) = self.loose.waiting.remove(at);
        let by = self.monitor(&flow.job, flow.service);
        let fate = self.deafness(&flow).unwrap_or_else(|| self.raise(&flow, &by));
        self.note_fate((flow.job.source, &flow.job.key), flow.job.effect, &fate);
    }

    /// A resolve for an alert that has no incident.
    fn resolve_loose(&mut self, job: &EventJob) -> Fate {
        let own = |w: &(u64, Flow)| (w.1.job.source, &w.1.job.key) == (job.source, &job.key);
        if let Some(at) = self.loose.waiting.iter().position(own) {
            let (_, flow) = self.loose.waiting.remove(at);
            let fate = Fate::nothing("resolved_in_time", "it was resolved while it waited");
            self.note_fate((job.source, &job.key), flow.job.effect, &fate);
            return fate;
        }
        let open = |s: &&mut Suppressed| s.source == job.source && s.key == job.key && s.shown["status"] == "triggered";
        match self.loose.suppressed.iter_mut().find(open) {
            Some(alert) => {
                alert.shown["status"] = json!("resolved");
                Fate::nothing("suppressed", "the suppressed alert is resolved")
            }
            None => Fate::nothing("nothing_open", "there is no open alert with this key"),
        }
    }

    /// A mail may join whatever incident of its integration is open.
    fn any_open(&self, job: &EventJob) -> Option<usize> {
        if job.event["join_any_open"] != true {
            return None;
        }
        let own = |i: &usize| self.book.incidents[*i].alerts.iter().any(|a| a.raised.source() == job.source);
        self.book.open().filter(own).last()
    }

    fn monitor(&self, job: &EventJob, service: usize) -> By {
        let client = job.event["client"].as_str().map(|name| json!({ "name": name, "url": job.event["client_url"] }));
        let agent = match job.source {
            Source::Events(service) => Agent::Monitor(service),
            Source::Mail(mailbox) => Agent::Mailbox(mailbox),
            Source::Orchestration(_) => Agent::Monitor(service),
        };
        By { agent, channel: Channel::Event(Arc::new(Raised::new(job))), client }
    }

    fn opening(&self, flow: &Flow, by: &By) -> Opening {
        let payload = &flow.job.event["payload"];
        let urgency = match self.account.services[flow.service].urgency {
            "severity_based" if matches!(payload["severity"].as_str(), Some("critical" | "error") | None) => "high",
            "severity_based" => "low",
            constant => constant,
        };
        let alert = alert_of(flow, by);
        Opening {
            service: flow.service,
            title: payload["summary"].as_str().unwrap_or_default().to_owned(),
            key: flow.job.key.clone(),
            kind: "incident_default".into(),
            urgency: flow.job.event["urgency"].as_str().unwrap_or(urgency).to_owned(),
            policy: flow.policy,
            assignee: None,
            priority: flow.priority,
            body: Some(Body::Event(Arc::clone(&alert.raised))),
            bridge: None,
            alert: Some(alert),
        }
    }
}

fn alert_of(flow: &Flow, by: &By) -> NewAlert {
    let payload = &flow.job.event["payload"];
    let raised = match &by.channel {
        Channel::Event(raised) => Arc::clone(raised),
        _ => Arc::new(Raised::new(&flow.job)),
    };
    NewAlert {
        summary: payload["summary"].as_str().unwrap_or_default().to_owned(),
        service: flow.service,
        severity: payload["severity"].as_str().unwrap_or("critical").to_owned(),
        raised,
    }
}

fn dropped(by: &Option<String>, path: &str) -> Result<(), Fate> {
    by.as_ref().map_or(Ok(()), |rule| Err(Fate::nothing("dropped", format!("{rule} of {path} drops it"))))
}

fn unrouted(path: &super::orchestration::Path, event: &mut Value) -> Fate {
    let played = path.play(event);
    if let Some(rule) = played.dropped_by {
        return Fate::nothing("dropped", format!("{rule} of the unrouted path drops it"));
    }
    Fate::nothing("unrouted", "the router leads to no service")
}
