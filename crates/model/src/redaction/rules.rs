//! Rules as they are used: the shipped ones compiled once for the process, a user's own beside them. Never reads a file.

use super::line::{Sought, Span};
use super::shapes::{self, Shape, Take};
use super::user_rule::{self, RuleError, UserRule};
use super::{MARK_OPEN, block, numbers};
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, Input};
use regex::bytes::{Regex, RegexBuilder, RegexSet};
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// What is hidden. Cheap to clone: all clones share the compiled patterns.
#[derive(Clone)]
pub struct Rules(Arc<All>);

struct All {
    shipped: &'static Shipped,
    user: Vec<(String, Regex)>,
    /// Asks all of the user's patterns about a line at once; absent where there are none.
    any_user: Option<RegexSet>,
}

/// The shipped shapes with their patterns, and one automaton over all their hints.
struct Shipped {
    shapes: Vec<(&'static Shape, Regex)>,
    /// Where nothing could be built every line is looked at: slow, and nothing leaks.
    hints: Option<AhoCorasick>,
    /// For each hint, what it stands for.
    of_hint: Vec<Hinted>,
}

static SHIPPED: LazyLock<Shipped> = LazyLock::new(Shipped::compiled);

impl Shipped {
    fn compiled() -> Shipped {
        // A shipped pattern that does not compile is left out; a test counts them.
        let shapes: Vec<_> = shapes::all().filter_map(|shape| Some((shape, compiled(shape.pattern).ok()?))).collect();
        let of_shapes = shapes.iter().flat_map(|(shape, _)| shape.hints);
        let words: BTreeSet<&str> =
            of_shapes.chain(block::HINTS).chain(&[block::ARMOUR_HINT, MARK_OPEN]).copied().collect();
        let of_hint = words.iter().map(|word| Hinted::by(word, &shapes)).collect();
        let mut builder = AhoCorasickBuilder::new();
        builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA));
        Shipped { hints: builder.build(&words).ok(), of_hint, shapes }
    }
}

fn compiled(pattern: &str) -> Result<Regex, regex::Error> {
    // Bytes, not letters: output is in any encoding or none, and a byte automaton never has to give up on one.
    RegexBuilder::new(pattern).unicode(false).build()
}

/// Shapes that a line may hold, and whether a block may begin on it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hinted {
    shapes: [u64; 4],
    /// Whether an armour may open on it, or any other block begin.
    pub armour: bool,
    pub block: bool,
}

impl Hinted {
    fn by(word: &str, shapes: &[(&'static Shape, Regex)]) -> Hinted {
        let mut hinted =
            Hinted { armour: word == block::ARMOUR_HINT, block: block::HINTS.contains(&word), ..Hinted::default() };
        for (n, _) in shapes.iter().enumerate().filter(|(_, (shape, _))| shape.hints.contains(&word)) {
            hinted.shapes[n / 64] |= 1 << (n % 64);
        }
        hinted
    }

    fn everything() -> Hinted {
        Hinted { shapes: [u64::MAX; 4], armour: true, block: true }
    }

    fn add(&mut self, other: Hinted) {
        self.shapes.iter_mut().zip(other.shapes).for_each(|(ours, theirs)| *ours |= theirs);
        self.armour |= other.armour;
        self.block |= other.block;
    }

    /// How many shapes are hinted at.
    pub fn count(self) -> usize {
        self.shapes.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    fn each(self) -> impl Iterator<Item = usize> {
        let bits = |(word, mut bits): (usize, u64)| {
            std::iter::from_fn(move || {
                let lowest = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
                bits &= bits - 1;
                Some(word * 64 + lowest)
            })
        };
        self.shapes.into_iter().enumerate().flat_map(bits)
    }
}

impl Rules {
    /// The rules that ship, compiled when they are first asked for.
    pub fn shipped() -> Rules {
        Rules(Arc::new(All { shipped: &SHIPPED, user: Vec::new(), any_user: None }))
    }

    /// The shipped rules and a user's own. The first rule that is none is named.
    pub fn with(user: &[UserRule]) -> Result<Rules, RuleError> {
        let mut names: BTreeSet<&str> = SHIPPED.shapes.iter().map(|(shape, _)| shape.name).collect();
        names.extend(numbers::NAMES);
        names.extend(block::NAMES);
        let mut compiled = Vec::new();
        for rule in user {
            if !names.insert(&rule.name) {
                return Err(RuleError::Taken { rule: rule.name.clone() });
            }
            compiled.push((rule.name.clone(), user_rule::compiled(rule)?));
        }
        let any_user = match user.last() {
            Some(last) => Some(user_rule::set(user).map_err(|e| user_rule::refused(last, &e))?),
            None => None,
        };
        Ok(Rules(Arc::new(All { shipped: &SHIPPED, user: compiled, any_user })))
    }

    /// Every rule's name, once each: shipped ones in the order of the alphabet, then the user's.
    pub fn names(&self) -> Vec<&str> {
        let shipped = self.0.shipped.shapes.iter().map(|(shape, _)| shape.name);
        let names: BTreeSet<&str> = shipped.chain(numbers::NAMES).chain(block::NAMES).collect();
        names.into_iter().chain(self.0.user.iter().map(|(name, _)| name.as_str())).collect()
    }

    /// Where the next hint stands in the text, at or after `at`.
    pub(super) fn next_hint(&self, text: &[u8], at: usize) -> Option<usize> {
        match &self.0.shipped.hints {
            Some(hints) => hints.find(Input::new(text).range(at..)).map(|hit| hit.start()),
            None => Some(at),
        }
    }

    /// Whether there are rules that have no hints, so that every line must be asked about.
    pub(super) fn asks_every_line(&self) -> bool {
        self.0.any_user.is_some()
    }

    pub(super) fn user_hit(&self, line: &[u8]) -> bool {
        self.0.any_user.as_ref().is_some_and(|set| set.is_match(line))
    }

    /// What the hints in the text stand for.
    pub(super) fn hinted(&self, text: &[u8]) -> Hinted {
        let Some(hints) = &self.0.shipped.hints else { return Hinted::everything() };
        let mut hinted = Hinted::default();
        for hit in hints.find_overlapping_iter(text) {
            hinted.add(self.0.shipped.of_hint[hit.pattern().as_usize()]);
        }
        hinted
    }

    /// What the shipped shapes that were hinted at, and the user's rules, hide in the text from `from` on. What stands before that is only looked at.
    pub(super) fn matches<'a>(&'a self, text: &[u8], from: usize, hinted: Hinted, spans: &mut Vec<Span<'a>>) {
        for n in hinted.each() {
            if let Some((shape, pattern)) = self.0.shipped.shapes.get(n) {
                Sought { pattern, take: shape.take, rule: shape.name, rank: n }.collect(text, from, spans);
            }
        }
        if self.user_hit(text) {
            for (n, (name, pattern)) in self.0.user.iter().enumerate() {
                Sought { pattern, take: Take::Match(|_| true), rule: name, rank: 1000 + n }.collect(text, from, spans);
            }
        }
    }
}
