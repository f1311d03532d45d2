//! The tables of what secrets look like, by where they come from. Never compiles or runs a pattern.

mod arguments;
mod clouds;
mod code;
mod connections;
mod hashes;
mod headers;
mod messages;
mod named;
mod services;
mod systems;

use std::ops::Range;

/// One look that a secret may have.
pub(super) struct Shape {
    /// What the mark says. Several shapes may share a name.
    pub name: &'static str,
    /// One of these words, in either case, stands in every line that holds the secret; a line without any of them is never looked at.
    pub hints: &'static [&'static str],
    pub pattern: &'static str,
    pub take: Take,
}

/// What of a match is hidden.
#[derive(Clone, Copy)]
pub(super) enum Take {
    /// Group 1 where there is one, else the whole match; only if what would be hidden passes.
    Match(fn(&[u8]) -> bool),
    /// What is read behind the match, in the line and from the match's place in it.
    After(fn(&[u8], Range<usize>) -> Option<Range<usize>>),
}

/// A secret that is known by its own look.
const fn token(name: &'static str, hints: &'static [&'static str], pattern: &'static str) -> Shape {
    Shape { name, hints, pattern, take: Take::Match(|_| true) }
}

/// The same, where only a check tells it from ordinary text.
const fn checked(
    name: &'static str,
    hints: &'static [&'static str],
    pattern: &'static str,
    fits: fn(&[u8]) -> bool,
) -> Shape {
    Shape { name, hints, pattern, take: Take::Match(fits) }
}

/// A secret that follows words which tell of it.
const fn after(
    name: &'static str,
    hints: &'static [&'static str],
    pattern: &'static str,
    read: fn(&[u8], Range<usize>) -> Option<Range<usize>>,
) -> Shape {
    Shape { name, hints, pattern, take: Take::After(read) }
}

/// The particular before the general: of two that hide the same, the first gives its name.
pub(super) fn all() -> impl Iterator<Item = &'static Shape> {
    let tables: [&[Shape]; 10] = [
        clouds::SHAPES,
        code::SHAPES,
        services::SHAPES,
        messages::SHAPES,
        systems::SHAPES,
        hashes::SHAPES,
        connections::SHAPES,
        headers::SHAPES,
        arguments::SHAPES,
        named::SHAPES,
    ];
    tables.into_iter().flatten()
}
