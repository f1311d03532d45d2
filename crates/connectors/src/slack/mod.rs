//! Slack: posts into one channel through an incoming webhook. The address is the secret: no message and no Debug shows
//! more of it than the host. Never retries, never mentions anybody, and can't look up what it has posted.

mod block;
mod incoming;
mod markup;
mod refusal;

#[cfg(test)]
mod tests;

pub use block::{Block, Button, Message, Style};
pub use incoming::Incoming;
pub use markup::Markup;
