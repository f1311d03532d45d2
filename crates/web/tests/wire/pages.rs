//! Every page from a filled store in both languages, its partial, its errors; nothing hostile gets through.

use crate::bed::{Bed, as_who, bed};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use model::Scope;
use model::incident::Status;
use model::person::Role;

async fn filled(bed: &Bed) -> (String, i64) {
    bed.incident("Q1", 2, "db-01: <b>replication</b> lag", Some("aoba"), Status::Triggered).await;
    bed.incident("Q2", 3, "決済APIの応答遅延", Some("minato"), Status::Acknowledged).await;
    bed.incident("Q3", 4, "over", None, Status::Resolved).await;
    let signal = bed.signal(br#"{"a":1}"#, "Q1", Some("aoba")).await;
    bed.dead_job("Q1", Some("aoba")).await;
    (bed.person("ada", Role::Admin, Scope::All).await, signal)
}

fn paths(signal: i64) -> Vec<String> {
    let fixed = [
        "/",
        "/incidents",
        "/incidents?status=open",
        "/incidents?status=resolved&sort=-service&text=over",
        "/incidents/Q1",
        "/incidents/3",
        "/signals",
        "/signals?state=done&source=pagerduty",
        "/signals?state=dead",
        "/jobs",
        "/jobs?state=waiting",
        "/account",
        "/account?done=zone",
        "/account?wrong=short",
        "/account?zone=Mars%2FOlympus",
        "/people",
        "/people?done=disabled&who=id-ada",
        "/audit",
        "/connections",
        "/backfills",
        "/backfills?said=asked",
        "/seats",
        "/seats?price=x",
        "/audit?who=ada&act=job.retry",
        "/help",
    ];
    fixed.iter().map(|p| (*p).to_owned()).chain([format!("/signals/{signal}")]).collect()
}

#[tokio::test]
async fn every_page_renders_in_both_languages() {
    let bed = bed().await;
    let (ada, signal) = filled(&bed).await;
    for path in paths(signal) {
        for language in ["ja", "en"] {
            let sign = if path.contains('?') { '&' } else { '?' };
            let answer = bed.get(&format!("{path}{sign}lang={language}"), &ada).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(answer.body.contains(&format!("<html lang=\"{language}\"")), "{path}");
            // A key without a text shows as [key].
            let missing = answer.body.match_indices("[").find(|(at, _)| {
                answer.body[at + 1..]
                    .split(']')
                    .next()
                    .is_some_and(|k| k.contains('-') && k.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
            });
            assert_eq!(missing.map(|(at, _)| answer.body[at..].chars().take(40).collect::<String>()), None, "{path}");
            assert!(!answer.body.contains("<b>replication") && !answer.body.contains("<img src=x"), "{path}");
            assert!(!answer.body.contains("href=\"javascript"), "{path}");
        }
    }
    for path in ["/sign-in", "/sign-in?ended=1", "/setup/none"] {
        let answer = bed.get(&format!("{path}{}lang=en", if path.contains('?') { '&' } else { '?' }), "").await;
        assert!(answer.body.contains("<html lang=\"en\""), "{path}");
    }
}

#[tokio::test]
async fn now_says_what_is_open_and_what_is_wrong() {
    let bed = bed().await;
    let (ada, _) = filled(&bed).await;
    let now = bed.get("/?lang=en", &ada).await.body;
    assert!(now.contains("2 open") && now.contains("nobody has taken 1 of them"), "{now}");
    assert!(now.contains("青葉商事") && now.contains("みなと病院"));
    assert!(now.contains("1 job is dead") || now.contains("1 job is\u{a0}dead") || now.contains("/jobs?state=dead"));
    bed.store
        .write("test", |tx| {
            Box::pin(async move {
                let state = serde_json::json!({ "open_since": 1_700_000_000_000_000i64, "refused": 7, "generation": 1,
                    "last_refused_at": null });
                store::duty_state::set(tx, "intake_guard", "PSUB1", 1, &state).await
            })
        })
        .await
        .unwrap();
    // Counts and alarms are kept for a moment.
    bed.clock.advance_s(3);
    let now = bed.get("/?lang=en", &ada).await.body;
    assert!(now.contains("Wrong signature on subscription PSUB1: 7 webhooks were refused."), "{now}");
}

#[tokio::test]
async fn a_partial_is_the_inside_of_the_live_part_and_nothing_else() {
    let bed = bed().await;
    let (ada, _) = filled(&bed).await;
    for path in ["/", "/incidents", "/incidents/Q1", "/signals", "/jobs", "/connections", "/backfills"] {
        let request = as_who(Request::get(path).header("x-partial", "1"), &ada);
        let part = bed.send(request, Body::empty()).await;
        assert_eq!((part.status, &part.headers[header::VARY]), (StatusCode::OK, &"x-partial".parse().unwrap()));
        assert!(!part.body.contains("<html") && part.body.contains("<h1"), "{path}");
    }
}

#[tokio::test]
async fn the_language_is_kept_and_the_accounts_own_beats_the_browsers() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let asked = bed.get("/help?lang=en", &ada).await;
    let cookie = asked.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(bed.get("/help", &format!("{ada}; {cookie}")).await.body.contains("<html lang=\"en\""));
    let browser = as_who(Request::get("/help").header("accept-language", "en-GB,en;q=0.9"), &ada);
    assert!(bed.send(browser, Body::empty()).await.body.contains("<html lang=\"en\""));
    bed.post("/account/language", &ada, "language=ja").await;
    let browser = as_who(Request::get("/help").header("accept-language", "en-GB,en;q=0.9"), &ada);
    assert!(bed.send(browser, Body::empty()).await.body.contains("<html lang=\"ja\""));
    bed.post("/account/time-zone", &ada, "zone=Europe%2FWarsaw").await;
    let page = bed.get("/account", &ada).await.body;
    assert!(page.contains("value=\"Europe/Warsaw\"") && page.contains("<html lang=\"ja\""));
    assert_eq!(
        bed.post("/account/time-zone", &ada, "zone=Mars%2FOlympus").await.location(),
        "/account?zone=Mars%2FOlympus"
    );
}

#[tokio::test]
async fn pages_of_a_list_visit_every_row_once() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    for n in 0..53 {
        bed.incident(&format!("Q{n:02}"), n, &format!("unique-{n:02}-title"), None, Status::Triggered).await;
    }
    let first = bed.get("/incidents", &ada).await.body;
    let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let second = bed.get(&next, &ada).await.body;
    for n in 0..53 {
        let title = format!("unique-{n:02}-title");
        assert!(first.contains(&title) != second.contains(&title), "{title} stands on one of the two pages");
    }
}

#[tokio::test]
async fn nothing_hostile_is_our_fault() {
    let bed = bed().await;
    let (ada, _) = filled(&bed).await;
    let token = bed.token("t", Role::Admin, Scope::All).await;
    let long = "x".repeat(50_000);
    let nasty = [
        "%00",
        "%ff",
        "%C0%AF",
        "..%2F..%2Fetc%2Fpasswd",
        "%27%20OR%201%3D1--",
        "%3Cscript%3E",
        "-1",
        "0",
        "+5",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "%E2%80%AE",
        "%F0%9F%94%A5",
        "a%0d%0aSet-Cookie:x",
        long.as_str(),
    ];
    for value in nasty {
        for path in [
            format!("/incidents/{value}"),
            format!("/signals/{value}"),
            format!("/setup/{value}"),
            format!("/api/v1/incidents/{value}"),
            format!("/api/v1/inbox/{value}"),
            format!("/static/{value}"),
            format!(
                "/incidents?status={value}&text={value}&since={value}&until={value}&cursor={value}&sort={value}&service={value}"
            ),
            format!("/signals?state={value}&source={value}&cursor={value}"),
            format!("/jobs?state={value}&cursor={value}"),
            format!("/audit?who={value}&act={value}&cursor={value}"),
            format!("/account?done={value}&zone={value}"),
            format!("/backfills?said={value}"),
            format!("/seats?price={value}&currency={value}"),
            format!("/api/v1/backfills/{value}"),
            format!("/sign-in?next={value}"),
            format!("/live?page={value}").replace("/live", "/nolive"),
            format!("/?lang={value}"),
            format!("/api/v1/incidents?text={value}"),
            format!("/api/v1/incidents?cursor={value}"),
            format!("/api/v1/jobs?limit={value}"),
        ] {
            let Ok(request) =
                as_who(Request::get(&path), if path.starts_with("/api") { &token } else { &ada }).body(Body::empty())
            else {
                continue;
            };
            let status = bed.raw(request).await.status();
            assert!(!status.is_server_error(), "{status} {}", &path[..path.len().min(200)]);
        }
        for path in ["/scope", "/account/language", "/account/time-zone", "/people/id-ada/role", "/tokens", "/sign-in"]
        {
            let form = format!(
                "customer={value}&back={value}&language={value}&zone={value}&role={value}&email={value}&password=x&next={value}"
            );
            let status = bed.post(path, &ada, &form).await.status;
            assert!(!status.is_server_error(), "{status} {path} {}", &value[..value.len().min(60)]);
        }
    }
    for cookie in
        ["arayashiki_session=", "arayashiki_session=%00", "=;;;", "arayashiki_customer=%ff; arayashiki_language=xx"]
    {
        let answer = bed.get("/", &format!("{ada}; {cookie}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{cookie}");
        let alone = bed.get("/", &format!("cookie:{cookie}")).await;
        assert_eq!(alone.status, StatusCode::SEE_OTHER, "{cookie}");
    }
    let big = bed.post("/scope", &ada, &format!("customer={}", "x".repeat(70_000))).await;
    assert_eq!(big.status, StatusCode::PAYLOAD_TOO_LARGE);
    let json = as_who(Request::post("/scope").header("content-type", "application/json"), &ada);
    assert_eq!(bed.send(json, "{}").await.status, StatusCode::BAD_REQUEST);
}
