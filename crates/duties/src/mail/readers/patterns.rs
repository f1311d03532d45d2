//! The monitor that somebody described by patterns. Never reads what none of them matches.

use crate::mail::draft::Draft;
use crate::mail::fold::{Folded, Hit};
use crate::mail::letter::Letter;
use crate::mail::pattern::Pattern;
use crate::mail::patterns::Patterns;
use crate::mail::{state, time};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::Micros;
use model::mail::State;

pub const NAME: &str = "patterns";

pub fn read(patterns: &Patterns, letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let subject = find(patterns.subject.as_ref(), &letter.subject);
    let body = find(patterns.body.as_ref(), &letter.text);
    let said = state_of(patterns, letter);
    if subject.is_none() && body.is_none() && said.is_none() {
        return None;
    }
    let of = |name: &str| {
        let named = [&subject, &body].into_iter().find_map(|hit| hit.as_ref()?.get(name));
        named.or_else(|| single(patterns, letter, name))
    };
    let word = of("state").and_then(state::of_word);
    let (rule, state) =
        said.or_else(|| word.map(|(state, _)| ("state", state))).unwrap_or(("no state", State::Unknown));
    let severity = of("severity").and_then(state::severity).or_else(|| word.and_then(|(_, severity)| severity));
    let (host, check) = (of("host"), of("check"));
    let at = of("time").and_then(|text| instant(text, patterns.time_format.as_deref(), zone));
    let title = check.unwrap_or(&letter.bare.shown);
    let draft = Draft::new(rule, state).on(host, check).severe(severity).titled(title).at(at);
    let folded = super::unknown::folded_subject(letter);
    Some(match (of("key"), host, check) {
        (Some(key), ..) => draft.named(Some(key)).keyed(["key", key]),
        (None, None, None) => draft.keyed(["subject", &folded]),
        // Without a check the subject tells one alert of a host from another.
        (None, host, check) => draft.keyed(["alert", host.unwrap_or_default(), check.unwrap_or(&folded)]),
    })
}

fn state_of(patterns: &Patterns, letter: &Letter) -> Option<(&'static str, State)> {
    let all = [
        ("recovery", &patterns.recovery, State::Recovery),
        ("update", &patterns.update, State::Update),
        ("notice", &patterns.notice, State::Notice),
        ("problem", &patterns.problem, State::Problem),
    ];
    let matches = |pattern: &Pattern| pattern.is_match(&letter.subject.text) || pattern.is_match(&letter.text.text);
    let found = all.into_iter().find(|(_, pattern, _)| pattern.as_ref().is_some_and(matches));
    found.map(|(rule, _, state)| (rule, state))
}

fn find<'t>(pattern: Option<&Pattern>, text: &'t Folded) -> Option<Hit<'t>> {
    Some(Hit::new(text, pattern?.captures(&text.text)?))
}

fn single<'t>(patterns: &Patterns, letter: &'t Letter, name: &str) -> Option<&'t str> {
    let (_, pattern) = patterns.fields.iter().find(|(field, _)| *field == name)?;
    let hit = find(Some(pattern), &letter.subject).or_else(|| find(Some(pattern), &letter.text))?;
    Some(hit.first()).filter(|text| !text.is_empty())
}

fn instant(text: &str, format: Option<&str>, zone: &TimeZone) -> Option<Micros> {
    let Some(format) = format else { return time::instant(text, zone) };
    let text = super::super::fold::fold(text);
    let parsed = jiff::fmt::strtime::parse(format, text.as_bytes()).ok()?;
    if let Ok(timestamp) = parsed.to_timestamp() {
        return Some(Micros(timestamp.as_microsecond()));
    }
    let civil: DateTime = parsed.to_datetime().ok()?;
    Some(Micros(zone.to_ambiguous_zoned(civil).compatible().ok()?.timestamp().as_microsecond()))
}
