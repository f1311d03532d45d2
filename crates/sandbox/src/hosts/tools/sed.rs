//! `sed`, as far as one-liners go: addresses and ranges, `s`, `d`, `p`, `q`, `=`, `y`, `n`.

use super::Call;
use super::grep::{extended, modern};
use regex::{Regex, RegexBuilder};

enum Address {
    Line(usize),
    Last,
    Matching(Regex),
}

enum Act {
    Substitute {
        pattern: Regex,
        by: String,
        all: bool,
        nth: usize,
        prints: bool,
    },
    Delete,
    Print,
    Quit,
    Number,
    Swap(Vec<(char, char)>),
    Append(String),
    /// `{ … }`
    Group(Vec<Rule>),
}

struct Rule {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    act: Act,
    /// Within its range since the first address fitted.
    inside: bool,
}

struct Reader {
    text: Vec<char>,
    at: usize,
    is_extended: bool,
}

pub(super) fn sed(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-e", "-f", "--expression"]);
    let mut files = options.operands().to_vec();
    let mut scripts: Vec<String> =
        [options.values("-e"), options.values("--expression")].concat().into_iter().map(str::to_owned).collect();
    if scripts.is_empty() {
        if files.is_empty() {
            call.complain("usage: sed [OPTION]... {script} [input-file]...");
            return 1;
        }
        scripts.push(files.remove(0));
    }
    let is_extended = options.any(&["-E", "-r", "--regexp-extended"]);
    let mut reader = Reader { text: scripts.join("\n").chars().collect(), at: 0, is_extended };
    let mut rules = match reader.rules(false) {
        Ok(rules) => rules,
        Err(says) => {
            call.complain(&format!("-e expression #1, char {}: {says}", reader.at));
            return 1;
        }
    };
    let is_silent = options.any(&["-n", "--quiet", "--silent"]);
    let (texts, is_good) = call.texts(&files);
    let whole: Vec<u8> = texts.into_iter().flat_map(|(_, bytes)| bytes).collect();
    let text = String::from_utf8_lossy(&whole).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    for (n, line) in lines.iter().enumerate() {
        let mut turn = Turn {
            line: (*line).to_owned(),
            n: n + 1,
            is_last: n + 1 == lines.len(),
            out: String::new(),
            after: String::new(),
        };
        let end = turn.run(&mut rules);
        if !is_silent && end != End::Deleted {
            turn.out.push_str(&turn.line);
            turn.out.push('\n');
        }
        call.say(turn.out + &turn.after);
        if end == End::Quit {
            break;
        }
    }
    i32::from(!is_good)
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn skip(&mut self, letters: &str) {
        while self.peek().is_some_and(|c| letters.contains(c)) {
            self.at += 1;
        }
    }

    fn rules(&mut self, in_group: bool) -> Result<Vec<Rule>, String> {
        let mut all = Vec::new();
        loop {
            self.skip(" \t\n;");
            match self.peek() {
                None if in_group => return Err("unmatched `{'".into()),
                None => return Ok(all),
                Some('}') if in_group => {
                    self.at += 1;
                    return Ok(all);
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1
                    }
                }
                Some(_) => all.push(self.rule()?),
            }
        }
    }

    fn rule(&mut self) -> Result<Rule, String> {
        let from = self.address()?;
        self.skip(" ");
        let mut to = None;
        if self.peek() == Some(',') {
            self.at += 1;
            self.skip(" ");
            to = self.address()?;
        }
        self.skip(" ");
        let negated = self.peek() == Some('!');
        self.at += usize::from(negated);
        self.skip(" ");
        let act = self.act()?;
        Ok(Rule { from, to, negated, act, inside: false })
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some('/') => {
                self.at += 1;
                let text = self.until('/')?;
                Ok(Some(Address::Matching(self.regex(&text, false)?)))
            }
            Some(c) if c.is_ascii_digit() => {
                let digits: String = self.text[self.at..].iter().take_while(|c| c.is_ascii_digit()).collect();
                self.at += digits.len();
                Ok(Some(Address::Line(digits.parse().unwrap_or(0))))
            }
            _ => Ok(None),
        }
    }

    /// Up to a mark that no backslash stands before.
    fn until(&mut self, mark: char) -> Result<String, String> {
        let mut text = String::new();
        let mut in_brackets = false;
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\\' => {
                    let next = self.peek().unwrap_or('\\');
                    self.at += 1;
                    if next != mark {
                        text.push('\\');
                    }
                    text.push(next);
                }
                c if c == mark && !in_brackets => return Ok(text),
                c => {
                    in_brackets = if in_brackets {
                        c != ']' || text.ends_with('[') || text.ends_with("[^")
                    } else {
                        c == '[' && mark != '['
                    };
                    text.push(c);
                }
            }
        }
        Err("unterminated address regex".into())
    }

    fn regex(&self, text: &str, ignores_case: bool) -> Result<Regex, String> {
        let own = if self.is_extended { modern(text) } else { extended(text) };
        RegexBuilder::new(&own)
            .case_insensitive(ignores_case)
            .build()
            .map_err(|_| "Invalid preceding regular expression".to_owned())
    }

    fn act(&mut self) -> Result<Act, String> {
        let Some(letter) = self.peek() else { return Err("missing command".into()) };
        self.at += 1;
        Ok(match letter {
            'd' => Act::Delete,
            'p' => Act::Print,
            'q' => Act::Quit,
            '=' => Act::Number,
            's' => self.substitute()?,
            'y' => {
                let mark = self.mark()?;
                let (from, to) = (self.until(mark)?, self.until(mark)?);
                Act::Swap(from.chars().zip(to.chars()).collect())
            }
            'a' => {
                self.skip(" \\\n");
                let rest: String = self.text[self.at..].iter().take_while(|c| **c != '\n').collect();
                self.at += rest.chars().count();
                Act::Append(rest)
            }
            '{' => Act::Group(self.rules(true)?),
            other => return Err(format!("unknown command: `{other}'")),
        })
    }

    fn mark(&mut self) -> Result<char, String> {
        let mark = self.peek().ok_or("unterminated `s' command")?;
        self.at += 1;
        Ok(mark)
    }

    fn substitute(&mut self) -> Result<Act, String> {
        let mark = self.mark()?;
        let unfinished = |_| "unterminated `s' command".to_owned();
        let pattern = self.until(mark).map_err(unfinished)?;
        let by = self.replacement(mark)?;
        let flags: String = self.text[self.at..].iter().take_while(|c| c.is_ascii_alphanumeric()).collect();
        self.at += flags.len();
        let pattern = self.regex(&pattern, flags.contains(['i', 'I']))?;
        let nth: String = flags.chars().filter(char::is_ascii_digit).collect();
        Ok(Act::Substitute {
            pattern,
            by,
            all: flags.contains('g'),
            nth: nth.parse().unwrap_or(1),
            prints: flags.contains('p'),
        })
    }

    /// In the form of the library: `${1}` for `\1`, `${0}` for `&`.
    fn replacement(&mut self, mark: char) -> Result<String, String> {
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\\' => {
                    let next = self.peek().unwrap_or('\\');
                    self.at += 1;
                    match next {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        c if c.is_ascii_digit() => text.push_str(&format!("${{{c}}}")),
                        c => text.push(c),
                    }
                }
                '&' => text.push_str("${0}"),
                '$' => text.push_str("$$"),
                c if c == mark => return Ok(text),
                c => text.push(c),
            }
        }
        Err("unterminated `s' command".into())
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum End {
    Line,
    Deleted,
    Quit,
}

struct Turn {
    line: String,
    n: usize,
    is_last: bool,
    out: String,
    after: String,
}

impl Turn {
    fn fits(&self, address: &Address) -> bool {
        match address {
            Address::Line(n) => *n == self.n,
            Address::Last => self.is_last,
            Address::Matching(pattern) => pattern.is_match(&self.line),
        }
    }

    fn is_meant(&self, rule: &mut Rule) -> bool {
        let is_it = match (&rule.from, &rule.to) {
            (None, _) => true,
            (Some(from), None) => self.fits(from),
            (Some(from), Some(to)) => {
                let begins = !rule.inside && self.fits(from);
                let was_inside = rule.inside || begins;
                let is_past = matches!(to, Address::Line(n) if *n <= self.n);
                rule.inside = was_inside && !is_past && (begins || !self.fits(to));
                was_inside
            }
        };
        is_it != rule.negated
    }

    fn run(&mut self, rules: &mut [Rule]) -> End {
        for rule in rules {
            if !self.is_meant(rule) {
                continue;
            }
            match &mut rule.act {
                Act::Delete => return End::Deleted,
                Act::Quit => return End::Quit,
                Act::Print => self.out.push_str(&format!("{}\n", self.line)),
                Act::Number => self.out.push_str(&format!("{}\n", self.n)),
                Act::Append(text) => self.after.push_str(&format!("{text}\n")),
                Act::Swap(pairs) => {
                    let swapped = |c: char| pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
                    self.line = self.line.chars().map(swapped).collect();
                }
                Act::Group(inner) => match self.run(inner) {
                    End::Line => {}
                    end => return end,
                },
                Act::Substitute { pattern, by, all, nth, prints } => {
                    let changed = substituted(&self.line, pattern, by, *all, *nth);
                    let is_new = changed.is_some();
                    self.line = changed.unwrap_or_else(|| self.line.clone());
                    if is_new && *prints {
                        self.out.push_str(&format!("{}\n", self.line));
                    }
                }
            }
        }
        End::Line
    }
}

fn substituted(line: &str, pattern: &Regex, by: &str, all: bool, nth: usize) -> Option<String> {
    if all {
        return pattern.is_match(line).then(|| pattern.replace_all(line, by).into_owned());
    }
    let found = pattern.captures_iter(line).nth(nth.saturating_sub(1))?;
    let whole = found.get(0)?;
    let mut text = line[..whole.start()].to_owned();
    found.expand(by, &mut text);
    text.push_str(&line[whole.end()..]);
    Some(text)
}
