//! Output that somebody made to be slow to redact: a megabyte of one line each, which looks like secrets all along or for long. Only text.

use crate::random::Random;

const BYTES: usize = 1 << 20;

/// What is said over and over. `{an:9}` and the like are other values each time.
const REPEATED: &[(&str, &str)] = &[
    ("key=key=", "key="),
    ("key=${key=${", "key=${"),
    ("token=${ of references", "token=${"),
    ("password=/etc/ of paths", "password=/etc/"),
    ("pairs joined by &", "&token=a1b2c3"),
    ("key=a1&key=", "&key=a1&x=1"),
    ("pass|pass|", "pass|"),
    ("password password", "password "),
    ("password: password: ", "password: "),
    ("password: the, as prose has it", "password: the "),
    ("words behind password=\"", "password=\"${ "),
    ("secret: in NULs", "secret: a b\0"),
    ("quotes that open behind slashes", "token=\\\"${"),
    ("quotes of three kinds", "token=\"${ token='${ token=`${ "),
    ("apostrophes in two", "password='a'' "),
    ("brackets that close nothing", "password=)]}"),
    ("cards in fours", "4111 1111 1111 1111 "),
    ("cards and a word", "4111-1111-1111-1111 visa "),
    ("fours that are none", "1234 "),
    ("digits", "4"),
    ("twelve digits of each", "{dig:12} "),
    ("AAAA", "A"),
    ("base64", "{b64:1000}"),
    ("base64 with a hint", "{b64:90}ACDb+AzSe/AZDO"),
    ("hex", "{hex:1000}"),
    ("blanks", " "),
    ("names and blanks", "token                                        "),
    ("quotes", "\""),
    ("backslashes", "\\"),
    ("NULs and names", "key\0"),
    ("addresses in addresses", "http://a:b@"),
    ("addresses that end nowhere", "http://a:b"),
    ("parameters", "?a=b&sig=x&"),
    ("cookies", "Cookie: a; "),
    ("headers", "Authorization: ${"),
    ("headers in quotes", "Cookie: \"a b c' "),
    ("bearers", "bearer bearer "),
    ("marks", "[redacted:token] "),
    ("marks that do not close", "[redacted:"),
    ("marks and values", "[redacted:token] password=a1b2c3 "),
    ("keys that begin", "-----BEGIN A PRIVATE KEY "),
    ("keys that end", "-----END PRIVATE KEY-----"),
    ("keys that are whole", "-----BEGIN PRIVATE KEY-----\\nMII\\n-----END PRIVATE KEY-----"),
    ("tags", "<password "),
    ("tags that close", "<password><a></"),
    ("attributes", "name=\"password\" "),
    ("commands", "curl mysql mongo docker login zip - ldapsearch snmpwalk "),
    ("commands and options", "curl -u a mysql -p -p redis-cli -a -a "),
    ("options", "--password --token "),
    ("echoes", "echo a | sudo -"),
    ("Japanese", "パスワード：「パスワードは"),
    ("hashes", "$1$a$6$b$apr1$"),
    ("tokens that are too short", "ghp_ xoxb- sk- AKIA eyJ hvs. glpat- SG. "),
    ("tokens without a gap", "AIza{hex:35}"),
    ("dots of tokens", "eyJabcdefghijkl."),
    ("one-time codes", "otp totp mfa secret "),
    ("names in names", "key_token_secret_password_"),
    ("names with dots", "auth.key-session."),
    ("lists of JSON", "{\"key\":\"password\",\"value\":"),
];

/// The same as lines, which are many and short.
const LINES: &[(&str, &str)] = &[
    ("lines of key=", "key=\n"),
    ("lines of a number", "4111111111111112\n"),
    ("lines of a card", "4111111111111111\n"),
    ("lines of password: the", "password: the\n"),
    ("lines of marks", "password=[redacted:password]\n"),
    ("lines that begin keys", "-----BEGIN PRIVATE KEY-----\n"),
    ("lines of tokens without a gap", "AIzaabcdefghijklmnopqrstuvwxyz012345678AIza\n"),
    ("lines of carriage returns", "token\r"),
];

/// Each shows the next one only once it is hidden.
const TOKENS: &str = "AIzaabcdefghijklmnopqrstuvwxyz012345678AIzaabcdefghijklmnopqrstuvwxyz012345678AIzaabcdefghijklmnopqrstuvwxyz012345678AIzaabcdefghijklmnopqrstuvwxyz012345678";

const KEY: &str = "-----BEGIN PRIVATE KEY-----MII-----END PRIVATE KEY-----";

/// As long as a line may be that is read whole, and still be read more than once.
const LINE_BYTES: usize = 60_000;

pub fn families() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let repeated = REPEATED.iter().chain(LINES).map(|(name, form)| (*name, filled(form)));
    let hints = [
        ("every hint in turn", every_hint(" ")),
        ("every hint as a line", every_hint("\n")),
        ("every hint in long lines", in_lines(every_hint(" "), "")),
        ("every hint in long lines that uncover", in_lines(every_hint(" "), TOKENS)),
        ("every hint in long lines with keys", in_lines(every_hint(KEY), TOKENS)),
    ];
    repeated.chain(hints)
}

fn filled(form: &str) -> Vec<u8> {
    let mut random = Random::new(3);
    let is_fixed = random.fill(form) == form;
    let once = if is_fixed { form.repeat(1 + 4096 / form.len()) } else { form.to_owned() };
    let mut out = Vec::with_capacity(BYTES + once.len());
    while out.len() < BYTES {
        out.extend(random.fill(&once).bytes());
    }
    out.truncate(BYTES);
    out
}

/// The corpus as one line: whatever hints there are, all shapes are asked.
fn every_hint(joined: &str) -> Vec<u8> {
    let tables =
        [include_str!("../../tests/redaction/planted.txt"), include_str!("../../tests/redaction/planted2.txt")];
    let text = tables.concat().replace("-----BEGIN", "").replace('\n', joined);
    text.into_bytes().into_iter().cycle().take(BYTES).collect()
}

fn in_lines(text: Vec<u8>, end: &str) -> Vec<u8> {
    text.chunks(LINE_BYTES).flat_map(|line| [line, b" ", end.as_bytes(), b"\n"].concat()).collect()
}
