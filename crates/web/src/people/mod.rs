//! Our own people, their hours and how their tickets are judged, as far as pages tell of it and change it: who may see and enter
//! what, and forms made into what is kept. Renders nothing.

mod entry;
mod rule_form;
mod whose;

pub use entry::{Draft, Wrong};
pub(crate) use entry::{Entered, bounds, leave_now, read as read_entry};
pub use rule_form::{RuleDraft, RuleWrong};
pub(crate) use rule_form::{may_say, whens, word};
pub(crate) use whose::{Known, Right, known, right};

use duties::tickets;
use model::Micros;
use model::hours::{Roster, Zone};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Tx, Unit};

/// What the configuration says about people and tickets.
#[derive(Clone, Debug, Default)]
pub struct People {
    pub persons: Vec<Member>,
    pub groups: Vec<Team>,
    /// The installation's zone, in which hours are told that nobody has.
    pub zone: Zone,
    pub spaces: Vec<TicketSpace>,
    /// The ids of all customers.
    pub customers: Vec<String>,
    pub roster: RosterOf,
}

/// A `[[person]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    pub id: String,
    pub name: String,
    /// Id or mail address in PagerDuty.
    pub pagerduty: Option<String>,
    pub mail: Option<String>,
}

/// A `[[group]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Team {
    pub id: String,
    pub name: String,
    pub members: Vec<String>,
}

/// A space of tickets, and how they are judged by the file alone.
#[derive(Clone, Debug)]
pub struct TicketSpace {
    pub name: String,
    pub settings: tickets::Settings,
    /// Whose it is.
    pub customer: Option<String>,
    /// Projects that are another customer's, by key.
    pub customers: BTreeMap<String, String>,
}

/// Who works when at an instant and after, as the engine goes by it: what pages tell must be what calls people.
#[derive(Clone)]
pub struct RosterOf(pub Arc<RosterFn>);

pub type RosterFn = dyn for<'t> Fn(&'t mut Tx, Micros) -> Unit<'t, Roster> + Send + Sync;

impl Default for RosterOf {
    fn default() -> Self {
        Self(Arc::new(|_, _| Box::pin(async { Ok(Roster::default()) })))
    }
}

impl std::fmt::Debug for RosterOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RosterOf")
    }
}

impl People {
    pub fn person(&self, id: &str) -> Option<&Member> {
        self.persons.iter().find(|member| member.id == id)
    }

    pub fn group(&self, id: &str) -> Option<&Team> {
        self.groups.iter().find(|team| team.id == id)
    }

    /// The names of the groups that somebody is in.
    pub fn groups_of(&self, id: &str) -> Vec<String> {
        let has = |team: &&Team| team.members.iter().any(|member| member == id);
        self.groups.iter().filter(has).map(|team| team.name.clone()).collect()
    }
}
