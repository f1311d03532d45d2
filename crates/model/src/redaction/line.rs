//! One line, or a window of one: finds what is secret in it and writes marks. Never looks beyond the text that it is given.

use super::rules::{Hinted, Rules};
use super::shapes::Take;
use super::{Found, mark, marks, numbers};
use regex::bytes::Regex;
use std::borrow::Cow;
use std::ops::Range;

/// What one rule hides.
#[derive(Debug, Clone)]
pub(super) struct Span<'a> {
    pub at: Range<usize>,
    /// Where the words begin that told; a telling word inside a mark tells nothing.
    pub told: usize,
    pub rule: &'a str,
    /// Of two rules that hide the same, the one that stands first in the tables gives its name.
    pub rank: usize,
}

/// A pattern that is looked for.
pub(super) struct Sought<'a> {
    pub pattern: &'a Regex,
    pub take: Take,
    pub rule: &'a str,
    pub rank: usize,
}

impl<'a> Sought<'a> {
    pub fn collect(&self, text: &[u8], from: usize, spans: &mut Vec<Span<'a>>) {
        let mut at = from;
        while let Some((told, hidden)) = self.next(text, at) {
            // What follows a telling word may tell of another secret, so it goes on behind what was hidden or told, whichever is first.
            at = match hidden {
                Ok(hidden) => {
                    let end = hidden.end;
                    spans.push(Span { at: hidden, told, rule: self.rule, rank: self.rank });
                    end
                }
                Err(end) => end,
            };
            if at > text.len() {
                return;
            }
        }
    }

    /// Where the next match begins, and what it hides; or, where it hides nothing, where to go on.
    fn next(&self, text: &[u8], at: usize) -> Option<(usize, Result<Range<usize>, usize>)> {
        let (whole, group) = if self.pattern.captures_len() > 1 {
            let found = self.pattern.captures_at(text, at)?;
            let whole = found.get(0)?.range();
            (whole.clone(), found.get(1).map_or(whole, |group| group.range()))
        } else {
            let whole = self.pattern.find_at(text, at)?.range();
            (whole.clone(), whole)
        };
        let hidden = match self.take {
            Take::Match(fits) => text.get(group.clone()).is_some_and(fits).then_some(group),
            Take::After(read) => read(text, whole.clone()),
        };
        let forward = whole.end.max(at + 1);
        let hidden = hidden.filter(|hidden| !hidden.is_empty() && hidden.start >= at).ok_or(forward);
        Some((whole.start, hidden))
    }
}

/// All that is secret in the text from `from` on, in order, none overlapping another.
pub(super) fn spans<'a>(rules: &'a Rules, text: &[u8], from: usize, hinted: Hinted) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    rules.matches(text, from, hinted, &mut spans);
    numbers::collect(text, from, &mut spans);
    if spans.is_empty() {
        return spans;
    }
    let marks = marks(text);
    // Marks stand in order, so the first that ends behind a place tells whether any is there.
    let first_behind = |at: usize| marks.get(marks.partition_point(|mark| mark.end <= at));
    let is_hidden = |span: &Span| {
        first_behind(span.told).is_some_and(|mark| mark.start <= span.told)
            || first_behind(span.at.start).is_some_and(|mark| mark.start < span.at.end)
    };
    spans.retain(|span| !is_hidden(span));
    merged(spans)
}

/// Spans that overlap become one, which bears the name of the longest of them.
fn merged(mut spans: Vec<Span<'_>>) -> Vec<Span<'_>> {
    spans.sort_by_key(|span| (span.at.start, span.rank));
    let mut out: Vec<(Span, usize)> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some((last, longest)) if span.at.start < last.at.end => {
                last.at.end = last.at.end.max(span.at.end);
                if (span.at.len(), last.rank) > (*longest, span.rank) {
                    (*longest, last.rule, last.rank) = (span.at.len(), span.rule, span.rank);
                }
            }
            _ => {
                let length = span.at.len();
                out.push((span, length));
            }
        }
    }
    out.into_iter().map(|(span, _)| span).collect()
}

/// So often a line is read. One in which each reading uncovers more was made so, and is not worth the time.
const READINGS: usize = 6;

/// So many shapes are looked for in all readings together: a line that hints at most of what there is isn't read as often.
const SHAPES_SOUGHT: usize = 240;

/// Writes the text from `from` on with its secrets hidden. What was hidden is read again until nothing more is found, so that redacting the
/// result once more changes nothing. The hints are the text's own, or those of a longer one.
pub(super) fn redact(rules: &Rules, text: &[u8], from: usize, hinted: Hinted, found: &mut Found, out: &mut Vec<u8>) {
    let readings = (SHAPES_SOUGHT / hinted.count().max(1)).clamp(1, READINGS);
    let mut text = Cow::Borrowed(text);
    let mut hinted = hinted;
    for reading in 1.. {
        let mut spans = spans(rules, &text, from, hinted);
        let Some(first) = spans.first_mut() else { break };
        if reading > readings {
            // All that follows is hidden; if that uncovers still more, the whole line.
            let cuts = readings > 1 && reading == readings + 1;
            first.at = if cuts { first.at.start } else { from }..text.len();
            spans.truncate(1);
        }
        let mut next = text[..from].to_vec();
        write(&text, from..text.len(), &spans, found, &mut next);
        hinted = rules.hinted(&next);
        text = Cow::Owned(next);
    }
    out.extend_from_slice(&text[from..]);
}

/// Writes a range of the text with the spans hidden that begin in it.
pub(super) fn write(text: &[u8], range: Range<usize>, spans: &[Span], found: &mut Found, out: &mut Vec<u8>) {
    let mut at = range.start;
    for span in spans.iter().take_while(|span| span.at.start < range.end) {
        out.extend_from_slice(&text[at..span.at.start]);
        out.extend_from_slice(mark(span.rule).as_bytes());
        found.count(span.rule);
        at = span.at.end;
    }
    out.extend_from_slice(&text[at..range.end.max(at)]);
}
