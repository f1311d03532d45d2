//! What a script is made of once it has been read. Plain data: it neither reads nor runs anything.

use std::rc::Rc;

pub(crate) type Script = Vec<List>;

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub first: Pipeline,
    pub rest: Vec<(Join, Pipeline)>,
    pub in_background: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Join {
    And,
    Or,
}

#[derive(Debug, Clone)]
pub(crate) struct Pipeline {
    pub negated: bool,
    pub commands: Vec<Command>,
}

#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub what: What,
    pub redirects: Vec<Redirect>,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Simple {
        assigns: Vec<(String, Word)>,
        words: Vec<Word>,
    },
    Group(Script),
    Subshell(Script),
    If {
        arms: Vec<(Script, Script)>,
        otherwise: Option<Script>,
    },
    /// Without words it goes over the arguments.
    For {
        name: String,
        words: Option<Vec<Word>>,
        body: Script,
    },
    While {
        condition: Script,
        body: Script,
        until: bool,
    },
    Case {
        word: Word,
        arms: Vec<(Vec<Word>, Script)>,
    },
    Function {
        name: String,
        body: Rc<Command>,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct Redirect {
    pub fd: u32,
    pub to: Target,
}

#[derive(Debug, Clone)]
pub(crate) enum Target {
    Read(Word),
    Write {
        file: Word,
        append: bool,
    },
    /// `2>&1`; `-` closes.
    Same(Word),
    Here(Word),
}

pub(crate) type Word = Vec<Piece>;

#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// May be a pattern.
    Bare(String),
    /// Is what it is.
    Quoted(String),
    Parameter {
        name: String,
        what: Modify,
        quoted: bool,
    },
    Output {
        script: Script,
        quoted: bool,
    },
    Arithmetic(Word),
}

/// What stands after a parameter's name within braces.
#[derive(Debug, Clone)]
pub(crate) enum Modify {
    Plain,
    Length,
    /// `:-` and its kin; with the colon an empty value counts as none.
    Or {
        how: char,
        colon: bool,
        word: Word,
    },
    /// `#`, `##`, `%`, `%%`
    Trim {
        at_end: bool,
        longest: bool,
        pattern: Word,
    },
}
