//! Shell patterns: `*`, `?`, `[a-z]`. Matches text against them; it knows nothing of files.

/// A character and whether it was quoted, so that it stands for itself.
pub(in crate::hosts) type Mark = (char, bool);

/// The marks of a pattern that nobody quoted.
pub(in crate::hosts) fn marks(text: &str) -> Vec<Mark> {
    text.chars().map(|c| (c, false)).collect()
}

pub(in crate::hosts) fn is_pattern(marks: &[Mark]) -> bool {
    marks.iter().any(|(c, quoted)| !quoted && "*?[".contains(*c))
}

pub(in crate::hosts) fn matches(pattern: &[Mark], text: &[char]) -> bool {
    let (mut at, mut own) = (0, 0);
    // Where to go back to: after the last star, and how far it has eaten.
    let mut star: Option<(usize, usize)> = None;
    while own < text.len() {
        match step(&pattern[at..], text[own]) {
            Step::Star => {
                at += 1;
                star = Some((at, own));
                continue;
            }
            Step::Fits(length) => {
                at += length;
                own += 1;
                continue;
            }
            Step::Fails => {}
        }
        let Some((after, eaten)) = star else { return false };
        star = Some((after, eaten + 1));
        (at, own) = (after, eaten + 1);
    }
    pattern[at..].iter().all(|mark| *mark == ('*', false))
}

enum Step {
    Star,
    /// So many marks of the pattern.
    Fits(usize),
    Fails,
}

fn step(pattern: &[Mark], c: char) -> Step {
    match pattern.first() {
        None => Step::Fails,
        Some(('*', false)) => Step::Star,
        Some(('?', false)) => Step::Fits(1),
        Some(('[', false)) => match class(pattern) {
            Some((length, negated, ranges)) => {
                let inside = ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
                if inside == negated { Step::Fails } else { Step::Fits(length) }
            }
            None if c == '[' => Step::Fits(1),
            None => Step::Fails,
        },
        Some((own, _)) if *own == c => Step::Fits(1),
        Some(_) => Step::Fails,
    }
}

/// Its length, whether it is turned round, its ranges.
type Class = (usize, bool, Vec<(char, char)>);

/// `[a-z_]`
fn class(pattern: &[Mark]) -> Option<Class> {
    let negated = matches!(pattern.get(1), Some(('!' | '^', false)));
    let mut at = 1 + usize::from(negated);
    let first = at;
    let mut ranges = Vec::new();
    loop {
        let (low, _) = *pattern.get(at)?;
        if low == ']' && at > first {
            return Some((at + 1, negated, ranges));
        }
        if low == '[' && pattern.get(at + 1).is_some_and(|(c, _)| *c == ':') {
            let name: String = pattern[at + 2..].iter().map(|(c, _)| *c).take_while(|c| *c != ':').collect();
            ranges.extend(named(&name));
            at += name.chars().count() + 4;
            continue;
        }
        match (pattern.get(at + 1), pattern.get(at + 2)) {
            (Some(('-', _)), Some((high, _))) if *high != ']' => {
                ranges.push((low, *high));
                at += 3;
            }
            _ => {
                ranges.push((low, low));
                at += 1;
            }
        }
    }
}

fn named(name: &str) -> Vec<(char, char)> {
    match name {
        "digit" => vec![('0', '9')],
        "alpha" => vec![('a', 'z'), ('A', 'Z')],
        "alnum" => vec![('a', 'z'), ('A', 'Z'), ('0', '9')],
        "lower" => vec![('a', 'z')],
        "upper" => vec![('A', 'Z')],
        "space" => vec![(' ', ' '), ('\t', '\r')],
        "blank" => vec![(' ', ' '), ('\t', '\t')],
        "punct" => vec![('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        _ => Vec::new(),
    }
}
