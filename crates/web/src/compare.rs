//! Two texts held against each other, line by line. A line that differs in its numbers alone is one line that changed, with the
//! numbers marked; long stretches that are the same are counted. Pure, and bounded in what it looks at and how long.

use crate::raw;
use crate::view::{DiffLine, DiffPart, Piece};
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};
use std::borrow::Cow;
use std::time::{Duration, Instant};

/// Lines around a difference, for the place to be found.
const AROUND: usize = 2;
/// What differs beyond so many lines is counted and not shown.
const MOST_LINES: usize = 600;
const MOST_LINE_CHARS: usize = 2_000;
/// After this, what is left counts as different.
const PATIENCE: Duration = Duration::from_millis(400);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compared {
    pub parts: Vec<DiffPart>,
    pub gone: u64,
    pub come: u64,
    /// Lines that differ in numbers alone.
    pub numbers: u64,
    /// There is more that differs than is shown.
    pub is_cut: bool,
}

/// A line of both texts together.
enum Line<'a> {
    Same(&'a str),
    Numbers(&'a str, &'a str),
    Gone(&'a str),
    Come(&'a str),
}

pub(crate) fn compare(old: &str, new: &str) -> Compared {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let alike = |lines: &[&str]| lines.iter().map(|line| shape(line)).collect::<Vec<String>>();
    let deadline = Instant::now() + PATIENCE;
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &alike(&old), &alike(&new), Some(deadline));
    let lines: Vec<Line<'_>> = ops.iter().flat_map(|op| lines_of(op, &old, &new)).collect();
    let count = |is: fn(&Line<'_>) -> bool| lines.iter().filter(|line| is(line)).count() as u64;
    let (parts, is_cut) = parts(&lines);
    Compared {
        parts,
        gone: count(|line| matches!(line, Line::Gone(_))),
        come: count(|line| matches!(line, Line::Come(_))),
        numbers: count(|line| matches!(line, Line::Numbers(..))),
        is_cut,
    }
}

/// A line without its numbers and the width of its gaps: tables of figures keep their place by it.
fn shape(line: &str) -> String {
    let mut shape = String::with_capacity(line.len());
    for (text, is_number) in tokens(line) {
        let squeezed = if is_number { "0".into() } else { squeezed(text) };
        shape.push_str(&squeezed);
    }
    shape.trim().to_owned()
}

fn squeezed(text: &str) -> Cow<'_, str> {
    if !text.contains("  ") && !text.contains('\t') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' | '\t' if out.ends_with(' ') => {}
            ' ' | '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Numbers and what stands between them, in order.
fn tokens(line: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let is_number = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        rest = after;
        Some((token, is_number))
    })
}

fn lines_of<'a>(op: &DiffOp, old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let (was, is) = (&old[op.old_range()], &new[op.new_range()]);
    if let DiffOp::Equal { .. } = op {
        let pair = |(was, is): (&&'a str, &&'a str)| match numbers(was).eq(numbers(is)) {
            true => Line::Same(is),
            false => Line::Numbers(was, is),
        };
        return was.iter().zip(is).map(pair).collect();
    }
    was.iter().map(|line| Line::Gone(line)).chain(is.iter().map(|line| Line::Come(line))).collect()
}

fn numbers(line: &str) -> impl Iterator<Item = &str> {
    tokens(line).filter(|(_, is_number)| *is_number).map(|(text, _)| text)
}

/// What differs with a little around it, and counts of what does not.
fn parts(lines: &[Line<'_>]) -> (Vec<DiffPart>, bool) {
    let differs: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| !matches!(line, Line::Same(_))).map(|(at, _)| at).collect();
    let mut parts = Vec::new();
    let (mut at, mut shown) = (0, 0);
    let mut next = differs.iter().copied().peekable();
    while let Some(first) = next.next() {
        if shown >= MOST_LINES {
            return (parts, true);
        }
        let mut last = first;
        while let Some(further) = next.next_if(|further| *further <= last + 2 * AROUND + 1) {
            last = further;
            if last - first >= MOST_LINES {
                break;
            }
        }
        let (begin, end) = (first.saturating_sub(AROUND).max(at), (last + AROUND + 1).min(lines.len()));
        same(&mut parts, begin - at);
        let block: Vec<DiffLine> = lines[begin..end].iter().flat_map(told).collect();
        shown += block.len();
        parts.push(DiffPart::Lines(block));
        at = end;
    }
    same(&mut parts, lines.len() - at);
    (parts, false)
}

fn same(parts: &mut Vec<DiffPart>, n: usize) {
    if n > 0 {
        parts.push(DiffPart::Same(n as u64));
    }
}

fn told(line: &Line<'_>) -> Vec<DiffLine> {
    match line {
        Line::Same(text) => vec![plain(' ', text)],
        Line::Gone(text) => vec![plain('-', text)],
        Line::Come(text) => vec![plain('+', text)],
        Line::Numbers(was, is) => vec![marked('-', was, is), marked('+', is, was)],
    }
}

fn plain(sign: char, text: &str) -> DiffLine {
    DiffLine { sign, pieces: vec![Piece { text: seen(text), is_number: false }] }
}

/// A line with those of its numbers marked that are others in the line beside it.
fn marked(sign: char, text: &str, beside: &str) -> DiffLine {
    let mut others = numbers(beside);
    let mut pieces: Vec<Piece> = Vec::new();
    for (token, is_number) in tokens(text) {
        let is_other = is_number && others.next() != Some(token);
        match pieces.last_mut() {
            Some(last) if last.is_number == is_other => last.text.push_str(&seen(token)),
            _ => pieces.push(Piece { text: seen(token), is_number: is_other }),
        }
    }
    DiffLine { sign, pieces }
}

fn seen(text: &str) -> String {
    raw::visible(&crate::markup::shortened(text, MOST_LINE_CHARS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_all(compared: &Compared) -> Vec<String> {
        let line = |line: &DiffLine| {
            let pieces = line.pieces.iter().map(|p| if p.is_number { format!("[{}]", p.text) } else { p.text.clone() });
            format!("{}{}", line.sign, pieces.collect::<String>())
        };
        let part = |part: &DiffPart| match part {
            DiffPart::Same(n) => vec![format!("={n}")],
            DiffPart::Lines(lines) => lines.iter().map(line).collect(),
        };
        compared.parts.iter().flat_map(part).collect()
    }

    #[test]
    fn a_table_of_figures_keeps_its_lines_and_marks_what_changed() {
        let old = "Filesystem Size Used\n/dev/sda1   100G   41% /\ntmpfs  2G  0% /run\n";
        let new = "Filesystem Size Used\n/dev/sda1   100G  100% /\ntmpfs  2G  0% /run\n";
        let compared = compare(old, new);
        assert_eq!((compared.gone, compared.come, compared.numbers), (0, 0, 1));
        assert_eq!(
            told_all(&compared),
            [
                " Filesystem Size Used",
                "-/dev/sda1   100G   [41]% /",
                "+/dev/sda1   100G  [100]% /",
                " tmpfs  2G  0% /run"
            ]
        );
    }

    #[test]
    fn what_stayed_the_same_is_counted() {
        let lines = |changed: &str| {
            (0..40).map(|n| if n == 20 { format!("{changed}\n") } else { format!("line {n} x\n") }).collect::<String>()
        };
        let compared = compare(&lines("here it was"), &lines("there it is"));
        let told = told_all(&compared);
        assert_eq!((told.first().map(String::as_str), told.last().map(String::as_str)), (Some("=18"), Some("=17")));
        assert!(told.contains(&"-here it was".to_owned()) && told.contains(&"+there it is".to_owned()));
        assert_eq!((compared.gone, compared.come), (1, 1));
    }

    #[test]
    fn the_same_is_the_same_and_nothing_is_nothing() {
        assert_eq!(told_all(&compare("a\nb\n", "a\nb\n")), ["=2"]);
        assert_eq!(compare("a 1\n", "a  1\n").numbers, 0, "a gap is no difference");
        assert_eq!(compare("", ""), Compared::default());
        assert_eq!(told_all(&compare("", "x\n")), ["+x"]);
    }

    #[test]
    fn much_that_differs_is_cut_and_said_to_be() {
        let many = |word: &str| (0..5_000).map(|n| format!("{word}-{}\n", "x".repeat(n % 7))).collect::<String>();
        let compared = compare(&many("a"), &many("b"));
        let shown: usize = compared.parts.iter().map(|part| part.lines().len()).sum();
        assert!(compared.is_cut && shown <= 3 * MOST_LINES, "{shown}");
        assert_eq!(compared.gone, 5_000);
    }

    #[test]
    fn hostile_lines_are_made_visible() {
        let told = told_all(&compare("a\u{1B}[31m\u{202E}<b>\n", "a\n"));
        assert_eq!(told[0], "-a␛[31m⟨U+202E⟩<b>");
    }
}
