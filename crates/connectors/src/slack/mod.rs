//! Slack: posts, updates, threads and look-ups by a bot's token, what people press and say there, and posts into one channel
//! through an incoming webhook. Never retries, never shows a token or a secret address, and mentions nobody but on purpose.

mod block;
mod element;
mod incoming;
mod markup;
mod modal;
mod refusal;

#[cfg(test)]
mod tests;

pub use block::{Block, Image, ImageSource, Message};
pub use element::{Button, Choice, Confirm, Element, Overflow, Press, Select, Style};
pub use incoming::Incoming;
pub use markup::{Markup, UserId};
pub use modal::{Field, Input, Modal};
