//! A small POSIX shell that runs on a simulated machine. Running is pure: a script becomes a list of beats (what is written, and how long
//! nothing happens) which somebody else plays in time. Nothing of the machine that the simulation itself runs on is ever run or shown.

mod arith;
mod ast;
mod builtin;
mod expand;
mod job;
mod parse;
pub(super) mod pattern;
mod redirect;
mod run;
mod vars;
mod word;
mod wrap;

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub(super) use run::{Asked, Played, play};

/// How long something waits that never ends by itself.
pub(super) const FOR_EVER_MS: u64 = u64::MAX;

/// One moment of a command's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Beat {
    Out(Vec<u8>),
    Err(Vec<u8>),
    Pause(u64),
}

/// What is read from: a pipe, a file or what the client sends. Whoever reads, reads on where the one before stopped.
#[derive(Debug, Clone)]
pub(super) struct Input {
    bytes: Rc<RefCell<(Vec<u8>, usize)>>,
    /// Set when somebody reads what the client sends.
    asked: Option<Rc<Cell<bool>>>,
}

impl Input {
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        Self { bytes: Rc::new(RefCell::new((bytes, 0))), asked: None }
    }

    pub(super) fn of_client(bytes: Vec<u8>, asked: &Rc<Cell<bool>>) -> Self {
        Self { asked: Some(Rc::clone(asked)), ..Self::of(bytes) }
    }

    fn note(&self) {
        if let Some(asked) = &self.asked {
            asked.set(true);
        }
    }

    /// All that is left.
    pub(super) fn rest(&self) -> Vec<u8> {
        self.note();
        let mut own = self.bytes.borrow_mut();
        let rest = own.0[own.1..].to_vec();
        own.1 = own.0.len();
        rest
    }

    /// The next line with its end; none when nothing is left.
    pub(super) fn line(&self) -> Option<Vec<u8>> {
        self.note();
        let mut own = self.bytes.borrow_mut();
        let rest = &own.0[own.1..];
        if rest.is_empty() {
            return None;
        }
        let length = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1);
        let line = rest[..length].to_vec();
        own.1 += length;
        Some(line)
    }
}

/// What was written one after another into one stream.
pub(super) fn written(beats: &[Beat]) -> Vec<u8> {
    let parts = beats.iter().filter_map(|beat| if let Beat::Out(bytes) = beat { Some(bytes.as_slice()) } else { None });
    parts.collect::<Vec<_>>().concat()
}

/// How long it all takes.
pub(super) fn length_ms(beats: &[Beat]) -> u64 {
    beats.iter().fold(0, |sum, beat| if let Beat::Pause(ms) = beat { sum.saturating_add(*ms) } else { sum })
}
