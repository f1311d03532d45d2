//! Why a call of PagerDuty came to nothing, told from the connector's words, and what a person can do about it. What has
//! no words that are known here gets advice that is never wrong.

use super::Frame;
use crate::Language;
use crate::i18n::Arg;

/// What failed, as far as the remedy differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Key,
    Scope,
    Plan,
    Redirect,
    Limit,
    /// PagerDuty's own trouble.
    Server,
    Name,
    Tls,
    Private,
    /// The address is there and refuses the connection.
    Port,
    Reach,
    Silent,
    /// Something answers that is not PagerDuty's API.
    Garbled,
    Other,
}

/// In this order: the first whose words are there.
const WORDS: [(&str, Cause); 18] = [
    ("something in between", Cause::Redirect),
    ("a page for people came", Cause::Redirect),
    ("redirect", Cause::Redirect),
    ("401", Cause::Key),
    ("(402", Cause::Plan),
    ("403", Cause::Scope),
    ("(429", Cause::Limit),
    ("rate limit", Cause::Limit),
    ("trouble of its own", Cause::Server),
    ("can't be resolved", Cause::Name),
    ("TLS failed", Cause::Tls),
    ("which is private", Cause::Private),
    ("refused it", Cause::Port),
    ("no connection", Cause::Reach),
    ("did not answer in time", Cause::Silent),
    ("was cut", Cause::Silent),
    ("answer can't be read", Cause::Garbled),
    ("answered with more than", Cause::Garbled),
];

impl Cause {
    pub fn of(why: &str) -> Self {
        WORDS.into_iter().find(|(words, _)| why.contains(words)).map_or(Self::Other, |(_, cause)| cause)
    }

    pub fn remedy(self, f: &Frame) -> String {
        f.word("cause-do", self.name())
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Scope => "scope",
            Self::Plan => "plan",
            Self::Redirect => "redirect",
            Self::Limit => "limit",
            Self::Server => "server",
            Self::Name => "name",
            Self::Tls => "tls",
            Self::Private => "private",
            Self::Port => "port",
            Self::Reach => "reach",
            Self::Silent => "silent",
            Self::Garbled => "garbled",
            Self::Other => "other",
        }
    }
}

/// What the connectors say of a call that came to nothing: whom it was to stands between the first and the second.
const FAULTS: [(&str, &str, &str); 10] = [
    ("server", "", " has trouble of its own"),
    ("forbidden", "", " does not allow this"),
    ("key", "", " refused the token"),
    ("limit", "waiting for ", "'s rate limit"),
    ("limit", "", "'s rate limit is used up"),
    ("between", "something in between answered instead of ", ""),
    ("silent", "", " did not answer in time"),
    ("cut", "the connection to ", " was cut"),
    ("reach", "no connection to ", ": "),
    ("garbled", "", "'s answer can't be read"),
];

impl Frame {
    /// Why a call came to nothing, in the reader's language where its words are known; PagerDuty's own words stay in it. Our
    /// words for it are English.
    pub fn fault(&self, why: &str) -> String {
        let known = FAULTS.iter().find_map(|fault| matched(why.trim(), fault));
        match known.filter(|_| self.language != Language::En) {
            Some((kind, whom, rest)) => {
                let detail = [code(rest), said(why)].concat();
                let (whom, detail) = (self.short(whom), self.brief(&detail));
                self.t_args(fault_key(kind), &[("whom", whom.value()), ("detail", detail.value())])
            }
            None => self.whole(why),
        }
    }
}

fn matched<'a>(
    why: &'a str,
    (kind, before, after): &(&'static str, &str, &str),
) -> Option<(&'static str, &'a str, &'a str)> {
    let rest = why.strip_prefix(before)?;
    let (whom, rest) =
        if after.is_empty() { rest.split_at(rest.find(" (").unwrap_or(rest.len())) } else { rest.split_once(after)? };
    // A sentence of somebody else's may have these words somewhere in it.
    (!whom.is_empty() && !whom.contains(": ") && whom.len() < 80).then_some((*kind, whom, rest))
}

/// The status and code in brackets behind it.
fn code(rest: &str) -> String {
    let code = rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(code, _)| code);
    let code = code.filter(|code| code.starts_with(|first: char| first.is_ascii_digit()));
    code.map(|code| format!(" ({code})")).unwrap_or_default()
}

/// What the other side said itself stands in quotes.
fn said(why: &str) -> String {
    let quoted = why.split_once('\u{201c}').and_then(|(_, rest)| rest.split_once('\u{201d}'));
    quoted.map(|(said, _)| format!(" “{said}”")).unwrap_or_default()
}

fn fault_key(kind: &str) -> &'static str {
    match kind {
        "server" => "fault-server",
        "forbidden" => "fault-forbidden",
        "key" => "fault-key",
        "limit" => "fault-limit",
        "between" => "fault-between",
        "silent" => "fault-silent",
        "cut" => "fault-cut",
        "reach" => "fault-reach",
        _ => "fault-garbled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_and_how_are_found_in_the_connectors_words() {
        let of = |why| {
            FAULTS.iter().find_map(|fault| matched(why, fault)).map(|(kind, whom, rest)| (kind, whom, code(rest)))
        };
        for (why, kind, whom, detail) in [
            ("PagerDuty has trouble of its own (503): see status.pagerduty.com", "server", "PagerDuty", " (503)"),
            ("PagerDuty refused the token (401, code 2006): a wrong key", "key", "PagerDuty", " (401, code 2006)"),
            ("waiting for Slack's rate limit; nothing was sent", "limit", "Slack", ""),
            ("PagerDuty's rate limit is used up (429): it goes out when", "limit", "PagerDuty", " (429)"),
            ("something in between answered instead of PagerDuty (302)", "between", "PagerDuty", " (302)"),
            ("api.example.com did not answer in time", "silent", "api.example.com", ""),
            ("the connection to api.example.com was cut: reset", "cut", "api.example.com", ""),
            ("no connection to api.x: y; TLS failed", "reach", "api.x", ""),
        ] {
            assert_eq!(of(why), Some((kind, whom, detail.to_owned())), "{why}");
        }
        assert_eq!(of("who knows: PagerDuty has trouble of its own"), None);
        assert_eq!(
            said("does not allow this (403) \u{201c}Access Denied\u{201d}: the token lacks"),
            " “Access Denied”"
        );
    }

    #[test]
    fn the_connectors_words_lead_to_a_remedy() {
        for (why, cause) in [
            ("PagerDuty refused the token (401, code 2006): a wrong key, or a key of the other region", Cause::Key),
            ("PagerDuty does not allow this (403) \u{201c}Access Denied\u{201d}: the token lacks", Cause::Scope),
            ("PagerDuty does not allow this (402): the account's plan lacks what oncalls needs", Cause::Plan),
            (
                "api.pagerduty.com answered with a redirect (302), which is never followed: check the URL",
                Cause::Redirect,
            ),
            ("PagerDuty's rate limit is used up (429): it goes out when the limit allows", Cause::Limit),
            ("PagerDuty has trouble of its own (500): see status.pagerduty.com; it is tried again", Cause::Server),
            ("no connection to api.x: y; the name can't be resolved: check the configured address", Cause::Name),
            ("no connection to api.x: y; TLS failed: check this machine's clock", Cause::Tls),
            ("no connection to 127.0.0.1: y; port 9 refused it: check the configured address", Cause::Port),
            ("no connection to api.x: y; let this machine reach port 443 there directly", Cause::Reach),
            ("api.x resolves to 10.0.0.1, which is private; give the address itself", Cause::Private),
            ("api.pagerduty.com did not answer in time", Cause::Silent),
            ("the connection to api.pagerduty.com was cut: reset", Cause::Silent),
            ("PagerDuty's answer can't be read at ., line 1 column 1: expected value", Cause::Garbled),
            ("something new", Cause::Other),
        ] {
            assert_eq!(Cause::of(why), cause, "{why}");
        }
    }
}
