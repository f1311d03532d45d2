//! Filters of text: they read files or what comes by the pipe, and write lines.

use std::cmp::Ordering;

use super::super::shell::FOR_EVER_MS;
use super::Call;
use super::options::number;

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All the lines of the files that are named, and the status.
fn lines(call: &mut Call<'_, '_>, files: &[String]) -> (Vec<String>, i32) {
    let (texts, is_good) = call.texts(files);
    let all = texts.iter().flat_map(|(_, bytes)| lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    (all, i32::from(!is_good))
}

pub(super) fn cat(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    let (texts, is_good) = call.texts(options.operands());
    let mut n = 0;
    for (_, bytes) in texts {
        if !options.any(&["-n", "-v", "-A", "-e"]) {
            call.write(bytes);
            continue;
        }
        for line in lossy(&bytes).lines() {
            n += 1;
            let line = if options.any(&["-v", "-A", "-e"]) { line.replace('\t', "^I") } else { line.to_owned() };
            let end = if options.any(&["-A", "-e"]) { "$" } else { "" };
            call.line(if options.has("-n") { format!("{n:>6}\t{line}") } else { line + end });
        }
    }
    i32::from(!is_good)
}

pub(super) fn tac(call: &mut Call<'_, '_>) -> i32 {
    let files = call.args[1..].to_vec();
    let (mut all, status) = lines(call, &files);
    all.reverse();
    all.into_iter().for_each(|line| call.line(line));
    status
}

/// `-5` means `-n 5`.
fn modern(args: &[String]) -> Vec<String> {
    let is_count = |arg: &str| arg.len() > 1 && arg.starts_with('-') && arg[1..].bytes().all(|b| b.is_ascii_digit());
    args.iter().map(|arg| if is_count(arg) { format!("-n{}", &arg[1..]) } else { arg.clone() }).collect()
}

/// With a multiplier: `1k`, `2M`.
fn size(text: &str) -> usize {
    let (digits, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let times = match unit.chars().next() {
        Some('k' | 'K') => 1024,
        Some('M' | 'm') => 1024 * 1024,
        _ => 1,
    };
    digits.parse::<usize>().unwrap_or(0) * times
}

fn headline(call: &mut Call<'_, '_>, name: &str, is_first: bool) {
    let name = if name == "-" { "standard input" } else { name };
    call.say(format!("{}==> {name} <==\n", if is_first { "" } else { "\n" }));
}

pub(super) fn head(call: &mut Call<'_, '_>) -> i32 {
    call.args = modern(&call.args.clone());
    let options = call.options(&["-n", "-c", "--lines", "--bytes"]);
    let (texts, is_good) = call.texts(options.operands());
    let wanted = options.value_of(&["-n", "--lines"]).unwrap_or("10").to_owned();
    let shows_names = texts.len() > 1 && !options.has("-q");
    for (n, (name, bytes)) in texts.iter().enumerate() {
        if shows_names {
            headline(call, name, n == 0);
        }
        if let Some(count) = options.value_of(&["-c", "--bytes"]) {
            call.write(bytes[..size(count).min(bytes.len())].to_vec());
            continue;
        }
        let all: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        let count = match wanted.strip_prefix('-') {
            Some(but) => all.len().saturating_sub(size(but)),
            None => size(&wanted).min(all.len()),
        };
        call.write(all[..count].concat());
    }
    i32::from(!is_good)
}

pub(super) fn tail(call: &mut Call<'_, '_>) -> i32 {
    call.args = modern(&call.args.clone());
    let options = call.options(&["-n", "-c", "--lines", "--bytes", "-s", "--pid"]);
    let (texts, is_good) = call.texts(options.operands());
    let wanted = options.value_of(&["-n", "--lines"]).unwrap_or("10").to_owned();
    let shows_names = texts.len() > 1 && !options.has("-q");
    for (n, (name, bytes)) in texts.iter().enumerate() {
        if shows_names {
            headline(call, name, n == 0);
        }
        if let Some(count) = options.value_of(&["-c", "--bytes"]) {
            call.write(bytes[bytes.len().saturating_sub(size(count))..].to_vec());
            continue;
        }
        let all: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        let from = match wanted.strip_prefix('+') {
            Some(first) => size(first).saturating_sub(1).min(all.len()),
            None => all.len().saturating_sub(size(wanted.trim_start_matches('-'))),
        };
        call.write(all[from..].concat());
    }
    if options.any(&["-f", "-F", "--follow"]) {
        call.pause(FOR_EVER_MS);
    }
    i32::from(!is_good)
}

pub(super) fn wc(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    let (texts, is_good) = call.texts(options.operands());
    let all = !options.any(&["-l", "-w", "-c", "-m"]);
    let mut sums = [0; 3];
    let is_one = texts.len() == 1;
    for (name, bytes) in &texts {
        let text = lossy(bytes);
        let own = [bytes.iter().filter(|b| **b == b'\n').count(), text.split_whitespace().count(), bytes.len()];
        sums.iter_mut().zip(own).for_each(|(sum, n)| *sum += n);
        let own = counted(&options, all, own);
        call.line(if name == "-" { own } else { format!("{own} {name}") });
    }
    if !is_one {
        call.line(format!("{} total", counted(&options, all, sums)));
    }
    i32::from(!is_good)
}

fn counted(options: &super::options::Options, all: bool, counts: [usize; 3]) -> String {
    let wanted = [all || options.has("-l"), all || options.has("-w"), all || options.any(&["-c", "-m"])];
    let shown: Vec<String> =
        counts.iter().zip(wanted).filter(|(_, is_wanted)| *is_wanted).map(|(n, _)| n.to_string()).collect();
    if shown.len() == 1 {
        shown.concat()
    } else {
        shown.iter().map(|n| format!("{n:>7}")).collect::<Vec<_>>().join(" ")
    }
}

struct Key {
    field: usize,
    numeric: bool,
    human: bool,
    reversed: bool,
    to_end: bool,
}

pub(super) fn sort(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-k", "-t", "--key", "--field-separator", "-o", "-T", "-S"]);
    let (mut all, status) = lines(call, options.operands());
    let separator = options.value_of(&["-t", "--field-separator"]).and_then(|own| own.chars().next());
    let flag = |short: &str, long: &str| options.any(&[short, long]);
    let keys: Vec<Key> =
        [options.values("-k"), options.values("--key")].concat().into_iter().map(|own| key(own, &options)).collect();
    let numeric = flag("-n", "--numeric-sort") || flag("-g", "--general-numeric-sort") || options.has("-V");
    let (human, reversed) = (flag("-h", "--human-numeric-sort"), flag("-r", "--reverse"));
    let whole = Key { field: 0, numeric, human, reversed, to_end: true };
    all.sort_by(|a, b| {
        let by_keys = keys.iter().map(|own| own.compare(a, b, separator)).find(|o| *o != Ordering::Equal);
        match by_keys {
            Some(order) => order,
            None if keys.is_empty() && whole.compare(a, b, separator) != Ordering::Equal => {
                whole.compare(a, b, separator)
            }
            None if reversed => b.cmp(a),
            None => a.cmp(b),
        }
    });
    if flag("-u", "--unique") {
        all.dedup_by(|a, b| {
            if keys.is_empty() {
                a == b
            } else {
                keys.iter().all(|own| own.compare(a, b, separator) == Ordering::Equal)
            }
        });
    }
    all.into_iter().for_each(|line| call.line(line));
    status
}

/// `2`, `2,2`, `2nr`, `3,3n`
fn key(text: &str, options: &super::options::Options) -> Key {
    let letters: String = text.chars().filter(|c| c.is_ascii_alphabetic()).collect();
    let has = |letter: char, flag: &str| letters.contains(letter) || (letters.is_empty() && options.has(flag));
    Key {
        field: text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(1),
        numeric: has('n', "-n") || has('g', "-g") || has('V', "-V"),
        human: has('h', "-h"),
        reversed: has('r', "-r"),
        to_end: !text.contains(','),
    }
}

impl Key {
    fn part(&self, line: &str, separator: Option<char>) -> String {
        if self.field == 0 {
            return line.to_owned();
        }
        let parts: Vec<&str> = match separator {
            Some(own) => line.split(own).collect(),
            None => line.split_whitespace().collect(),
        };
        let own = parts.get(self.field - 1..).unwrap_or_default();
        let own = if self.to_end { own } else { &own[..own.len().min(1)] };
        own.join(" ")
    }

    fn compare(&self, a: &str, b: &str, separator: Option<char>) -> Ordering {
        let (a, b) = (self.part(a, separator), self.part(b, separator));
        let order = if self.numeric || self.human {
            let value = |text: &str| measured(text, self.human);
            value(&a).partial_cmp(&value(&b)).unwrap_or(Ordering::Equal)
        } else {
            a.cmp(&b)
        };
        if self.reversed { order.reverse() } else { order }
    }
}

/// The number at the beginning; `1.5G` when units count.
fn measured(text: &str, human: bool) -> f64 {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(text.len());
    let number = text[..end].parse().unwrap_or(0.0);
    let power =
        if human { "KMGTP".find(|c| text[end..].to_uppercase().starts_with(c)).map_or(0, |n| n + 1) } else { 0 };
    number * 1024_f64.powi(i32::try_from(power).unwrap_or(0))
}

pub(super) fn uniq(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-f", "-s", "-w"]);
    let (all, status) = lines(call, options.operands());
    let mut runs: Vec<(usize, String)> = Vec::new();
    for line in all {
        match runs.last_mut() {
            Some((count, own)) if *own == line => *count += 1,
            _ => runs.push((1, line)),
        }
    }
    for (count, line) in runs {
        if (options.has("-d") && count < 2) || (options.has("-u") && count > 1) {
            continue;
        }
        call.line(if options.any(&["-c", "--count"]) { format!("{count:>7} {line}") } else { line });
    }
    status
}

/// `1`, `2-4`, `3-`, `-2`, several with commas.
fn ranges(text: &str) -> Vec<(usize, usize)> {
    let one = |part: &str| match part.split_once('-') {
        None => part.parse().map_or((0, 0), |n| (n, n)),
        Some((low, high)) => (low.parse().unwrap_or(1), high.parse().unwrap_or(usize::MAX)),
    };
    text.split(',').map(one).collect()
}

pub(super) fn cut(call: &mut Call<'_, '_>) -> i32 {
    let options =
        call.options(&["-d", "-f", "-c", "-b", "--delimiter", "--fields", "--characters", "--output-delimiter"]);
    let (all, status) = lines(call, options.operands());
    let Some(wanted) = options.value_of(&["-f", "-c", "-b", "--fields", "--characters"]).map(ranges) else {
        call.complain("you must specify a list of bytes, characters, or fields");
        return 1;
    };
    let by_fields = options.any(&["-f", "--fields"]);
    let delimiter = options.value_of(&["-d", "--delimiter"]).unwrap_or("\t").to_owned();
    let joint = options.value("--output-delimiter").map_or(delimiter.clone(), str::to_owned);
    let is_wanted = |n: usize| wanted.iter().any(|(low, high)| (*low..=*high).contains(&n));
    for line in all {
        if !by_fields {
            call.line(line.chars().enumerate().filter(|(n, _)| is_wanted(n + 1)).map(|(_, c)| c).collect::<String>());
        } else if line.contains(&delimiter) {
            let parts: Vec<&str> =
                line.split(delimiter.as_str()).enumerate().filter(|(n, _)| is_wanted(n + 1)).map(|(_, p)| p).collect();
            call.line(parts.join(&joint));
        } else if !options.has("-s") {
            call.line(line);
        }
    }
    status
}

/// A set of `tr`: ranges, classes, escapes.
fn set(text: &str) -> Vec<char> {
    let classes = [
        ("[:space:]", " \t\n\r\u{b}\u{c}".to_owned()),
        ("[:digit:]", "0123456789".into()),
        ("[:upper:]", ('A'..='Z').collect()),
        ("[:lower:]", ('a'..='z').collect()),
        ("[:alpha:]", ('A'..='Z').chain('a'..='z').collect()),
        ("[:alnum:]", ('A'..='Z').chain('a'..='z').chain('0'..='9').collect()),
        ("[:blank:]", " \t".into()),
        ("[:punct:]", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".into()),
        ("[:cntrl:]", ('\0'..='\u{1f}').chain(['\u{7f}']).collect()),
    ];
    let mut text = super::print::unescaped(text);
    for (name, letters) in classes {
        text = text.replace(name, &letters);
    }
    let chars: Vec<char> = text.chars().collect();
    let (mut all, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1), chars.get(at + 2)) {
            (low, Some('-'), Some(high)) if low <= *high && low.is_alphanumeric() => {
                all.extend(low..=*high);
                at += 3;
            }
            (own, ..) => {
                all.push(own);
                at += 1;
            }
        }
    }
    all
}

pub(super) fn tr(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    let sets: Vec<Vec<char>> = options.operands().iter().map(|own| set(own)).collect();
    let Some(from) = sets.first() else {
        call.complain("missing operand");
        return 1;
    };
    let to = sets.get(1);
    let complement = options.any(&["-c", "-C"]);
    let is_in = |c: char| from.contains(&c) != complement;
    let text = lossy(&call.input.rest());
    let mut out = String::new();
    for c in text.chars() {
        if options.has("-d") && is_in(c) {
            continue;
        }
        let new = match to.filter(|_| !options.has("-d") && is_in(c)) {
            Some(to) => {
                from.iter().position(|own| *own == c).and_then(|at| to.get(at)).or(to.last()).copied().unwrap_or(c)
            }
            None => c,
        };
        let squeezes = options.has("-s") && to.unwrap_or(from).contains(&new);
        if !(squeezes && out.ends_with(new)) {
            out.push(new);
        }
    }
    call.say(out);
    0
}

pub(super) fn tee(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    let bytes = call.input.rest();
    let mut status = 0;
    for file in options.operands() {
        let (cwd, user) = (call.cwd.clone(), call.user.clone());
        if file != "/dev/null"
            && let Err(problem) = call.disk.write(&cwd, file, &user, &bytes, options.has("-a"))
        {
            call.complain(&format!("{file}: {problem}"));
            status = 1;
        }
    }
    call.write(bytes);
    status
}

pub(super) fn nl(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-b", "-w", "-s"]);
    let (all, status) = lines(call, options.operands());
    all.into_iter().enumerate().for_each(|(n, line)| call.line(format!("{:>6}\t{line}", n + 1)));
    status
}

pub(super) fn rev(call: &mut Call<'_, '_>) -> i32 {
    let files = call.args[1..].to_vec();
    let (all, status) = lines(call, &files);
    all.into_iter().for_each(|line| call.line(line.chars().rev().collect::<String>()));
    status
}

pub(super) fn fold(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-w"]);
    let width = number(options.value("-w")).unwrap_or(80).max(1);
    let (all, status) = lines(call, options.operands());
    for line in all {
        let chars: Vec<char> = line.chars().collect();
        chars.chunks(width).for_each(|part| call.line(part.iter().collect::<String>()));
    }
    status
}

/// `paste -s -d,`
pub(super) fn paste(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-d"]);
    let (all, status) = lines(call, options.operands());
    let joint = options.value("-d").unwrap_or("\t").to_owned();
    if options.has("-s") {
        call.line(all.join(&joint));
    } else {
        all.into_iter().for_each(|line| call.line(line));
    }
    status
}

/// `column -t`
pub(super) fn column(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-s", "-o", "-N"]);
    let (all, status) = lines(call, options.operands());
    let separator = options.value("-s").map(str::to_owned);
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|line| match &separator {
            Some(own) => line.split(|c| own.contains(c)).map(str::to_owned).collect(),
            None => line.split_whitespace().map(str::to_owned).collect(),
        })
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |n: usize| rows.iter().filter_map(|row| row.get(n)).map(|own| own.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().enumerate().map(|(n, own)| format!("{own:<width$}", width = widths[n])).collect();
        call.line(cells.join("  ").trim_end().to_owned());
    }
    status
}
