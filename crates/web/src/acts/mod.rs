//! Acts on incidents in PagerDuty, for pages and programs alike: who stands here and in whose name, and the one
//! transaction that takes an act on. Never sends anything, and never acts in anybody else's name.

mod ask;
mod form;
mod refusal;
mod standing;

pub(crate) use ask::{Ask, Said, ask};
pub(crate) use form::{Form, field_of, morning};
pub(crate) use refusal::Refusal;
pub(crate) use standing::{Key, Standing, standing};

/// A nonce for the forms of one rendering.
pub(crate) fn new_nonce() -> String {
    hex::encode(rand::random::<[u8; 12]>())
}
