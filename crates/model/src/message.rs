//! A message to people, whatever it is sent by: what is so, what to do, where to look. Plain text; whoever sends it escapes.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// One line that says it all.
    pub headline: String,
    /// Further lines, in their order.
    pub lines: Vec<String>,
    pub links: Vec<Link>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub text: String,
    pub url: String,
}

impl Message {
    pub fn new(headline: impl Into<String>) -> Self {
        Self { headline: headline.into(), ..Self::default() }
    }

    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    #[must_use]
    pub fn and(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.lines.extend(lines);
        self
    }

    #[must_use]
    pub fn link(mut self, text: impl Into<String>, url: impl Into<String>) -> Self {
        self.links.push(Link { text: text.into(), url: url.into() });
        self
    }

    /// All of it as plain text, for mails and phones.
    pub fn plain(&self) -> String {
        let mut text = self.headline.clone();
        for line in &self.lines {
            text.push('\n');
            text.push_str(line);
        }
        for link in &self.links {
            text.push_str(&format!("\n{}: {}", link.text, link.url));
        }
        text
    }
}

/// A message that people can act on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub message: Message,
    /// Small print.
    pub small: Vec<String>,
    pub presses: Vec<Press>,
    /// People who are to be called by name, by their Slack ids.
    pub mentions: Vec<String>,
}

/// Something to press.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// What it does; known again when it was pressed.
    pub act: String,
    pub text: String,
    /// What it is done to.
    pub value: String,
    pub look: Look,
    /// Asked before it is done.
    pub confirm: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    #[default]
    Plain,
    /// The one that most people want.
    Main,
    /// It ends something.
    Final,
}

impl Card {
    pub fn of(message: Message) -> Self {
        Self { message, ..Self::default() }
    }
}
