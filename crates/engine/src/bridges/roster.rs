//! Who works when, now: the file's roster, with the holidays and the leave of calendars and with what people and leaders said on the
//! page. Loads; decides nothing of anybody's hours.

use super::calendar::Reads;
use super::{Person, Settings, page};
use duties::calendar::{Known, holidays, leaves};
use model::Micros;
use model::calendar::CalendarEvent;
use model::hours::{Exception, HolidayLayer, Leave, Roster};
use store::{StoreError, Tx, calendar_events, person_days};

/// What the page's rows of days are called.
pub const LEAVE: &str = "leave";
pub const EXCEPTION: &str = "exception";

/// Yesterday's may still tell of a night that goes on.
const BACK_S: i64 = 8 * 86_400;
const MOST: i64 = 20_000;

/// As it holds now. A row of the page that can't be read is left out; the page shows it.
pub(crate) async fn roster(tx: &mut Tx, settings: &Settings) -> Result<Roster, StoreError> {
    let now = tx.now();
    load(tx, settings, now).await.map(|(roster, _)| roster)
}

/// As it holds at an instant and after; and how many rows of the page can't be read.
pub async fn load(tx: &mut Tx, settings: &Settings, at: Micros) -> Result<(Roster, usize), StoreError> {
    let mut roster = settings.roster.clone();
    let after = at.plus_s(-BACK_S);
    from_calendars(tx, settings, &mut roster, after).await?;
    page::group_hours(tx, &mut roster).await?;
    let unread = said_on_the_page(tx, &mut roster, after).await?;
    Ok((roster, unread))
}

async fn said_on_the_page(tx: &mut Tx, roster: &mut Roster, after: Micros) -> Result<usize, StoreError> {
    let mut unread = 0;
    for day in person_days::standing(tx, after).await? {
        let is_read = match day.kind.as_str() {
            LEAVE => serde_json::from_str::<Leave>(&day.body).map(|leave| roster.leaves.push(leave)).is_ok(),
            EXCEPTION => serde_json::from_str::<Exception>(&day.body).map(|one| roster.exceptions.push(one)).is_ok(),
            _ => false,
        };
        unread += usize::from(!is_read);
    }
    Ok(unread)
}

async fn from_calendars(
    tx: &mut Tx,
    settings: &Settings,
    roster: &mut Roster,
    after: Micros,
) -> Result<(), StoreError> {
    let read: Vec<_> = settings.calendars.iter().filter(|calendar| calendar.reads != Reads::Events).collect();
    if read.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = read.iter().map(|calendar| calendar.name.as_str()).collect();
    let events = calendar_events::standing(tx, &names, after, MOST).await?;
    let known: Vec<Known> = settings.people.iter().map(known).collect();
    for calendar in read {
        let own = events.iter().filter(|event| event.calendar == calendar.name);
        match &calendar.reads {
            Reads::Events => {}
            Reads::Leave { person } => {
                roster.leaves.extend(own.flat_map(|event| leaves(event, person.as_deref(), &known)));
            }
            Reads::Holidays { list, source } => {
                let own: Vec<&CalendarEvent> = own.collect();
                feed(roster, list, holidays(own, source.clone(), &settings.locale.zone));
            }
        }
    }
    Ok(())
}

fn known(person: &Person) -> Known {
    Known { id: person.id.clone(), name: person.name.clone(), addresses: person.addresses() }
}

/// A calendar's days have their place in the list already, below what the configuration itself says.
fn feed(roster: &mut Roster, list: &str, fed: HolidayLayer) {
    let layers = roster.holidays.get_mut(list);
    if let Some(place) = layers.and_then(|list| list.0.iter_mut().find(|layer| layer.source == fed.source)) {
        *place = fed;
    }
}
