//! What is run on hosts: the list of runs, one of them as its record, what its steps said, what differs from another; hosts,
//! runbooks, and what people ask for. Calls no host: what is asked for goes in by the front door.

pub(super) mod ask;
pub(super) mod diff;
pub(super) mod evidence;
mod export;
pub(super) mod host;
pub(super) mod hosts;
pub(super) mod list;
pub(super) mod one;
pub(super) mod output;
mod rows;
pub(super) mod runbook;
pub(super) mod runbooks;
pub(super) mod said;

pub(super) use export::runs_csv;

pub(crate) use ask::{No, Wished, ask};
pub(crate) use evidence::{Of as OfIncident, load as load_evidence};
pub(crate) use hosts::seen as seen_hosts;
pub(crate) use list::MOST_LOOKED;
pub(crate) use output::{Stream, serve as serve_output};
pub(crate) use rows::{Room, plan as plan_of, steps as run_steps};
pub(crate) use runbook::{Wish as RunbookWish, decide as decide_runbook};
pub(crate) use runbooks::load as load_runbooks;
