//! Why a call of PagerDuty came to nothing, told from the connector's words, and what a person can do about it. What has
//! no words that are known here gets advice that is never wrong.

use super::Frame;

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

#[cfg(test)]
mod tests {
    use super::*;

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
