//! How far the answer of *Now* can be relied on: nothing is called closed, and nothing calm, that nobody can know.

use super::Frame;
use crate::i18n::Arg;
use crate::when;
use model::Micros;
use model::time::SECOND_US;

/// Older than this, an hour alone would name the wrong day.
const DAY_S: i64 = 86_400;

/// Why the list of what is open is not the truth of this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// What came from this instant on is not read yet.
    Unread { at: Micros, waiting: u64 },
    /// PagerDuty's log was last read through then.
    Stale { at: Micros },
    /// All that is open was last listed then, and nothing tells of what happened since.
    Listed { at: Micros },
    /// All that is open was never listed.
    Unlisted,
    /// The key may not read incidents.
    Blind,
}

impl Doubt {
    /// That nothing is open, as far as it is known.
    pub fn none(&self, f: &Frame) -> String {
        let key = match self {
            Self::Unread { .. } => "now-none-unread",
            Self::Stale { .. } => "now-none-stale",
            Self::Listed { .. } => "now-none-listed",
            Self::Unlisted => "now-none-unlisted",
            Self::Blind => "now-none-blind",
        };
        self.say(f, key, String::new())
    }

    /// What is open, as far as it is known.
    pub fn some(&self, f: &Frame, said: String) -> String {
        let key = match self {
            Self::Unread { .. } => "now-open-unread",
            Self::Stale { .. } => "now-open-stale",
            Self::Listed { .. } => "now-open-listed",
            Self::Unlisted => "now-open-unlisted",
            Self::Blind => "now-open-blind",
        };
        self.say(f, key, said)
    }

    fn say(&self, f: &Frame, key: &str, said: String) -> String {
        let (at, waiting) = match *self {
            Self::Unread { at, waiting } => (Some(at), waiting),
            Self::Stale { at } | Self::Listed { at } => (Some(at), 0),
            Self::Unlisted | Self::Blind => (None, 0),
        };
        let at = at.map(|at| instant(f, at)).unwrap_or_default();
        f.t_args(key, &[("said", said.value()), ("at", at.value()), ("waiting", waiting.value())])
    }
}

/// The hour to the second; with its day where that is not clear.
fn instant(f: &Frame, at: Micros) -> String {
    if f.now.since(at) < DAY_S * SECOND_US {
        return format!("{} {}", when::clock(&f.zone, at), when::zone_name(&f.zone, at));
    }
    when::exact(f.language, &f.zone, f.now, at)
}
