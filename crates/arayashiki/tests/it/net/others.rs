//! The other simulated systems (Slack, somebody's phone, a corner of AWS), each in a process of its own.

use crate::outside::http::{Answer, Request};
use crate::outside::process::{Process, program};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;

pub struct Other {
    _process: Process,
    pub info: Value,
    address: SocketAddr,
}

impl Other {
    pub fn start(folder: &Path, what: &str, options: &[&str]) -> Self {
        let mut command = program();
        command.args(["sandbox", what, "--json"]).args(options);
        let (process, line) = Process::start_and_listen(command, &folder.join(format!("{what}.log")));
        let info: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: the {what} said {line:?}"));
        let address = info["url"].as_str().unwrap().trim_start_matches("http://").parse().unwrap();
        Self { _process: process, info, address }
    }

    pub fn text(&self, name: &str) -> String {
        self.info[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.info)).to_owned()
    }

    pub fn get(&self, what: &str) -> Value {
        self.send(&Request::new("GET", &format!("/_control/{what}"))).json()
    }

    pub fn control(&self, what: &str, body: &Value) -> Value {
        let path = format!("/_control/{what}");
        let answer = self.send(&Request::new("POST", &path).json_body(body));
        assert_eq!(answer.status, 200, "{what} {body}: {}", answer.text());
        answer.json()
    }

    /// The same, whatever comes of it.
    pub fn try_control(&self, what: &str, body: &Value) -> u16 {
        let path = format!("/_control/{what}");
        self.send(&Request::new("POST", &path).json_body(body)).status
    }

    pub fn raw(&self, path: &str, body: &[u8]) -> Value {
        let path = format!("/_control/{path}");
        let answer = self.send(&Request { body: body.to_vec(), ..Request::new("POST", &path) });
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    fn send(&self, request: &Request<'_>) -> Answer {
        request.send(self.address).unwrap_or_else(|e| panic!("{}: {e}", request.path))
    }

    /// What was posted, as people see it.
    pub fn posts(&self) -> Vec<String> {
        let messages = self.get("messages");
        let all = messages["messages"].as_array().unwrap_or_else(|| panic!("{messages}"));
        all.iter().map(|message| message.to_string()).collect()
    }
}
