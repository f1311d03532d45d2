//! What came of a visit, for whoever keeps it: chunks of output, how a command ended, what a host shows of itself.

use bytes::Bytes;

/// A piece of what a command said, as it came. A binary-safe stream cut at any place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub stream: Stream,
    pub bytes: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

/// How a command ended that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub exit: Exit,
    /// Why it did not come to its own end; `None` when it did.
    pub stopped: Option<Stopped>,
    pub out_bytes: u64,
    pub err_bytes: u64,
    /// `SHA256:…` of the key that the host has proved to hold.
    pub host_key: String,
    /// Whether what runs on the host was ended.
    pub killed: Killed,
    /// Before the command began: waiting for a place, connecting, logging in.
    pub waited_ms: u64,
    /// From the command's start to its end.
    pub elapsed_ms: u64,
}

/// What the host said of the command's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    Status(u32),
    Signal {
        /// Without SIG, as the protocol names it.
        name: String,
        core: bool,
        message: String,
    },
    /// Nothing.
    Missing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    StepTimeout,
    TotalTimeout,
    TooMuch {
        limit: u64,
    },
    /// The connection was lost on the way.
    Cut {
        why: String,
    },
    Cancelled,
}

/// What became of the process on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Killed {
    /// It ended by itself.
    NotNeeded,
    /// It was sent a signal, and the host said that it ended.
    Ended,
    /// It was sent signals, and its channel was closed; nobody said that it ended. It may still run: what root runs gets no signal of ours.
    Told,
    /// Nobody could be told. It may still run.
    Nobody,
}

/// A way that leads to a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    pub hops: Vec<ReachedHop>,
    pub elapsed_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachedHop {
    pub name: String,
    /// `SHA256:…`
    pub host_key: String,
    /// Connecting and logging in; of a bastion whose connection was there already: when that was made.
    pub elapsed_ms: u64,
    /// Whether its connection was there already.
    pub was_open: bool,
}

/// What a host shows of itself. Nothing of it is trusted by being here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// Its key as a line of a public key file: for known_hosts, after its name.
    pub key: String,
    /// `SHA256:…`
    pub fingerprint: String,
    pub certificate: Option<OfferedCertificate>,
}

/// The certificate that a host shows beside its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedCertificate {
    pub key_id: String,
    /// The authority's key as a line of a public key file: for known_hosts, after `@cert-authority` and the names.
    pub authority: String,
    pub authority_fingerprint: String,
    pub hosts: Vec<String>,
    /// Seconds since 1970.
    pub valid_after: u64,
    pub valid_before: u64,
}
