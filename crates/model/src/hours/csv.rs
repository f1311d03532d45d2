//! The list of holidays that the Cabinet Office of Japan publishes (syukujitsu.csv, on its page 国民の祝日について):
//! a heading, then a date and a name a line. Takes text; whoever has bytes decodes them first.

use super::Problem;
use jiff::civil::Date;
use std::collections::BTreeMap;

const LONGEST_NAME: usize = 100;

/// Every day of the list. A line that is no holiday and no heading is an error, so that none is lost.
pub fn read(text: &str) -> Result<BTreeMap<Date, String>, Problem> {
    let mut found = BTreeMap::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let (date, name) = line.split_once(',').unwrap_or((line, ""));
        let (date, name) = (unquoted(date), unquoted(name));
        match day(date) {
            Some(day) => {
                found.insert(day, name.chars().take(LONGEST_NAME).collect());
            }
            None if at == 0 || line.trim_matches([',', ' ', '\r', '\t']).is_empty() => {}
            None => return Err(Problem::CsvDate { line: at + 1, at: date.chars().take(40).collect() }),
        }
    }
    if found.is_empty() { Err(Problem::CsvEmpty) } else { Ok(found) }
}

fn unquoted(field: &str) -> &str {
    field.trim().trim_matches('"').trim()
}

/// `2026/1/1` or `2026-01-01`.
fn day(text: &str) -> Option<Date> {
    let mut parts = text.split(['/', '-']);
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    if parts.next().is_some() { None } else { Date::new(year, month, day).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_a_date_are_read_with_or_without_a_heading() {
        for text in [
            "国民の祝日・休日月日,国民の祝日・休日名称\r\n2026/1/1,元日\r\n2026/1/12,成人の日\r\n",
            "\u{feff}date,name\n\"2026-01-01\",\"元日\"\n2026-01-12,成人の日\n\n,\n",
            "2026/01/01,元日\n2026/1/12,成人の日",
        ] {
            let days: Vec<String> = read(text).unwrap().iter().map(|(date, name)| format!("{date} {name}")).collect();
            assert_eq!(days, ["2026-01-01 元日", "2026-01-12 成人の日"], "{text}");
        }
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let told = read("a,b\n2026/1/1,元日\n2026/13/1,x\n").unwrap_err().to_string();
        assert_eq!(told, "line 3: \"2026/13/1\" is no date; the list of holidays has one a line, as 2026/1/1,name");
        assert_eq!(read("a,b\n"), Err(Problem::CsvEmpty));
    }
}
