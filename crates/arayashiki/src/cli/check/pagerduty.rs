//! The PagerDuty account: reached, whose key, what it may, the clock, the rate limit, and the webhook subscriptions. Reads,
//! and tries one write that PagerDuty can only refuse.

mod subscriptions;
mod unasked;
mod users;

pub use subscriptions::secret;

use super::PATIENCE;
use super::line::Line;
use crate::config::{Config, Mode};
use crate::wiring;
use connectors::http::Settings;
use connectors::pagerduty::{Client, Identity, Subscription, TokenLevel};
use connectors::{Call, Class, Kind};
use std::time::Instant;

/// All of a check has to end while somebody watches.
const LIMITS: Settings = Settings { connect_timeout_ms: 5_000, call_timeout_ms: 8_000, max_response_bytes: 8 << 20 };
const CLOCK_OFF_MS: i64 = 30_000;

const LOOK_OUT: &str = "look at this machine's way out, and at status.pagerduty.com";
const ONCE_MORE: &str = "run this again in a minute; see status.pagerduty.com if it stays so";

/// The lists without which nothing is mirrored.
const NEEDED: [&str; 2] = ["incidents", "log_entries"];

/// What was found, and our webhook subscriptions as far as they could be read.
#[derive(Default)]
pub struct Found {
    pub lines: Vec<Line>,
    pub subscriptions: Option<Vec<Subscription>>,
}

impl Found {
    fn only(line: Line) -> Self {
        Self { lines: vec![line], subscriptions: None }
    }
}

pub async fn look(config: &Config) -> Found {
    let client = match wiring::rest(config, LIMITS) {
        Ok(Some(client)) => client,
        Ok(None) => {
            return Found::only(Line::warn(
                "reached",
                "no [pagerduty] token is set: only webhooks are mirrored, and nothing that they miss is found",
                "put a REST API key there",
            ));
        }
        Err(failure) => {
            return Found::only(Line::fail("reached", failure.text(), "write the address as PagerDuty prints it"));
        }
    };
    let url = &config.pagerduty.api_url;
    let asked = Asked { config, client: &client, url };
    tokio::time::timeout(PATIENCE, asked.all()).await.unwrap_or_else(|_| {
        let text = format!("{url} did not answer everything within {} s", PATIENCE.as_secs());
        Found::only(Line::fail("reached", text, LOOK_OUT))
    })
}

struct Asked<'a> {
    config: &'a Config,
    client: &'a Client,
    url: &'a str,
}

impl Asked<'_> {
    fn call(&self) -> Call {
        Call::new(Class::Live, store::Clock::default().now())
    }

    async fn all(&self) -> Found {
        let begun = Instant::now();
        let identity = self.client.current_identity(&self.call()).await;
        let took_ms = begun.elapsed().as_millis();
        let mut found = Found::default();
        let in_the_way = identity.as_ref().err().filter(|error| unasked::is_in_the_way(error));
        let stopper = in_the_way.map(|error| unasked::first(error, self.url));
        if stopper.as_ref().is_none_or(|line| line.what != "reached") {
            found.lines.push(Line::ok("reached", format!("{} answered within {took_ms} ms", self.url)));
        }
        if let Some(stopper) = stopper {
            found.lines.push(stopper);
            return found;
        }
        let (level, listed) = tokio::join!(self.level(), subscriptions::ours(self.client, self.config, self.call()));
        found.lines.extend(level);
        found.lines.push(self.clock());
        found.lines.push(self.rate());
        match listed {
            Ok((lines, ours)) => {
                found.lines.extend(lines);
                found.subscriptions = Some(ours);
            }
            // Named among what the key may not read.
            Err(error) if matches!(error.kind, Kind::Auth | Kind::Forbidden) => {}
            Err(error) => found.lines.push(unasked::line("subscription", &error, self.url)),
        }
        found
    }

    async fn level(&self) -> Vec<Line> {
        let level = match self.client.token(&self.call()).await {
            Ok(level) => level,
            Err(error) => return vec![unasked::line("level", &error, self.url)],
        };
        let mut lines = vec![identity(&level.identity), self.may_write(&level)];
        let missing = match self.client.scopes(&self.call(), 0, usize::MAX).await {
            Ok(scopes) => scopes.missing,
            Err(error) => {
                lines.push(unasked::line("missing", &error, self.url));
                return lines;
            }
        };
        if missing.is_empty() {
            lines.push(Line::ok("missing", "nothing: the key may read all that is read"));
        }
        if !missing.iter().any(|missing| missing.what == "users") {
            lines.extend(users::strangers(self.client, self.config, || self.call()).await);
        }
        lines.extend(
            missing.iter().map(|missing| unasked::missing(missing, NEEDED.contains(&missing.what.as_str()), self.url)),
        );
        lines
    }

    fn may_write(&self, level: &TokenLevel) -> Line {
        let wanting = self.wants_to_write();
        let is_account = matches!(level.identity, Identity::Account { .. });
        match level.can_write {
            Some(true)
                if is_account && self.config.link_note.mode == Mode::Post && self.config.pagerduty.from.is_none() =>
            {
                Line::warn(
                    "level",
                    "full, but [link_note] mode = \"post\" has no name to write in",
                    "set [pagerduty] from to the mail address of a PagerDuty user",
                )
            }
            Some(true) => Line::ok("level", "full: people can act from here, each as their own PagerDuty user"),
            Some(false) if wanting.is_empty() => Line::ok(
                "level",
                "read-only: mirror, pages, search, figures and history work; acts are hidden, and a subscription that \
                 PagerDuty switched off is not switched on again",
            ),
            Some(false) => Line::warn(
                "level",
                format!("read-only, so that {} does nothing", wanting.join(" and ")),
                "take a key that may write, or set them to \"observe\"",
            ),
            None => Line::fail("level", "whether the key may write could not be found out", self.unknown_level()),
        }
    }

    /// The one write is tried in somebody's name.
    fn unknown_level(&self) -> &'static str {
        if self.config.pagerduty.from.is_some() {
            return ONCE_MORE;
        }
        "set [pagerduty] from to the mail address of a PagerDuty user and run this again"
    }

    fn wants_to_write(&self) -> Vec<&'static str> {
        let modes = [
            (self.config.link_note.mode, "[link_note] mode = \"post\""),
            (self.config.webhook_guard.mode, "[webhook_guard] mode = \"post\""),
        ];
        modes.into_iter().filter(|(mode, _)| *mode == Mode::Post).map(|(_, text)| text).collect()
    }

    fn clock(&self) -> Line {
        let Some(off_ms) = self.client.clock_offset_ms() else {
            return Line::warn("clock", "PagerDuty's answers carry no time to compare with", "");
        };
        // PagerDuty tells whole seconds.
        let (off_s, way) = (off_ms.abs() as f64 / 1e3, if off_ms > 0 { "behind" } else { "ahead of" });
        if off_ms.abs() <= CLOCK_OFF_MS {
            return Line::ok("clock", format!("within {:.0} s of PagerDuty's", off_s.ceil()));
        }
        Line::warn(
            "clock",
            format!("this machine's clock is {off_s:.0} s {way} PagerDuty's"),
            "set the machine's time (NTP): spans of history and the times on the pages are measured by it",
        )
    }

    fn rate(&self) -> Line {
        let now = store::Clock::default().now();
        let limit = self.client.limiter().snapshot(now);
        if limit.reset_at.is_none() {
            return Line::ok("rate limit", "PagerDuty did not say what is left; 960 calls a minute are assumed");
        }
        let text = format!("{} of {} calls a minute are left", limit.remaining, limit.limit);
        // A backfill takes up to half, and other reading may take the rest but a tenth.
        if limit.remaining < limit.limit / 10 {
            let remedy = "something else uses the same key: make one for Arayashiki alone";
            return Line::warn("rate limit", text, remedy);
        }
        Line::ok("rate limit", text)
    }
}

fn identity(identity: &Identity) -> Line {
    match identity {
        Identity::Account { .. } => Line::ok("identity", "the account's own key"),
        Identity::User(user) => {
            let mail = user.email.as_ref().map(|mail| format!(" <{mail}>")).unwrap_or_default();
            Line::ok(
                "identity",
                format!(
                    "the key of {}{mail}: it sees what that user sees, and acts as that user alone",
                    user.reference.name
                ),
            )
        }
    }
}
