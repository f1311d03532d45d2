//! The bridges: work that is no alert and must not slip. Tickets that nobody watches become a post and a page, people are reminded until
//! somebody moves, and it ends where it is seen to end. What a rule says is decided elsewhere.

pub mod calendar;
mod calendar_fetch;
pub(crate) mod calendar_poll;
mod channel;
pub(crate) mod concern;
mod door;
pub(crate) mod event;
mod fetch;
pub(crate) mod locks;
mod lost;
mod page;
mod poll;
pub(crate) mod push;
mod remind;
mod roster;
#[cfg(test)]
mod tests;
pub(crate) mod tickets;
mod window_keep;
pub(crate) mod windows;

pub(crate) use calendar_fetch::perform as ask_calendar;
pub(crate) use calendar_poll::Read;
pub(crate) use channel::perform as keep_channel;
pub(crate) use concern::shown;
pub use door::routes;
pub(crate) use fetch::perform;
pub(crate) use poll::run;
pub(crate) use remind::{incident as remind_incident, is_latest, run as run_reminders};
pub(crate) use roster::roster;
pub use roster::{EXCEPTION, LEAVE, load as load_roster};
pub(crate) use tickets::{Told, absorb, hinted, timer};
pub use window_keep::CUSTOMER;
pub(crate) use window_keep::{keep as keep_window, keep_nothing as keep_no_window};
pub(crate) use windows::laid_over;

use duties::locale::Locale;
use duties::reminders;
use model::hours::Roster;
use model::ticket::Ticket;
use std::collections::BTreeMap;

/// What is configured about the bridges.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub spaces: Vec<Space>,
    /// How people are spoken to.
    pub locale: Locale,
    /// Who works when, as the file has it.
    pub roster: Roster,
    pub reminders: reminders::Settings,
    /// Calendars that are read, and how their events are judged.
    pub calendars: Vec<calendar::Calendar>,
    pub calendar_rules: duties::calendar::Settings,
    pub calendar_poll_s: i64,
    /// Where Google tells of changes; `None`: it is not asked to.
    pub push_url: Option<String>,
    /// The route whose integration key pages about events go by.
    pub calendar_route: Option<String>,
    /// People by the identities that other systems know them by.
    pub people: Vec<Person>,
    /// User groups in Slack, by the group's id here.
    pub slack_groups: BTreeMap<String, String>,
}

/// A space of Backlog.
#[derive(Clone, Debug)]
pub struct Space {
    pub name: String,
    pub tickets: duties::tickets::Settings,
    /// Whose it is.
    pub customer: Option<String>,
    /// Projects that are another customer's, by key.
    pub customers: BTreeMap<String, String>,
    pub poll_s: i64,
    /// The digest of the secret in the address of its webhooks.
    pub webhook: Option<[u8; 32]>,
    /// The route whose integration key its pages go by.
    pub route: Option<String>,
}

/// Somebody of ours, where reminders look for them.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub slack: Option<String>,
    /// By id or mail address.
    pub pagerduty: Option<String>,
    pub mail: Option<String>,
    /// The address that calendars know them by, where it is another.
    pub calendar: Option<String>,
}

impl Person {
    /// Those that calendars know them by, in small letters.
    pub fn addresses(&self) -> Vec<String> {
        self.calendar.iter().chain(&self.mail).map(|address| address.to_lowercase()).collect()
    }
}

impl Settings {
    /// Whether there is anything that tickets or events come from.
    pub const fn has_any(&self) -> bool {
        !self.spaces.is_empty() || !self.calendars.is_empty()
    }

    pub fn calendar(&self, name: &str) -> Option<&calendar::Calendar> {
        self.calendars.iter().find(|calendar| calendar.name == name)
    }

    /// Whose a ticket is.
    pub fn customer_of(&self, ticket: &Ticket) -> Option<String> {
        self.space(&ticket.space)?.customer_of(&ticket.project).map(str::to_owned)
    }

    pub fn space(&self, name: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.name == name)
    }
}

impl Space {
    pub fn customer_of(&self, project: &str) -> Option<&str> {
        self.customers.get(project).or(self.customer.as_ref()).map(String::as_str)
    }
}
