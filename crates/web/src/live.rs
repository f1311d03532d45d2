//! `GET /live`: a stream that says `changed` when there may be news, so that a page reads itself again. Carries no data
//! of its own; ends when the session does.

use crate::auth::{Asked, Reader, lives};
use crate::problem::Fault;
use crate::state::{PULSE_AGE, Web};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::sync::futures::OwnedNotified;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Open streams, all people together. Who comes later reads the page again by himself from time to time.
const MOST_STREAMS: usize = 512;
/// At most one event in this time, however much happens.
const QUIET: Duration = Duration::from_secs(1);
/// After a ring the page is told once more: counts are kept for a moment, and what it read may be from before the ring.
const ECHO: Duration = PULSE_AGE.saturating_add(QUIET);
const BEAT: Duration = Duration::from_secs(15);
/// When a browser whose stream broke comes again.
const RETRY: Duration = Duration::from_secs(3);

#[derive(Clone)]
struct Live {
    store: Store,
    show: Arc<Notify>,
    stop: CancellationToken,
    streams: Arc<Semaphore>,
}

/// For behind the gate.
pub(crate) fn routes(web: &Web) -> Router {
    let live = Live {
        store: web.store.clone(),
        show: web.show.clone(),
        stop: web.stop.clone(),
        streams: Arc::new(Semaphore::new(MOST_STREAMS)),
    };
    Router::new().route("/live", get(listen)).with_state(live)
}

struct Stream {
    live: Live,
    asked: Arc<Asked>,
    /// Made before the event that precedes it is sent, so that no ring between the two is lost.
    bell: Pin<Box<OwnedNotified>>,
    last: Instant,
    begun: bool,
    /// The last ring has yet to be told once more.
    echo: bool,
    _slot: OwnedSemaphorePermit,
}

async fn listen(State(live): State<Live>, reader: Reader) -> Result<Response, Fault> {
    let slot = live.streams.clone().try_acquire_owned();
    let slot = slot.map_err(|_| Fault::Away { why: "too many live streams".into() })?;
    let bell = Box::pin(live.show.clone().notified_owned());
    let stream =
        Stream { live, asked: reader.asked, bell, last: Instant::now(), begun: false, echo: false, _slot: slot };
    let events = futures_util::stream::unfold(stream, |mut stream| async move {
        let event = stream.next().await?;
        Some((Ok::<_, Infallible>(event), stream))
    });
    let mut response = Sse::new(events).into_response();
    // Proxies that hold answers back until they are whole would hold this one for ever.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

impl Stream {
    async fn next(&mut self) -> Option<Event> {
        if !self.begun {
            self.begun = true;
            return Some(Event::default().comment("open").retry(RETRY));
        }
        let rung = tokio::select! {
            () = self.live.stop.cancelled() => return None,
            () = self.bell.as_mut() => true,
            () = tokio::time::sleep(if self.echo { ECHO } else { BEAT }) => false,
        };
        if rung {
            tokio::select! {
                () = self.live.stop.cancelled() => return None,
                () = tokio::time::sleep_until(self.last + QUIET) => {}
            }
            self.bell = Box::pin(self.live.show.clone().notified_owned());
        }
        if !lives(&self.live.store, &self.asked).await {
            return None;
        }
        if !rung && !self.echo {
            return Some(Event::default().comment("beat"));
        }
        self.echo = rung;
        self.last = Instant::now();
        Some(Event::default().event("changed").data("1"))
    }
}
