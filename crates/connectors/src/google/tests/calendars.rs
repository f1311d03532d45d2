//! What a calendar is and how much of it is shown to us.

use super::{EMAIL, EVENTS, always, asked, client, server};
use crate::google::AccessRole;
use crate::testing::{call, reply};

#[tokio::test]
async fn a_calendar_is_known_by_its_events() {
    let server = always(200, EVENTS).await;
    let seen = client(&server).calendar(&call(), "team@example.jp").await.unwrap();
    assert_eq!((seen.id.as_str(), seen.name.as_str()), ("team@example.jp", "当番"));
    assert_eq!((seen.time_zone.as_deref(), &seen.role), (Some("Asia/Tokyo"), &AccessRole::Reader));
    assert_eq!(seen.lack(EMAIL), None);
    assert_eq!(asked(&server)[0].query("maxResults"), ["1"]);
}

#[tokio::test]
async fn a_calendar_that_shows_only_when_it_is_busy_is_not_enough() {
    let server = always(200, r#"{"summary":"x","accessRole":"freeBusyReader"}"#).await;
    let client = client(&server);
    let seen = client.calendar(&call(), "team@example.jp").await.unwrap();
    let lack = seen.lack(client.email()).unwrap();
    assert!(lack.contains(EMAIL) && lack.contains("See all event details"), "{lack}");
    assert_eq!(always_role(r#"{"accessRole":"new"}"#).await, AccessRole::Unknown("new".into()));
    assert_eq!(always_role(r#"{"accessRole":"owner"}"#).await, AccessRole::Owner);
}

async fn always_role(body: &'static str) -> AccessRole {
    client(&always(200, body).await).calendar(&call(), "c").await.unwrap().role
}

#[tokio::test]
async fn the_accounts_own_list_is_read_page_by_page() {
    let server = server(|heard| match heard.query("pageToken").first() {
        None => reply(200, r#"{"items":[{"id":"a","summary":"A","summaryOverride":"Ours","timeZone":"Asia/Tokyo","accessRole":"writer"}],"nextPageToken":"2"}"#),
        Some(_) => reply(200, r#"{"items":[{"id":"b"}]}"#),
    })
    .await;
    let seen = client(&server).calendars(&call()).await.unwrap();
    let names: Vec<_> = seen.iter().map(|c| (c.id.as_str(), c.name.as_str())).collect();
    assert_eq!(names, [("a", "Ours"), ("b", "")]);
    assert_eq!(asked(&server)[0].path, "/calendar/v3/users/me/calendarList");
}
