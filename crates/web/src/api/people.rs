//! `people`: who is at work, why, and until when, as far as the reader's customers go. What somebody wrote to their leave is told to
//! nobody but their leader.

use super::params::Params;
use super::{instant, page};
use crate::auth::Reader;
use crate::pages::{Told, load_people};
use crate::problem::Fault;
use crate::state::Desk;
use axum::Json;
use axum::extract::State;
use duties::hours_words;
use duties::locale::Locale;
use model::Micros;
use serde_json::{Value, json};

pub(super) const PARAMS: [&str; 2] = ["at", "customer"];

pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&PARAMS)?;
    let at = params.instant("at")?.unwrap_or_else(|| desk.store.clock().now());
    let customer = params.text("customer")?;
    if let Some(id) = &customer
        && !(reader.person.scope.allows(Some(id)) && desk.settings.customers.iter().any(|known| known.id == *id))
    {
        return Err(Fault::bad("customer", "There is no such customer here; name one that is configured, by its id."));
    }
    let (_, told) = load_people(&desk, &reader, customer, at).await?;
    let locale = locale(&desk);
    Ok(Json(page(told.iter().map(|told| shown(told, &locale, at)).collect(), None)))
}

fn locale(desk: &Desk) -> Locale {
    let language = match desk.settings.language {
        crate::Language::Ja => duties::Language::Ja,
        crate::Language::En => duties::Language::En,
    };
    Locale { language, zone: desk.settings.zone.clone(), public_url: String::new() }
}

fn shown(told: &Told, locale: &Locale, at: Micros) -> Value {
    let (row, standing) = (&told.row, &told.row.standing);
    let words = hours_words::words(locale, &row.name, at, standing);
    json!({
        "id": row.id, "name": row.name, "groups": told.group_ids, "at": at.rfc3339(), "at_work": row.is_at_work(),
        "why": serde_json::to_value(&standing.why).ok().and_then(|why| why.get("why").cloned()), "hours_of": standing.hours_of, "since": instant(standing.since),
        "until": instant(standing.until), "words": [words.headline, words.why, words.until],
    })
}
