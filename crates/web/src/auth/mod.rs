//! Who asks and what they may: passwords, sessions, tokens, one-time links, and the gates before pages and API. Secrets
//! are compared by their digests in the store; nothing here keeps one.

mod asked;
mod gate;
mod password;
mod person;
mod secret;
mod session;
mod tries;

pub use asked::Asked;
pub use password::{MIN_CHARS, PasswordFault, check_password_rules, hash_password};
pub use person::{Person, Reader, Via};
pub use secret::{TOKEN_PREFIX, digest_of, new_id, new_secret, new_token};

pub(crate) use asked::{CUSTOMER_COOKIE, LANGUAGE_COOKIE, decoded};
pub(crate) use gate::{api as api_gate, lives, no_browser, pages as page_gate};
pub(crate) use password::Passwords;
pub(crate) use secret::claimed;
pub(crate) use session::{begin, cookie, forget_cookie, session_cookie};
pub(crate) use tries::Tries;

/// What a one-time link is for.
pub mod purpose {
    /// Makes the first administrator; belongs to no account.
    pub const FIRST_ADMIN: &str = "first_admin";
    /// Sets an account's password.
    pub const SET_PASSWORD: &str = "set_password";
}
