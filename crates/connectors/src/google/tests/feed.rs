//! A calendar by its ICS address.

use crate::google::{Feed, FeedAnswer, FeedVersion};
use crate::testing::{NOW, Server, call, reply};
use crate::{Call, Class, Kind, Secret};

const ICS: &str = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";

fn feed(server: &Server) -> Feed {
    let address = Secret::new(format!(" {}/calendar/ical/x/private-0123456789abcdef/basic.ics?k=1\n", server.url));
    Feed::new(&address, Feed::http_settings()).unwrap()
}

#[tokio::test]
async fn bytes_come_with_their_version_and_nothing_when_it_is_held() {
    let server = Server::start(|heard| {
        if heard.headers.get("if-none-match").is_some_and(|tag| tag == "\"v1\"") {
            return reply(304, "");
        }
        let mut answer = reply(200, ICS);
        answer.headers_mut().insert("etag", "\"v1\"".parse().unwrap());
        answer.headers_mut().insert("last-modified", "Thu, 28 May 2026 20:26:40 GMT".parse().unwrap());
        answer
    })
    .await;
    let feed = feed(&server);
    let FeedAnswer::Changed { raw, version } = feed.fetch(&call(), &FeedVersion::default()).await.unwrap() else {
        panic!("nothing came")
    };
    assert_eq!(&raw[..], ICS.as_bytes());
    assert!(matches!(feed.fetch(&call(), &version).await.unwrap(), FeedAnswer::Unchanged));
    let heard = server.heard();
    assert_eq!(heard[0].path, "/calendar/ical/x/private-0123456789abcdef/basic.ics");
    assert_eq!(heard[0].query("k"), ["1"]);
    assert!(!heard[0].headers.contains_key("if-none-match"));
    assert_eq!(heard[1].headers["if-modified-since"], "Thu, 28 May 2026 20:26:40 GMT");
}

#[tokio::test]
async fn a_server_without_versions_and_a_version_that_is_no_header_are_fine() {
    let server = Server::always(200, ICS).await;
    let feed = feed(&server);
    let odd = FeedVersion { etag: Some("\"a\nb\"".into()), last_modified: None };
    let FeedAnswer::Changed { version, .. } = feed.fetch(&call(), &odd).await.unwrap() else { panic!("nothing came") };
    assert_eq!(version, FeedVersion::default());
}

#[tokio::test]
async fn not_modified_without_having_asked_is_no_answer() {
    let server = Server::always(304, "").await;
    assert_eq!(feed(&server).fetch(&call(), &FeedVersion::default()).await.unwrap_err().kind, Kind::InTheWay);
}

#[tokio::test]
async fn what_is_no_feed_is_told_with_a_remedy_and_without_the_address() {
    for (status, body, kind, remedy) in [
        (404, "<html>Not Found</html>", Kind::NotFound, "was the secret address reset"),
        (403, "no", Kind::Forbidden, "secret iCal address"),
        (401, "no", Kind::Auth, "secret iCal address"),
        (200, "\n<!doctype html>", Kind::InTheWay, "(.ics)"),
        (204, "", Kind::InTheWay, "(.ics)"),
        (302, "", Kind::InTheWay, "check the configured address"),
        (429, "", Kind::Limited, "too often"),
        (500, "", Kind::Server, "tried again"),
    ] {
        let server = Server::always(status, body).await;
        let feed = feed(&server);
        let error = feed.fetch(&call(), &FeedVersion::default()).await.unwrap_err();
        assert_eq!((error.kind, error.write), (kind, false), "{status}");
        assert!(error.text.contains(remedy), "{}", error.text);
        assert!(!format!("{error} {error:?} {feed:?}").contains("private-"), "{error}");
    }
}

#[tokio::test]
async fn a_feed_without_end_is_not_read() {
    let server = Server::start(|_| reply(200, vec![b'x'; 20_000])).await;
    let http = crate::http::Settings { max_response_bytes: 10_000, ..Feed::http_settings() };
    let feed = Feed::new(&Secret::new(format!("{}/x.ics", server.url)), http).unwrap();
    assert_eq!(feed.fetch(&call(), &FeedVersion::default()).await.unwrap_err().kind, Kind::TooLarge);
}

#[test]
fn webcal_is_https_and_a_bad_address_is_not_quoted() {
    let settings = Feed::http_settings();
    let feed = Feed::new(&Secret::new("webcal://calendar.example.jp/private-1.ics"), settings).unwrap();
    assert_eq!(feed.host(), "calendar.example.jp");
    for bad in [
        "",
        "private-1",
        "http://calendar.example.jp/private-1",
        "ftp://x.example.jp/private-1",
        "https://u:private-1@x.example.jp/",
    ] {
        let error = Feed::new(&Secret::new(bad), settings).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("private-1"), "{error}");
    }
}

#[tokio::test]
async fn a_refusal_by_rate_stops_the_next_try() {
    let server = Server::always(429, "").await;
    let feed = feed(&server);
    for _ in 0..2 {
        assert_eq!(feed.fetch(&call(), &FeedVersion::default()).await.unwrap_err().kind, Kind::Limited);
    }
    assert_eq!(server.heard().len(), 1);
    let later = Call::new(Class::Bulk, NOW.plus_s(6));
    assert_eq!(feed.fetch(&later, &FeedVersion::default()).await.unwrap_err().status, Some(429));
}
