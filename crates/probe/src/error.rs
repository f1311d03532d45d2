//! Why a host could not be visited: kinds that drive a retry, and texts that say what is so and what to do. No secret is ever in them.

/// What went wrong, and at which hop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{hop}: {kind}")]
pub struct Error {
    pub kind: Kind,
    /// The hop's name.
    pub hop: String,
}

/// What is so. Its text is for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Kind {
    #[error("can't be reached at {place}: {why}. Is it up, and may we (or the bastion before it) connect to it there?")]
    Unreachable { place: String, why: String },
    #[error(
        "its key {offered} is not known under {names}. Compare it with the host's own (ssh-keygen -lf), then trust it: arayashiki host trust NAME"
    )]
    KeyUnknown { names: String, offered: String },
    #[error(
        "its key has CHANGED: {expected} is known, {offered} was offered. Nothing was sent. Somebody may be in between; trust the new key only after the host's owner has confirmed it"
    )]
    KeyChanged { expected: String, offered: String },
    #[error("its key {offered} is revoked. Nothing was sent. Find out who still answers with it")]
    KeyRevoked { offered: String },
    #[error("its host certificate ({offered}) is not good: {why}. Have it issued anew, or trust its key")]
    CertificateWrong { offered: String, why: String },
    #[error(
        "the login as {user} was refused; tried: {tried}. The server takes: {methods}. Is one of these in its authorized_keys, and may {user} log in?"
    )]
    LoginRefused { user: String, tried: String, methods: String },
    #[error("{path} can't be used: {why}")]
    KeyFile { path: String, why: String },
    #[error("the agent at {socket} can't be used: {why}. Does it run, and has it a key (ssh-add -l)?")]
    Agent { socket: String, why: String },
    #[error(
        "it does not let us through to {target}. Allow forwarding there: AllowTcpForwarding, PermitOpen and restrict in sshd_config and authorized_keys"
    )]
    BastionForbids { target: String },
    #[error("it runs no command for us: {why}. Is there a forced command, a missing shell or MaxSessions in the way?")]
    RunRefused { why: String },
    #[error("no place became free in time: too much runs there now. Try again later, or raise the limits")]
    Busy,
    #[error("no answer in {waited_ms} ms while {doing}. Is it overloaded, or does something swallow the packets?")]
    Timeout { doing: &'static str, waited_ms: u64 },
    #[error("the connection was lost while {doing}: {why}")]
    Lost { doing: &'static str, why: String },
    #[error("no common {what}: it knows {theirs}; we know {ours}. Bring its OpenSSH up to date")]
    NoCommonAlgorithm { what: String, ours: String, theirs: String },
    #[error("was cancelled")]
    Cancelled,
    #[error("the way has no hop. Name the host's address")]
    NoHop,
    #[error("does not keep to the SSH protocol: {why}")]
    Protocol { why: String },
}

impl Kind {
    pub(crate) fn at(self, hop: &str) -> Error {
        Error { kind: self, hop: hop.to_owned() }
    }

    /// Whether our own side is at fault (keys, files, limits): another try changes nothing until somebody mends it.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::KeyFile { .. } | Self::Agent { .. } | Self::NoHop)
    }

    /// Whether the host's identity is in doubt: nobody may try again unseen.
    pub fn is_about_trust(&self) -> bool {
        matches!(
            self,
            Self::KeyUnknown { .. } | Self::KeyChanged { .. } | Self::KeyRevoked { .. } | Self::CertificateWrong { .. }
        )
    }

    /// Whether it may pass by itself.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Busy | Self::Timeout { .. } | Self::Lost { .. })
    }
}
