//! A maintenance window of ours in PagerDuty: from when to when, for what, how it stands there, and what to do where it does not.

use super::Said;
use crate::markup::Markup;
use crate::view::{Frame, link};
use crate::when;
use duties::calendar::words;
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
    /// Why it is not as it should be, as it is kept.
    pub trouble: Option<String>,
}

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

    pub fn why(&self, f: &Frame) -> Option<String> {
        self.trouble.as_deref().map(|kept| words::window_why(&f.locale(), kept))
    }

    /// There is still something to do about it.
    pub fn step(&self, f: &Frame) -> Option<String> {
        self.trouble.as_ref().filter(|_| self.state != WindowState::Never).map(|_| f.t("own-window-do"))
    }
}

/// Before a customer's id, where all of its services are meant.
pub(crate) const CUSTOMER: &str = "customer:";
