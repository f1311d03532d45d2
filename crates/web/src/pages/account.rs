//! A person's own settings. Each form does one thing and comes back here with a word about it.

use super::{Asks, Door, Sent, html};
use crate::auth::{
    LANGUAGE_COOKIE, MIN_CHARS, PasswordFault, Reader, Via, check_password_rules, cookie, forget_cookie,
};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{AccountNotice, AccountView, PasswordProblem, Section, SessionRow};
use crate::{Language, page};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use serde::Deserialize;
use store::sessions::Session;
use store::{StoreError, Tx, accounts, audit, sessions};

const YEAR_S: i64 = 365 * 86_400;

/// What `?done=` says the last form did.
const DONE: [(&str, AccountNotice); 7] = [
    ("language", AccountNotice::LanguageSet),
    ("zone", AccountNotice::ZoneSet),
    ("password", AccountNotice::PasswordSet),
    ("session", AccountNotice::SessionRevoked),
    ("others", AccountNotice::OthersRevoked),
    ("slack-linked", AccountNotice::SlackLinked),
    ("slack-unlinked", AccountNotice::SlackUnlinked),
];

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Query {
    done: String,
    wrong: String,
    zone: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Settings).await?;
    let id = reader.person.id.clone();
    let held = desk
        .store
        .read(move |tx| Box::pin(async move { Ok((sessions::of(tx, &id).await?, super::slack::of(tx, &id).await?)) }));
    let (held, slack) = held.await?;
    let password_problem = match query.wrong.as_str() {
        "present" => Some(PasswordProblem::Present),
        "short" => Some(PasswordProblem::Short { min: MIN_CHARS }),
        "differ" => Some(PasswordProblem::Differ),
        "guessable" => Some(PasswordProblem::Guessable),
        _ => None,
    };
    let view = AccountView {
        zone: frame.zone.iana_name().unwrap_or("UTC").to_owned(),
        zones: zones(),
        sessions: held.into_iter().map(|s| row(s, &reader)).collect(),
        slack,
        notice: DONE.iter().find(|(name, _)| *name == query.done).map(|(_, notice)| *notice),
        password_problem,
        unknown_zone: Some(super::cut(&query.zone)).filter(|z| !z.is_empty()),
    };
    html(page::account(&frame, &view))
}

/// Zones that people live in, by their region's name.
fn zones() -> Vec<String> {
    let lived_in = ["Asia/", "Europe/", "America/", "Australia/", "Africa/", "Pacific/", "Atlantic/", "Indian/"];
    let names = jiff::tz::db().available().map(|name| name.as_str().to_owned());
    names.filter(|n| n == "UTC" || lived_in.iter().any(|region| n.starts_with(region))).collect()
}

fn row(session: Session, reader: &Reader) -> SessionRow {
    SessionRow {
        current: reader.person.via == Via::Session(session.id.clone()),
        id: session.id,
        device: device(&session.agent),
        address: Some(session.address).filter(|a| !a.is_empty() && a != "unknown"),
        started_at: session.created_at,
        seen_at: session.seen_at,
    }
}

/// Browser and system in two words. The order matters: every browser claims to be several others.
fn device(agent: &str) -> String {
    let first =
        |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(40).collect::<String>(),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct LanguageForm {
    language: String,
}

pub(super) async fn set_language(
    State(desk): State<Desk>,
    reader: Reader,
    Sent(form): Sent<LanguageForm>,
) -> Result<Response, Fault> {
    let language = Language::parse(&form.language)
        .ok_or_else(|| Fault::bad("language", "Choose one of the languages that the form offers."))?;
    let zone = reader.person.zone.as_ref().and_then(|z| z.iana_name()).unwrap_or_default().to_owned();
    let id = reader.person.id.clone();
    prefer(&desk, id, language.as_str(), zone).await?;
    let mut response = done("language");
    if let Some(value) = cookie(&desk.settings, LANGUAGE_COOKIE, language.as_str(), YEAR_S) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ZoneForm {
    zone: String,
}

pub(super) async fn set_zone(
    State(desk): State<Desk>,
    reader: Reader,
    Sent(form): Sent<ZoneForm>,
) -> Result<Response, Fault> {
    let asked = super::cut(&form.zone);
    let Some(zone) = TimeZone::get(&asked).ok().and_then(|z| z.iana_name().map(str::to_owned)) else {
        return Ok(Redirect::to(&format!("/account?zone={}", crate::markup::encode(&asked))).into_response());
    };
    let language = reader.person.language.map_or("", Language::as_str);
    prefer(&desk, reader.person.id.clone(), language, zone).await?;
    Ok(done("zone"))
}

/// An empty text means that nothing was chosen.
async fn prefer(desk: &Desk, id: String, language: &'static str, zone: String) -> Result<(), Fault> {
    let set = desk.store.write("set_preferences", move |tx| {
        Box::pin(async move { accounts::set_preferences(tx, &id, language, &zone).await })
    });
    Ok(set.await?)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PasswordForm {
    present: String,
    password: String,
    password_again: String,
}

pub(super) async fn set_password(
    State(door): State<Door>,
    reader: Reader,
    Sent(form): Sent<PasswordForm>,
) -> Result<Response, Fault> {
    let person = &reader.person;
    let wrong = |what: &str| Ok(Redirect::to(&format!("/account?wrong={what}")).into_response());
    if form.password != form.password_again {
        return wrong("differ");
    }
    match check_password_rules(&form.password, &person.email, &person.name) {
        Ok(()) => {}
        Err(PasswordFault::Short) => return wrong("short"),
        Err(PasswordFault::Guessable) => return wrong("guessable"),
    }
    if !door.is_present(&reader, form.present).await? {
        return wrong("present");
    }
    let hash = door.passwords.hash(form.password).await?;
    let own = reader.clone();
    door.store.write("set_password", move |tx| Box::pin(async move { change(tx, &own, &hash).await })).await?;
    Ok(done("password"))
}

impl Door {
    /// Is this the person's present password? A session that was left open must not be a way to guess it.
    async fn is_present(&self, reader: &Reader, password: String) -> Result<bool, Fault> {
        let begun = self
            .tries
            .begin(&reader.person.email, &reader.asked.from, self.store.clock().now())
            .map_err(|wait_s| Fault::TooMany { wait_s })?;
        let id = reader.person.id.clone();
        let account = self.store.read(move |tx| Box::pin(async move { accounts::by_id(tx, &id).await })).await?;
        let is_right = self.passwords.is_right(password, account.and_then(|a| a.password)).await?;
        if is_right {
            self.tries.right(&begun);
        }
        Ok(is_right)
    }
}

async fn change(tx: &mut Tx, reader: &Reader, hash: &str) -> Result<(), StoreError> {
    let person = &reader.person;
    accounts::set_password(tx, &person.id, hash).await?;
    if let Via::Session(own) = &person.via {
        sessions::revoke_others(tx, &person.id, own).await?;
    }
    let subject = format!("account/{}", person.id);
    audit::add(tx, &person.actor(), "person.password", &subject, None, &reader.trail()).await
}

pub(super) async fn revoke(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let is_own = reader.person.via == Via::Session(id.clone());
    let by = reader.clone();
    let ended = desk
        .store
        .write("revoke_session", move |tx| {
            Box::pin(async move {
                let ended = sessions::revoke(tx, &by.person.id, &id).await?;
                if ended {
                    let subject = format!("session/{id}");
                    audit::add(tx, &by.person.actor(), "session.revoke", &subject, None, &by.trail()).await?;
                }
                Ok(ended)
            })
        })
        .await?;
    if !ended {
        return Err(Fault::NotFound);
    }
    if !is_own {
        return Ok(done("session"));
    }
    let mut response = Redirect::to("/sign-in?out=1").into_response();
    if let Some(value) = forget_cookie(&desk.settings) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

pub(super) async fn revoke_others(State(desk): State<Desk>, reader: Reader) -> Result<Response, Fault> {
    let Via::Session(own) = reader.person.via.clone() else { return Err(Fault::NotFound) };
    desk.store
        .write("revoke_sessions", move |tx| {
            Box::pin(async move {
                sessions::revoke_others(tx, &reader.person.id, &own).await?;
                let subject = format!("account/{}", reader.person.id);
                audit::add(tx, &reader.person.actor(), "session.revoke", &subject, None, &reader.trail()).await
            })
        })
        .await?;
    Ok(done("others"))
}

fn done(what: &str) -> Response {
    let mut response = Redirect::to(&format!("/account?done={what}")).into_response();
    *response.status_mut() = StatusCode::SEE_OTHER;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_in_two_words() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0";
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Safari/604.1";
        assert_eq!(device(edge), "Edge · Windows");
        assert_eq!(device(phone), "Safari · iPhone");
        assert_eq!(device("curl/8.9"), "curl");
        assert_eq!(device(""), "");
    }

    #[test]
    fn the_zones_offered_are_real() {
        let zones = zones();
        assert!(zones.iter().any(|z| z == "Asia/Tokyo") && zones.iter().all(|z| TimeZone::get(z).is_ok()));
    }
}
