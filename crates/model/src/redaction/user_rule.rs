//! A user's own rules: checked when they are read, so that a wrong one is told before a host is visited. Never guesses what was meant.

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_syntax::{Error as Syntax, ParserBuilder};

/// A rule's name goes into every mark, so it stays short.
pub(super) const LONGEST_NAME: usize = 40;

/// A pattern that needs more memory than this would be paid for by every host's output.
const PATTERN_BYTES: usize = 2 << 20;

/// A rule of the user's own. What group 1 holds is hidden where the pattern has one, else all that it matches.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserRule {
    pub name: String,
    pub pattern: String,
}

/// Why a user's rule is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error(
        "redaction rule {rule:?}: a name has 1 to 40 of a-z, 0-9 and -, and begins with a letter or digit; rename it, for example \"badge-number\""
    )]
    Name { rule: String },
    #[error("redaction rule {rule:?}: there is a rule of that name already; give this one another name")]
    Taken { rule: String },
    #[error(
        "redaction rule {rule:?}: the pattern is no regular expression: {what} (at character {at}: {near:?}); correct it there"
    )]
    Pattern { rule: String, what: String, at: usize, near: String },
    #[error(
        "redaction rule {rule:?}: the pattern matches the empty text, so it would match everywhere; let it ask for at least one character"
    )]
    Empty { rule: String },
    #[error(
        "redaction rule {rule:?}: the pattern is too big ({what}); make its repetitions shorter, for example {{8,}} in place of {{8,5000}}"
    )]
    Big { rule: String, what: String },
}

/// The rule's pattern, if its name and the pattern are fit for use.
pub(super) fn compiled(rule: &UserRule) -> Result<Regex, RuleError> {
    if !is_name(&rule.name) {
        return Err(RuleError::Name { rule: rule.name.clone() });
    }
    let parsed = ParserBuilder::new().utf8(false).build().parse(&rule.pattern).map_err(|e| misspelt(rule, &e))?;
    if parsed.properties().minimum_len().is_none_or(|least| least == 0) {
        return Err(RuleError::Empty { rule: rule.name.clone() });
    }
    RegexBuilder::new(&rule.pattern).size_limit(PATTERN_BYTES).build().map_err(|e| refused(rule, &e))
}

/// All patterns as one question.
pub(super) fn set(rules: &[UserRule]) -> Result<RegexSet, regex::Error> {
    let patterns = rules.iter().map(|rule| &rule.pattern);
    RegexSetBuilder::new(patterns).size_limit(PATTERN_BYTES * rules.len()).build()
}

/// What the compiler itself refuses.
pub(super) fn refused(rule: &UserRule, error: &regex::Error) -> RuleError {
    RuleError::Big { rule: rule.name.clone(), what: error.to_string() }
}

pub(super) fn is_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=LONGEST_NAME).contains(&name.len()) && !name.starts_with('-') && name.bytes().all(fits)
}

/// Where a pattern stops being one, counted in letters as a person counts them.
fn misspelt(rule: &UserRule, error: &Syntax) -> RuleError {
    let (what, start) = match error {
        Syntax::Parse(e) => (e.kind().to_string(), e.span().start.offset),
        Syntax::Translate(e) => (e.kind().to_string(), e.span().start.offset),
        other => (other.to_string(), 0),
    };
    let (before, after) = rule.pattern.split_at_checked(start).unwrap_or(("", &rule.pattern));
    let near = after.chars().take(12).collect();
    RuleError::Pattern { rule: rule.name.clone(), what, at: before.chars().count() + 1, near }
}
