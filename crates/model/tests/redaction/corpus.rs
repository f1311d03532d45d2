//! The planted secrets, read from their tables and filled with random values.

use crate::random::Random;
use model::redaction::Rules;
use std::collections::BTreeSet;

pub struct Planted {
    pub kind: String,
    pub secret: String,
    pub text: String,
}

const TABLES: [&str; 2] = [include_str!("planted.txt"), include_str!("planted2.txt")];
const BEFORE: &str = "Filesystem      Size  Used Avail Use% Mounted on\n";
const AFTER: &str = "\n/dev/nvme0n1p1   40G   12G   28G  30% /\ntmpfs           1.9G     0  1.9G   0% /dev/shm\n";

/// Every secret in every surroundings, twice with other values.
pub fn planted() -> Vec<Planted> {
    (1..=2).flat_map(|seed| TABLES.iter().flat_map(move |table| filled(table, seed))).collect()
}

fn filled(table: &str, seed: u64) -> Vec<Planted> {
    let mut random = Random::new(seed);
    let mut all = Vec::new();
    let (mut kind, mut form) = ("", "");
    for line in table.lines().filter(|line| !line.starts_with("# ")) {
        if let Some(head) = line.strip_prefix("== ") {
            (kind, form) = head.split_once(" | ").unwrap_or_default();
            continue;
        }
        let secret = random.fill(form);
        let around = [("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"), ("\\0", "\0")];
        // A doubled backslash is one that stands in the output.
        let shown = line
            .split("\\\\")
            .map(|part| around.iter().fold(part.to_owned(), |text, (from, to)| text.replace(from, to)));
        let shown = shown.collect::<Vec<_>>().join("\\");
        let (surroundings, secret) = random_around(&mut random, &shown, secret);
        let text = format!("{BEFORE}{surroundings}{AFTER}");
        all.push(Planted { kind: kind.to_owned(), secret, text });
    }
    all
}

/// The line may have random parts of its own, which are filled before the secret goes in.
fn random_around(random: &mut Random, line: &str, secret: String) -> (String, String) {
    (random.fill(line).replace("@@", &secret), secret)
}

pub fn kinds(all: &[Planted]) -> usize {
    all.iter().map(|planted| planted.kind.as_str()).collect::<BTreeSet<_>>().len()
}

impl Planted {
    /// Whether the text still tells the secret, or eight signs in a row of a long one.
    pub fn is_told_by(&self, out: &[u8]) -> bool {
        // The names of rules tell nothing.
        let mut out = String::from_utf8_lossy(out).into_owned();
        for rule in Rules::shipped().names() {
            out = out.replace(&format!("[redacted:{rule}]"), "");
        }
        let around = self.text.replace(&self.secret, "");
        let signs: Vec<char> = self.secret.chars().collect();
        let parts = signs.windows(8.min(signs.len())).map(|part| part.iter().collect::<String>());
        let mut telling = parts.filter(|part| !around.contains(part.as_str()));
        telling.any(|part| out.contains(&part)) || out.contains(&self.secret) && !around.contains(&self.secret)
    }
}
