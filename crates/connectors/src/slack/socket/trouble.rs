//! What can go wrong with a connection, in words for people with what to do. Nothing is ever changed over there by it, so every
//! failure is that of a read. Shows a host and nothing more of an address.

use crate::{CallError, Kind, Secret};
use std::io;
use std::net::IpAddr;
use tokio_tungstenite::tungstenite::Error;
use url::Url;

const SLACK: &str = "slack.com";
const MAX_REASON_CHARS: usize = 60;

/// Where Slack says that we should connect to, if that may be: a host of Slack's over TLS, or, with another base URL, its host.
pub fn checked(address: &Secret, base: &Url) -> Result<Url, CallError> {
    let url = Url::parse(address.expose()).ok().filter(|url| url.username().is_empty() && url.password().is_none());
    let may_be = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        match base.host_str() {
            Some(SLACK) => url.scheme() == "wss" && url.port().is_none() && is_slacks(host),
            ours => Some(host) == ours && (url.scheme() == "wss" || (url.scheme() == "ws" && base.scheme() == "http")),
        }
    };
    url.filter(may_be).ok_or_else(|| {
        let text = "Slack named an address for Socket Mode that is not one of its own, which is not called: is [slack] api_url right?";
        CallError::new(Kind::Refused, false, text)
    })
}

fn is_slacks(host: &str) -> bool {
    host.strip_suffix(SLACK).is_some_and(|before| before.ends_with('.'))
}

/// Slack's own reason, short.
pub fn quoted(reason: &str) -> String {
    reason.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(MAX_REASON_CHARS).collect()
}

/// Nothing but a person's hand brings it back.
pub fn is_final(reason: &str) -> bool {
    reason == "link_disabled"
}

pub fn sent_away(host: &str, reason: &str) -> CallError {
    if is_final(reason) {
        let text = "Slack says that Socket Mode is switched off for this app: switch it on at api.slack.com/apps (Socket Mode), or remove \
                    [slack] app_token and give Slack a public address for interactivity";
        return CallError::new(Kind::Forbidden, false, text);
    }
    read(Kind::Server, format!("{host} ended the connection at once ({}); it is opened anew", quoted(reason)))
}

pub fn hung_up(host: &str) -> CallError {
    read(Kind::Unknown, format!("{host} closed the connection; it is opened anew"))
}

pub fn silent(host: &str) -> CallError {
    read(Kind::Unknown, format!("{host} did not answer in time; the connection is opened anew"))
}

pub fn slow(host: &str) -> CallError {
    read(Kind::NoConnection, format!("no connection to {host} in time; {}", reach()))
}

pub fn cut(error: &Error, host: &str) -> CallError {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => hung_up(host),
        Error::Io(error) => read(Kind::Unknown, format!("the connection to {host} was cut: {}", error.kind())),
        Error::Capacity(_) => read(Kind::TooLarge, format!("{host} sent more than fits into one message")),
        _ => {
            read(Kind::Unreadable, format!("{host} sent something that is no WebSocket; the connection is opened anew"))
        }
    }
}

pub fn no_handshake(error: &Error, host: &str) -> CallError {
    match error {
        Error::Http(response) if response.status().is_server_error() => {
            read(Kind::Server, format!("{host} has trouble of its own; it is tried again"))
                .with_status(response.status().as_u16())
        }
        Error::Http(response) => read(
            Kind::InTheWay,
            format!("{host} answered with {} instead of a WebSocket; {}", response.status().as_u16(), reach()),
        )
        .with_status(response.status().as_u16()),
        Error::Protocol(_) | Error::HttpFormat(_) => {
            read(Kind::InTheWay, format!("something in between answered instead of {host}; {}", reach()))
        }
        error => cut(error, host),
    }
}

pub fn no_connection(error: &io::Error, host: &str) -> CallError {
    read(Kind::NoConnection, format!("no connection to {host}: {}; {}", error.kind(), reach()))
}

pub fn no_tls(why: &str, host: &str) -> CallError {
    let advice = "check this machine's clock and its trusted certificates; a proxy that opens TLS on the way must have its authority \
                  trusted here";
    read(Kind::NoConnection, format!("TLS with {host} failed: {why}; {advice}"))
}

pub fn no_name(host: &str) -> CallError {
    read(Kind::Refused, format!("{host} is no name that a certificate can be for"))
}

pub fn private(host: &str, ip: IpAddr) -> CallError {
    read(Kind::Refused, format!("{host} resolves to {ip}, which is private and not called"))
}

const fn reach() -> &'static str {
    "let this machine reach it directly, without a proxy; a firewall may be in the way of WebSockets"
}

fn read(kind: Kind, text: String) -> CallError {
    CallError::new(kind, false, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_be(address: &str, base: &str) -> bool {
        checked(&Secret::new(address), &Url::parse(base).unwrap()).is_ok()
    }

    #[test]
    fn only_slacks_own_hosts_over_tls_are_connected_to() {
        for address in ["wss://wss-primary.slack.com/link/?ticket=x", "wss://cerberus-xxxx.lb.slack.com/websocket/x"] {
            assert!(may_be(address, "https://slack.com/api"), "{address}");
        }
        for address in [
            "ws://wss-primary.slack.com/",
            "wss://slack.com.example.com/",
            "wss://evilslack.com/",
            "wss://wss-primary.slack.com:8443/",
            "wss://x@wss-primary.slack.com/",
            "wss://wss-primary.slack.com@192.0.2.1/",
            "wss://10.0.0.1/",
            "https://wss-primary.slack.com/",
        ] {
            assert!(!may_be(address, "https://slack.com/api"), "{address}");
        }
        assert!(may_be("ws://127.0.0.1:9/x", "http://127.0.0.1:8/api"));
        assert!(!may_be("ws://slack.example.jp/x", "https://slack.example.jp/api"), "no TLS where the API has it");
    }
}
