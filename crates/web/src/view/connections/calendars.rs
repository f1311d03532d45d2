//! Calendars: whether each is read, and whether Google tells of its changes, until when, or why not. Never shows an address of a feed.

use super::Said;
use crate::state::Pushing;
use crate::view::Frame;
use model::Micros;
use model::connection::PartUnread;

#[derive(Clone, Debug, Default)]
pub struct CalendarsView {
    pub pushing: Pushing,
    /// Those of the configuration, in its order.
    pub rows: Vec<CalendarConnection>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarConnection {
    pub name: String,
    /// When it was last read.
    pub read_at: Option<Micros>,
    /// Why it can't be read.
    pub why: Option<String>,
    pub unread: Option<PartUnread>,
    pub push: Push,
}

/// How we hear of its changes beside asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Push {
    /// An ICS address tells nothing.
    Feed,
    Off,
    /// Google calls https addresses alone.
    NoAddress,
    /// After its first list, or just asked for.
    Waits,
    /// Nothing has come by it yet.
    Open {
        until: Micros,
    },
    Works {
        until: Micros,
        heard_at: Micros,
    },
    Refused {
        why: String,
    },
}

impl Push {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Off => "off",
            Self::NoAddress => "no_address",
            Self::Waits => "waits",
            Self::Open { .. } => "open",
            Self::Works { .. } => "works",
            Self::Refused { .. } => "refused",
        }
    }

    pub const fn until(&self) -> Option<Micros> {
        match self {
            Self::Open { until } | Self::Works { until, .. } => Some(*until),
            _ => None,
        }
    }

    pub const fn heard_at(&self) -> Option<Micros> {
        match self {
            Self::Works { heard_at, .. } => Some(*heard_at),
            _ => None,
        }
    }

    pub fn refused(&self) -> Option<&str> {
        match self {
            Self::Refused { why } => Some(why),
            _ => None,
        }
    }
}

impl CalendarConnection {
    pub const fn state(&self) -> &'static str {
        match (&self.why, &self.unread, &self.push, self.read_at) {
            (Some(_), ..) | (_, Some(_), ..) | (_, _, Push::Refused { .. }, _) => "acknowledged",
            (None, None, _, None) => "unknown",
            (None, None, _, Some(_)) => "resolved",
        }
    }

    /// What of it could not be read.
    pub fn unread_words(&self, f: &Frame) -> Option<String> {
        let told = self.unread.as_ref()?;
        Some(f.t2("calendar-part-unread", "n", told.count, "first", f.whole(&told.first)))
    }

    pub fn text(&self, f: &Frame) -> String {
        f.word("calendar-push", self.push.name())
    }

    /// What keeps it from being read, or Google from telling.
    pub fn trouble(&self) -> Option<&str> {
        self.why.as_deref().or_else(|| self.push.refused())
    }
}

impl CalendarsView {
    pub const fn is_used(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Names of calendars may be a customer's.
    pub(super) fn narrowed(self) -> Self {
        Self::default()
    }

    pub fn said(&self, f: &Frame) -> Said {
        let unread: Vec<&CalendarConnection> = self.rows.iter().filter(|row| row.why.is_some()).collect();
        if !unread.is_empty() {
            let what = f.t2("conn-calendars-unread", "n", unread.len(), "which", names(f, &unread));
            return Said::new("acknowledged", what, f.t("cause-do-elsewhere"));
        }
        let partly: Vec<&CalendarConnection> = self.rows.iter().filter(|row| row.unread.is_some()).collect();
        if !partly.is_empty() {
            let what = f.t2("conn-calendars-partly", "n", partly.len(), "which", names(f, &partly));
            return Said::new("acknowledged", what, f.t("conn-calendars-partly-do"));
        }
        let refused: Vec<&CalendarConnection> = self.rows.iter().filter(|row| row.push.refused().is_some()).collect();
        if !refused.is_empty() {
            let what = f.t2("conn-calendars-refused", "n", refused.len(), "which", names(f, &refused));
            return Said::new("acknowledged", what, f.t("conn-calendars-refused-do"));
        }
        if self.rows.iter().any(|row| row.read_at.is_none()) {
            return Said { state: "unknown", what: f.t("conn-calendars-first"), remedy: None };
        }
        let by_push = self.rows.iter().filter(|row| row.push.heard_at().is_some()).count();
        let what = f.t2("conn-calendars-good", "n", self.rows.len(), "pushed", by_push);
        match self.pushing {
            Pushing::NoAddress => Said::new("resolved", what, f.t("conn-calendars-address-do")),
            Pushing::On | Pushing::Off => Said::good(what),
        }
    }
}

fn names(f: &Frame, rows: &[&CalendarConnection]) -> String {
    f.join(&rows.iter().map(|row| f.short(&row.name)).collect::<Vec<_>>())
}
