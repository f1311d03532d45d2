//! The safety net from the outside: real clients and simulated monitors hand mails in, the simulated PagerDuty judges what
//! became of them, and the ledger has to say the same. Asks no part of the program but its sockets and its rows.

mod again;
mod books;
mod clients;
mod corpus;
mod desk;
mod faults;
mod late;
pub mod letters;
mod loops;
mod mailbox;
mod misses;
mod mixed;
mod names;
pub mod others;
mod proof;
mod recovery;
pub mod scene;
mod sender;
mod ses;
mod storm;
mod whose;

use crate::outside::parallel;
use crate::world::Database;

/// On each database that is at hand.
pub fn each(run: impl Fn(Database) + Sync) {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| run(*database));
}
