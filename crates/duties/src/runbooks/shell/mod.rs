//! Enough of the shell's grammar to know where a value of ours would stand and which commands a script calls. What it can't be
//! sure of is a fault, never a guess. Runs nothing.

mod lexer;
mod word;

pub(super) use lexer::lex;

/// What was read of a script. Offsets are bytes into its text.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub commands: Vec<Command>,
    pub uses: Vec<Use>,
    pub faults: Vec<Fault>,
}

/// One simple command, with the commands inside its substitutions standing before it.
#[derive(Debug, Default)]
pub(super) struct Command {
    pub words: Vec<Word>,
    pub redirects: Vec<Redirect>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub at: usize,
    /// Without its quotes; what the shell would expand stands as it is written.
    pub text: String,
    /// The uses of parameters in it, as indices.
    pub uses: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Redirect {
    pub at: usize,
    pub operator: &'static str,
    pub target: String,
}

/// `{{ name }}`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub at: usize,
    pub end: usize,
    pub name: String,
    pub spot: Spot,
    /// It begins a word, so that a value's leading dash would make it an option.
    pub begins_word: bool,
}

/// What surrounds a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Plain,
    SingleQuotes,
    DoubleQuotes,
    Backticks,
    HereDocument,
    Arithmetic,
    Expansion,
    Comment,
}

impl Spot {
    pub const fn what(self) -> &'static str {
        match self {
            Self::Plain => "where it may be",
            Self::SingleQuotes | Self::DoubleQuotes => "inside quotes",
            Self::Backticks => "inside backticks",
            Self::HereDocument => "inside a here-document",
            Self::Arithmetic => "inside arithmetic",
            Self::Expansion => "inside ${ }",
            Self::Comment => "inside a comment",
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub at: usize,
    pub says: String,
    pub remedy: &'static str,
}

/// The use that begins at the start of this text: its name and length.
pub(super) fn template(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix("{{")?;
    let name = inner.trim_start_matches(' ');
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let end = name.find(|c| !letters(c))?;
    let rest = name[end..].trim_start_matches(' ').strip_prefix("}}")?;
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase());
    is_name.then(|| (&name[..end], text.len() - rest.len()))
}
