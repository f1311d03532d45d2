//! A stream of output in whatever pieces it comes. Whole lines go out at once; what is held back is the last unfinished line, and of one that
//! goes on for long only a window. Where a piece ends never changes what comes out.

use super::block::{self, Block, Verdict};
use super::line::{self, Span};
use super::rules::{Hinted, Rules};
use super::{Found, OVERLAP_BYTES, WINDOW_BYTES, mark, numbers};

/// Redacts one stream, from its first byte to its last.
pub struct Redactor {
    rules: Rules,
    /// What came and has not gone out.
    held: Vec<u8>,
    /// How many bytes at the beginning of `held` did go out, and are kept to be looked back at: one, within a line that is longer than a window.
    gone: usize,
    block: Option<Block>,
    running: Option<Until>,
    /// The line before ended with a carriage return, which went out or did not.
    carriage: Option<bool>,
    found: Found,
}

/// A secret that is longer than all that is held goes on being hidden until here.
#[derive(Debug, Clone, Copy)]
enum Until {
    Quote(u8),
    Blank,
    LineEnd,
}

impl Until {
    /// Where a span ends that reached the end of all that was held, but for signs that are only cut off where a value is known to be over.
    fn after(text: &[u8], span: &Span) -> Option<Until> {
        let has_blanks = text[span.at.clone()].contains(&b' ');
        let is_open = |b: &u8| b",;)]}\\".contains(b) || *b == b' ' && has_blanks;
        if !text[span.at.end..].iter().all(is_open) {
            return None;
        }
        let before = span.at.start.checked_sub(1).map(|at| text[at]);
        Some(match before.filter(|b| b"\"'`".contains(b)) {
            Some(quote) => Until::Quote(quote),
            None if has_blanks => Until::LineEnd,
            None => Until::Blank,
        })
    }

    fn is(self, byte: u8) -> bool {
        let ends = match self {
            Until::Quote(quote) => byte == quote,
            Until::Blank => byte.is_ascii_whitespace() || b"\"'<>\0".contains(&byte),
            Until::LineEnd => false,
        };
        ends || ends_line(byte)
    }
}

/// Bars of progress redraw a line by a carriage return: to us each is a line.
fn ends_line(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

impl Redactor {
    pub fn new(rules: &Rules) -> Redactor {
        Redactor {
            rules: rules.clone(),
            held: Vec::new(),
            gone: 0,
            block: None,
            running: None,
            carriage: None,
            found: Found::default(),
        }
    }

    /// Takes the next piece, and writes what is certain by now.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        for piece in chunk.chunks(WINDOW_BYTES) {
            self.held.extend_from_slice(piece);
            let ends = memchr::memchr2(b'\n', b'\r', piece).is_some();
            if ends || self.running.is_some() || self.held.len() - self.gone > WINDOW_BYTES {
                self.work(out);
            }
        }
    }

    /// The stream is over: what is held goes out, and what was hidden is told.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Found {
        self.work(out);
        let rest = std::mem::take(&mut self.held);
        if rest.len() > self.gone {
            self.line(&rest, self.gone, None, out);
        }
        self.found
    }

    fn work(&mut self, out: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        // How far it is done, and how much before that is looked back at.
        let (mut at, mut gone) = (self.gone, self.gone);
        while let Some(step) = self.step(&held[at - gone..], gone, out) {
            at += step;
            let within = at > 0 && !ends_line(held[at - 1]);
            gone = usize::from(within);
        }
        self.held = held;
        self.held.drain(..at - gone);
        self.gone = gone;
    }

    /// Does the next lines, or a window; says how many bytes went by. Nothing where more must come first.
    fn step(&mut self, text: &[u8], gone: usize, out: &mut Vec<u8>) -> Option<usize> {
        let rest = &text[gone..];
        if let Some(until) = self.running {
            return self.run_on(rest, until);
        }
        let near = &rest[..rest.len().min(WINDOW_BYTES + 1)];
        let end = match gone {
            0 => memchr::memrchr2(b'\n', b'\r', near),
            _ => memchr::memchr2(b'\n', b'\r', near),
        };
        match end {
            Some(end) if gone == 0 => self.lines(&rest[..=end], out),
            Some(end) => self.line(&text[..gone + end], gone, Some(rest[end]), out),
            None if rest.len() > WINDOW_BYTES => return Some(self.window(&text[..gone + WINDOW_BYTES], gone, out)),
            None => return None,
        }
        end.map(|end| end + 1)
    }

    /// Passes by what is left of a secret that goes on.
    fn run_on(&mut self, rest: &[u8], until: Until) -> Option<usize> {
        let end = rest.iter().position(|b| until.is(*b));
        self.running = end.is_none().then_some(until);
        Some(end.unwrap_or(rest.len())).filter(|n| *n > 0 || end.is_some())
    }

    /// Lines that are whole. Those that nothing hints at are copied without being looked at one by one.
    fn lines(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let mut next = Next::default();
        let mut at = 0;
        while at < text.len() {
            if let (b'\n', Some(_)) = (text[at], self.carriage) {
                self.line(&[], 0, Some(b'\n'), out);
                at += 1;
                continue;
            }
            let start = if self.block.is_some() { at } else { next.line(&self.rules, text, at) };
            if start > at {
                out.extend_from_slice(&text[at..start]);
                self.carriage = (text[start - 1] == b'\r').then_some(true);
            }
            let Some(end) = line_end(text, start) else { return };
            self.line(&text[start..end], 0, Some(text[end]), out);
            at = end + 1;
        }
    }

    /// One line from `from` on, and the sign that ends it.
    fn line(&mut self, text: &[u8], from: usize, end: Option<u8>, out: &mut Vec<u8>) {
        let shown = match self.carriage.take() {
            // The second half of CR LF is no line.
            Some(shown) if text.is_empty() && end == Some(b'\n') => shown,
            _ => self.text(text, from, out),
        };
        out.extend(end.filter(|_| shown));
        self.carriage = (end == Some(b'\r')).then_some(shown);
    }

    /// The line's text; says whether any of the line goes out.
    fn text(&mut self, text: &[u8], from: usize, out: &mut Vec<u8>) -> bool {
        let Some(mut block) = self.block.take() else {
            self.ordinary(text, from, out);
            return true;
        };
        let verdict = block.read(text, from);
        let lasting = Some(block).filter(|block| block.lasts(&verdict));
        match verdict {
            Verdict::Over => self.ordinary(text, from, out),
            Verdict::Closed(end) if end == text.len() => return false,
            Verdict::Closed(end) => self.ordinary(&text[end..], 0, out),
            Verdict::Keep => out.extend_from_slice(&text[from..]),
            Verdict::Drop => {
                self.block = lasting;
                return false;
            }
            Verdict::Hide(hidden, rule) => {
                self.found.count(rule);
                let marked = [&text[..hidden.start], mark(rule).as_bytes(), &text[hidden.end..]].concat();
                self.ordinary(&marked, from, out);
            }
        }
        self.block = lasting.or(self.block.take());
        true
    }

    /// A line, or what is left of one, that stands in no block; one may begin on it.
    fn ordinary(&mut self, text: &[u8], from: usize, out: &mut Vec<u8>) {
        let hinted = self.rules.hinted(text);
        if hinted.armour && block::begin(text, from).is_some() {
            let mut marked = text[..from].to_vec();
            if let Ok(end) = self.keys(text, from, text.len(), &mut marked) {
                line::redact(&self.rules, &text[end..], 0, hinted, &mut self.found, &mut marked);
            }
            // What stood beside a key has a mark beside it now, and is read as whoever redacts it again will read it.
            let hinted = self.rules.hinted(&marked);
            line::redact(&self.rules, &marked, from, hinted, &mut self.found, out);
        } else {
            line::redact(&self.rules, text, from, hinted, &mut self.found, out);
        }
        if hinted.block && from == 0 && self.block.is_none() {
            self.block = block::after(text);
        }
    }

    /// Hides the keys that open before `last`, and what is secret before each of them. Says where the last one closes; where one does not close,
    /// how far its beginning reaches.
    fn keys(&mut self, text: &[u8], from: usize, last: usize, out: &mut Vec<u8>) -> Result<usize, usize> {
        let (mut start, mut at) = (0, from);
        while let Some(open) = block::begin(text, at).filter(|open| open.start < last) {
            let before = &text[start..open.start];
            line::redact(&self.rules, before, at - start, self.rules.hinted(before), &mut self.found, out);
            self.mark(block::PRIVATE_KEY, out);
            let Some(end) = block::end(text, open.end) else {
                self.block = Some(Block::ARMOUR);
                return Err(open.end);
            };
            (start, at) = (end, end);
        }
        Ok(at)
    }

    /// A window of a line that goes on: says how much of it is done.
    fn window(&mut self, text: &[u8], from: usize, out: &mut Vec<u8>) -> usize {
        if let Some(block) = self.block.take() {
            return self.window_of_block(block, text, from, out);
        }
        let last = text.len() - OVERLAP_BYTES;
        let hinted = self.rules.hinted(text);
        let keys = if hinted.armour { self.keys(text, from, last, out) } else { Ok(from) };
        match keys {
            Ok(at) if at == from => self.spans(text, from, hinted, out),
            Ok(at) if at < last => at - from + self.spans(&text[at - 1..], 1, hinted, out),
            Ok(at) | Err(at) => at - from,
        }
    }

    /// A window, or what is left of one, in which no key opens.
    fn spans(&mut self, text: &[u8], from: usize, hinted: Hinted, out: &mut Vec<u8>) -> usize {
        let last = text.len() - OVERLAP_BYTES;
        let spans = line::spans(&self.rules, text, from, hinted);
        let crossing = spans.iter().rfind(|span| span.at.start < last);
        self.running = crossing.and_then(|span| Until::after(text, span));
        let done = match self.running {
            Some(_) => text.len(),
            None => crossing.map_or(last, |span| span.at.end.max(last)),
        };
        line::write(text, from..last, &spans, &mut self.found, out);
        done - from
    }

    fn window_of_block(&mut self, mut block: Block, text: &[u8], from: usize, out: &mut Vec<u8>) -> usize {
        let all = text.len() - from;
        if let Block::Armour { .. } = block {
            let end = block::end(text, from);
            self.block = end.is_none().then_some(block);
            return end.map_or(all - block::LONGEST_ARMOUR_BYTES, |end| end - from);
        }
        let verdict = block.read(text, from);
        self.block = Some(block).filter(|block| block.lasts(&verdict));
        match verdict {
            Verdict::Over | Verdict::Closed(_) => return self.window(text, from, out),
            Verdict::Keep => out.extend_from_slice(&text[from..]),
            Verdict::Drop => self.running = Some(Until::LineEnd),
            Verdict::Hide(hidden, rule) => {
                out.extend_from_slice(&text[from..hidden.start.max(from)]);
                self.mark(rule, out);
                self.running = Some(Until::LineEnd);
            }
        }
        all
    }

    fn mark(&mut self, rule: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(mark(rule).as_bytes());
        self.found.count(rule);
    }
}

/// Which line must be looked at next. Each of the three ways to tell remembers how far it has looked.
#[derive(Default)]
struct Next {
    hint: Option<usize>,
    number: Option<usize>,
    user: Option<usize>,
}

impl Next {
    /// Where that line begins; the text's end where there is none.
    fn line(&mut self, rules: &Rules, text: &[u8], at: usize) -> usize {
        let hint = seen(&mut self.hint, text, at, || rules.next_hint(text, at));
        let number = seen(&mut self.number, text, at, || numbers::next(text, at));
        let user = seen(&mut self.user, text, at, || user_line(rules, text, at));
        let place = hint.min(number).min(user);
        if place == text.len() {
            return place;
        }
        memchr::memrchr2(b'\n', b'\r', &text[at..place]).map_or(at, |end| at + end + 1)
    }
}

fn seen(known: &mut Option<usize>, text: &[u8], at: usize, find: impl FnOnce() -> Option<usize>) -> usize {
    match *known {
        Some(place) if place >= at => place,
        _ => *known.insert(find().unwrap_or(text.len())),
    }
}

/// The next line that one of the user's rules matches.
fn user_line(rules: &Rules, text: &[u8], at: usize) -> Option<usize> {
    if !rules.asks_every_line() {
        return None;
    }
    let mut at = at;
    while let Some(end) = line_end(text, at) {
        if rules.user_hit(&text[at..end]) {
            return Some(at);
        }
        at = end + 1;
    }
    None
}

fn line_end(text: &[u8], at: usize) -> Option<usize> {
    memchr::memchr2(b'\n', b'\r', &text[at..]).map(|end| at + end)
}
