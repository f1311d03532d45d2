//! From the words of a script to the arguments of a command: parameters, output of commands, field splitting and file names.

use super::arith;
use super::ast::{Modify, Piece, Word};
use super::pattern::{Mark, is_pattern, matches};
use super::run::{Io, Shell, Stop};

/// Text on its way to become arguments: fields of marks, and whether the last one is still open.
#[derive(Default)]
struct Fields {
    done: Vec<Vec<Mark>>,
    open: Option<Vec<Mark>>,
}

impl Fields {
    fn push(&mut self, text: &str, quoted: bool) {
        let open = self.open.get_or_insert_with(Vec::new);
        open.extend(text.chars().map(|c| (c, quoted)));
    }

    fn close(&mut self) {
        self.done.extend(self.open.take());
    }

    /// Unquoted text that was substituted: blanks part it.
    fn split(&mut self, text: &str, separators: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(|c| separators.contains(c)) {
            if at > 0 {
                self.push(&rest[..at], false);
            }
            let separator = rest[at..].chars().next().unwrap_or(' ');
            if !separator.is_whitespace() && at == 0 && self.open.is_none() {
                self.push("", false);
            }
            self.close();
            rest = &rest[at + separator.len_utf8()..];
        }
        if !rest.is_empty() {
            self.push(rest, false);
        }
    }
}

impl Shell<'_> {
    /// The arguments that these words become.
    pub(super) fn arguments(&mut self, words: &[Word], io: &mut Io) -> Result<Vec<String>, Stop> {
        let mut arguments = Vec::new();
        for word in words {
            let mut fields = Fields::default();
            self.fields(word, &mut fields, io)?;
            fields.close();
            for field in fields.done {
                arguments.extend(self.names(&field));
            }
        }
        Ok(arguments)
    }

    /// One text, without splitting and without file names.
    pub(super) fn text(&mut self, word: &Word, io: &mut Io) -> Result<String, Stop> {
        Ok(self.marks(word, io)?.into_iter().map(|(c, _)| c).collect())
    }

    /// The same, and what of it was quoted.
    pub(super) fn marks(&mut self, word: &Word, io: &mut Io) -> Result<Vec<Mark>, Stop> {
        let mut fields = Fields::default();
        let whole: Word = word.iter().map(kept_whole).collect();
        self.fields(&whole, &mut fields, io)?;
        fields.close();
        // `$@` makes fields even here; a text has blanks between them.
        Ok(fields.done.join(&(' ', true)))
    }

    fn fields(&mut self, word: &Word, fields: &mut Fields, io: &mut Io) -> Result<(), Stop> {
        for (n, piece) in word.iter().enumerate() {
            match piece {
                Piece::Bare(text) if n == 0 && text.starts_with('~') => {
                    let rest = text.strip_prefix('~').unwrap_or_default();
                    let home = if rest.is_empty() || rest.starts_with('/') { self.vars.get("HOME") } else { None };
                    fields.push(&home.map_or_else(|| text.clone(), |home| home + rest), false);
                }
                Piece::Bare(text) => fields.push(text, false),
                Piece::Quoted(text) => fields.push(text, true),
                Piece::Parameter { name, what, quoted } => self.parameter((name, what, *quoted), fields, io)?,
                Piece::Output { script, quoted } => {
                    let text = self.output_of(script, io)?;
                    self.substitute(&text, *quoted, fields);
                }
                Piece::Arithmetic(inner) => {
                    let text = self.text(inner, io)?;
                    let value = arith::value(&text, &mut self.vars).map_err(|says| self.fatal(io, &says, 2))?;
                    fields.push(&value.to_string(), true);
                }
            }
        }
        Ok(())
    }

    fn substitute(&self, text: &str, quoted: bool, fields: &mut Fields) {
        if quoted {
            fields.push(text, true);
        } else {
            let separators = self.vars.get("IFS").unwrap_or_else(|| " \t\n".to_owned());
            fields.split(text, &separators);
        }
    }

    fn parameter(
        &mut self,
        (name, what, quoted): (&str, &Modify, bool),
        fields: &mut Fields,
        io: &mut Io,
    ) -> Result<(), Stop> {
        if let ("@" | "*", Modify::Plain) = (name, what) {
            self.all_arguments(name == "@", quoted, fields);
            return Ok(());
        }
        let value = self.vars.get(name);
        match what {
            Modify::Plain => {
                let text = self.known(name, value, io)?;
                self.substitute(&text, quoted, fields);
            }
            Modify::Length => {
                let text = self.known(name, value, io)?;
                fields.push(&text.chars().count().to_string(), true);
            }
            Modify::Trim { at_end, longest, pattern } => {
                let text = self.known(name, value, io)?;
                let pattern = self.marks(pattern, io)?;
                self.substitute(&trimmed(&text, &pattern, *at_end, *longest), quoted, fields);
            }
            Modify::Or { how, colon, word } => {
                let value = value.filter(|v| !(*colon && v.is_empty()));
                return self.alternative(name, (*how, value, word, quoted), fields, io);
            }
        }
        Ok(())
    }

    fn known(&mut self, name: &str, value: Option<String>, io: &mut Io) -> Result<String, Stop> {
        match value {
            Some(value) => Ok(value),
            None if self.vars.refuses_unset && name != "!" => {
                Err(self.fatal(io, &format!("{name}: parameter not set"), 2))
            }
            None => Ok(String::new()),
        }
    }

    fn alternative(
        &mut self,
        name: &str,
        (how, value, word, quoted): (char, Option<String>, &Word, bool),
        fields: &mut Fields,
        io: &mut Io,
    ) -> Result<(), Stop> {
        match (how, value) {
            ('+', None) => Ok(()),
            ('+', Some(_)) | ('-', None) => self.fields(word, fields, io),
            ('=', None) => {
                let text = self.text(word, io)?;
                self.vars.set(name, text.clone());
                self.substitute(&text, quoted, fields);
                Ok(())
            }
            ('?', None) => {
                let text = self.text(word, io)?;
                let says = if text.is_empty() { "parameter not set" } else { &text };
                Err(self.fatal(io, &format!("{name}: {says}"), 2))
            }
            (_, value) => {
                self.substitute(&value.unwrap_or_default(), quoted, fields);
                Ok(())
            }
        }
    }

    fn all_arguments(&self, each: bool, quoted: bool, fields: &mut Fields) {
        if quoted && !each {
            fields.push(&self.vars.args.join(" "), true);
            return;
        }
        if self.vars.args.is_empty() && fields.open.as_ref().is_some_and(Vec::is_empty) {
            // `"$@"` without arguments is not even an empty word.
            fields.open = None;
        }
        for (n, argument) in self.vars.args.iter().enumerate() {
            if n > 0 {
                fields.close();
            }
            self.substitute(argument, quoted, fields);
        }
    }

    /// The files that a pattern names, or the text itself.
    fn names(&self, field: &[Mark]) -> Vec<String> {
        let text: String = field.iter().map(|(c, _)| *c).collect();
        if self.vars.no_globs || !is_pattern(field) {
            return vec![text];
        }
        let found = self.disk.matching(field, &self.cwd);
        if found.is_empty() { vec![text] } else { found }
    }
}

/// A piece whose value is not split: as if it stood in quotes, but what is bare stays a pattern.
fn kept_whole(piece: &Piece) -> Piece {
    match piece.clone() {
        Piece::Parameter { name, what, .. } => Piece::Parameter { name, what, quoted: true },
        Piece::Output { script, .. } => Piece::Output { script, quoted: true },
        other => other,
    }
}

fn trimmed(text: &str, pattern: &[Mark], at_end: bool, longest: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut cuts: Vec<usize> = (0..=chars.len()).collect();
    // The shortest piece to take away comes first.
    if at_end != longest {
        cuts.reverse();
    }
    for cut in cuts {
        let (gone, left) = if at_end { (&chars[cut..], &chars[..cut]) } else { (&chars[..cut], &chars[cut..]) };
        if matches(pattern, gone) {
            return left.iter().collect();
        }
    }
    text.to_owned()
}
