//! The safety net for people: mails and where they stand in the ledger, each day's balance, what is to be mended, outages.
//! Plain data; the words are made here, in the reader's language.

mod filters;
mod ledger;
mod list;
mod monitors;
mod one;
mod outages;
mod tried;
mod words;

pub use filters::{LACKING, MailFilters};
pub use ledger::{DayRow, LedgerView};
pub use list::{Line, MailRow, MailsView, NetAnswer, Today};
pub use monitors::{Mend, MendRow, MonitorRow, MonitorsView, ProofRow, RuleRow};
pub use one::{Acts, AlertAt, CallRow, MailView, Original, ReadMail, Registered};
pub use outages::{AnswerState, AnswerView, CalledAlert, OutageRow, OutagesView};
pub use tried::{MOST_MAIL_BYTES, Match, Tried, TryProblem, TryView};
pub use words::{cause, cause_link, note, reason, trust_why};

use super::Frame;
use crate::markup::Markup;
use model::mail::{Ledger, State, Trust};

/// The parts of the safety net, as its tabs name them: key and path.
const TABS: [(&str, &str); 5] = [
    ("net-tab-mails", "/safety-net"),
    ("net-tab-ledger", "/safety-net/ledger"),
    ("net-tab-monitors", "/safety-net/monitors"),
    ("net-tab-outages", "/safety-net/outages"),
    ("net-tab-try", "/safety-net/try"),
];

impl Frame {
    /// (key, path, whether it is the page that is shown)
    pub fn net_tabs(&self) -> Vec<(&'static str, &'static str, bool)> {
        let path = self.address.split('?').next().unwrap_or_default();
        TABS.into_iter().map(|(key, href)| (key, href, path == href)).collect()
    }

    /// Where a mail stands: a shape and a word.
    pub fn ledger(&self, ledger: &Ledger) -> Markup {
        self.mark(ledger_shape(*ledger), self.word("ledger", ledger.as_str()))
    }

    pub fn ledger_word(&self, ledger: &Ledger) -> String {
        self.word("ledger", ledger.as_str())
    }

    /// What a mail says of its alert.
    pub fn mail_state(&self, state: &State) -> String {
        self.word("mail-state", state.as_str())
    }

    pub fn trust(&self, trust: &Trust) -> Markup {
        let shape = match trust {
            Trust::Trusted => "resolved",
            Trust::Untrusted => "unknown",
            Trust::Waiting => "acknowledged",
        };
        self.mark(shape, self.word("trust", trust.as_str()))
    }
}

/// Violet lacks an incident; amber has ours, or is awaited.
const fn ledger_shape(ledger: Ledger) -> &'static str {
    match ledger {
        Ledger::Missing | Ledger::Unreadable => "missing",
        Ledger::Expected | Ledger::Registered | Ledger::UnreadableRegistered => "acknowledged",
        Ledger::Matched | Ledger::MatchedLate | Ledger::Joined | Ledger::Recovery => "resolved",
        Ledger::Suppressed | Ledger::NotAnAlert | Ledger::Baseline | Ledger::Canary => "unknown",
    }
}
