//! How many requests a user has left: per minute and per kind of request, whatever key or token they come with.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::settings::PerMinute;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Read,
    Update,
    Search,
    Icon,
}

pub(super) const KINDS: [(Kind, &str); 4] =
    [(Kind::Read, "read"), (Kind::Update, "update"), (Kind::Search, "search"), (Kind::Icon, "icon")];

impl Kind {
    pub(super) fn of(word: &str) -> Option<Self> {
        KINDS.iter().find(|(_, name)| *name == word).map(|(kind, _)| *kind)
    }

    fn limit(self, of: &PerMinute) -> u32 {
        match self {
            Self::Read => of.read,
            Self::Update => of.update,
            Self::Search => of.search,
            Self::Icon => of.icon,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    pub limit: u32,
    pub remaining: u32,
    /// Seconds since 1970.
    pub reset_s: i64,
}

impl Left {
    pub(super) fn shown(self) -> Value {
        json!({ "limit": self.limit, "remaining": self.remaining, "reset": self.reset_s })
    }
}

#[derive(Debug, Default)]
pub(super) struct Limits {
    /// (user, kind) → when the minute ends, how many were used in it
    used: HashMap<(u64, Kind), (i64, u32)>,
}

impl Limits {
    fn window(&mut self, user: u64, kind: Kind, now: Timestamp) -> &mut (i64, u32) {
        let now_s = now.as_second();
        let own = self.used.entry((user, kind)).or_insert((now_s + 60, 0));
        // A clock that was set back must not shut a user out for ever.
        if own.0 <= now_s || own.0 > now_s + 60 {
            *own = (now_s + 60, 0);
        }
        own
    }

    /// Takes one; the error holds the same numbers.
    pub(super) fn take(&mut self, user: u64, kind: Kind, of: &PerMinute, now: Timestamp) -> Result<Left, Left> {
        let limit = kind.limit(of);
        let own = self.window(user, kind, now);
        let fits = own.1 < limit;
        if fits {
            own.1 += 1;
        }
        let left = Left { limit, remaining: limit.saturating_sub(own.1), reset_s: own.0 };
        if fits { Ok(left) } else { Err(left) }
    }

    pub(super) fn left(&mut self, user: u64, kind: Kind, of: &PerMinute, now: Timestamp) -> Left {
        let limit = kind.limit(of);
        let own = self.window(user, kind, now);
        Left { limit, remaining: limit.saturating_sub(own.1), reset_s: own.0 }
    }

    /// Nothing is left until the minute is over.
    pub(super) fn exhaust(&mut self, user: u64, kind: Kind, now: Timestamp) {
        self.window(user, kind, now).1 = u32::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_gives_so_many_and_the_next_one_again() {
        let mut own = Limits::default();
        let of = PerMinute { read: 2, ..PerMinute::default() };
        let at = |s: i64| Timestamp::from_second(1_000 + s).expect("an instant");
        let left = |remaining, reset_s| Left { limit: 2, remaining, reset_s };
        assert_eq!(own.take(1, Kind::Read, &of, at(0)), Ok(left(1, 1_060)));
        assert_eq!(own.take(1, Kind::Read, &of, at(1)), Ok(left(0, 1_060)));
        assert_eq!(own.take(1, Kind::Read, &of, at(59)), Err(left(0, 1_060)));
        assert!(own.take(2, Kind::Read, &of, at(59)).is_ok(), "another user has his own");
        assert!(own.take(1, Kind::Update, &of, at(59)).is_ok(), "another kind too");
        assert_eq!(own.take(1, Kind::Read, &of, at(60)), Ok(left(1, 1_120)));
    }
}
