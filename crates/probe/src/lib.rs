//! Visits hosts over SSH, through any chain of bastions, runs a command there and streams back what it says. The only crate that opens SSH.
//! It decides nothing: what may run where, and what is kept of it, is others' concern.
//!
//! What it promises:
//!
//! - **Trust.** A host key that is not known is never accepted, and a changed one stops everything before a login is tried. Nothing is learnt.
//! - **Secrets** are in no error and no Debug.
//! - **Output** comes as it was sent, byte for byte, in bounded memory: who reads slowly slows that one command down and nobody else.
//! - **Ends.** Every call ends within its limits, whatever the host, the bastion or the network do. A command that is stopped is ended on
//!   the host as far as the host lets us, and the outcome says how far. Whoever drops a call leaves nothing running.
//! - **Connections.** One for each bastion, shared by all behind it. On a host each run has one of its own, and leaves it to the next.

mod error;
mod gate;
mod known;
mod link;
mod login;
mod outcome;
mod pool;
mod probe;
mod run;
mod settings;
mod way;

pub use error::{Error, Kind};
pub use known::{Complaint, Known};
pub use outcome::{Chunk, Exit, Killed, Offered, OfferedCertificate, Outcome, Reached, ReachedHop, Stopped, Stream};
pub use probe::Probe;
pub use settings::{Clock, Limits, Settings};
pub use way::{Hop, Login, Secret, Way};
