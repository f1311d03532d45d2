//! Hours, days and what is said of them. The forms are those of `model::hours`, `duties::calendar` and `duties::reminders`;
//! an error is theirs, with the form that works.

use crate::config::raw::Text;
use duties::calendar::Lead;
use duties::reminders::Quiet;
use jiff::civil::Date;
use model::hours::{Break, Observed, Week, WeekSpan, YearSpan, Zone};
use std::fmt::Display;

/// On what a list of holidays builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolidayBase {
    Japan,
    None,
}

/// What was read from elsewhere is not repeated, not even in part.
fn told(text: &Text, problem: &dyn Display, form: &str) -> String {
    if text.direct { problem.to_string() } else { format!("the value can't be read; write it {form}") }
}

pub fn zone(text: &Text) -> Result<Zone, String> {
    Zone::parse(&text.text).map_err(|problem| told(text, &problem, "such as \"Asia/Tokyo\""))
}

pub fn week(text: &Text) -> Result<Vec<WeekSpan>, String> {
    let form = "such as \"mon-fri 09:00-18:00\", \"always\" or \"never\"";
    Week::parse(&text.text).map(|week| week.0).map_err(|problem| told(text, &problem, form))
}

pub fn pause(text: &Text) -> Result<Break, String> {
    Break::parse(&text.text).map_err(|problem| told(text, &problem, "such as \"12:00-13:00 lunch\""))
}

pub fn closed(text: &Text) -> Result<YearSpan, String> {
    YearSpan::parse(&text.text).map_err(|problem| told(text, &problem, "such as \"12-29..01-03\""))
}

/// A day that is a holiday, with its name.
pub fn named_day(text: &Text) -> Result<(Date, String), String> {
    let (date, name) = text.text.trim().split_once(char::is_whitespace).unwrap_or((text.text.trim(), ""));
    match (date_of(date), name.trim()) {
        (Some(_), "") => Err(format!("{} has no name; write it such as \"2026-12-28 創立記念日\"", text.named())),
        (Some(date), name) => Ok((date, name.to_owned())),
        (None, _) => Err(format!("{} begins with no date; write it such as \"2026-12-28 創立記念日\"", text.named())),
    }
}

pub fn date(text: &Text) -> Result<Date, String> {
    date_of(&text.text).ok_or_else(|| format!("{} is no date; write it such as \"2026-12-28\"", text.named()))
}

fn date_of(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// A name that means something else already could never be chosen.
pub fn holidays_name(text: &Text) -> Result<String, String> {
    match super::words::slug(text)?.as_str() {
        "none" => Err("\"none\" means that no holidays are kept; write another name".to_owned()),
        name => Ok(name.to_owned()),
    }
}

pub fn observed(text: &Text) -> Result<Observed, String> {
    match super::words::slug(text) {
        Ok(name) => Ok(Observed::from(name)),
        Err(_) => Err(format!(
            "{} is no list of holidays; write \"japan\", \"none\" or the name of a [[holidays]]",
            text.named()
        )),
    }
}

pub fn quiet(text: &Text) -> Result<Quiet, String> {
    Quiet::parse(&text.text).map_err(|problem| told(text, &problem, "such as \"22:00-07:00\""))
}

pub fn lead(text: &Text) -> Result<Lead, String> {
    Lead::parse(&text.text).map_err(|_| {
        format!("{} is no lead time; write it such as \"10m\", \"2h\", \"1d\" or \"1d 18:00\"", text.named())
    })
}
