//! Whether the addresses to listen on can be had, or are held by a server of ours already. Listens for an instant at most.

use super::line::Line;
use crate::config::Config;
use connectors::http::{Http, Request, Settings};
use http::{HeaderMap, Method};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::TcpListener;

const WHAT: &str = "listen";
const LIMITS: Settings = Settings { connect_timeout_ms: 2_000, call_timeout_ms: 3_000, max_response_bytes: 1 << 16 };

pub async fn look(config: &Config) -> Vec<Line> {
    let mut lines = vec![one("listen", config.server.listen).await];
    if let Some(address) = config.server.webhook_listen {
        lines.push(one("webhook_listen", address).await);
    }
    lines
}

async fn one(key: &str, address: SocketAddr) -> Line {
    match TcpListener::bind(address).await {
        Ok(_) => Line::ok(WHAT, format!("{address} ([server] {key}) is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => taken(key, address).await,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Line::fail(
            WHAT,
            format!("{address} ([server] {key}) may not be listened on: {error}"),
            "take a port of 1024 or above, with a proxy in front",
        ),
        Err(error) => Line::fail(
            WHAT,
            format!("{address} ([server] {key}) can't be listened on: {error}"),
            "write an address that this machine has, or 0.0.0.0 for all of them",
        ),
    }
}

async fn taken(key: &str, address: SocketAddr) -> Line {
    if is_ours(address).await {
        return Line::ok(WHAT, format!("{address} ([server] {key}) is served by a running arayashiki"));
    }
    Line::fail(
        WHAT,
        format!("{address} ([server] {key}) is taken by another program"),
        "end that one or take another port; `ss -ltnp` shows who has it",
    )
}

/// Our server refuses a webhook without a signature in words of its own.
async fn is_ours(address: SocketAddr) -> bool {
    let Ok(http) = Http::new(&format!("http://{}", SocketAddr::new(near(address.ip()), address.port())), LIMITS) else {
        return false;
    };
    let ask = |path: &'static [&'static str], method| {
        let request = Request { method, path, query: &[], headers: HeaderMap::new(), body: None };
        http.send(request)
    };
    if let Ok(answer) = ask(&["webhooks", "pagerduty"], Method::POST).await
        && answer.body.starts_with(b"no X-PagerDuty-Signature")
    {
        return true;
    }
    matches!(ask(&["healthz"], Method::GET).await, Ok(answer) if answer.status == 200 && answer.body.starts_with(b"ok"))
}

/// All addresses of this machine include the one that leads to itself.
const fn near(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    }
}
