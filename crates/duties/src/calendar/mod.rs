//! Events of a calendar are promises with a time: people hear of them so long before, until somebody acts or the event ends
//! unserved. A maintenance opens a window. Decides; reads no calendar and sends nothing.

mod away;
mod decide;
mod lead;
mod lost;
mod notice;
mod promise;
mod rule;
mod standing;
mod trouble;
mod window;
pub mod words;

#[cfg(test)]
mod tests;

pub use away::{Known, holidays, leaves};
pub use decide::decide;
pub use lead::{Lead, Problem};
pub use notice::{Act, Acted, Announcement, CloseWhy, End, EndWhy, Notice, Unserved, Window};
pub use rule::{Outcome, Purpose, Rule, Settings};
pub use standing::{Standing, standing};
pub use trouble::{Refusal, WindowTrouble};

use model::Micros;
use model::calendar::CalendarEvent;
use model::signal::Origin;
use serde::{Deserialize, Serialize};

pub const DUTY: &str = "calendar";
/// The version of the stored memory.
pub const VERSION: i64 = 1;

/// What is known when an event is decided on.
#[derive(Clone, Debug)]
pub struct View<'a> {
    pub sighting: Sighting<'a>,
    pub memory: &'a Memory,
    pub origin: Origin,
    /// When its calendar was first read: what had begun by then calls nobody.
    pub baseline_at: Micros,
    /// Somebody acted on the open notice.
    pub act: Option<&'a Act>,
}

#[derive(Clone, Copy, Debug)]
pub enum Sighting<'a> {
    /// As the calendar shows it now.
    Event(&'a CalendarEvent),
    /// It was deleted.
    Gone,
    /// Its timer has fired: nothing new of it, and no timer is set any more.
    Timer,
    /// Nothing new of it: somebody acted.
    Known,
}

/// What is remembered of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// As last seen.
    pub event: Option<CalendarEvent>,
    /// Counts the times it was planned for; moving it is another one.
    pub generation: i64,
    /// Nothing more is to be done for this generation.
    pub is_over: bool,
    /// Somebody served this generation.
    pub is_served: bool,
    /// The last instant at which an early post was due that was made.
    pub announced: Option<Micros>,
    /// The notice that is open.
    pub notice: Option<Notice>,
    /// The last one that ended.
    pub ended: Option<(Notice, End)>,
    /// The window that is open or to come.
    pub window: Option<Window>,
    /// For when its timer is set.
    pub timer: Option<Micros>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    pub memory: Memory,
    pub steps: Vec<Step>,
}

/// What follows, in order; plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An early post; pages nobody.
    Announce(Announcement),
    /// The time has come.
    Notice(Notice),
    /// Title, text, place or end changed while the notice is open: what was posted is to show it.
    Update {
        notice: String,
    },
    /// The notice is over: what it opened is to be closed. `end.why.is_withdrawn()`: it was for nothing.
    Ended {
        notice: Notice,
        end: End,
    },
    /// It is over, and nobody served it. Pages nobody.
    Unserved(Unserved),
    OpenWindow(Window),
    /// The same window, at other times.
    ChangeWindow(Window),
    CloseWindow {
        window: Window,
        why: CloseWhy,
    },
    /// It had begun at first contact: nobody hears of it.
    WouldHave {
        rule: String,
    },
    /// An event has one timer.
    SetTimer {
        due: Micros,
    },
    CancelTimer,
}

/// The name of an alert of ours about an event: the same for ever, and short whatever the event is called.
pub fn dedup_key(event: &str, generation: i64) -> String {
    let digest = model::signal::digest(event.as_bytes());
    format!("arayashiki/event/{}/{generation}", hex::encode(digest.get(..8).unwrap_or_default()))
}
