//! What every answer carries, whatever it is; health for strangers; what happens when the store is away.

use crate::bed::{bed, with};
use axum::http::{StatusCode, header};
use model::Scope;
use model::person::Role;

#[tokio::test]
async fn security_headers_are_everywhere() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let css = web::static_files::href("arayashiki.css").unwrap();
    for (path, who) in [
        ("/", ada.as_str()),
        ("/nowhere", &ada),
        ("/people", &ada),
        ("/", ""),
        ("/sign-in", ""),
        ("/setup/x", ""),
        (css.as_str(), ""),
        ("/static/none", ""),
        ("/healthz", ""),
        ("/metrics", ""),
        ("/api/v1/account", ""),
        ("/api/v1/account", &ada),
        ("/%ff", ""),
    ] {
        let answer = bed.get(path, who).await;
        let get = |name: &str| answer.headers.get(name).map_or("", |v| v.to_str().unwrap());
        let policy = get("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(get("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(get("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(!get("referrer-policy").is_empty() && !get("permissions-policy").is_empty(), "{path}");
        assert!(get("strict-transport-security").starts_with("max-age="), "{path}");
        assert_eq!(get("x-request-id").len(), 16, "{path}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path}");
        let caching = get("cache-control");
        let kept = caching.contains("immutable");
        assert_eq!(kept, path == css, "{path}: {caching}");
        assert!(kept || caching == "no-store", "{path}: {caching}");
    }
}

#[tokio::test]
async fn health_is_open_and_tells_no_secret() {
    let bed = bed().await;
    assert_eq!(bed.get("/healthz", "").await.body, "ok\n");
    assert_eq!(bed.get("/readyz", "").await.status, StatusCode::OK);
    let metrics = bed.get("/metrics", "").await;
    assert!(metrics.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    for line in [
        "arayashiki_of_the_process 1\n",
        "arayashiki_lost 0\n",
        "arayashiki_jobs{state=\"dead\"} 0\n",
        "arayashiki_inbox_waiting 0\n",
    ] {
        assert!(metrics.body.contains(line), "{line}");
    }
    assert!(!metrics.body.contains("state=\"done\""), "that would be a walk over every job ever");
}

#[tokio::test]
async fn without_its_store_it_says_so_and_still_lives() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let token = bed.token("t", Role::Viewer, Scope::All).await;
    bed.store.clone().close().await;
    assert_eq!(bed.get("/healthz", "").await.status, StatusCode::OK);
    let ready = bed.get("/readyz", "").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.body.starts_with("not ready: ") && !ready.body.contains('/'), "{}", ready.body);
    assert_eq!(bed.get("/metrics", "").await.status, StatusCode::OK);
    let page = bed.get("/", &ada).await;
    let api = bed.get("/api/v1/account", &token).await;
    for answer in [&page, &api] {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers[header::RETRY_AFTER], "5");
    }
    assert!(
        page.body.contains("<html lang=\"ja\"") && page.body.contains(page.headers["x-request-id"].to_str().unwrap())
    );
    assert_eq!(api.json()["type"], "urn:arayashiki:problem:store-away");
}

#[tokio::test]
async fn a_first_start_says_where_the_link_is() {
    let bed = with(|s| web::Settings { language: web::Language::En, ..s }).await;
    assert!(bed.get("/sign-in", "").await.body.contains("No account exists yet"));
    bed.person("ada", Role::Admin, Scope::All).await;
    assert!(!bed.get("/sign-in", "").await.body.contains("No account exists yet"));
}

#[tokio::test]
async fn a_panic_is_a_page_with_a_reference_and_the_next_request_works() {
    let bed = bed().await;
    bed.breaks.store(true, std::sync::atomic::Ordering::Relaxed);
    let broken = bed.get("/metrics", "").await;
    assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(broken.body.contains(broken.headers["x-request-id"].to_str().unwrap()));
    assert!(!broken.body.contains("told to break"), "what went wrong is for the log");
    bed.breaks.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(bed.get("/metrics", "").await.status, StatusCode::OK);
}
