//! A maintenance window of ours in PagerDuty: from when to when, for what, how it stands there, and what to do where it does not.

use super::Said;
use crate::markup::Markup;
use crate::view::{Frame, link};
use crate::when;
use model::Micros;

/// How a window stands in PagerDuty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowState {
    /// It is wanted, and is not there yet.
    Waits,
    Stands,
    /// It stands there, and is wanted otherwise since.
    Changes,
    /// It is wanted no more.
    Ends,
    Over,
    /// It is over, and was never opened.
    Never,
    /// Somebody ended it over there.
    Gone,
}

impl WindowState {
    pub const ALL: [Self; 7] =
        [Self::Waits, Self::Stands, Self::Changes, Self::Ends, Self::Over, Self::Never, Self::Gone];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Stands => "stands",
            Self::Changes => "changes",
            Self::Ends => "ends",
            Self::Over => "over",
            Self::Never => "never",
            Self::Gone => "gone",
        }
    }
}

#[derive(Clone, Debug)]
pub struct WindowRow {
    pub starts_at: Micros,
    pub ends_at: Micros,
    /// As they are configured.
    pub services: Vec<String>,
    /// What those of them are called that mean all services of a customer.
    pub customers: Vec<String>,
    pub state: WindowState,
    /// PagerDuty's id of it, and its page there.
    pub pagerduty: Option<String>,
    pub url: Option<String>,
    pub opened_at: Option<Micros>,
    pub over_at: Option<Micros>,
    /// Why it is not as it should be; in our own words or the connector's.
    pub trouble: Option<String>,
}

/// What the engine says itself of a window's trouble: how it begins, and the words for it.
const TROUBLES: [(&str, &str); 3] = [
    ("it was to have begun and PagerDuty has not taken it yet", "own-window-late"),
    ("its time is over, and it was never opened", "own-window-missed"),
    ("no [pagerduty] token is set", "own-window-no-token"),
];

impl WindowRow {
    pub fn mark(&self, f: &Frame) -> Markup {
        let (shape, words) = self.said(f);
        f.mark(shape, words)
    }

    /// How it stands: a shape and words.
    pub fn said(&self, f: &Frame) -> Said {
        let at = |at: Option<Micros>| at.map_or_else(String::new, |at| when::exact(f.language, &f.zone, f.now, at));
        let (shape, words) = match self.state {
            WindowState::Waits => ("unknown", f.t("own-window-waits")),
            WindowState::Stands => ("acknowledged", f.t1("own-window-stands", "at", at(self.opened_at))),
            WindowState::Changes => ("acknowledged", f.t1("own-window-changes", "at", at(self.opened_at))),
            WindowState::Ends => ("acknowledged", f.t("own-window-ends")),
            WindowState::Over => ("resolved", f.t1("own-window-over", "at", at(self.over_at))),
            WindowState::Never => ("unknown", f.t("own-window-never")),
            WindowState::Gone => ("unknown", f.t1("own-window-gone", "at", at(self.over_at))),
        };
        (if self.trouble.is_some() { "triggered" } else { shape }, words)
    }

    /// What nobody is paged for meanwhile.
    pub fn what(&self, f: &Frame) -> String {
        let named = self.services.iter().filter(|service| !service.starts_with(CUSTOMER)).map(|name| f.short(name));
        let all = self.customers.iter().map(|name| f.t1("own-window-all-of", "customer", f.short(name)));
        named.chain(all).collect::<Vec<_>>().join(&f.t("list-comma"))
    }

    pub fn url(&self) -> Option<&str> {
        self.url.as_deref().and_then(link)
    }

    /// Why it is not as it should be, in the reader's language where the words are known.
    pub fn why(&self, f: &Frame) -> Option<String> {
        let why = self.trouble.as_deref()?;
        let known = TROUBLES.into_iter().find(|(begins, _)| why.starts_with(begins)).map(|(_, key)| f.t(key));
        Some(known.or_else(|| unknown(f, why)).unwrap_or_else(|| f.fault(why)))
    }

    /// There is still something to do about it.
    pub fn step(&self, f: &Frame) -> Option<String> {
        self.trouble.as_ref().filter(|_| self.state != WindowState::Never).map(|_| f.t("own-window-do"))
    }
}

/// Before a customer's id, where all of its services are meant.
pub(crate) const CUSTOMER: &str = "customer:";

/// What is configured names no service.
fn unknown(f: &Frame, why: &str) -> Option<String> {
    let (named, rest) = why.strip_prefix("no service of PagerDuty is meant by ")?.split_once(": write its id")?;
    let rule = rest.split('"').nth(1)?;
    Some(f.t2("own-window-unknown", "named", f.brief(named), "rule", f.brief(rule)))
}
