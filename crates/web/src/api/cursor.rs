//! Cursors: where a list goes on, as opaque text. What somebody made up is refused or ignored, and never reaches the
//! database in a shape that it would not take.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Micros;
use serde::{Deserialize, Serialize};
use store::incidents::{By, Item, Order, Place};

const MOST_CHARS: usize = 2_048;

#[derive(Serialize, Deserialize)]
struct Incidents {
    /// The order that the place belongs to.
    by: String,
    place: Place,
}

/// Cuts a list that was asked for with one row too many, and says where the next page begins.
pub(crate) fn next<T>(items: &mut Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if items.len() <= limit {
        return None;
    }
    items.truncate(limit);
    items.last().map(cursor)
}

pub(crate) fn incident(order: Order, item: &Item) -> String {
    let cursor = Incidents { by: name(order), place: order.place(item) };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

pub(crate) fn read_incident(text: &str, order: Order) -> Option<Place> {
    let cursor: Incidents = serde_json::from_slice(&bytes(text)?).ok()?;
    let place = cursor.place;
    let is_whole = match (order.by, place.number, &place.text) {
        (By::Opened | By::Changed, Some(_), None) => true,
        (By::Status, Some(rank), None) => (0..=2).contains(&rank),
        (By::Service, None, Some(_)) => true,
        _ => false,
    };
    let has_zero = place.id.contains('\0') || place.text.as_ref().is_some_and(|t| t.contains('\0'));
    (cursor.by == name(order) && is_whole && !has_zero).then_some(place)
}

fn name(order: Order) -> String {
    format!("{:?}{}", order.by, if order.descending { "-" } else { "+" })
}

/// A cursor for lists that go from the newest id down.
pub(crate) fn id(id: i64) -> String {
    URL_SAFE_NO_PAD.encode(id.to_be_bytes())
}

pub(crate) fn read_id(text: &str) -> Option<i64> {
    bytes(text)?.try_into().ok().map(i64::from_be_bytes)
}

/// A cursor for lists that go from the latest instant down, and by id where it is the same.
pub(crate) fn spot(at: Micros, id: &str) -> String {
    URL_SAFE_NO_PAD.encode([&at.0.to_be_bytes()[..], id.as_bytes()].concat())
}

pub(crate) fn read_spot(text: &str) -> Option<(Micros, String)> {
    let bytes = bytes(text)?;
    let (at, id) = bytes.split_first_chunk::<8>()?;
    let id = std::str::from_utf8(id).ok().filter(|id| !id.contains('\0'))?;
    Some((Micros(i64::from_be_bytes(*at)), id.to_owned()))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    (text.len() <= MOST_CHARS).then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_order_alone() {
        let encode = |by: &str, place: &str| URL_SAFE_NO_PAD.encode(format!(r#"{{"by":"{by}","place":{place}}}"#));
        let by = |by, descending| Order { by, descending };
        let place = r#"{"number":5,"text":null,"id":"Q1"}"#;
        assert!(read_incident(&encode("Opened-", place), by(By::Opened, true)).is_some());
        assert!(read_incident(&encode("Opened-", place), by(By::Opened, false)).is_none());
        assert!(read_incident(&encode("Service-", place), by(By::Service, true)).is_none());
        assert!(read_incident(&encode("Status-", place), by(By::Status, true)).is_none(), "no such rank");
        let zero = r#"{"number":null,"text":"a\u0000","id":"Q1"}"#;
        assert!(read_incident(&encode("Service-", zero), by(By::Service, true)).is_none());
    }

    #[test]
    fn spots_come_back_and_hold_text_alone() {
        assert_eq!(read_spot(&spot(Micros(-7), "b1")), Some((Micros(-7), "b1".to_owned())));
        for bad in [&b"short"[..], &b"12345678\xff"[..], &b"12345678a\0"[..]] {
            assert_eq!(read_spot(&URL_SAFE_NO_PAD.encode(bad)), None);
        }
    }

    #[test]
    fn ids_come_back_and_nonsense_is_nothing() {
        assert_eq!(read_id(&id(i64::MAX)), Some(i64::MAX));
        for bad in ["", "AAAA", "!!", &"A".repeat(5_000)] {
            assert_eq!(read_id(bad), None);
        }
    }
}
