//! `grep` and its kin, and how patterns of old are written anew for the library that matches them.

use super::Call;
use super::options::{Options, number};
use regex::{Regex, RegexBuilder};

/// A basic regular expression as an extended one: there, braces and bars need a backslash to mean something.
pub(super) fn extended(basic: &str) -> String {
    let chars: Vec<char> = basic.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('\\', Some(c @ ('(' | ')' | '{' | '}' | '|' | '+' | '?'))) => {
                out.push(*c);
                at += 2;
            }
            ('\\', Some(c)) => {
                out.extend(escape(*c));
                at += 2;
            }
            ('[', _) => at += bracket(&chars[at..], &mut out),
            (c @ ('(' | ')' | '{' | '}' | '|' | '+' | '?'), _) => {
                out.extend(['\\', c]);
                at += 1;
            }
            // At the beginning a star is a star.
            ('*', _) if out.is_empty() || out == "^" => {
                out.push_str("\\*");
                at += 1;
            }
            (c, _) => {
                out.push(c);
                at += 1;
            }
        }
    }
    out
}

/// An extended expression, with what the library reads differently.
pub(super) fn modern(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('\\', Some(c)) => {
                out.extend(escape(*c));
                at += 2;
            }
            ('[', _) => at += bracket(&chars[at..], &mut out),
            ('{', next) if !next.is_some_and(char::is_ascii_digit) => {
                out.push_str("\\{");
                at += 1;
            }
            (c, _) => {
                out.push(c);
                at += 1;
            }
        }
    }
    out
}

fn escape(c: char) -> Vec<char> {
    match c {
        '<' => "\\b{start}".chars().collect(),
        '>' => "\\b{end}".chars().collect(),
        c if c.is_ascii_alphanumeric() && !"wWsSbBdDntr".contains(c) => vec![c],
        '/' | '"' | '\'' | ',' | ':' | ';' | '=' | '@' | '!' | '`' => vec![c],
        c => vec!['\\', c],
    }
}

/// `[…]` copied with what needs a backslash in it; returns how many letters it is long.
fn bracket(chars: &[char], out: &mut String) -> usize {
    let mut at = 1;
    out.push('[');
    if chars.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    while let Some(c) = chars.get(at).copied() {
        if c == ']' && at > first {
            out.push(']');
            return at + 1;
        }
        if c == '[' && chars.get(at + 1) == Some(&':') {
            let class: String = chars[at..].iter().take_while(|c| **c != ']').collect();
            out.push_str(&class);
            out.push(']');
            at += class.chars().count() + 1;
            continue;
        }
        if "[]\\&~".contains(c) && !(c == '\\' && chars.get(at + 1).is_some_and(|n| "tnrwdsS.]/".contains(*n))) {
            out.push('\\');
        }
        out.push(c);
        at += 1;
        if c == '\\'
            && let Some(next) = chars.get(at)
        {
            out.push(*next);
            at += 1;
        }
    }
    at
}

struct Wanted {
    patterns: Vec<Regex>,
    inverted: bool,
}

impl Wanted {
    fn fits(&self, line: &str) -> bool {
        self.patterns.iter().any(|own| own.is_match(line)) != self.inverted
    }
}

const VALUED: [&str; 9] = ["-e", "-f", "-m", "-A", "-B", "-C", "--regexp", "--max-count", "--include"];

pub(super) fn grep(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&VALUED);
    let mut files = options.operands().to_vec();
    let mut patterns: Vec<String> =
        [options.values("-e"), options.values("--regexp")].concat().into_iter().map(str::to_owned).collect();
    if patterns.is_empty() {
        if files.is_empty() {
            call.complain("usage: grep [OPTION]... PATTERNS [FILE]...");
            return 2;
        }
        patterns.push(files.remove(0));
    }
    let wanted = match compiled(call, &options, &patterns) {
        Ok(own) => own,
        Err(says) => {
            call.complain(&says);
            return 2;
        }
    };
    let is_recursive = options.any(&["-r", "-R"]);
    if is_recursive {
        files = expanded(call, &files);
    }
    let is_quiet = options.any(&["-s", "--no-messages"]);
    let before = call.beats.len();
    let (texts, is_good) = call.texts(&files);
    if is_quiet {
        call.beats.truncate(before);
    }
    let shows_names = (texts.len() > 1 || is_recursive || options.has("-H")) && !options.has("-h");
    let mut found = 0;
    for (name, bytes) in &texts {
        found += search(call, &options, &wanted, (if shows_names { Some(name) } else { None }, name, bytes));
        if options.any(&["-q", "--quiet"]) && found > 0 {
            return 0;
        }
    }
    if !is_good && found == 0 { 2 } else { i32::from(found == 0) }
}

fn compiled(call: &Call<'_, '_>, options: &Options, patterns: &[String]) -> Result<Wanted, String> {
    let name = call.args[0].as_str();
    let is_fixed = name == "fgrep" || options.any(&["-F", "--fixed-strings"]);
    let is_extended = name == "egrep" || options.any(&["-E", "-P", "--extended-regexp"]);
    let of = |text: &str| {
        let own = match () {
            () if is_fixed => regex::escape(text),
            () if is_extended => modern(text),
            () => extended(text),
        };
        let own = if options.any(&["-w", "--word-regexp"]) { format!("\\b(?:{own})\\b") } else { own };
        let own = if options.any(&["-x", "--line-regexp"]) { format!("^(?:{own})$") } else { own };
        RegexBuilder::new(&own)
            .case_insensitive(options.any(&["-i", "-y", "--ignore-case"]))
            .build()
            .map_err(|_| format!("Invalid regular expression: {text}"))
    };
    let all = patterns.iter().flat_map(|own| own.split('\n')).map(of).collect::<Result<_, _>>()?;
    Ok(Wanted { patterns: all, inverted: options.any(&["-v", "--invert-match"]) })
}

/// The files below folders.
fn expanded(call: &Call<'_, '_>, files: &[String]) -> Vec<String> {
    let files = if files.is_empty() { vec![".".to_owned()] } else { files.to_vec() };
    let below = files.iter().flat_map(|own| call.disk.below(&call.disk.absolute(&call.cwd, own)));
    below.filter(|path| !call.disk.is_folder(path)).collect()
}

/// Writes what fits and says how many lines did.
fn search(
    call: &mut Call<'_, '_>,
    options: &Options,
    wanted: &Wanted,
    (shown, name, bytes): (Option<&String>, &str, &[u8]),
) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    let most = number(options.value_of(&["-m", "--max-count"])).unwrap_or(usize::MAX);
    let hits: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| wanted.fits(line)).map(|(n, _)| n).take(most).collect();
    let prefix = |mark: char| shown.map_or(String::new(), |name| format!("{name}{mark}"));
    if options.any(&["-q", "--quiet"]) {
        return hits.len();
    }
    if options.any(&["-c", "--count"]) {
        call.line(format!("{}{}", prefix(':'), hits.len()));
        return hits.len();
    }
    if options.any(&["-l", "--files-with-matches"]) {
        if !hits.is_empty() {
            call.line(name);
        }
        return hits.len();
    }
    if options.any(&["-o", "--only-matching"]) {
        for found in hits.iter().flat_map(|n| wanted.patterns.iter().flat_map(|own| own.find_iter(lines[*n]))) {
            call.line(format!("{}{}", prefix(':'), found.as_str()));
        }
        return hits.len();
    }
    let around = |flag: &str| number(options.value(flag)).or(number(options.value("-C"))).unwrap_or(0);
    let (before, after) = (around("-B"), around("-A"));
    let mut last: Option<usize> = None;
    for hit in &hits {
        let from = hit.saturating_sub(before).max(last.map_or(0, |n| n + 1));
        let to = (hit + after).min(lines.len() - 1);
        if before + after > 0 && last.is_some_and(|n| from > n + 1) {
            call.line("--");
        }
        for (n, line) in lines.iter().enumerate().take(to + 1).skip(from) {
            let mark = if hits.contains(&n) { ':' } else { '-' };
            let number = if options.any(&["-n", "--line-number"]) { format!("{}{mark}", n + 1) } else { String::new() };
            call.line(format!("{}{number}{line}", prefix(mark)));
        }
        last = Some(to.max(last.unwrap_or(0)));
    }
    hits.len()
}
