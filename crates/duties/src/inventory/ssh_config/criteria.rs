//! Whether a `Match` line holds. What would run a program or hangs on whoever calls ssh is not answered.

use super::super::pattern;

/// What is known while a configuration is read for one name.
pub struct Known<'a> {
    /// The name that was asked for.
    pub alias: &'a str,
    /// HostName so far, else the name.
    pub host: &'a str,
    /// User so far.
    pub user: Option<&'a str>,
    /// The second reading, for `final`.
    pub is_final: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Holds,
    HoldsNot,
    /// It hangs on this criterion, which nobody here answers.
    Unanswered(String),
    /// It can't be read.
    Broken,
}

/// As OpenSSH does: from the left, and no further than the first that does not hold.
pub fn verdict(words: &[String], known: &Known<'_>) -> Verdict {
    if words.is_empty() {
        return Verdict::Broken;
    }
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let (is_not, name) = match word.strip_prefix('!') {
            Some(name) => (true, name.to_ascii_lowercase()),
            None => (false, word.to_ascii_lowercase()),
        };
        let holds = match name.as_str() {
            "all" => Some(true),
            "canonical" => Some(false),
            "final" => Some(known.is_final),
            "host" | "originalhost" | "user" => match rest.next() {
                Some(list) => of(&name, list, known),
                None => return Verdict::Broken,
            },
            _ => None,
        };
        match holds {
            None => return Verdict::Unanswered(name),
            Some(holds) if holds == is_not => return Verdict::HoldsNot,
            Some(_) => {}
        }
    }
    Verdict::Holds
}

fn of(name: &str, list: &str, known: &Known<'_>) -> Option<bool> {
    let patterns: Vec<&str> = list.split(',').collect();
    let text = match name {
        "host" => known.host,
        "originalhost" => known.alias,
        _ => known.user?,
    };
    Some(pattern::names(&patterns, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_words(text: &str, user: Option<&str>, is_final: bool) -> Verdict {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        verdict(&words, &Known { alias: "web", host: "web-1.example.jp", user, is_final })
    }

    #[test]
    fn criteria_hold_together_and_are_read_from_the_left() {
        use Verdict::{Broken, Holds, HoldsNot};
        let unanswered = |name: &str| Verdict::Unanswered(name.to_owned());
        for (words, expected) in [
            ("all", Holds),
            ("host *.example.jp", Holds),
            ("host web", HoldsNot),
            ("originalhost web,db", Holds),
            ("!originalhost web", HoldsNot),
            ("host *.jp,!web-1.*", HoldsNot),
            ("user ops host *.jp", Holds),
            ("user root exec true", HoldsNot),
            ("host *.jp exec true", unanswered("exec")),
            ("localuser ops", unanswered("localuser")),
            ("final all", HoldsNot),
            ("!final all", Holds),
            ("canonical all", HoldsNot),
            ("host", Broken),
            ("", Broken),
        ] {
            assert_eq!(of_words(words, Some("ops"), false), expected, "{words}");
        }
        assert_eq!(of_words("final all", None, true), Holds);
        assert_eq!(of_words("user ops", None, false), unanswered("user"));
    }
}
