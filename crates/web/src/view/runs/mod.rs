//! Runs on hosts for people: what was asked for and what came back, the evidence beside an incident, hosts and how they are
//! reached, runbooks. Plain data; the words are made here, in the reader's language.

mod diff;
mod evidence;
mod filters;
mod form;
mod hosts;
mod list;
mod one;
mod row;
mod runbooks;
mod step;
mod words;

pub use diff::{DiffLine, DiffPart, DiffView, OtherCapture, Piece, StepDiff};
pub use evidence::{EvidenceView, Looked, RunShown};
pub use filters::RunFilters;
pub use form::{RunForm, RunbookChoice};
pub(crate) use form::{field, seen};
pub use hosts::{HostRow, HostView, HostsView, ReachRow, TrustedKey};
pub use list::{HitRow, Lately, RunsView};
pub use one::RunView;
pub use row::RunRow;
pub use runbooks::{ApprovalRow, RunbookRow, RunbookView, RunbooksView};
pub use step::{StepRow, StreamRow};

use super::Frame;

/// The parts of what is run on hosts, as their tabs name them: key and path.
const TABS: [(&str, &str); 3] =
    [("runs-tab-runs", "/runs"), ("runs-tab-hosts", "/hosts"), ("runs-tab-runbooks", "/runbooks")];

impl Frame {
    /// (key, path, whether it is the page that is shown)
    pub fn runs_tabs(&self) -> Vec<(&'static str, &'static str, bool)> {
        let path = self.address.split('?').next().unwrap_or_default();
        TABS.into_iter().map(|(key, href)| (key, href, path == href)).collect()
    }
}
