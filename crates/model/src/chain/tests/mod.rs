//! The chain: hashes and proofs held against the standard's, and a small record with every byte of it changed in turn.

mod notes;
mod record;
mod tampering;
mod tree;
