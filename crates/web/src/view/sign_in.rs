//! The way in: signing in, and the one-time link that makes the first account.

#[derive(Clone, Debug, Default)]
pub struct SignInView {
    /// As typed before, so that it need not be typed again.
    pub email: String,
    /// Where to go afterwards; only a path of ours is followed.
    pub next: String,
    pub problem: Option<SignInProblem>,
    /// No account exists yet: the page says where the one-time link is.
    pub no_account_yet: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum SignInProblem {
    /// The page never says which of the two is wrong.
    Wrong,
    TooMany {
        wait_s: i64,
    },
    /// The session ended, or somebody revoked it.
    Ended,
    SignedOut,
}

impl SignInView {
    pub fn next_path(&self) -> &str {
        crate::markup::safe_path(&self.next)
    }
}

#[derive(Clone, Debug)]
pub struct SetupView {
    pub state: SetupState,
    /// The secret of the link, as it stands in the address.
    pub token: String,
    pub email: String,
    pub name: String,
    pub problems: Vec<SetupProblem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupState {
    /// Makes the first account.
    Ready,
    /// Sets the password of an account that exists.
    Password,
    Used,
    Expired,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupProblem {
    Email,
    Name,
    PasswordShort {
        min: u32,
    },
    PasswordsDiffer,
    /// The e-mail or the name itself.
    PasswordGuessable,
}

impl SetupView {
    pub fn action(&self) -> String {
        format!("/setup/{}", crate::markup::encode(&self.token))
    }
}
