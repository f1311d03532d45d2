//! What the configuration says about spaces of Backlog and calendars, as far as pages tell of it. Plain data.

/// Spaces and calendars by the names that people gave them.
#[derive(Clone, Debug, Default)]
pub struct Bridges {
    pub spaces: Vec<Space>,
    pub calendars: Vec<Calendar>,
    pub pushing: Pushing,
    /// By which events are chosen.
    pub rules: duties::calendar::Settings,
}

/// A space of Backlog.
#[derive(Clone, Debug)]
pub struct Space {
    pub name: String,
    /// Its webhooks come to us; else it is asked from time to time.
    pub hears: bool,
    /// By which its tickets are judged: who is who there, and the rules.
    pub tickets: duties::tickets::Settings,
}

/// A calendar that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub name: String,
    pub customer: Option<String>,
    /// By the API of Google; else it is a feed.
    pub is_google: bool,
    pub reads: Reads,
}

/// Whether Google is asked to tell of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pushing {
    On,
    #[default]
    Off,
    /// It is, and there is no https address that it could tell.
    NoAddress,
}

/// What a calendar is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    Events,
    Leave,
    Holidays,
}

impl Reads {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Leave => "leave",
            Self::Holidays => "holidays",
        }
    }
}

impl Bridges {
    pub fn space(&self, name: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.name == name)
    }

    /// Calendars of leave and holidays: what stands in them is people's own, and no promise.
    pub fn is_private(&self, calendar: &str) -> bool {
        self.calendars.iter().any(|one| one.name == calendar && one.reads != Reads::Events)
    }

    pub fn private(&self) -> Vec<String> {
        let own = self.calendars.iter().filter(|one| one.reads != Reads::Events);
        own.map(|one| one.name.clone()).collect()
    }
}
