//! The simulated Google Calendar from outside: tokens by a signed assertion, the sync protocol, writes, pushes and the feed.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;
mod effects;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use common::{Answer, send};
use reqwest::Method;
use sandbox::google::{Options, Sandbox, start};
use serde_json::{Value, json};

const START: &str = "2026-05-01T00:00:00Z";
const START_S: i64 = 1_777_593_600;
const WRITE: &str = "https://www.googleapis.com/auth/calendar";

struct World {
    sandbox: Sandbox,
    http: reqwest::Client,
    token: String,
}

/// A caller's own assertion, written apart from the checker.
fn assertion(sandbox: &Sandbox, head: &Value, claims: &Value) -> String {
    let key: Value = serde_json::from_str(&sandbox.info().service_account_json).expect("JSON");
    let pem = key["private_key"].as_str().expect("a key");
    let der: String = pem.lines().filter(|l| !l.starts_with("-----")).collect();
    let signer = KeyPair::from_pkcs8(&STANDARD.decode(der).expect("base64")).expect("a key");
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut signature = vec![0; signer.public_modulus_len()];
    signer.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).expect("a signature");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn claims(sandbox: &Sandbox, more: &Value) -> Value {
    let info = sandbox.info();
    let mut own = json!({ "iss": info.client_email, "scope": WRITE, "aud": info.token_url, "iat": START_S, "exp": START_S + 3_600 });
    for (name, value) in more.as_object().expect("an object") {
        own[name] = value.clone();
    }
    own
}

async fn ask_token(sandbox: &Sandbox, http: &reqwest::Client, assertion: &str) -> Answer {
    let pairs = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    send(http.post(&sandbox.info().token_url).body(body)).await.expect("an answer")
}

fn rs256() -> Value {
    json!({ "alg": "RS256", "typ": "JWT" })
}

impl World {
    async fn new(options: Options) -> Self {
        let start_at = Some(START.parse().expect("an instant"));
        let sandbox =
            start(Options { start: start_at, push_lag_ms: 20, retry_ms: 1, ..options }).await.expect("it starts");
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");
        let mut own = Self { sandbox, http, token: String::new() };
        own.token = own.token_with(&json!({})).await;
        own
    }

    async fn empty() -> Self {
        Self::new(Options { is_empty: true, ..Options::default() }).await
    }

    async fn token_with(&self, more: &Value) -> String {
        let signed = assertion(&self.sandbox, &rs256(), &claims(&self.sandbox, more));
        let answer = ask_token(&self.sandbox, &self.http, &signed).await;
        answer.body["access_token"].as_str().expect("a token").to_owned()
    }

    fn calendar(&self, name: &str) -> String {
        self.sandbox.info().calendars[name].replace('@', "%40")
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}/{path}", self.sandbox.info().api_url)).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await.expect("an answer")
    }

    /// Of the maintenance calendar.
    async fn events(&self, query: &[(&str, &str)]) -> Answer {
        let path = format!("calendars/{}/events", self.calendar("maintenance"));
        send(self.request(Method::GET, &path).query(query)).await.expect("an answer")
    }

    async fn write(&self, method: Method, event: &str, body: &Value) -> Answer {
        let path = format!("calendars/{}/events{event}", self.calendar("maintenance"));
        send(self.request(method, &path).json(body)).await.expect("an answer")
    }

    /// Every page to the last: the items and the next token.
    async fn sync(&self, query: &[(&str, &str)]) -> (Vec<Value>, String) {
        let (mut items, mut page) = (Vec::new(), None::<String>);
        loop {
            let mut own = query.to_vec();
            own.extend(page.as_deref().map(|p| ("pageToken", p)));
            let answer = self.events(&own).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            items.extend(answer.body["items"].as_array().expect("a list").clone());
            page = answer.body["nextPageToken"].as_str().map(str::to_owned);
            let token = answer.body["nextSyncToken"].as_str();
            assert_ne!(page.is_some(), token.is_some(), "a page has one of the two");
            if let Some(token) = token {
                return (items, token.to_owned());
            }
        }
    }

    fn does(&self, what: &str, body: &Value) -> Value {
        self.sandbox.control(what, body).expect("it is done")
    }

    fn plan(&self, body: &Value) -> String {
        let mut own = json!({ "calendar": "maintenance" });
        for (name, value) in body.as_object().expect("an object") {
            own[name] = value.clone();
        }
        self.does("event", &own)["event"].as_str().expect("an id").to_owned()
    }
}

fn reason(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.body["error"]["errors"][0]["reason"].as_str().unwrap_or_default().to_owned())
}

fn texts(items: &[Value], name: &str) -> Vec<String> {
    items.iter().map(|i| i[name].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn only_a_good_assertion_gets_a_token() {
    let world = World::empty().await;
    let own = |more: Value| assertion(&world.sandbox, &rs256(), &claims(&world.sandbox, &more));
    let torn = format!("{}x", own(json!({})).rsplit_once('.').expect("parts").0);
    for (assertion, status, error) in [
        (own(json!({ "aud": "https://example.com/token" })), 400, "invalid_grant"),
        (own(json!({ "exp": START_S + 3_601 })), 400, "invalid_grant"),
        (own(json!({ "iat": START_S + 400, "exp": START_S + 500 })), 400, "invalid_grant"),
        (own(json!({ "iat": START_S - 3_600, "exp": START_S - 400 })), 400, "invalid_grant"),
        (own(json!({ "iss": "other@example.com" })), 400, "invalid_grant"),
        (own(json!({ "scope": "https://www.googleapis.com/auth/drive" })), 400, "invalid_scope"),
        (own(json!({ "scope": "" })), 400, "invalid_scope"),
        (own(json!({ "sub": "sato@example.jp" })), 401, "unauthorized_client"),
        (format!("{torn}.AAAA"), 400, "invalid_grant"),
        (
            assertion(&world.sandbox, &json!({ "alg": "none" }), &claims(&world.sandbox, &json!({}))),
            400,
            "invalid_grant",
        ),
        ("nonsense".to_owned(), 400, "invalid_grant"),
    ] {
        let answer = ask_token(&world.sandbox, &world.http, &assertion).await;
        assert_eq!((answer.status.as_u16(), &answer.body["error"]), (status, &json!(error)), "{}", answer.body);
    }
    world.token_with(&json!({ "aud": "https://oauth2.googleapis.com/token" })).await;
    // A clock that is four minutes ahead is forgiven.
    world.token_with(&json!({ "iat": START_S + 240, "exp": START_S + 3_840 })).await;
    world.does("settings", &json!({ "delegation": true }));
    world.token_with(&json!({ "sub": "sato@example.jp" })).await;
    let nobody = ask_token(&world.sandbox, &world.http, &own(json!({ "sub": "nobody@example.jp" }))).await;
    assert_eq!(nobody.body["error"], "invalid_grant");
    assert_eq!(world.events(&[]).await.status, 200);
    world.does("advance", &json!({ "seconds": 3_600 }));
    assert_eq!(reason(&world.events(&[]).await), (401, "authError".into()));
}

#[tokio::test]
async fn scopes_and_sharing_say_what_may_be_done() {
    let mut world = World::new(Options::default()).await;
    let own = world.calendar("leave");
    let body = json!({ "summary": "x", "start": { "date": "2026-05-02" }, "end": { "date": "2026-05-03" } });
    let insert = send(world.request(Method::POST, &format!("calendars/{own}/events")).json(&body)).await;
    assert_eq!(reason(&insert.expect("an answer")), (403, "requiredAccessLevel".into()));
    assert_eq!(world.get("users/me/calendarList").await.body["items"], json!([]), "shared is not listed");
    let listed = json!({ "id": world.sandbox.info().calendars["leave"] });
    let listed = send(world.request(Method::POST, "users/me/calendarList").json(&listed)).await.expect("an answer");
    assert_eq!(listed.body["accessRole"], "reader");
    assert_eq!(world.get("users/me/calendarList").await.body["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.get(&format!("calendars/{own}")).await.body["summary"], "休暇");
    world.does("share", &json!({ "calendar": "leave", "role": "freeBusyReader" }));
    let busy = world.get(&format!("calendars/{own}/events")).await.body;
    assert_eq!((&busy["accessRole"], &busy["items"][0]["summary"]), (&json!("freeBusyReader"), &Value::Null));
    assert_eq!(busy["items"][0]["start"]["date"], "2026-05-03");
    world.does("share", &json!({ "calendar": "leave", "role": "none" }));
    assert_eq!(reason(&world.get(&format!("calendars/{own}/events")).await), (404, "notFound".into()));
    world.token = world.token_with(&json!({ "scope": "https://www.googleapis.com/auth/calendar.readonly" })).await;
    assert_eq!(world.events(&[]).await.status, 200);
    assert_eq!(reason(&world.write(Method::POST, "", &body).await), (403, "insufficientPermissions".into()));
    assert_eq!(world.sandbox.shown("events")["events"]["maintenance"].as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn a_sync_tells_what_changed_and_nothing_twice() {
    let world = World::empty().await;
    world.does("settings", &json!({ "page_cap": 2, "empty_pages": true }));
    let ids: Vec<String> = (1..=5)
        .map(|n| {
            world.plan(&json!({ "summary": format!("作業 {n}"), "start": format!("2026-05-0{n}T10:00:00+09:00") }))
        })
        .collect();
    let (all, token) = world.sync(&[("maxResults", "100")]).await;
    assert_eq!(texts(&all, "id"), ids);
    assert_eq!(all[0]["start"], json!({ "dateTime": "2026-05-01T10:00:00+09:00", "timeZone": "Asia/Tokyo" }));
    let (none, token) = world.sync(&[("syncToken", &token)]).await;
    assert_eq!(none, Vec::<Value>::new());
    world.does("move", &json!({ "calendar": "maintenance", "event": ids[1], "start": "2026-05-09T12:00:00+09:00" }));
    world.does("change", &json!({ "calendar": "maintenance", "event": ids[1], "summary": "延期" }));
    world.does("cancel", &json!({ "calendar": "maintenance", "event": ids[0] }));
    let new = world.plan(&json!({ "summary": "終日", "start": "2026-05-10" }));
    let (changed, next) = world.sync(&[("syncToken", &token)]).await;
    assert_eq!(texts(&changed, "id"), [ids[1].clone(), ids[0].clone(), new]);
    assert_eq!(
        (&changed[0]["summary"], &changed[0]["end"]["dateTime"]),
        (&json!("延期"), &json!("2026-05-09T13:00:00+09:00"))
    );
    assert_eq!((&changed[1]["status"], &changed[1]["summary"]), (&json!("cancelled"), &Value::Null));
    assert_eq!(
        (&changed[2]["start"]["date"], &changed[2]["end"]["date"]),
        (&json!("2026-05-10"), &json!("2026-05-11"))
    );
    // An older token is good too, and tells the same again.
    assert_eq!(world.sync(&[("syncToken", &token)]).await.0.len(), 3);
    assert_eq!(world.sync(&[("syncToken", &next)]).await.0.len(), 0);
    let (full, _) = world.sync(&[]).await;
    assert_eq!(full.len(), 5, "what is cancelled is not in a full list");
    assert_eq!(world.sync(&[("showDeleted", "true")]).await.0.len(), 6);
}

#[tokio::test]
async fn what_must_not_be_asked_together_is_refused_and_old_tokens_end() {
    let world = World::empty().await;
    world.plan(&json!({ "summary": "a", "start": "2026-05-01" }));
    let (_, token) = world.sync(&[]).await;
    let token = token.as_str();
    for (query, expected) in [
        (vec![("syncToken", token), ("timeMin", START)], (400, "invalid")),
        (vec![("syncToken", token), ("q", "x")], (400, "invalid")),
        (vec![("syncToken", token), ("orderBy", "updated")], (400, "invalid")),
        (vec![("syncToken", token), ("showDeleted", "false")], (400, "invalid")),
        (vec![("syncToken", token), ("singleEvents", "true")], (400, "invalid")),
        (vec![("syncToken", "nonsense")], (400, "invalid")),
        (vec![("pageToken", "nonsense")], (400, "invalid")),
        (vec![("orderBy", "startTime")], (400, "invalid")),
        (vec![("timeMin", "2026-05-01T00:00:00")], (400, "badRequest")),
        (vec![("timeMin", START), ("timeMax", START)], (400, "timeRangeEmpty")),
        (vec![("maxResults", "0")], (400, "badRequest")),
        (vec![("updatedMin", "2026-01-01T00:00:00Z")], (410, "updatedMinTooLongAgo")),
    ] {
        let answer = world.events(&query).await;
        assert_eq!(reason(&answer), (expected.0, expected.1.to_owned()), "{query:?}");
        assert_eq!(answer.body["error"]["code"], expected.0);
    }
    world.does("expire_sync", &json!({ "calendar": "maintenance" }));
    let gone = world.events(&[("syncToken", token)]).await;
    assert_eq!(reason(&gone), (410, "fullSyncRequired".into()));
    assert_eq!(gone.body["error"]["errors"][0]["location"], "syncToken");
    let (_, new) = world.sync(&[]).await;
    assert_eq!(world.events(&[("syncToken", &new)]).await.status, 200);
    let no_token = world.events(&[("q", "a")]).await.body;
    assert_eq!((no_token["items"].as_array().map(Vec::len), &no_token["nextSyncToken"]), (Some(1), &Value::Null));
    world.does("settings", &json!({ "token_ttl_s": 4_000_000 }));
    let later = World { token: world.token_with(&json!({})).await, ..world };
    later.does("advance", &json!({ "seconds": 28 * 86_400 }));
    assert_eq!(reason(&later.events(&[("syncToken", &new)]).await), (410, "fullSyncRequired".into()));
}

#[tokio::test]
async fn series_are_expanded_moved_and_cancelled() {
    let world = World::empty().await;
    let id = world.plan(&json!({ "summary": "週次", "start": "2026-05-04T10:00:00+09:00", "minutes": 30, "rrule": "FREQ=WEEKLY;COUNT=4" }));
    let window = [("singleEvents", "true"), ("timeMin", "2026-05-01T00:00:00Z"), ("timeMax", "2026-06-01T00:00:00Z")];
    let (all, token) = world.sync(&window).await;
    assert_eq!(texts(&all, "id"), ["04", "11", "18", "25"].map(|d| format!("{id}_202605{d}T010000Z")));
    assert_eq!(
        (&all[1]["recurringEventId"], &all[1]["originalStartTime"]["dateTime"]),
        (&json!(id), &json!("2026-05-11T10:00:00+09:00"))
    );
    let (masters, plain) = world.sync(&[]).await;
    assert_eq!((masters.len(), &masters[0]["recurrence"]), (1, &json!(["RRULE:FREQ=WEEKLY;COUNT=4"])));
    world.does("move", &json!({ "calendar": "maintenance", "event": id, "instance": "2026-05-11T10:00:00+09:00", "start": "2026-05-12T15:00:00+09:00" }));
    world.does("cancel", &json!({ "calendar": "maintenance", "event": id, "instance": "2026-05-18T10:00:00+09:00" }));
    for query in [vec![("syncToken", plain.as_str())], vec![("syncToken", &token), ("singleEvents", "true")]] {
        let (changed, _) = world.sync(&query).await;
        assert_eq!(texts(&changed, "id"), [format!("{id}_20260511T010000Z"), format!("{id}_20260518T010000Z")]);
        assert_eq!(
            (&changed[0]["start"]["dateTime"], &changed[0]["end"]["dateTime"]),
            (&json!("2026-05-12T15:00:00+09:00"), &json!("2026-05-12T15:30:00+09:00"))
        );
        let stub = json!({ "kind": "calendar#event", "etag": changed[1]["etag"], "id": changed[1]["id"], "status": "cancelled", "recurringEventId": id,
            "originalStartTime": { "dateTime": "2026-05-18T10:00:00+09:00", "timeZone": "Asia/Tokyo" } });
        assert_eq!(changed[1], stub);
    }
    let starts = |items: &[Value]| {
        items.iter().map(|i| i["start"]["dateTime"].as_str().unwrap_or("-")[8..10].to_owned()).collect::<Vec<_>>()
    };
    let ordered = world.events(&[&window[..], &[("orderBy", "startTime")]].concat()).await.body;
    assert_eq!(starts(ordered["items"].as_array().expect("a list")), ["04", "12", "25"]);
    let unexpanded = world.sync(&[]).await.0;
    assert_eq!(
        texts(&unexpanded, "status"),
        ["confirmed", "confirmed", "cancelled"],
        "cancelled instances are in a plain list"
    );
    // The series ends earlier: what is gone is told as cancelled.
    let (_, token) = world.sync(&window).await;
    world.does("change", &json!({ "calendar": "maintenance", "event": id, "rrule": "FREQ=WEEKLY;COUNT=3" }));
    let (changed, token) = world.sync(&[("syncToken", &token), ("singleEvents", "true")]).await;
    let gone: Vec<&Value> = changed.iter().filter(|e| e["status"] == "cancelled").map(|e| &e["id"]).collect();
    assert!(gone.contains(&&json!(format!("{id}_20260525T010000Z"))), "{gone:?}");
    world.does("cancel", &json!({ "calendar": "maintenance", "event": id }));
    let (changed, _) = world.sync(&[("syncToken", &token), ("singleEvents", "true")]).await;
    assert!(!changed.is_empty() && changed.iter().all(|e| e["status"] == "cancelled"), "{changed:?}");
    assert_eq!(world.sync(&window).await.0.len(), 0);
}

#[tokio::test]
async fn the_window_is_open_at_both_ends() {
    let world = World::empty().await;
    world.plan(&json!({ "summary": "a", "start": "2026-05-02T10:00:00+09:00" }));
    world.plan(&json!({ "summary": "日", "start": "2026-05-03" }));
    for (min, max, expected) in [
        ("2026-05-02T01:59:59Z", "2026-05-02T03:00:00Z", &["a"][..]),
        ("2026-05-02T02:00:00Z", "2026-05-02T03:00:00Z", &[]),
        ("2026-05-01T00:00:00Z", "2026-05-02T01:00:00Z", &[]),
        ("2026-05-01T00:00:00Z", "2026-05-02T01:00:01Z", &["a"]),
        // The day is a day of Tokyo.
        ("2026-05-02T14:00:00Z", "2026-05-02T15:00:00Z", &[]),
        ("2026-05-02T14:00:00Z", "2026-05-02T15:00:01Z", &["日"]),
        ("2026-05-03T14:59:59Z", "2026-05-04T15:00:00Z", &["日"]),
        ("2026-05-03T15:00:00Z", "2026-05-04T15:00:00Z", &[]),
    ] {
        let answer = world.events(&[("timeMin", min), ("timeMax", max)]).await.body;
        assert_eq!(texts(answer["items"].as_array().expect("a list"), "summary"), expected, "{min} {max}");
    }
}
