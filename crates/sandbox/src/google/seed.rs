//! The calendars as they are at the start: maintenance work, promises of those on call, leave of people.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Unit, ZonedRound};
use serde_json::{Value, json};

use super::world::{Calendar, Person, Role, State};
use super::write::inserted;
use crate::dice::Dice;

const ZONE: &str = "Asia/Tokyo";

pub(super) const PEOPLE: [Person; 5] = [
    Person { name: "佐藤花子", mail: "sato@example.jp" },
    Person { name: "鈴木一郎", mail: "suzuki@example.jp" },
    Person { name: "運用デスク", mail: "desk@example.jp" },
    Person { name: "田中美咲", mail: "tanaka@example.com" },
    Person { name: "小林健", mail: "kobayashi@example.com" },
];

pub(super) fn calendars(dice: &mut Dice) -> Vec<Calendar> {
    let mut one = |name, summary, role| Calendar {
        name,
        id: format!("c_{}@group.calendar.google.com", dice.hex(26)),
        summary,
        zone: ZONE,
        secret: dice.hex(32),
        role,
        last_seq: 0,
        events: Vec::new(),
        former: Vec::new(),
        oldest_token: 0,
        frozen: None,
    };
    vec![
        one("maintenance", "保守作業", Role::Writer),
        one("oncall-promises", "当番の約束", Role::Reader),
        one("leave", "休暇", Role::Reader),
    ]
}

/// An hour of the clock, so many hours from now.
fn hour(now: Timestamp, hours: i64) -> String {
    let whole = now.to_zoned(TimeZone::get(ZONE).unwrap_or(TimeZone::UTC));
    let whole = whole.round(ZonedRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Trunc)).unwrap_or(whole);
    let at = whole.checked_add(hours.hours()).unwrap_or(whole);
    at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn day(now: Timestamp, days: i64) -> String {
    let local = now.to_zoned(TimeZone::get(ZONE).unwrap_or(TimeZone::UTC)).date();
    local.checked_add(days.days()).unwrap_or(local).to_string()
}

fn timed(now: Timestamp, from: i64, hours: i64) -> Value {
    let at = |n| json!({ "dateTime": hour(now, n), "timeZone": ZONE });
    json!({ "start": at(from), "end": at(from + hours) })
}

fn whole(now: Timestamp, from: i64, days: i64) -> Value {
    json!({ "start": { "date": day(now, from) }, "end": { "date": day(now, from + days) } })
}

fn guest(of: &Person) -> Value {
    json!({ "email": of.mail, "displayName": of.name, "responseStatus": "accepted" })
}

/// calendar, by, when, everything else
type Entry = (&'static str, &'static str, Value, Value);

fn entries(now: Timestamp) -> Vec<Entry> {
    let [sato, suzuki, desk, tanaka, _] = &PEOPLE;
    vec![
        (
            "maintenance",
            sato.mail,
            timed(now, -26, 2),
            json!({ "summary": "みなと商事 DB 再起動", "location": "東京 DC" }),
        ),
        (
            "maintenance",
            sato.mail,
            timed(now, 3, 2),
            json!({
                "summary": "みなと商事 web01 カーネル更新", "location": "東京 DC ラック 12", "colorId": "11", "attendees": [guest(suzuki), guest(tanaka)],
                "description": "更新のあと再起動します。\n手順書; 戻し手順は別紙、連絡先は運用デスクです。長い説明もあるので行は折り返されます。",
                "extendedProperties": { "private": { "customer": "minato" } },
            }),
        ),
        (
            "maintenance",
            suzuki.mail,
            timed(now, -24 * 6, 1),
            json!({ "summary": "週次バックアップ確認", "recurrence": ["RRULE:FREQ=WEEKLY"] }),
        ),
        (
            "maintenance",
            desk.mail,
            timed(now, -24 * 20, 1),
            json!({ "summary": "証明書の点検", "recurrence": ["RRULE:FREQ=MONTHLY"] }),
        ),
        ("maintenance", sato.mail, whole(now, 5, 1), json!({ "summary": "大阪 DC 停電点検（終日）", "colorId": "5" })),
        (
            "oncall-promises",
            suzuki.mail,
            timed(now, 1, 1),
            json!({
                "summary": "さくら物流へ復旧の連絡（約束）", "description": "小林様へ電話", "attendees": [guest(suzuki)],
            }),
        ),
        (
            "oncall-promises",
            sato.mail,
            timed(now, 8, 1),
            json!({ "summary": "みなと商事へ報告書を送る", "attendees": [guest(sato)] }),
        ),
        (
            "leave",
            sato.mail,
            whole(now, 2, 2),
            json!({ "summary": "佐藤 休暇", "attendees": [guest(sato)], "eventType": "outOfOffice" }),
        ),
        ("leave", suzuki.mail, timed(now, 30, 4), json!({ "summary": "鈴木 午後休", "attendees": [guest(suzuki)] })),
    ]
}

pub(super) fn live_through(state: &mut State, now: Timestamp) {
    for (calendar, by, when, rest) in entries(now) {
        let mut body = rest;
        for name in ["start", "end"] {
            body[name] = when[name].clone();
        }
        if let Some(at) = state.calendar_like(calendar) {
            // Each is whole, so none is refused; a test counts them.
            let _event = inserted(state, at, &body, by, now);
        }
    }
}
