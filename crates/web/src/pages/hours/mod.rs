//! *Working hours*: who is at work and why, one person's days, and what people and their leaders enter of leave and other days.

mod enter;
mod list;
mod one;

pub(super) use enter::{end, enter, undo};
pub(super) use list::show;
pub(crate) use list::{Told, load as load_people};
pub(super) use one::{show as show_one, usual};

use super::{Asks, Sent, cut, html};
