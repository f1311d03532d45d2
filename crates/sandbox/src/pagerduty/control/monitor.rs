//! Monitors that send, driven over control: one alert, a storm of them, repeats and recoveries, rightly set or mis-set. Every sending
//! is an effect, so that the senders' own count stands beside the account's.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use super::service_of;
use crate::monitors::{Alert, Net, Route, Sending, Sent, Style, send};
use crate::pagerduty::call::{Call, Reply};
use crate::pagerduty::effects::Effect;
use crate::pagerduty::hub::Hub;
use crate::pagerduty::state::State;

/// More at once than a site has monitors.
const MAX_AT_ONCE: usize = 64;
/// Of one call.
const MAX_SENDINGS: u32 = 100_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    alert: Alert,
    #[serde(default)]
    style: Style,
    #[serde(default = "sender")]
    from: String,
    /// event (unless told), mail, or nowhere.
    #[serde(default)]
    via: Via,
    /// Whose integration is used, by id or name; the address or key instead when it is given.
    service: Option<String>,
    routing_key: Option<String>,
    address: Option<String>,
    events_url: Option<String>,
    pagerduty_smtp: Option<String>,
    net: Option<NetWanted>,
    key: Option<String>,
    #[serde(default)]
    mail_first: bool,
    #[serde(default)]
    retries: u32,
    #[serde(default = "second")]
    retry_ms: u64,
    /// So many hosts have it, `web01-1` and so on, each under a number of its own.
    #[serde(default = "one")]
    hosts: u32,
    /// How often each is sent, and how long after the one before.
    #[serde(default = "one")]
    times: u32,
    #[serde(default)]
    every_ms: u64,
    #[serde(default = "at_once")]
    at_once: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Via {
    #[default]
    Event,
    Mail,
    Nowhere,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetWanted {
    smtp: String,
    to: String,
}

fn sender() -> String {
    "monitor@example.jp".into()
}

fn one() -> u32 {
    1
}

fn second() -> u64 {
    1_000
}

fn at_once() -> usize {
    8
}

pub(crate) async fn run(hub: &Arc<Hub>, call: &Call) -> Reply {
    let wanted = match serde_json::from_slice::<Wanted>(&call.body) {
        Ok(wanted) if u64::from(wanted.hosts) * u64::from(wanted.times) <= u64::from(MAX_SENDINGS) => wanted,
        Ok(_) => return refusal("hosts × times may be 100000 at most"),
        Err(error) => return refusal(&format!("monitor: {error}")),
    };
    let route = match hub.peek(|state| route(state, hub, &wanted)) {
        Ok(route) => route,
        Err(error) => return refusal(&error),
    };
    let mut sent = Vec::new();
    for round in 0..wanted.times {
        if round > 0 {
            tokio::time::sleep(Duration::from_millis(wanted.every_ms)).await;
        }
        let all = (0..wanted.hosts).map(|n| sending(&wanted, &route, n));
        let each = all.map(|sending| one_sending(hub, sending));
        let mut running = stream::iter(each).buffer_unordered(wanted.at_once.clamp(1, MAX_AT_ONCE));
        while let Some(one) = running.next().await {
            sent.push(one);
        }
    }
    let taken = |name: &str| sent.iter().filter(|s| s[name]["taken"] == true).count();
    Reply::json(200, &json!({ "mails_taken": taken("mail"), "pagerduty_taken": taken("pagerduty"), "sent": sent }))
}

fn refusal(why: &str) -> Reply {
    Reply::json(400, &json!({ "error": why }))
}

fn route(state: &State, hub: &Hub, wanted: &Wanted) -> Result<Route, String> {
    let service = wanted.service.as_ref().map(|s| service_of(state, &json!({ "service": s }))).transpose()?;
    let account = &state.account;
    match wanted.via {
        Via::Nowhere => Ok(Route::Nowhere),
        Via::Event => {
            let own = service.map(|s| account.services[s].routing_key.clone());
            let routing_key = wanted.routing_key.clone().or(own).ok_or("name a service or a routing_key")?;
            let events_url = wanted.events_url.clone().unwrap_or_else(|| hub.at.events_url.clone());
            Ok(Route::Event { events_url, routing_key })
        }
        Via::Mail => {
            let own = service.and_then(|s| account.mailboxes.iter().find(|m| m.service == s && !m.deleted));
            let address = wanted.address.clone().or_else(|| own.map(|m| m.address.clone()));
            let address = address.ok_or("name an address, or a service that has an e-mail integration")?;
            let smtp = wanted.pagerduty_smtp.clone().unwrap_or_else(|| hub.at.mail.clone());
            Ok(Route::Mail { smtp, address })
        }
    }
}

fn sending(wanted: &Wanted, route: &Route, n: u32) -> Sending {
    let mut alert = wanted.alert.clone();
    if wanted.hosts > 1 {
        alert.host = format!("{}-{}", alert.host, n + 1);
        if alert.number > 0 {
            alert.number += u64::from(n);
        }
    }
    Sending {
        alert,
        style: wanted.style,
        from: wanted.from.clone(),
        route: route.clone(),
        net: wanted.net.as_ref().map(|net| Net { smtp: net.smtp.clone(), to: net.to.clone() }),
        key: wanted.key.clone(),
        mail_first: wanted.mail_first,
        retries: wanted.retries,
        retry_ms: wanted.retry_ms,
    }
}

/// The count is on disk before whoever asked is told of it.
async fn one_sending(hub: &Arc<Hub>, sending: Sending) -> Value {
    let sent: Sent = send(&hub.client, &sending).await;
    let shown = serde_json::to_value(&sent).unwrap_or_default();
    let effects = hub.with(|state| {
        state.record(&Effect { kind: "monitor.sent", via: "monitor", detail: shown.clone(), ..Effect::default() });
        state.effects.all.len()
    });
    if let Err(error) = hub.persist(effects).await {
        tracing::error!(%error, "the effects log cannot be written");
    }
    shown
}
