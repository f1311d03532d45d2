//! The simulated PagerDuty in a process of its own: the outside judge. Its log of effects is synced before each reply.

use crate::outside::http::{Answer, Request};
use crate::outside::process::{Process, program};
use crate::outside::wait;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The service that the program's own alarms go to, and alerts that lack theirs: no customer's. Stories leave it alone.
pub const ALARMS: &str = "Unconfigured alerts";
/// Services that take events.
pub const SERVICES: [&str; 6] = [
    "Hoshino Foods / EC site",
    "Hoshino Foods / Database",
    "Hoshino Foods / Backup",
    "Minato Pay / 決済API",
    "Minato Pay / Batch",
    "Kitakaze / Network",
];
pub const PEOPLE: [&str; 3] = ["sato.hanako@example.com", "tanaka.ken@example.com", "ito.makoto@example.com"];

pub struct Sandbox {
    _process: Process,
    pub info: Value,
    pub address: SocketAddr,
    log: PathBuf,
}

impl Sandbox {
    pub fn start(folder: &Path, webhook_url: &str, more: &[&str]) -> Self {
        let log = folder.join("effects.jsonl");
        let mut command = program();
        command.args(["sandbox", "pagerduty", "--json", "--retry-ms", "50", "--deadline-ms", "2000"]);
        command.args(["--webhook-url", webhook_url, "--log"]).arg(&log).args(more);
        // Few tests are about its limits.
        if !more.contains(&"--requests-per-minute") {
            command.args(["--requests-per-minute", "100000"]);
        }
        let (process, line) = Process::start_and_listen(command, &folder.join("sandbox.log"));
        let info: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: the sandbox said {line:?}"));
        let address = info["url"].as_str().unwrap().trim_start_matches("http://").parse().unwrap();
        Self { _process: process, info, address, log }
    }

    pub fn secret(&self) -> String {
        self.info["webhook_secret"].as_str().unwrap().to_owned()
    }

    fn request(&self, request: &Request<'_>) -> Answer {
        request.send(self.address).unwrap_or_else(|e| panic!("the sandbox does not answer {}: {e}", request.path))
    }

    pub fn get(&self, what: &str) -> Value {
        self.request(&Request::new("GET", &format!("/_control/{what}"))).json()
    }

    pub fn control(&self, what: &str, body: &Value) -> Value {
        let answer = self.try_control(what, body);
        assert_eq!(answer.status, 200, "{what} {body}: {}", answer.text());
        answer.json()
    }

    pub fn try_control(&self, what: &str, body: &Value) -> Answer {
        let path = format!("/_control/{what}");
        self.request(&Request { body: body.to_string().into_bytes(), ..Request::new("POST", &path) })
    }

    /// A control whose body is no JSON: a mail as it came.
    pub fn raw(&self, what: &str, body: &[u8]) -> Value {
        let path = format!("/_control/{what}");
        let answer = self.request(&Request { body: body.to_vec(), ..Request::new("POST", &path) });
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
        answer.json()
    }

    /// A monitor's trigger, at once; the incident's id.
    pub fn trigger(&self, service: &str, key: &str) -> String {
        let body = json!({ "service": service, "title": format!("障害 {key}"), "key": key });
        self.control("trigger", &body)["incident"]["id"].as_str().unwrap().to_owned()
    }

    /// The same through Events v2, as a monitor does it; the incident appears a moment later.
    pub fn enqueue(&self, service: &str, key: &str) -> String {
        let event = json!({
            "routing_key": self.key_of(service), "event_action": "trigger", "dedup_key": key,
            "payload": { "summary": format!("遅延 {key}"), "source": "web01", "severity": "critical", "custom_details": { "disk": "/var" } },
        });
        let request = Request { body: event.to_string().into_bytes(), ..Request::new("POST", "/v2/enqueue") };
        let answer = self.request(&request.with("content-type", "application/json"));
        assert_eq!(answer.status, 202, "{}", answer.text());
        wait::until("an accepted event to become an incident", || {
            let found = self.incidents().into_iter().find(|incident| incident["incident_key"] == key)?;
            found["id"].as_str().map(str::to_owned)
        })
    }

    /// The integration key of a service, by its name.
    pub fn key_of(&self, service: &str) -> String {
        let authorization = format!("Token token={}", self.info["token"].as_str().unwrap());
        let request = Request::new("GET", "/services?limit=100").with("authorization", authorization);
        let services = self.request(&request).json();
        let all = services["services"].as_array().unwrap_or_else(|| panic!("{services}"));
        let id = all.iter().find(|s| s["name"] == service).unwrap()["id"].as_str().unwrap();
        self.info["routing_keys"][id].as_str().unwrap().to_owned()
    }

    pub fn incidents(&self) -> Vec<Value> {
        self.get("state")["incidents"].as_array().unwrap().clone()
    }

    pub fn fault(&self, fault: &Value) {
        self.control("faults", &json!({ "faults": [fault] }));
    }

    pub fn forget_faults(&self) {
        let answer = self.request(&Request::new("DELETE", "/_control/faults"));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// How often the scripted faults have acted.
    pub fn fired(&self) -> i64 {
        let faults = self.get("faults");
        faults["faults"].as_array().unwrap().iter().filter_map(|fault| fault["fired"].as_i64()).sum()
    }

    pub fn is_idle(&self, wait: Duration) -> bool {
        self.get(&format!("idle?wait_ms={}", wait.as_millis()))["idle"] == true
    }

    /// What came in from outside, as it stands on the disk.
    pub fn effects(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.log).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Deliveries that were acknowledged, each once: (delivery, incident, event type).
    pub fn delivered(&self) -> Vec<(String, Option<String>, String)> {
        let deliveries = self.get("deliveries");
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let mut done: Vec<_> = deliveries["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|try_| matches!(try_["status"].as_i64(), Some(200..=299)))
            .map(|try_| (text(&try_["id"]).unwrap(), text(&try_["incident"]), text(&try_["event_type"]).unwrap()))
            .collect();
        done.sort();
        done.dedup();
        done
    }

    /// Another secret for our subscription, of which nobody tells the program.
    pub fn rotate_secretly(&self) -> String {
        let secret = self.control("rotate", &json!({}))["secret"].as_str().unwrap().to_owned();
        self.control("rotate", &json!({ "finish": true }));
        secret
    }
}
