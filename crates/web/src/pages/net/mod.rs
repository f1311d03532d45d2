//! The safety net's pages: mails, one mail, what is decided about them, the ledger's days, monitors, outages, *Try a mail*.

pub(super) mod answer;
pub(super) mod export;
mod kept;
pub(super) mod ledger;
pub(super) mod list;
pub(super) mod monitors;
pub(super) mod one;
pub(super) mod outages;
pub(super) mod said;
pub(super) mod tries;

pub(crate) use kept::Kept;
pub(crate) use list::{monitor_is_seen, row};
pub(crate) use monitors::COUNTED_S;
pub(crate) use one::{call_row, file, load as load_mail, open_original};
pub(crate) use outages::row as outage_row;
pub(in crate::pages) use said::is_nonce;
pub(crate) use said::{Decided, Decision, decide};
pub(crate) use tries::{MOST_FORM_BYTES, Wished as WishedMail, tried};
