//! What a key's text may be and what it becomes: one constant a kind. An error says what is wrong and gives a form
//! that works; it repeats the text only where no secret can stand.

use super::log_filter;
use super::problem::{nearest, quoted};
use super::raw::Text;
use super::secret::Secret;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The TOML that a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Number,
    List,
}

/// What is wrong with the text at this index.
pub struct Wrong {
    pub at: usize,
    pub what: String,
}

pub struct Kind<T> {
    pub shape: Shape,
    pub read: fn(&[Text]) -> Result<T, Vec<Wrong>>,
}

impl<T> Kind<T> {
    const fn text(read: fn(&[Text]) -> Result<T, Vec<Wrong>>) -> Self {
        Self { shape: Shape::Text, read }
    }

    const fn list(read: fn(&[Text]) -> Result<T, Vec<Wrong>>) -> Self {
        Self { shape: Shape::List, read }
    }
}

/// What a duty does with what it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Shows what it would have done.
    Observe,
    Post,
    Page,
}

impl Mode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Post => "post",
            Self::Page => "page",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Ja,
    En,
}

impl Language {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Where the store is. A PostgreSQL address may carry a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    Sqlite(PathBuf),
    Postgres(Secret),
}

/// Where signals are kept while PostgreSQL is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpoolPlace {
    Off,
    File(PathBuf),
}

pub const ADDRESS: Kind<SocketAddr> = Kind::text(|t| one(t, address));
pub const ADDRESS_OR_NONE: Kind<Option<SocketAddr>> = Kind::text(|t| one(t, |t| blank_or(t, address)));
pub const URL: Kind<String> = Kind::text(|t| one(t, base_url));
pub const URL_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, base_url)));
/// As `URL_OR_NONE`; empty means that the address follows from another key.
pub const URL_OR_DERIVED: Kind<String> =
    Kind::text(|t| one(t, |t| blank_or(t, base_url).map(Option::unwrap_or_default)));
pub const STORE: Kind<StoreUrl> = Kind::text(|t| one(t, store_url));
pub const SPOOL: Kind<SpoolPlace> = Kind::text(|t| one(t, spool_place));
pub const ZONE: Kind<jiff::tz::TimeZone> = Kind::text(|t| one(t, zone));
/// In hundredths of the currency.
pub const PRICE: Kind<Option<i64>> = Kind::text(|t| one(t, |t| blank_or(t, price)));
pub const CURRENCY: Kind<String> = Kind::text(|t| one(t, currency));
pub const EMAIL_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, email)));
pub const LOG_FILTER: Kind<String> = Kind::text(|t| one(t, log_filter::read));
pub const SLUG: Kind<String> = Kind::text(|t| one(t, slug));
pub const NAME: Kind<String> = Kind::text(|t| one(t, name));
pub const NAMES: Kind<Vec<String>> = Kind::list(|t| many(t, name));
pub const SECRET: Kind<Option<Secret>> = Kind::text(|t| one(t, |t| blank_or(t, secret)));
pub const SECRETS: Kind<Vec<Secret>> = Kind::list(|t| many(t, secret));
pub const LANGUAGE: Kind<Language> =
    Kind::text(|t| one(t, |t| choice(t, &[("ja", Language::Ja), ("en", Language::En)])));
pub const LOG_FORMAT: Kind<LogFormat> =
    Kind::text(|t| one(t, |t| choice(t, &[("text", LogFormat::Text), ("json", LogFormat::Json)])));
pub const OBSERVE_OR_POST: Kind<Mode> =
    Kind::text(|t| one(t, |t| choice(t, &[("observe", Mode::Observe), ("post", Mode::Post)])));
pub const OBSERVE_OR_PAGE: Kind<Mode> =
    Kind::text(|t| one(t, |t| choice(t, &[("observe", Mode::Observe), ("page", Mode::Page)])));

/// A duration within these bounds, in seconds.
pub const fn duration<const LEAST_S: u64, const MOST_S: u64>() -> Kind<Duration> {
    Kind::text(|t| one(t, |t| bounded(t, false, LEAST_S, MOST_S)))
}

/// The same, and zero, which means never.
pub const fn duration_or_never<const LEAST_S: u64, const MOST_S: u64>() -> Kind<Duration> {
    Kind::text(|t| one(t, |t| bounded(t, true, LEAST_S, MOST_S)))
}

/// A whole number within these bounds.
pub const fn count<const MIN: usize, const MAX: usize>() -> Kind<usize> {
    Kind { shape: Shape::Number, read: |t| one(t, whole_number::<MIN, MAX>) }
}

fn one<T>(texts: &[Text], read: impl Fn(&Text) -> Result<T, String>) -> Result<T, Vec<Wrong>> {
    let wrong = |what| vec![Wrong { at: 0, what }];
    let text = texts.first().ok_or_else(|| wrong("is missing".to_owned()))?;
    read(text).map_err(wrong)
}

fn many<T>(texts: &[Text], read: impl Fn(&Text) -> Result<T, String>) -> Result<Vec<T>, Vec<Wrong>> {
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for (at, text) in texts.iter().enumerate() {
        match read(text) {
            Ok(value) => good.push(value),
            Err(what) => wrong.push(Wrong { at, what }),
        }
    }
    if wrong.is_empty() { Ok(good) } else { Err(wrong) }
}

fn blank_or<T>(text: &Text, read: impl Fn(&Text) -> Result<T, String>) -> Result<Option<T>, String> {
    if text.text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

fn choice<T: Copy>(text: &Text, known: &[(&str, T)]) -> Result<T, String> {
    if let Some((_, value)) = known.iter().find(|(word, _)| *word == text.text) {
        return Ok(*value);
    }
    let all: Vec<_> = known.iter().map(|(word, _)| quoted(word)).collect();
    Err(format!("{} is not known here; write {}", text.named(), all.join(" or ")))
}

fn address(text: &Text) -> Result<SocketAddr, String> {
    let form = "write an IP address and a port, such as \"127.0.0.1:8080\", \"0.0.0.0:8080\" or \"[::1]:8080\"";
    text.text.parse().map_err(|_| format!("{} is no address to listen on; {form}", text.named()))
}

/// The address without a slash at its end, so that a path can be put behind it.
fn base_url(text: &Text) -> Result<String, String> {
    let form = "write it such as \"https://ops.example.jp\"";
    // The text is never repeated: an address may carry a password.
    let url = url::Url::parse(&text.text).map_err(|e| format!("is no web address ({e}); {form}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(format!("is no http:// or https:// address; {form}"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("carries a user or a password, which would show in links and logs; {form}"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("carries a \"?\" or \"#\" part, but paths are put behind it; {form}"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn store_url(text: &Text) -> Result<StoreUrl, String> {
    let form = "write \"sqlite:data/arayashiki.db\" or \"postgres://user@host:5432/database\"";
    if let Some(path) = text.text.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return match path {
            "" => Err(format!("names no file; {form}")),
            p if p.starts_with(':') => Err(format!("would forget everything at the next start; {form}")),
            p if p.contains('?') => Err(format!("carries a \"?\" part, which SQLite files here have not; {form}")),
            p => Ok(StoreUrl::Sqlite(PathBuf::from(p))),
        };
    }
    let url = url::Url::parse(&text.text).map_err(|e| format!("is no store's address ({e}); {form}"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(format!("is neither SQLite nor PostgreSQL; {form}"));
    }
    if url.path().trim_matches('/').is_empty() {
        return Err(format!("names no database; {form}"));
    }
    Ok(StoreUrl::Postgres(Secret::new(text.text.clone())))
}

fn spool_place(text: &Text) -> Result<SpoolPlace, String> {
    match text.text.as_str() {
        "off" => Ok(SpoolPlace::Off),
        p if p.is_empty() || p.ends_with('/') || p.contains("://") || p.contains('?') => {
            Err(format!("{} is no file; write a path such as \"data/spool.db\", or \"off\"", text.named()))
        }
        p => Ok(SpoolPlace::File(PathBuf::from(p))),
    }
}

fn zone(text: &Text) -> Result<jiff::tz::TimeZone, String> {
    jiff::tz::TimeZone::get(&text.text).map_err(|_| {
        let known = jiff::tz::db().available().map(|zone| zone.as_str().to_owned());
        let hint = nearest(&text.text, known).map_or_else(
            || "write an IANA name such as \"Asia/Tokyo\"; a system without zones needs its tzdata package".to_owned(),
            |near| format!("did you mean \"{near}\"?"),
        );
        format!("{} is no time zone known here; {hint}", text.named())
    })
}

/// Ten years: far beyond what PagerDuty keeps at hand, and no sum with a date overflows.
pub const LONGEST_S: u64 = 3_650 * DAY_S;
pub const MINUTE_S: u64 = 60;
pub const HOUR_S: u64 = 3_600;
pub const DAY_S: u64 = 86_400;

fn bounded(text: &Text, or_zero: bool, least_s: u64, most_s: u64) -> Result<Duration, String> {
    let read = any_duration(text)?;
    let fits = (least_s..=most_s).contains(&read.as_secs()) || (or_zero && read.is_zero());
    if fits {
        return Ok(read);
    }
    let (least, most) = (shown(least_s), shown(most_s));
    let side = if read.as_secs() < least_s { format!("under {least}") } else { format!("over {most}") };
    let never = if or_zero { ", or \"0s\" for never" } else { "" };
    Err(format!("{} is {side}; write a duration from \"{least}\" to \"{most}\"{never}", text.named()))
}

/// In the largest unit that it is a whole number of.
fn shown(seconds: u64) -> String {
    let units = [(DAY_S, 'd'), (HOUR_S, 'h'), (MINUTE_S, 'm')];
    let unit = units.into_iter().find(|(unit_s, _)| seconds > 0 && seconds.is_multiple_of(*unit_s));
    unit.map_or_else(|| format!("{seconds}s"), |(unit_s, unit)| format!("{}{unit}", seconds / unit_s))
}

fn any_duration(text: &Text) -> Result<Duration, String> {
    let form = "write a whole number with s, m, h or d, such as \"60s\", \"5m\", \"24h\" or \"30d\"";
    let no_duration = || format!("{} is no duration; {form}", text.named());
    let unit = text.text.chars().last().ok_or_else(no_duration)?;
    let number = text.text.strip_suffix(unit).unwrap_or_default();
    let unit_s = match unit {
        's' => 1,
        'm' => MINUTE_S,
        'h' => HOUR_S,
        'd' => DAY_S,
        _ => return Err(no_duration()),
    };
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(no_duration());
    }
    let total_s = number.parse::<u64>().ok().and_then(|n| n.checked_mul(unit_s)).filter(|s| *s <= LONGEST_S);
    total_s.map(Duration::from_secs).ok_or_else(|| format!("{} is over ten years (3650d); write less", text.named()))
}

fn whole_number<const MIN: usize, const MAX: usize>(text: &Text) -> Result<usize, String> {
    let number = text.text.trim().parse::<usize>().ok().filter(|n| (MIN..=MAX).contains(n));
    number.ok_or_else(|| format!("{} does not fit; write a whole number from {MIN} to {MAX}", text.named()))
}

fn email(text: &Text) -> Result<String, String> {
    let parts = text.text.split_once('@').filter(|(user, host)| !user.is_empty() && !host.is_empty());
    let plain = !text.text.chars().any(|c| c.is_whitespace() || c.is_control());
    match parts {
        Some((_, host)) if plain && !host.contains('@') => Ok(text.text.clone()),
        _ => Err("is no mail address; write the PagerDuty user's, such as \"ops@example.jp\"".to_owned()),
    }
}

/// A price in hundredths; more than a hundred million is a slip.
fn price(text: &Text) -> Result<i64, String> {
    let wrong = || format!("{} is no price; write a number such as \"6000\" or \"41.50\"", text.named());
    let (whole, part) = text.text.split_once('.').unwrap_or((&text.text, "00"));
    let is_plain =
        |digits: &str, most: usize| (1..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_plain(whole, 8) || !is_plain(part, 2) {
        return Err(wrong());
    }
    let hundredths = part.parse::<i64>().map_err(|_| wrong())? * if part.len() == 1 { 10 } else { 1 };
    whole.parse::<i64>().map(|whole| whole * 100 + hundredths).map_err(|_| wrong())
}

fn currency(text: &Text) -> Result<String, String> {
    if text.text.len() == 3 && text.text.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(text.text.clone());
    }
    Err(format!("{} is no currency; write three capital letters such as \"JPY\" or \"USD\"", text.named()))
}

const SLUG_MAX_BYTES: usize = 64;

fn slug(text: &Text) -> Result<String, String> {
    let plain = text.text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !text.text.is_empty() && text.text.len() <= SLUG_MAX_BYTES && plain {
        return Ok(text.text.clone());
    }
    Err(format!("{} is no id; write 1 to 64 of a-z, 0-9 and \"-\", such as \"example-bank\"", text.named()))
}

/// An empty name in a list would match everything.
fn name(text: &Text) -> Result<String, String> {
    match text.text.trim() {
        "" => Err("is empty; write the name, or take the entry out".to_owned()),
        name => Ok(name.to_owned()),
    }
}

/// An empty signing secret would let anybody sign, and a stray line end makes a right one wrong without a trace.
fn secret(text: &Text) -> Result<Secret, String> {
    let value = text.text.as_str();
    if value.is_empty() {
        return Err("holds an empty secret; fill the place it is read from, or take it out".to_owned());
    }
    if value.trim() != value || value.chars().any(char::is_control) {
        return Err("holds a space at an end or a line break; copy the secret again, alone on one line".to_owned());
    }
    Ok(Secret::new(value.to_owned()))
}
