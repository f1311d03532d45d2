//! What Backlog's and the calendars' keys hold: happenings, whose hours, projects of customers, whom to remind.

use crate::config::raw::Text;
use crate::config::secret::Secret;
use duties::reminders::Target;
use duties::tickets::HoursOf;

/// What a calendar is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarUse {
    /// Promises and maintenance, by the rules.
    Events,
    /// Who is away.
    Leave,
    /// Days of a list of holidays.
    Holidays,
}

/// `customer`, or a person or a group by its id.
pub fn hours_of(text: &Text) -> Result<HoursOf, String> {
    match text.text.split_once(':') {
        Some(("person", id)) if !id.is_empty() => Ok(HoursOf::Person(id.to_owned())),
        Some(("group", id)) if !id.is_empty() => Ok(HoursOf::Group(id.to_owned())),
        None if text.text == "customer" => Ok(HoursOf::Customer),
        _ => Err(format!(
            "{} has no hours; write \"customer\", \"group:\" or \"person:\" and an id, such as \"group:desk\"",
            text.named()
        )),
    }
}

pub fn target(text: &Text) -> Result<Target, String> {
    match (text.text.as_str(), text.text.split_once(':')) {
        ("on-call", _) => Ok(Target::OnCall),
        ("registrant", _) => Ok(Target::Registrant),
        ("channel", _) => Ok(Target::Channel),
        (_, Some(("person", id))) if !id.is_empty() => Ok(Target::Person(id.to_owned())),
        (_, Some(("group", id))) if !id.is_empty() => Ok(Target::Group(id.to_owned())),
        _ => Err(format!(
            "{} is nobody; write \"on-call\", \"registrant\", \"channel\", \"group:\" or \"person:\" and an id",
            text.named()
        )),
    }
}

/// A project's key and the customer's id.
pub fn project_of_customer(text: &Text) -> Result<(String, String), String> {
    let parts = text.text.split_once('=').map(|(project, customer)| (project.trim(), customer.trim()));
    match parts {
        Some((project, customer)) if !project.is_empty() && !customer.is_empty() => {
            Ok((project.to_owned(), customer.to_owned()))
        }
        _ => Err(format!(
            "{} names no project and customer; write the project's key, \"=\" and the customer's id, such as \
             \"OPS=example-bank\"",
            text.named()
        )),
    }
}

const SEGMENT_LEAST: usize = 16;
const SEGMENT_MOST: usize = 200;

/// A secret that stands in an address.
pub fn secret_segment(text: &Text) -> Result<Secret, String> {
    let plain = text.text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if plain && (SEGMENT_LEAST..=SEGMENT_MOST).contains(&text.text.len()) {
        return Ok(Secret::new(text.text.clone()));
    }
    Err("does not fit into an address or is short enough to be guessed; write 16 or more of A-Z, a-z, 0-9, \"-\" and \
         \"_\", such as openssl rand -hex 24 makes"
        .to_owned())
}

/// A mail domain of ours, with the "@" before it.
pub fn staff(text: &Text) -> Result<String, String> {
    let bare = Text { text: text.text.trim_start_matches('@').to_owned(), ..text.clone() };
    let domain = super::mail::domain(&bare)
        .map_err(|_| format!("{} is no mail domain; write it such as \"@example.jp\"", text.named()))?;
    Ok(format!("@{domain}"))
}

/// As calendars give it, `webcal://` included.
pub fn calendar_url(text: &Text) -> Result<Secret, String> {
    let as_https = match text.text.split_once("://") {
        Some(("webcal" | "webcals", rest)) => format!("https://{rest}"),
        _ => text.text.clone(),
    };
    super::net::secret_url(&Text { text: as_https, ..text.clone() })
}
