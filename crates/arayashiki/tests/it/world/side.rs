//! The other simulated systems, each in a process of its own: Slack and the phones of the second path.

use crate::outside::http::Request;
use crate::outside::process::{Process, program};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;

pub struct Side {
    _process: Process,
    pub info: Value,
    pub address: SocketAddr,
}

impl Side {
    pub fn start(folder: &Path, what: &str, more: &[&str]) -> Self {
        let mut command = program();
        command.args(["sandbox", what, "--json", "--log"]).arg(folder.join(format!("{what}.jsonl"))).args(more);
        let (process, line) = Process::start_and_listen(command, &folder.join(format!("{what}.log")));
        let info: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: the {what} said {line:?}"));
        let address = info["url"].as_str().unwrap().trim_start_matches("http://").parse().unwrap();
        Self { _process: process, info, address }
    }

    pub fn text(&self, name: &str) -> String {
        self.info[name].as_str().unwrap().to_owned()
    }

    pub fn get(&self, what: &str) -> Value {
        Request::new("GET", &format!("/_control/{what}")).send(self.address).unwrap().json()
    }

    /// What was taken, oldest first: `messages` of Slack, `calls` and `mails` of the phone.
    pub fn all(&self, what: &str) -> Vec<Value> {
        self.get(what)[what].as_array().unwrap().clone()
    }

    pub fn control(&self, what: &str, body: &Value) -> Value {
        let path = format!("/_control/{what}");
        let answer = Request::new("POST", &path).json_body(body).send(self.address).unwrap();
        assert_eq!(answer.status, 200, "{what} {body}: {}", answer.text());
        answer.json()
    }
}
