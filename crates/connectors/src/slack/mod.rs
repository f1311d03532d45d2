//! Slack: posts, updates, threads and look-ups by a bot's token, what people press and say there, and posts into one channel
//! through an incoming webhook. Never retries, never shows a token or a secret address, and mentions nobody but on purpose.

mod answer;
mod block;
mod client;
mod element;
mod file;
mod inbound;
mod incoming;
mod limits;
mod look;
mod markup;
mod method;
mod modal;
mod people;
mod post;
mod refusal;
mod respond;
mod socket;
mod word;

#[cfg(test)]
mod tests;

pub use block::{Block, Image, ImageSource, Message};
pub use client::{API_URL, Client, Setup};
pub use element::{Button, Choice, Confirm, Element, Overflow, Press, Select, Style};
pub use file::Upload;
pub use inbound::{Closed, Command, Entered, Inbound, Pressed, Refused, Submitted, Told, Unknown, parse, verify};
pub use incoming::Incoming;
pub use look::{FoundPost, Look};
pub use markup::{GroupId, Markup, UserId};
pub use modal::{Field, Input, Modal};
pub use people::{Channel, Person, Who};
pub use post::{MARKER, Metadata, Post, Posted, Updated};
pub use respond::Reply;
pub use socket::{Envelope, Hello, Received, Socket, SocketSetup, Sockets};
