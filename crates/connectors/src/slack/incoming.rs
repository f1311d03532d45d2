//! One incoming webhook. Slack answers `ok` and no id, so nothing posted here can be found again: after an unknown
//! outcome a repeat has to say of itself that it may be one.

use super::block::Message;
use super::refusal;
use crate::gate;
use crate::http::{Http, Request, Settings, SetupError};
use crate::{Call, CallError, Kind, Limiter, Secret};
use http::{HeaderMap, Method};

/// Posts into the channel that the address was made for.
#[derive(Debug)]
pub struct Incoming {
    http: Http,
    limiter: Limiter,
    address: Secret,
}

/// One a second and webhook, in short bursts.
const POSTS_PER_MINUTE: u32 = 60;

impl Incoming {
    pub fn new(address: &Secret, http: Settings) -> Result<Self, SetupError> {
        let http = Http::to_address(address, http)?;
        Ok(Self { http, limiter: Limiter::new(POSTS_PER_MINUTE), address: address.clone() })
    }

    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    pub async fn post(&self, call: &Call, message: &Message) -> Result<(), CallError> {
        if message.is_silent() {
            let text = "a message needs a text, which is what notifications show; nothing was sent";
            return Err(CallError::new(Kind::BadRequest, true, text));
        }
        let body = message.body().to_string().into_bytes();
        let request =
            Request { method: Method::POST, path: &[], query: &[], headers: HeaderMap::new(), body: Some(body) };
        let sent = gate::send(&self.http, &self.limiter, "Slack", call, request).await;
        let answer = sent.and_then(|sent| refusal::check(&sent, self.http.host()));
        answer.map_err(|error| error.redacted(&self.address))
    }
}
