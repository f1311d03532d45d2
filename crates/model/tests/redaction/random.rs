//! Random text that is the same in every run: texts with sorts in braces become texts. Nothing here looks like a secret before it runs.

pub struct Random(u64);

const WORDS: [&str; 24] = [
    "winter", "harbor", "purple", "copper", "lantern", "meadow", "orbit", "pepper", "saddle", "timber", "velvet",
    "walnut", "anchor", "basket", "candle", "desert", "ember", "falcon", "garden", "hollow", "island", "jungle",
    "kettle", "maple",
];

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }

    pub fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn of(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet = alphabet.as_bytes();
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }

    /// A text with every `{sort:n}` that is known replaced; other braces stay.
    pub fn fill(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            out.push_str(&rest[..open]);
            let inner = rest[open + 1..].split('}').next().unwrap_or_default();
            match self.sort(inner) {
                Some(value) => {
                    out.push_str(&value);
                    rest = &rest[(open + inner.len() + 2).min(rest.len())..];
                }
                None => {
                    out.push('{');
                    rest = &rest[open + 1..];
                }
            }
        }
        out + rest
    }

    fn sort(&mut self, inner: &str) -> Option<String> {
        let mut parts = inner.split(':');
        let (name, size) = (parts.next()?, parts.next());
        let n = size.and_then(|n| n.parse().ok()).unwrap_or(0);
        let alphabet = match name {
            "an" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "up" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            "lo" => "abcdefghijklmnopqrstuvwxyz0123456789",
            "az" => "abcdefghijklmnopqrstuvwxyz",
            "hex" => "0123456789abcdef",
            "HEX" => "0123456789ABCDEF",
            "dig" => "0123456789",
            "b32" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            "b64" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            "url" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
            _ => return self.composed(name, size, parts),
        };
        let value = self.of(alphabet, n);
        // What a generator made begins and ends with a letter or digit often enough to keep to it here; a dash first would be an option.
        let edge = |c: char| if c.is_ascii_alphanumeric() { c } else { 'k' };
        let last = value.len().saturating_sub(1);
        Some(value.char_indices().map(|(at, c)| if at == 0 || at == last { edge(c) } else { c }).collect())
    }

    fn composed<'a>(
        &mut self,
        name: &str,
        size: Option<&'a str>,
        mut more: impl Iterator<Item = &'a str>,
    ) -> Option<String> {
        let number = |text: Option<&str>| text.and_then(|n| n.parse::<usize>().ok());
        Some(match name {
            "pw" => self.password(number(size)?),
            "word" => self.word(number(size)?),
            "words" => (0..number(size)?).map(|_| self.one_of(&WORDS)).collect::<Vec<_>>().join(" "),
            "card" => {
                let number = self.card(size?, number(more.next())?);
                grouped(&number, more.next().unwrap_or_default())
            }
            "my" => grouped(&self.my_number(), size.unwrap_or_default()),
            "n" => (self.below(10usize.pow(number(size)? as u32 - 1) * 9) + 10usize.pow(number(size)? as u32 - 1))
                .to_string(),
            "ip" => format!("10.{}.{}.{}", self.below(256), self.below(256), self.below(254) + 1),
            "mac" => (0..6).map(|_| format!("{:02x}", self.below(256))).collect::<Vec<_>>().join(":"),
            "uuid" => self.fill("{hex:8}-{hex:4}-4{hex:3}-a{hex:3}-{hex:12}"),
            "time" => format!("{:02}:{:02}:{:02}", self.below(24), self.below(60), self.below(60)),
            "host" => {
                let form = self.one_of(&["web{n:1}", "db{n:1}", "app-{n:2}", "ip-10-0-{n:2}-{n:2}"]).to_owned();
                self.fill(&form)
            }
            "user" => {
                self.one_of(&["root", "nginx", "postgres", "mysql", "www-data", "deploy", "ops", "systemd+"]).to_owned()
            }
            "unit" => self
                .one_of(&["nginx", "sshd", "cron", "docker", "mysqld", "postgresql", "chronyd", "rsyslog"])
                .to_owned(),
            "any" => self.one_of(&WORDS).to_owned(),
            _ => return None,
        })
    }

    /// As people are told to make them: letters, digits and signs.
    fn password(&mut self, length: usize) -> String {
        let mut value = self.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 1);
        value += &self.of("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!#%^*_+-.~", length - 3);
        value + &self.of("23456789", 1) + &self.of("ABCDEFGHabcdefgh", 1)
    }

    /// No secret that anybody should have, and what many have.
    fn word(&mut self, length: usize) -> String {
        let long = (0..4).map(|_| self.one_of(&WORDS)).collect::<String>();
        long[..length].to_owned()
    }

    fn card(&mut self, first: &str, length: usize) -> String {
        let body = format!("{first}{}", self.of("0123456789", length - 1 - first.len()));
        let digits = (0..10).map(|check| format!("{body}{check}"));
        digits.into_iter().find(|number| luhn(number)).unwrap_or_default()
    }

    fn my_number(&mut self) -> String {
        let body = self.of("123456789", 11);
        let sum: usize = body
            .bytes()
            .rev()
            .enumerate()
            .map(|(n, d)| usize::from(d - b'0') * if n < 6 { n + 2 } else { n - 4 })
            .sum();
        let check = if sum % 11 <= 1 { 0 } else { 11 - sum % 11 };
        format!("{body}{check}")
    }
}

fn luhn(number: &str) -> bool {
    let digit = |(n, c): (usize, char)| {
        let d = c.to_digit(10).unwrap_or_default() * if n % 2 == 1 { 2 } else { 1 };
        d / 10 + d % 10
    };
    number.chars().rev().enumerate().map(digit).sum::<u32>().is_multiple_of(10)
}

/// In groups of four, if there is something to stand between them.
fn grouped(number: &str, sign: &str) -> String {
    let groups: Vec<&str> = (0..number.len()).step_by(4).map(|at| &number[at..number.len().min(at + 4)]).collect();
    groups.join(sign)
}
