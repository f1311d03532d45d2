//! What a request says about itself: language, address, cookies, where it comes from. Read once, by the outermost
//! layer, before anybody knows who asks. Never trusts any of it.

use crate::Language;
use crate::page::PARTIAL_HEADER;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Uri, header, request::Parts};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

pub(crate) const LANGUAGE_COOKIE: &str = "arayashiki_language";
pub(crate) const CUSTOMER_COOKIE: &str = "arayashiki_customer";
pub(crate) const SESSION_COOKIE: &str = "arayashiki_session";

/// The longest name of a browser that is kept.
const MOST_AGENT_CHARS: usize = 240;

#[derive(Clone, Debug)]
pub struct Asked {
    /// Names this request in the log and on error pages.
    pub reference: String,
    /// Path and query.
    pub address: String,
    pub is_get: bool,
    /// Only the part that moves is wanted.
    pub is_partial: bool,
    /// Where it came from, as far as we can tell.
    pub from: String,
    pub agent: String,
    /// The session's secret as the cookie has it.
    pub(crate) session: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) lang_query: Option<Language>,
    lang_cookie: Option<Language>,
    lang_accept: Option<Language>,
}

impl Asked {
    pub(crate) fn of(parts: &Parts) -> Arc<Self> {
        let headers = &parts.headers;
        let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
        Arc::new(Self {
            reference: hex::encode(rand::random::<[u8; 8]>()),
            address: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            is_get: parts.method == axum::http::Method::GET || parts.method == axum::http::Method::HEAD,
            is_partial: headers.get(PARTIAL_HEADER).is_some_and(|v| v == "1"),
            from: from(parts),
            agent: text(header::USER_AGENT).unwrap_or_default().chars().take(MOST_AGENT_CHARS).collect(),
            session: cookie(headers, SESSION_COOKIE).map(str::to_owned),
            customer: cookie(headers, CUSTOMER_COOKIE).and_then(decoded).filter(|c| !c.is_empty()),
            lang_query: query_value(&parts.uri, "lang").and_then(Language::parse),
            lang_cookie: cookie(headers, LANGUAGE_COOKIE).and_then(Language::parse),
            lang_accept: text(header::ACCEPT_LANGUAGE).and_then(Language::from_accept),
        })
    }

    /// The address asks first, then this browser's cookie, then the account, then the browser's wishes.
    pub fn language(&self, account: Option<Language>, default: Language) -> Language {
        self.lang_query.or(self.lang_cookie).or(account).or(self.lang_accept).unwrap_or(default)
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        self.address.split('?').next().unwrap_or("/")
    }
}

/// The first cookie of this name.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

fn query_value<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    uri.query()?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// A proxy on this very machine tells for whom it asks, last in its list; nobody else is believed.
fn from(parts: &Parts) -> String {
    let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() else {
        return "unknown".to_owned();
    };
    let told = parts.headers.get_all("x-forwarded-for").iter().next_back().and_then(|v| v.to_str().ok());
    let told = told.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse::<IpAddr>().ok());
    match told {
        Some(client) if peer.ip().is_loopback() => client.to_string(),
        _ => peer.ip().to_string(),
    }
}

/// Percent-decoded; `None` if that is no UTF-8 or holds a zero byte, which no database takes.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = (*first == b'%').then(|| tail.get(..2)).flatten().and_then(|hex| {
            let mut byte = [0u8; 1];
            hex::decode_to_slice(hex, &mut byte).ok().map(|()| byte[0])
        });
        rest = if escape.is_some() { &tail[2..] } else { tail };
        bytes.push(escape.unwrap_or(*first));
    }
    String::from_utf8(bytes).ok().filter(|t| !t.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn asked(request: axum::http::request::Builder) -> Arc<Asked> {
        Asked::of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let a = asked(
            Request::get("/?lang=en")
                .header("cookie", "xarayashiki_session=no; arayashiki_session=yes")
                .header("cookie", "arayashiki_customer=%E9%9D%92; arayashiki_language=ja"),
        );
        assert_eq!(a.session.as_deref(), Some("yes"));
        assert_eq!(a.customer.as_deref(), Some("青"));
        assert_eq!(a.language(None, Language::Ja), Language::En);
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        let told = |peer: &str| {
            let peer: SocketAddr = peer.parse().unwrap();
            asked(Request::get("/").header("x-forwarded-for", "198.51.100.7, 203.0.113.9").extension(ConnectInfo(peer)))
                .from
                .clone()
        };
        assert_eq!(told("127.0.0.1:4000"), "203.0.113.9");
        assert_eq!(told("192.0.2.5:4000"), "192.0.2.5");
    }

    #[test]
    fn decoding_refuses_what_is_no_text() {
        assert_eq!(decoded("a%20b%E9%9D%92%zz%").as_deref(), Some("a b青%zz%"));
        assert_eq!((decoded("%ff"), decoded("%00")), (None, None));
    }
}
