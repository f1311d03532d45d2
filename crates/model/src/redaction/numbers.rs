//! Numbers that are secret by law or by contract: payment cards and My Number. Their check digits tell them from ids and counters. Never
//! guesses at a number that is a part of another.

use super::line::Span;
use std::ops::Range;

const CARD: &str = "card-number";
const MY_NUMBER: &str = "my-number";
pub(super) const NAMES: [&str; 2] = [CARD, MY_NUMBER];

/// After all tables: a number that is also a value of something telling bears that name.
const RANK: usize = 900;

/// My Number has the fewest digits, the longest cards have the most.
const LEAST_DIGITS: usize = 12;
const MOST_DIGITS: usize = 19;

/// Nineteen digits in five groups.
const LONGEST_WRITTEN_BYTES: usize = 23;

const CARD_WORDS: &[&str] = &["card", "pan", "credit", "visa", "mastercard", "amex", "jcb", "カード", "クレジット"];
const MY_NUMBER_WORDS: &[&str] = &[
    "個人番号",
    "マイナンバー",
    "my number",
    "mynumber",
    "my_number",
    "my-number",
    "kojin_bango",
    "individual number",
];

/// Digits that check, and what they are.
enum Number {
    Mine,
    /// `plain`: it looks like a card's even where nothing on the line speaks of one.
    Card {
        plain: bool,
    },
}

/// Where the next row of digits stands that holds a number with the right check digit, at or after `at`.
pub(super) fn next(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        let row = next_row(text, at)?;
        if places(text, &row).iter().any(|place| Number::read(text, place, &row).is_some()) {
            return Some(row.start);
        }
        at = row.end;
    }
}

/// Adds the numbers of a line, or of a window of one, that begin at or after `from`.
pub(super) fn collect(text: &[u8], from: usize, spans: &mut Vec<Span>) {
    let mut spoken = Spoken { text, of_cards: None, of_my_number: None };
    let mut at = from;
    while let Some(row) = next_row(text, at) {
        at = row.end;
        let mut behind = row.start;
        for place in places(text, &row) {
            let number = (place.start >= behind).then(|| Number::read(text, &place, &row)).flatten();
            if let Some(rule) = number.and_then(|number| number.rule(&mut spoken)) {
                behind = place.end;
                spans.push(Span { told: place.start, at: place, rule, rank: RANK });
            }
        }
    }
}

/// The next row of digits that is long enough.
fn next_row(text: &[u8], at: usize) -> Option<Range<usize>> {
    // Of any twelve places in such a row, one of two neighbours is a digit.
    let mut probe = at;
    while probe < text.len() {
        if text[probe].is_ascii_digit() || text.get(probe + 1).is_some_and(u8::is_ascii_digit) {
            let row = row(text, at, probe);
            if digits(&text[row.clone()]) >= LEAST_DIGITS {
                return Some(row);
            }
            probe = row.end.max(probe);
        }
        probe += 8;
    }
    None
}

/// The row of digits, with single blanks and dashes among them, around a place.
fn row(text: &[u8], from: usize, at: usize) -> Range<usize> {
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let joins = |at: usize| matches!(text[at], b' ' | b'-') && at > from && is_digit(at - 1) && is_digit(at + 1);
    let belongs = |at: &usize| is_digit(*at) || joins(*at);
    let at = if belongs(&at) { at } else { at + 1 };
    let start = (from..=at).rev().take_while(belongs).last().unwrap_or(at);
    let end = (at + 1..text.len()).find(|n| !belongs(n)).unwrap_or(text.len());
    start..end
}

fn digits(row: &[u8]) -> usize {
    row.iter().filter(|b| b.is_ascii_digit()).count()
}

/// Where in a row a number may stand: a long group by itself, or up to five of which the first is as long as on a card, longest first.
fn places(text: &[u8], row: &Range<usize>) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut start = row.start;
    while start < row.end {
        let end = group_end(text, start, row.end);
        match end - start {
            LEAST_DIGITS..=MOST_DIGITS => places.push(start..end),
            4 | 6 => places.extend(grouped(text, start, row.end)),
            _ => {}
        }
        start = end + 1;
    }
    places
}

fn group_end(text: &[u8], at: usize, end: usize) -> usize {
    (at..end).find(|n| !text[*n].is_ascii_digit()).unwrap_or(end)
}

fn grouped(text: &[u8], start: usize, end: usize) -> impl Iterator<Item = Range<usize>> {
    let mut ends = [start; 5];
    let mut at = start;
    for slot in &mut ends {
        *slot = group_end(text, at, end);
        at = (*slot + 1).min(end);
    }
    let places = ends.into_iter().rev().map(move |end| start..end);
    places.filter(|place| (LEAST_DIGITS + 1..=LONGEST_WRITTEN_BYTES).contains(&place.len()))
}

impl Number {
    fn read(text: &[u8], place: &Range<usize>, row: &Range<usize>) -> Option<Number> {
        let written = &text[place.clone()];
        let mut held = [0; LONGEST_WRITTEN_BYTES];
        let mut length = 0;
        for digit in written.iter().filter(|b| b.is_ascii_digit()) {
            *held.get_mut(length)? = digit - b'0';
            length += 1;
        }
        let number = &held[..length];
        if is_my_number(number) {
            return stands_alone(text, place).then_some(Number::Mine);
        }
        let is_card =
            is_issued(number) && is_luhn(number) && groups(written) != Some(false) && stands_alone(text, place);
        // Columns of four digits are everywhere: beside other numbers of one row only a number without gaps is one by itself.
        let in_one = length == written.len();
        let plain = in_one && matches!(length, 15 | 16) || !in_one && place == row;
        is_card.then_some(Number::Card { plain })
    }

    /// What hides it on this line.
    fn rule(self, spoken: &mut Spoken) -> Option<&'static str> {
        match self {
            Number::Mine => spoken.of_my_number().then_some(MY_NUMBER),
            Number::Card { plain } => (plain || spoken.of_cards()).then_some(CARD),
        }
    }
}

/// What a line speaks of, which is asked once for all of its numbers.
struct Spoken<'a> {
    text: &'a [u8],
    of_cards: Option<bool>,
    of_my_number: Option<bool>,
}

impl Spoken<'_> {
    fn of_cards(&mut self) -> bool {
        *self.of_cards.get_or_insert_with(|| has(self.text, CARD_WORDS))
    }

    fn of_my_number(&mut self) -> bool {
        *self.of_my_number.get_or_insert_with(|| has(self.text, MY_NUMBER_WORDS))
    }
}

fn has(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| {
        let word = word.as_bytes();
        let is_edge = |at: Option<usize>| at.and_then(|at| text.get(at)).is_none_or(|b| !b.is_ascii_alphabetic());
        // Short words are parts of many others.
        let apart = |at: usize| word.len() > 4 || is_edge(at.checked_sub(1)) && is_edge(Some(at + word.len()));
        text.windows(word.len()).enumerate().any(|(at, here)| here.eq_ignore_ascii_case(word) && apart(at))
    })
}

/// No part of a longer word, number, version or address.
fn stands_alone(text: &[u8], place: &Range<usize>) -> bool {
    let before = place.start.checked_sub(1).map(|at| text[at]);
    let after = text.get(place.end).copied();
    let beyond = text.get(place.end + 1).copied();
    let joined = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let before_joins = before.is_some_and(|b| joined(b) || b".-+%$".contains(&b));
    let after_joins =
        after.is_some_and(|b| joined(b) || b"-.:".contains(&b) && beyond.is_some_and(joined) || b == b'%');
    !before_joins && !after_joins
}

/// Whether an issuer has the range, and numbers of that length in it.
fn is_issued(number: &[u8]) -> bool {
    let first = number.iter().take(4).fold(0u32, |sum, d| sum * 10 + u32::from(*d));
    let lengths = match first {
        4000..=4999 => [13, 16, 19].as_slice(),
        5100..=5599 | 2221..=2720 => &[16],
        3400..=3499 | 3700..=3799 => &[15],
        3528..=3589 | 6011 | 6440..=6599 | 6200..=6299 | 8100..=8171 => &[16, 17, 18, 19],
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => &[14, 15, 16, 17, 18, 19],
        _ => &[],
    };
    lengths.contains(&number.len())
}

/// Whether the groups are a card's; nothing where there are none.
fn groups(written: &[u8]) -> Option<bool> {
    let sign = *written.iter().find(|b| !b.is_ascii_digit())?;
    let lengths: Vec<usize> = written.split(|b| !b.is_ascii_digit()).map(<[u8]>::len).collect();
    let same = written.iter().all(|b| b.is_ascii_digit() || *b == sign);
    let known = matches!(
        lengths[..],
        [4, 4, 4, 4] | [4, 6, 5] | [4, 6, 4] | [4, 4, 4, 4, 3] | [6, 13] | [4, 4, 4, 1] | [4, 4, 5]
    );
    Some(same && known)
}

/// Luhn's sum: every second digit from the right counts twice.
fn is_luhn(number: &[u8]) -> bool {
    let twice = |d: u32| if d > 4 { d * 2 - 9 } else { d * 2 };
    let weighed = number.iter().rev().enumerate().map(|(n, d)| match n % 2 {
        0 => u32::from(*d),
        _ => twice(u32::from(*d)),
    });
    weighed.sum::<u32>() % 10 == 0
}

/// The last of twelve digits follows from the others (ordinance 85 of 2014 of the Ministry of Internal Affairs and Communications).
fn is_my_number(number: &[u8]) -> bool {
    let [head @ .., check] = number else { return false };
    if head.len() != 11 {
        return false;
    }
    let weight = |n: u32| if n <= 6 { n + 1 } else { n - 5 };
    let sum: u32 = head.iter().rev().zip(1..).map(|(d, n)| u32::from(*d) * weight(n)).sum();
    let expected = match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    u32::from(*check) == expected
}
