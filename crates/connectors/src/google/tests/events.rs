//! Listing events in full and by what has changed.

use super::{EVENTS, TOKEN, always, asked, client, server};
use crate::Kind;
use crate::google::{EventsAnswer, ListEvents, Next, Since};
use crate::testing::{NOW, call, reply};

fn full() -> ListEvents<'static> {
    let since = Since::Full { time_min: NOW.plus_ms(123) };
    ListEvents { calendar: "team/a#b@example.jp", since, page_token: None, max_results: 0 }
}

fn changes() -> ListEvents<'static> {
    ListEvents { since: Since::Changes { sync_token: "sync+1=".into() }, ..full() }
}

#[tokio::test]
async fn both_kinds_ask_with_the_same_parameters_and_their_own_beginning() {
    let server = always(200, "{}").await;
    let client = client(&server);
    client.events(&call(), &full()).await.unwrap();
    let next = ListEvents { page_token: Some("p2".into()), max_results: 9_000, ..changes() };
    client.events(&call(), &next).await.unwrap();
    let heard = asked(&server);
    assert_eq!(heard[0].path, "/calendar/v3/calendars/team%2Fa%23b@example.jp/events");
    assert_eq!(heard[0].headers["authorization"], format!("Bearer {TOKEN}"));
    let query =
        |n: usize| -> Vec<(&str, &str)> { heard[n].query.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect() };
    assert_eq!(query(0), [("singleEvents", "true"), ("maxResults", "250"), ("timeMin", "2026-05-28T20:26:40Z")]);
    let second = [("singleEvents", "true"), ("maxResults", "2500"), ("syncToken", "sync+1="), ("pageToken", "p2")];
    assert_eq!(query(1), second, "the page's token beside the sync token, and no timeMin");
}

#[tokio::test]
async fn what_follows_a_page_is_told() {
    for (body, expected) in [
        (r#"{"items":[],"nextPageToken":"p2"}"#, Next::Page("p2".into())),
        (r#"{"items":[{"id":1}],"nextSyncToken":"s2"}"#, Next::Sync("s2".into())),
        (r#"{"nextSyncToken":""}"#, Next::Nothing),
        (EVENTS, Next::Sync("CPDAlvWDx70CEPDAlvWDx70CGAU=".into())),
    ] {
        let server = always(200, body).await;
        let EventsAnswer::Page { raw, next } = client(&server).events(&call(), &full()).await.unwrap() else {
            panic!("no page")
        };
        assert_eq!((&raw[..], next), (body.as_bytes(), expected));
    }
}

#[tokio::test]
async fn a_token_that_is_no_longer_good_asks_for_everything_again() {
    let gone = r#"{"error":{"errors":[{"domain":"calendar","reason":"fullSyncRequired","message":"Sync token is no longer valid","locationType":"parameter","location":"syncToken"}],"code":410,"message":"Sync token is no longer valid"}}"#;
    let malformed = r#"{"error":{"errors":[{"reason":"invalid","location":"syncToken"}],"code":400,"message":"Invalid sync token"}}"#;
    for (status, body) in [(410, gone), (400, malformed), (410, "")] {
        let server = always(status, body).await;
        let client = client(&server);
        let answer = client.events(&call(), &changes()).await.unwrap();
        assert!(matches!(answer, EventsAnswer::FullSyncNeeded { .. }), "{status}");
        // In a full listing there is nothing to begin anew, so it must not go round in circles.
        assert!(matches!(client.events(&call(), &full()).await.unwrap_err().kind, Kind::NotFound | Kind::BadRequest));
    }
    let other = always(400, r#"{"error":{"errors":[{"reason":"invalid","location":"pageToken"}],"code":400}}"#).await;
    assert_eq!(client(&other).events(&call(), &changes()).await.unwrap_err().kind, Kind::BadRequest);
}

#[tokio::test]
async fn what_is_no_calendar_id_is_not_sent() {
    let server = server(|_| reply(200, "{}")).await;
    for odd in ["", ".", "..", "a b", "a\n", &"x".repeat(257)] {
        let list = ListEvents { calendar: odd, ..full() };
        let error = client(&server).events(&call(), &list).await.unwrap_err();
        assert!(error.text.contains("Integrate calendar"), "{}", error.text);
    }
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn a_page_for_people_is_no_page_of_events() {
    let server = always(200, "<html>").await;
    assert_eq!(client(&server).events(&call(), &full()).await.unwrap_err().kind, Kind::InTheWay);
}
