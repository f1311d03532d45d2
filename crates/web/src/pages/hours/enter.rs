//! Leave and other days as people say them: each form is one transaction with its audit row, which holds what was and what is; and each
//! can be undone by an act of its own. Nothing is deleted, and what is over is not changed.

use super::super::net::is_nonce;
use super::Sent;
use super::one::{EXCEPTION, LEAVE, hours_text, refused, zone_of};
use crate::auth::Reader;
use crate::people::{Draft, Entered, People, Wrong, bounds, known, leave_now, read_entry, right};
use crate::problem::Fault;
use crate::state::Desk;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::Micros;
use model::hours::{Exception, Leave, LeaveSource, LeaveSpan, Subject, Zone};
use serde::Deserialize;
use serde_json::{Value, json};
use store::person_days::{self, Day};
use store::{StoreError, Tx, audit};

/// What somebody has standing at once.
const MOST_STANDING: usize = 200;

/// What a form asks for.
#[derive(Clone, Debug)]
enum Ask {
    Say(Draft),
    End(String),
    /// The entry that the act made, and the one that it ended; each may be empty.
    Undo {
        said: String,
        withdrawn: String,
    },
}

/// What came of it.
enum Came {
    Done { what: &'static str, said: String, withdrawn: String },
    Wrong(Wrong),
    Nobody,
    NotTheirs,
}

pub(in crate::pages) async fn enter(
    State(desk): State<Desk>,
    reader: Reader,
    Path(person): Path<String>,
    Sent(draft): Sent<Draft>,
) -> Result<Response, Fault> {
    let nonce = draft.nonce.clone();
    act(&desk, &reader, person, nonce, Ask::Say(draft)).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Form {
    nonce: String,
    said: String,
    withdrawn: String,
}

pub(in crate::pages) async fn end(
    State(desk): State<Desk>,
    reader: Reader,
    Path((person, entry)): Path<(String, String)>,
    Sent(form): Sent<Form>,
) -> Result<Response, Fault> {
    act(&desk, &reader, person, form.nonce, Ask::End(entry)).await
}

pub(in crate::pages) async fn undo(
    State(desk): State<Desk>,
    reader: Reader,
    Path(person): Path<String>,
    Sent(form): Sent<Form>,
) -> Result<Response, Fault> {
    act(&desk, &reader, person, form.nonce, Ask::Undo { said: form.said, withdrawn: form.withdrawn }).await
}

async fn act(desk: &Desk, reader: &Reader, person: String, nonce: String, ask: Ask) -> Result<Response, Fault> {
    if !is_nonce(&nonce) {
        return Err(Fault::bad("nonce", "It has 8 to 64 letters, digits, \"-\" and \"_\", new for every new entry."));
    }
    let (people, by, id, asked) = (desk.settings.people.clone(), reader.clone(), person.clone(), ask.clone());
    let came = desk.store.write("person_day", move |tx| {
        let (people, by, id, ask, nonce) = (people.clone(), by.clone(), id.clone(), asked.clone(), nonce.clone());
        Box::pin(async move { taken(tx, &people, &by, (&id, &nonce), ask).await })
    });
    match came.await? {
        Came::Nobody => Err(Fault::NotFound),
        Came::NotTheirs => Err(Fault::Forbidden {
            needs: "that it is you, or the role leader or admin for the customers of this person",
        }),
        Came::Wrong(wrong) => {
            let draft = if let Ask::Say(draft) = ask { draft } else { Draft::default() };
            refused(desk, reader, person, draft, wrong).await
        }
        Came::Done { what, said, withdrawn } => {
            desk.show.notify_waiters();
            let id = crate::markup::encode(&person);
            let (said, withdrawn) = (crate::markup::encode(&said), crate::markup::encode(&withdrawn));
            Ok(Redirect::to(&format!("/people/hours/{id}?done={what}&said={said}&withdrawn={withdrawn}"))
                .into_response())
        }
    }
}

/// What everything here needs to know, read under the person's lock.
struct Ground<'a> {
    by: &'a Reader,
    person: &'a str,
    nonce: &'a str,
    zone: Zone,
    now: Micros,
    /// What stands and is not over.
    standing: Vec<Day>,
}

async fn taken(
    tx: &mut Tx,
    people: &People,
    by: &Reader,
    (person, nonce): (&str, &str),
    ask: Ask,
) -> Result<Came, StoreError> {
    let Some(member) = people.person(person) else { return Ok(Came::Nobody) };
    let right = right(people, &known(tx).await?, &by.person, member);
    if !right.edits {
        return Ok(if right.sees { Came::NotTheirs } else { Came::Nobody });
    }
    tx.lock(&[format!("person_day/{person}")]).await?;
    let now = tx.now();
    let roster = (people.roster.0)(tx, now).await?;
    let zone = zone_of(&roster, Subject::Person { id: person, customer: None });
    let mut standing = person_days::standing(tx, now).await?;
    standing.retain(|day| day.person == person);
    let ground = Ground { by, person, nonce, zone, now, standing };
    let came = match ask {
        Ask::Say(draft) => say(tx, &ground, &draft).await?,
        Ask::End(id) => end_one(tx, &ground, &id).await?,
        Ask::Undo { said, withdrawn } => take_back(tx, &ground, (&said, &withdrawn)).await?,
    };
    Ok(came.unwrap_or_else(Came::Wrong))
}

type Outcome = Result<Came, Wrong>;

async fn say(tx: &mut Tx, ground: &Ground<'_>, draft: &Draft) -> Result<Outcome, StoreError> {
    // The same form sent twice says one thing.
    if let Some(before) = person_days::get(tx, ground.nonce).await? {
        return Ok(same_again(ground, &before, &draft.replaces));
    }
    let replaced = match draft.replaces.as_str() {
        "" => None,
        id => match ground.standing.iter().find(|day| day.id == id) {
            Some(day) => Some(day),
            None => return Ok(Err(stale(tx, ground, id).await?)),
        },
    };
    let kept = replaced.map(|day| ground.zone.day_of(day.from.0.div_euclid(1_000_000)));
    let entered = match read_entry(draft, &ground.zone, ground.now, kept) {
        Ok(entered) => entered,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let day = day(ground, &entered, draft.note.trim());
    if let Some(wrong) = in_the_way(ground, &day, replaced) {
        return Ok(Err(wrong));
    }
    let what = if replaced.is_some() { "changed" } else { "said" };
    done(tx, ground, what, (Some(&day), replaced)).await.map(Ok)
}

fn same_again(ground: &Ground<'_>, before: &Day, replaces: &str) -> Outcome {
    let what = if replaces.is_empty() { "said" } else { "changed" };
    if before.person != ground.person {
        return Err(Wrong::Stale);
    }
    Ok(Came::Done { what, said: before.id.clone(), withdrawn: replaces.to_owned() })
}

/// An entry that stands no more: ended by somebody, or over by itself.
async fn stale(tx: &mut Tx, ground: &Ground<'_>, id: &str) -> Result<Wrong, StoreError> {
    let day = person_days::get(tx, id).await?.filter(|day| day.person == ground.person);
    let is_over = day.is_some_and(|day| day.withdrawn_at.is_none());
    Ok(if is_over { Wrong::Over } else { Wrong::Stale })
}

fn day(ground: &Ground<'_>, entered: &Entered, note: &str) -> Day {
    let (who, note) = (ground.person.to_owned(), note.to_owned());
    let (kind, body) = match entered.clone() {
        Entered::Leave(span) => {
            let source = LeaveSource::Page(ground.by.person.name.clone());
            (LEAVE, json!(Leave { who, span, note, source }))
        }
        Entered::Day(day) => (EXCEPTION, json!(Exception { who, day, note })),
    };
    let (from, until) = bounds(entered, &ground.zone);
    Day {
        id: ground.nonce.to_owned(),
        person: ground.person.to_owned(),
        kind: kind.to_owned(),
        from,
        until,
        body: body.to_string(),
        said_by: ground.by.person.actor(),
        said_at: ground.now,
        withdrawn_by: None,
        withdrawn_at: None,
    }
}

/// Two leaves may not overlap, and a day has other hours once: each is said in one place, or nobody knows which holds.
fn in_the_way(ground: &Ground<'_>, day: &Day, replaced: Option<&Day>) -> Option<Wrong> {
    let others = || ground.standing.iter().filter(|other| replaced.is_none_or(|replaced| replaced.id != other.id));
    if others().count() >= MOST_STANDING {
        return Some(Wrong::TooMany { most: MOST_STANDING });
    }
    let mut alike = others().filter(|other| other.kind == day.kind);
    if day.kind == EXCEPTION {
        let same = alike.find(|other| other.from == day.from)?;
        return Some(Wrong::SameDay { with: words(ground, same) });
    }
    let overlaps = alike.find(|other| other.from < day.until && day.from < other.until)?;
    Some(Wrong::Overlaps { with: words(ground, overlaps) })
}

/// An entry, short and in no language.
fn words(ground: &Ground<'_>, day: &Day) -> String {
    let clock = |at: Micros| at.timestamp().to_zoned(ground.zone.time_zone().clone());
    if let Ok(other) = serde_json::from_str::<Exception>(&day.body) {
        return format!("{} {}", other.day.date, hours_text(&other.day));
    }
    match serde_json::from_str::<Leave>(&day.body).map(|leave| leave.span) {
        Ok(LeaveSpan::Days { from, until, .. }) => {
            let last = until.yesterday().unwrap_or(until);
            if last == from { from.to_string() } else { format!("{from} – {last}") }
        }
        _ => {
            format!("{} – {}", clock(day.from).strftime("%Y-%m-%d %H:%M"), clock(day.until).strftime("%Y-%m-%d %H:%M"))
        }
    }
}

/// What has begun ends now; what has not is withdrawn.
async fn end_one(tx: &mut Tx, ground: &Ground<'_>, id: &str) -> Result<Outcome, StoreError> {
    let Some(day) = ground.standing.iter().find(|day| day.id == id) else {
        return ended_before(tx, ground, id).await;
    };
    let left = shortened(ground, day);
    done(tx, ground, "ended", (left.as_ref(), Some(day))).await.map(Ok)
}

/// The same press twice ends it once.
async fn ended_before(tx: &mut Tx, ground: &Ground<'_>, id: &str) -> Result<Outcome, StoreError> {
    let day = own(tx, ground, id).await?;
    let actor = ground.by.person.actor();
    if day.is_some_and(|day| day.withdrawn_by.as_deref() == Some(actor.as_str())) {
        let said = own(tx, ground, ground.nonce).await?.map(|left| left.id).unwrap_or_default();
        return Ok(Ok(Came::Done { what: "ended", said, withdrawn: id.to_owned() }));
    }
    Ok(Err(stale(tx, ground, id).await?))
}

fn shortened(ground: &Ground<'_>, day: &Day) -> Option<Day> {
    let leave: Leave = serde_json::from_str(&day.body).ok().filter(|_| day.kind == LEAVE)?;
    let has_begun = day.from.plus_s(1) < ground.now;
    let span = has_begun.then(|| leave_now(day.from, ground.now))?;
    let body = json!(Leave { span, ..leave }).to_string();
    Some(Day {
        id: ground.nonce.to_owned(),
        until: ground.now.floor_s(),
        body,
        said_by: ground.by.person.actor(),
        said_at: ground.now,
        ..day.clone()
    })
}

/// An act taken back: what it said is withdrawn, and what it ended is said again.
async fn take_back(tx: &mut Tx, ground: &Ground<'_>, (said, withdrawn): (&str, &str)) -> Result<Outcome, StoreError> {
    let said = match own(tx, ground, said).await? {
        Some(day) if day.withdrawn_at.is_some() => return Ok(Err(Wrong::Stale)),
        found => found,
    };
    let ended = match own(tx, ground, withdrawn).await? {
        Some(day) if day.withdrawn_at.is_none() => return Ok(Err(Wrong::Stale)),
        found => found,
    };
    if said.is_none() && ended.is_none() {
        return Ok(Err(Wrong::Stale));
    }
    let again = ended.map(|day| Day {
        id: ground.nonce.to_owned(),
        said_by: ground.by.person.actor(),
        said_at: ground.now,
        withdrawn_by: None,
        withdrawn_at: None,
        ..day
    });
    if let Some(wrong) = again.as_ref().and_then(|day| in_the_way(ground, day, said.as_ref())) {
        return Ok(Err(wrong));
    }
    done(tx, ground, "undone", (again.as_ref(), said.as_ref())).await.map(Ok)
}

async fn own(tx: &mut Tx, ground: &Ground<'_>, id: &str) -> Result<Option<Day>, StoreError> {
    if id.is_empty() {
        return Ok(None);
    }
    Ok(person_days::get(tx, id).await?.filter(|day| day.person == ground.person))
}

/// Withdraws the one and says the other, with the row that tells of it.
async fn done(
    tx: &mut Tx,
    ground: &Ground<'_>,
    what: &'static str,
    (said, withdrawn): (Option<&Day>, Option<&Day>),
) -> Result<Came, StoreError> {
    let actor = ground.by.person.actor();
    if let Some(day) = withdrawn
        && !person_days::withdraw(tx, &day.id, &actor).await?
    {
        return Ok(Came::Wrong(Wrong::Stale));
    }
    if let Some(day) = said
        && !person_days::say(tx, day).await?
    {
        return Err(StoreError::Refused("This form was sent before; open the page again.".into()));
    }
    let id = |day: Option<&Day>| day.map(|day| day.id.clone()).unwrap_or_default();
    let body =
        |day: Option<&Day>| day.map_or(Value::Null, |day| serde_json::from_str(&day.body).unwrap_or(Value::Null));
    let mut trail = ground.by.trail();
    trail["before"] = body(withdrawn);
    trail["after"] = body(said);
    let action = match what {
        "said" => "hours.enter",
        "changed" => "hours.change",
        "ended" => "hours.end",
        _ => "hours.undo",
    };
    audit::add(tx, &actor, action, &format!("person/{}", ground.person), None, &trail).await?;
    Ok(Came::Done { what, said: id(said), withdrawn: id(withdrawn) })
}
