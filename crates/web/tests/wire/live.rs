//! The stream: one `changed` however often the bell rings at once, and none for those who may no longer see.

use crate::bed::{Bed, as_who, bed};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use model::Scope;
use model::person::Role;
use store::accounts;

async fn listen(bed: &Bed, who: &str) -> Body {
    let request = as_who(Request::get("/live?page=now"), who).body(Body::empty()).unwrap();
    let response = bed.raw(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    response.into_body()
}

/// The next piece of a stream; `None` at its end.
async fn piece(body: &mut Body) -> Option<String> {
    let frame = body.frame().await?.unwrap();
    Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn rings_become_events_and_many_at_once_become_one() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let mut body = listen(&bed, &ada).await;
    assert!(piece(&mut body).await.unwrap().contains("retry"));
    for _ in 0..50 {
        bed.show.notify_waiters();
    }
    assert_eq!(piece(&mut body).await.unwrap(), "event: changed\ndata: 1\n\n");
    // What was read at the ring may have been counted just before it: once more, a moment later.
    assert_eq!(piece(&mut body).await.unwrap(), "event: changed\ndata: 1\n\n");
    // A ring that comes while nobody reads from the stream is not lost.
    bed.show.notify_waiters();
    assert_eq!(piece(&mut body).await.unwrap(), "event: changed\ndata: 1\n\n");
}

#[tokio::test]
async fn the_stream_ends_with_the_session_and_with_the_server() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let ben = bed.person("ben", Role::Viewer, Scope::All).await;
    let (mut a, mut b) = (listen(&bed, &ada).await, listen(&bed, &ben).await);
    piece(&mut a).await.unwrap();
    piece(&mut b).await.unwrap();
    bed.store
        .write("test", |tx| Box::pin(async move { accounts::set_disabled(tx, "id-ada", true).await }))
        .await
        .unwrap();
    bed.show.notify_waiters();
    assert_eq!(piece(&mut a).await, None);
    assert!(piece(&mut b).await.is_some());
    bed.stop.cancel();
    assert_eq!(piece(&mut b).await, None);
}
