//! Mails, registrations, posts and calls under kills: the same story as ever, told by senders that never give up; the program
//! dies and begins again beside it. In the end the ledger balances against the senders' own count.

mod points;
mod random;
pub mod runner;
pub mod tale;
