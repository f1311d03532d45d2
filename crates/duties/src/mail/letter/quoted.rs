//! A mail that somebody forwarded by quoting it: its subject, sender and text. Never takes a mere answer for one.

use super::Letter;
use super::addresses::address;
use crate::mail::letter::headers::Headers;
use crate::mail::rx::Rx;

static MARK: Rx = Rx::new(
    r"(?m)^[>\s]*(?:-{2,}\s*(?:forwarded message|original message|original appointment|forwarded by .*|転送メッセージ|転送されたメッセージ|元のメッセージ|オリジナルメッセージ|original)\s*-{2,}|begin forwarded message:|転送されたメッセージ:?|_{20,}|-{20,})\s*$",
);
static FORWARD: Rx = Rx::new(r"^\s*(?:\[[^\]]*\]\s*)*(?:fwd?|転送|wg|tr|rv)\s*:");
static NAMED: Rx = Rx::new(
    r"^[>\s*]*(?P<name>from|差出人|送信者|subject|件名|date|sent|日付|日時|送信日時|to|宛先|cc)\s*\*?\s*:\s*\*?\s*(?P<value>.*)$",
);

/// So many lines of the quoted headers are looked at.
const MOST_HEAD: usize = 15;

pub fn forwarded(letter: &Letter) -> Option<Letter> {
    let text = &letter.text.lower;
    let starts = MARK.lower().into_iter().flat_map(|mark| mark.find_iter(text)).map(|found| found.end()).take(20);
    let is_forward = letter.subject.is_match(&FORWARD);
    let starts: Vec<usize> = starts.chain(is_forward.then_some(0)).collect();
    starts.into_iter().find_map(|start| quoted(letter.text.shown(start, text.len())))
}

/// The quoted mail, when a sender and a subject stand on top.
fn quoted(text: &str) -> Option<Letter> {
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|line| named(line).is_some()).filter(|first| *first < MOST_HEAD)?;
    let mut head = Vec::new();
    let mut end = first;
    while let Some(line) = lines.get(end).filter(|_| end < first + MOST_HEAD) {
        match named(line) {
            Some(pair) => head.push(pair),
            None if unquoted(line).trim().is_empty() => break,
            // A long subject goes on in the next line.
            None => {
                if let Some((_, value)) = head.last_mut() {
                    *value = format!("{value} {}", unquoted(line).trim());
                }
            }
        }
        end += 1;
    }
    let of =
        |names: &[&str]| head.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value.clone());
    let subject = of(&["subject", "件名"])?;
    let from = of(&["from", "差出人", "送信者"])?;
    let body = lines.get(end..).unwrap_or_default().iter().map(|line| unquoted(line)).collect::<Vec<_>>().join("\n");
    let (from, from_name) = address(from.as_bytes());
    Some(Letter { from, from_name, ..Letter::of(Headers::default(), &subject, &body, Vec::new()) })
}

fn named(line: &str) -> Option<(String, String)> {
    let line = super::Folded::new(super::cut(line, 2_000));
    let hit = line.find(&NAMED)?;
    Some((hit.folded("name").to_lowercase(), hit.get("value").unwrap_or_default().to_owned()))
}

fn unquoted(line: &str) -> &str {
    let mut line = line;
    while let Some(rest) = line.strip_prefix('>') {
        line = rest.strip_prefix(' ').unwrap_or(rest);
    }
    line
}
