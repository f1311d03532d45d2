//! The DevTools protocol by hand: one command at a time over one socket, answers matched by number. Knows nothing of
//! pages; of the events that come between it only counts those that a page waits for.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Message, WebSocket, client};

/// No command here takes longer, a check of a whole page included.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

pub struct Wire {
    socket: WebSocket<TcpStream>,
    last: u64,
    /// The page that commands go to; none for the browser itself.
    session: Option<String>,
    events: BTreeMap<String, u64>,
}

impl Wire {
    /// `ws://HOST:PORT/PATH`.
    pub fn open(url: &str) -> Self {
        let host = url.trim_start_matches("ws://").split('/').next().unwrap();
        let stream = TcpStream::connect(host).unwrap_or_else(|e| panic!("the browser at {host}: {e}"));
        stream.set_read_timeout(Some(ANSWER_WITHIN)).unwrap();
        stream.set_nodelay(true).unwrap();
        let config = WebSocketConfig::default();
        let (socket, _) = client::client_with_config(url, stream, Some(config)).unwrap();
        Self { socket, last: 0, session: None, events: BTreeMap::new() }
    }

    pub fn attach(&mut self, target: &str) {
        let told = self.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        self.session = Some(told["sessionId"].as_str().unwrap().to_owned());
    }

    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.try_call(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The error is the browser's own word, e.g. that a page has gone while it was asked.
    pub fn try_call(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(command.to_string())).map_err(|e| e.to_string())?;
        loop {
            let message = self.socket.read().map_err(|e| format!("no answer: {e}"))?;
            let Message::Text(text) = message else { continue };
            let mut said: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
            if said["id"] == self.last {
                return if said["error"].is_null() {
                    Ok(said["result"].take())
                } else {
                    Err(said["error"].to_string())
                };
            }
            if let Some(event) = said["method"].as_str() {
                *self.events.entry(event.to_owned()).or_default() += 1;
            }
        }
    }

    /// How often an event has come, up to the last answer.
    pub fn count(&self, event: &str) -> u64 {
        self.events.get(event).copied().unwrap_or(0)
    }
}
