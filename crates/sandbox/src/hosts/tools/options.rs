//! A command's options and operands, read as `getopt` reads them.

#[derive(Debug, Clone, Default)]
pub(in crate::hosts) struct Options {
    flags: Vec<(String, Option<String>)>,
    operands: Vec<String>,
}

impl Options {
    /// Ends at the first operand, which may be another command.
    pub(in crate::hosts) fn read(args: &[String], valued: &[&str]) -> Self {
        Self::of(args, valued, true)
    }

    /// Options may stand behind operands.
    pub(in crate::hosts) fn gather(args: &[String], valued: &[&str]) -> Self {
        Self::of(args, valued, false)
    }

    fn of(args: &[String], valued: &[&str], stops: bool) -> Self {
        let mut own = Self::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            if arg == "--" {
                own.operands.extend(rest.cloned());
                break;
            }
            if arg.len() < 2 || !arg.starts_with('-') {
                own.operands.push(arg.clone());
                if stops {
                    own.operands.extend(rest.cloned());
                    break;
                }
                continue;
            }
            if arg.starts_with("--") || valued.contains(&arg.as_str()) {
                own.long(arg, valued, &mut rest);
            } else {
                own.short(arg, valued, &mut rest);
            }
        }
        own
    }

    fn long<'a>(&mut self, arg: &str, valued: &[&str], rest: &mut impl Iterator<Item = &'a String>) {
        let (name, value) = match arg.split_once('=').filter(|_| arg.starts_with("--")) {
            Some((name, value)) => (name, Some(value.to_owned())),
            None if valued.contains(&arg) => (arg, rest.next().cloned()),
            None => (arg, None),
        };
        self.flags.push((name.to_owned(), value));
    }

    /// `-abc`, and `-n5` for one with a value.
    fn short<'a>(&mut self, arg: &str, valued: &[&str], rest: &mut impl Iterator<Item = &'a String>) {
        let letters: Vec<char> = arg.chars().skip(1).collect();
        for (n, letter) in letters.iter().enumerate() {
            let flag = format!("-{letter}");
            if !valued.contains(&flag.as_str()) {
                self.flags.push((flag, None));
                continue;
            }
            let glued: String = letters[n + 1..].iter().collect();
            let value = if glued.is_empty() { rest.next().cloned() } else { Some(glued) };
            self.flags.push((flag, value));
            return;
        }
    }

    pub(in crate::hosts) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|(own, _)| own == flag)
    }

    pub(in crate::hosts) fn any(&self, flags: &[&str]) -> bool {
        flags.iter().any(|flag| self.has(flag))
    }

    /// The last one given counts.
    pub(in crate::hosts) fn value(&self, flag: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(own, _)| own == flag).and_then(|(_, value)| value.as_deref())
    }

    pub(in crate::hosts) fn value_of(&self, flags: &[&str]) -> Option<&str> {
        flags.iter().find_map(|flag| self.value(flag))
    }

    pub(in crate::hosts) fn values(&self, flag: &str) -> Vec<&str> {
        self.flags.iter().filter(|(own, _)| own == flag).filter_map(|(_, value)| value.as_deref()).collect()
    }

    pub(in crate::hosts) fn operands(&self) -> &[String] {
        &self.operands
    }
}

pub(in crate::hosts) fn number(text: Option<&str>) -> Option<usize> {
    text.and_then(|own| own.trim_start_matches('+').parse().ok())
}

/// `5`, `0.5`, `2m`.
pub(in crate::hosts) fn duration_ms(text: &str) -> Option<u64> {
    let unit_ms = match text.chars().last()? {
        'm' => 60_000.0,
        'h' => 3_600_000.0,
        'd' => 86_400_000.0,
        _ => 1_000.0,
    };
    let number: f64 = text.trim_end_matches(['s', 'm', 'h', 'd']).parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some((number * unit_ms) as u64)
}
