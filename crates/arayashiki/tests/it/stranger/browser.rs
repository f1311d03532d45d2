//! A browser without JavaScript: keeps cookies, sends forms, follows nothing by itself.

use crate::outside::http::{Answer, Request};
use std::collections::BTreeMap;
use std::net::SocketAddr;

pub struct Browser {
    to: SocketAddr,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(to: SocketAddr) -> Self {
        Self { to, cookies: BTreeMap::new() }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send(Request::new("GET", path))
    }

    /// Sends a form, as a page of the same origin does.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let coded: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let request = Request { body: coded.join("&").into_bytes(), ..Request::new("POST", path) };
        let origin = format!("http://{}", self.to);
        let request = request.with("content-type", "application/x-www-form-urlencoded").with("origin", origin);
        self.send(request.with("sec-fetch-site", "same-origin"))
    }

    fn send(&mut self, request: Request<'_>) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.with("cookie", cookies.join("; ")) };
        let answer = request.send(self.to).unwrap();
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
        }
        answer
    }

    pub fn has_cookie(&self, name: &str) -> bool {
        self.cookies.get(name).is_some_and(|value| !value.is_empty())
    }

    pub fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.post("/sign-in", &[("email", email), ("password", password), ("next", "/")])
    }
}

/// Everything but letters and digits, by number.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") })
        .collect()
}
