//! *Rules* of tickets and the hours of groups, for leaders: kept on the page beside the file, each change a version of its own with its
//! audit row, saved after a look at last week under it.

mod edit;
mod group;
mod kept;
mod list;
mod preview;

pub(super) use edit::{form as edit, post};
pub(super) use group::{form as group, post as post_group, turn as turn_group};
pub(super) use list::{show, turn};

use super::{Asks, Sent, cut, html};
use crate::auth::Reader;
use crate::problem::Fault;
use model::person::Role;

/// Leaders and administrators; of some customers for these alone.
fn need_leader(reader: &Reader) -> Result<(), Fault> {
    match reader.person.role {
        Role::Leader | Role::Admin => Ok(()),
        _ => Err(Fault::Forbidden { needs: "the role leader or admin" }),
    }
}
