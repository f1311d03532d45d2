//! A token or key as a value that can't be printed by accident. Never shows its text but through `expose`.

use serde::Deserialize;

/// A secret whose Debug says only that it is one. It has no Display and no Serialize on purpose.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

/// Shorter texts occur in ordinary words; blanking them out would only garble the message.
const MIN_REDACTED_CHARS: usize = 6;

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for a request's header or body, never for a message.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `text` with every occurrence of this secret blanked out: the other side may quote what we sent.
    pub fn redact(&self, text: &str) -> String {
        if self.0.len() < MIN_REDACTED_CHARS { text.to_owned() } else { text.replace(&self.0, "[secret]") }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_text() {
        let secret = Secret::new("u+abcdefgh1234");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "[secret] Some([secret])");
    }

    #[test]
    fn quoted_secrets_are_blanked_out_of_messages() {
        let secret = Secret::new("u+abcdefgh1234");
        assert_eq!(secret.redact("no user for token u+abcdefgh1234."), "no user for token [secret].");
        assert_eq!(Secret::new("a").redact("a plain message"), "a plain message");
    }
}
