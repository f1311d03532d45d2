//! What tells a secret's value from a word, a placeholder or a reference to one. Pure looks at bytes.

/// Words that stand where a value would, and are none.
const PLACEHOLDERS: &[&str] = &[
    "",
    "-",
    "--",
    "...",
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "none",
    "null",
    "nil",
    "undefined",
    "unset",
    "empty",
    "n/a",
    "default",
    "auto",
    "required",
    "optional",
    "enabled",
    "disabled",
    "prompt",
    "ask",
    "hidden",
    "masked",
    "filtered",
    "redacted",
    "changed",
    "unchanged",
    "expired",
    "invalid",
    "incorrect",
    "missing",
    "unknown",
    "not",
    "set",
    "string",
    "boolean",
    "object",
    "void",
    "file",
    "env",
    "never",
    "always",
    "ok",
    "error",
    "failed",
    "success",
    "valid",
    "locked",
    "accepted",
    "denied",
    "rejected",
    "chauthtok",
    "account",
    "session",
    "auth",
    "(null)",
    "(none)",
    "(hidden)",
    "(empty)",
    "(unset)",
    "<nil>",
];

/// Words with which prose goes on after `password:` and the like.
const PROSE: &[&str] = &[
    "the",
    "it",
    "is",
    "a",
    "an",
    "this",
    "that",
    "must",
    "cannot",
    "can",
    "too",
    "please",
    "for",
    "from",
    "user",
    "has",
    "was",
    "were",
    "are",
    "be",
    "use",
    "using",
    "no",
    "you",
    "your",
    "in",
    "at",
    "to",
    "of",
    "and",
    "or",
    "by",
    "with",
    "if",
    "as",
    "on",
    "does",
    "did",
    "do",
    "authentication",
    "permission",
    "unable",
    "could",
    "should",
    "will",
    "expecting",
    "unexpected",
    "expected",
    "got",
    "connection",
    "all",
    "see",
    "check",
    "wrong",
    "bad",
    "login",
    "access",
    "system",
    "unsupported",
    "length",
    "contains",
    "based",
    "password",
    "token",
    "secret",
    "key",
    "policy",
    "reset",
    "change",
    "updated",
    "created",
    "deleted",
    "revoked",
    "malformed",
    "illegal",
    "signature",
    "keyboard-interactive",
    "pam",
    "root",
    "timeout",
    "retry",
];

/// A value as it would be written by somebody who says nothing by it: a placeholder, a variable, a mask.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    let bare = trimmed(value);
    let word = |words: &[&str]| words.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(bare));
    word(PLACEHOLDERS) || is_mask(bare) || is_reference(value)
}

/// Without the brackets and stops that prose puts around a word.
fn trimmed(value: &[u8]) -> &[u8] {
    let end = value.iter().rposition(|b| !b",;.)]}>:|".contains(b)).map_or(0, |last| last + 1);
    match &value[..end] {
        bare if bare.is_empty() && value.len() > 2 => value,
        bare => bare,
    }
}

/// Where names of users come from, as `nsswitch.conf` lists it behind `passwd:`.
pub(super) fn is_sources(value: &[u8]) -> bool {
    const SOURCES: &[&[u8]] = &[
        b"files",
        b"systemd",
        b"sss",
        b"ldap",
        b"compat",
        b"nis",
        b"winbind",
        b"db",
        b"cache",
        b"altfiles",
        b"mymachines",
    ];
    value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).all(|word| SOURCES.contains(&word))
}

/// `****`, `xxxxx`, `....`: one sign over and over.
fn is_mask(value: &[u8]) -> bool {
    value.len() >= 3
        && value.iter().all(|b| b"*xX.-_#?".contains(b))
        && value.iter().all(|b| b.eq_ignore_ascii_case(&value[0]))
}

/// `$NAME`, `${name}`, `$(command)`, `{{ template }}`, `%s`, `<your password>`, `[FILTERED]`, `!vault`.
fn is_reference(value: &[u8]) -> bool {
    let is_name = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    match value {
        [b'$', b'{' | b'(', ..] | [b'{', b'{' | b'%', ..] | [b'%', b'(' | b'{', ..] | [b'%', b's' | b'd' | b'v'] => {
            true
        }
        [b'$', first, rest @ ..] => is_name(first) && !first.is_ascii_digit() && rest.iter().all(is_name),
        [b'<', inner @ .., b'>'] | [b'[', inner @ .., b']'] => {
            !inner.is_empty() && inner.iter().all(|b| b.is_ascii_alphabetic() || b" _-".contains(b))
        }
        [b'!', b'v' | b'r' | b'R' | b'G' | b'S', rest @ ..] => {
            rest.iter().all(u8::is_ascii_alphabetic) && rest.len() > 1
        }
        _ => false,
    }
}

/// A word with which a sentence goes on.
pub(super) fn is_prose(value: &[u8]) -> bool {
    let bare = trimmed(value);
    PROSE.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(bare))
}

/// A path is where a secret lies, not the secret.
pub(super) fn is_path(value: &[u8]) -> bool {
    const ROOTS: &[&[u8]] = &[
        b"etc", b"run", b"var", b"home", b"opt", b"usr", b"tmp", b"root", b"srv", b"mnt", b"secrets", b"app", b"data",
        b"proc", b"dev", b"sys", b"bin", b"sbin", b"lib", b"boot", b"media", b"config", b"certs", b"vault",
    ];
    let first = match value {
        [b'/'] => return true,
        [b'.', b'/', ..] | [b'.', b'.', b'/', ..] | [b'~', b'/', ..] => return true,
        [b'/', rest @ ..] => rest.split(|b| *b == b'/').next().unwrap_or_default(),
        _ => return has_prefix(value, b"file:"),
    };
    ROOTS.contains(&first)
}

fn has_prefix(value: &[u8], prefix: &[u8]) -> bool {
    value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// No word of a language: letters with digits among them, both cases inside, or signs.
pub(super) fn is_random(value: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| value.iter().any(is);
    let digits = has(u8::is_ascii_digit);
    let letters = has(u8::is_ascii_alphabetic);
    let inner_upper = value.iter().skip(1).any(u8::is_ascii_uppercase);
    letters && (digits || inner_upper && has(u8::is_ascii_lowercase))
}

/// Random over its whole length, as what a generator made is: at least 20 signs of which many differ, no UUID and no digest in hex.
pub(super) fn is_generated(value: &[u8]) -> bool {
    let hex_only = value.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-' || *b == b':');
    let mut seen = [0u32; 256];
    value.iter().for_each(|b| seen[usize::from(*b)] += 1);
    let different = seen.iter().filter(|n| **n > 0).count();
    value.len() >= 20 && !hex_only && is_random(value) && value.iter().any(u8::is_ascii_digit) && different >= 11
}

/// What may follow `://user:` in an address that has a password; in one that has none a port and a path stand there.
pub(super) fn is_url_password(value: &[u8]) -> bool {
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    let is_port = (1..=5).contains(&digits) && value.get(digits).is_some_and(|b| b"/?#".contains(b));
    !is_port && !is_placeholder(value)
}

/// `true` for whatever is no placeholder.
pub(super) fn is_value(value: &[u8]) -> bool {
    !is_placeholder(value)
}

/// Both cases and digits: what no name of a file or a package has.
pub(super) fn is_mixed(value: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| value.iter().skip(2).any(is);
    has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && (has(u8::is_ascii_uppercase) || value.len() >= 32)
}

/// One word that is no state of a password.
pub(super) fn is_no_word(value: &[u8]) -> bool {
    !is_placeholder(value) && !is_prose(value)
}

/// The text of an element that holds no path and no number of days.
pub(super) fn is_xml_value(value: &[u8]) -> bool {
    !is_placeholder(value) && !is_path(value) && (value.len() >= 4 || !all_digits(value))
}

/// Base64 whose text is a name, a colon and a password: the colon's code shows at one of three places.
pub(super) fn is_base64_login(value: &[u8]) -> bool {
    is_random(value) && value.len() >= 12
}

/// An armoured private key in base64 once more, as Kubernetes keeps it: `PRIVATE KEY` looks one of three ways there.
pub(super) fn is_base64_private_key(value: &[u8]) -> bool {
    const LOOKS: [&[u8]; 3] = [b"FJJVkFURSBLRV", b"QUklWQVRFIEtFW", b"BSSVZBVEUgS0VZ"];
    let start = &value[..value.len().min(80)];
    LOOKS.iter().any(|look| memchr::memmem::find(start, look).is_some())
}

pub(super) fn all_digits(value: &[u8]) -> bool {
    value.iter().all(u8::is_ascii_digit)
}
