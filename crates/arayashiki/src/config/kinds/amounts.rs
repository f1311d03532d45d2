//! Durations, sizes, counts and prices, each within bounds that the error tells.

use crate::config::raw::Text;
use std::time::Duration;

/// Ten years: far beyond what PagerDuty keeps at hand, and no sum with a date overflows.
pub const LONGEST_S: u64 = 3_650 * DAY_S;
const MINUTE_S: u64 = 60;
pub const HOUR_S: u64 = 3_600;
pub const DAY_S: u64 = 86_400;

pub fn bounded(text: &Text, or_zero: bool, least_s: u64, most_s: u64) -> Result<Duration, String> {
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

const YEAR_S: u64 = 365 * DAY_S;
/// A century.
const LONGEST_RETENTION_S: u64 = 100 * YEAR_S;

/// Days or years, or for ever.
pub fn retention(text: &Text) -> Result<Option<Duration>, String> {
    let wrong = || format!("{} is no such time; write \"90d\", \"5y\" or \"forever\", at least a day", text.named());
    if text.text == "forever" {
        return Ok(None);
    }
    let unit = text.text.chars().last().ok_or_else(wrong)?;
    let unit_s = match unit {
        'd' => DAY_S,
        'y' => YEAR_S,
        _ => return Err(wrong()),
    };
    let number = text.text.strip_suffix(unit).filter(|number| number.bytes().all(|b| b.is_ascii_digit()));
    let total_s = number.and_then(|number| number.parse::<u64>().ok()?.checked_mul(unit_s)).ok_or_else(wrong)?;
    (DAY_S..=LONGEST_RETENTION_S).contains(&total_s).then(|| Some(Duration::from_secs(total_s))).ok_or_else(wrong)
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

/// Large units first, so that each number is shown in the largest that fits.
const SIZES: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("B", 1),
];

pub fn bytes(text: &Text, least: u64, most: u64) -> Result<u64, String> {
    let form = "write a whole number with kB, MB or GB, such as \"40MB\", or with KiB, MiB or GiB";
    let size = any_size(&text.text).ok_or_else(|| format!("{} is no size; {form}", text.named()))?;
    if (least..=most).contains(&size) {
        return Ok(size);
    }
    Err(format!("{} does not fit; write a size from \"{}\" to \"{}\"", text.named(), in_units(least), in_units(most)))
}

fn any_size(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, unit_bytes) = SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim_start()))?;
    number.parse::<u64>().ok()?.checked_mul(*unit_bytes)
}

fn in_units(size: u64) -> String {
    let whole = SIZES.iter().find(|(_, unit_bytes)| size.is_multiple_of(*unit_bytes));
    whole.map_or_else(|| format!("{size}B"), |(unit, unit_bytes)| format!("{}{unit}", size / unit_bytes))
}

pub fn whole_number<const MIN: usize, const MAX: usize>(text: &Text) -> Result<usize, String> {
    let number = text.text.trim().parse::<usize>().ok().filter(|n| (MIN..=MAX).contains(n));
    number.ok_or_else(|| format!("{} does not fit; write a whole number from {MIN} to {MAX}", text.named()))
}

/// A price in hundredths; more than a hundred million is a slip.
pub fn price(text: &Text) -> Result<i64, String> {
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

pub fn currency(text: &Text) -> Result<String, String> {
    if text.text.len() == 3 && text.text.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(text.text.clone());
    }
    Err(format!("{} is no currency; write three capital letters such as \"JPY\" or \"USD\"", text.named()))
}
