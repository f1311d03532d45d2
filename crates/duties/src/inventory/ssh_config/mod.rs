//! OpenSSH client configurations (ssh_config) as a list of hosts: every name that a `Host` line writes out, with what
//! holds for it, the first value of each keyword winning. What would run a program is refused, and whatever hangs on it is
//! left out.

mod criteria;
mod draft;
mod evaluate;
mod keywords;
mod tree;

use super::{Complaint, Drafts, Fetch, File, Surroundings};

/// Reads one configuration with all that it includes.
pub fn read(file: &File, fetch: &Fetch<'_>, around: &Surroundings, complaints: &mut Vec<Complaint>) -> Drafts {
    let tree = tree::parse(file, fetch, around, complaints);
    complaints.extend(keywords::notes(&tree));
    draft::all(&tree, around, complaints)
}
