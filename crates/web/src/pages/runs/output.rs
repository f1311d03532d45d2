//! All that one stream of a step said: as plain text to be looked at, or as the very bytes in a file. Nothing of it is ever taken
//! for a page: it goes out as text or as a download, and browsers are told not to guess.

use crate::auth::Reader;
use crate::outputs::{Whole, is_text};
use crate::pages::Asks;
use crate::pages::signals::number;
use crate::problem::Fault;
use crate::state::Desk;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::iter;
use model::Scope;
use serde::Deserialize;
use std::convert::Infallible;
use store::runs::{self, Step};

/// Sent at once; what is long goes out in pieces of this size.
const PIECE_BYTES: usize = 64 * 1024;
/// Of a host's name and a step's, in the name of a file.
const MOST_NAME_CHARS: usize = 60;
const KEPT: HeaderName = HeaderName::from_static("x-arayashiki-kept");

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Query {
    download: String,
}

/// One of a step's two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

impl Stream {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "out" => Some(Self::Out),
            "err" => Some(Self::Err),
            _ => None,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Err => "err",
        }
    }
}

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path((run, n, stream)): Path<(String, String, String)>,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let stream = Stream::parse(&stream).ok_or(Fault::NotFound)?;
    let n = n.parse().ok().filter(|n| (0..=i64::from(u32::MAX)).contains(n)).ok_or(Fault::NotFound)?;
    serve(&desk, &reader, (number(&run)?, n), stream, !query.download.is_empty()).await
}

/// What a stream said, whole where that is known, with whether it is.
struct Had {
    step: Step,
    host: String,
    bytes: Bytes,
    /// whole, or beginning where only that is left.
    kept: &'static str,
}

pub(crate) async fn serve(
    desk: &Desk,
    reader: &Reader,
    (run, n): (i64, i64),
    stream: Stream,
    is_download: bool,
) -> Result<Response, Fault> {
    let had = had(desk, &reader.person.scope, (run, n), stream).await?;
    // What no person can read is no text, whatever was asked for.
    let is_file = is_download || !is_text(&had.bytes);
    let (kind, place) =
        if is_file { ("application/octet-stream", "attachment") } else { ("text/plain; charset=utf-8", "inline") };
    let name = format!("{}-{run}-{}-{}.{}", plain(&had.host), n, plain(&had.step.name), stream.as_str());
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("{place}; filename=\"{name}\"")),
        (KEPT, had.kept.to_owned()),
    ];
    let bytes = if is_file { had.bytes } else { readable(had.bytes) };
    Ok((headers, body(bytes)).into_response())
}

/// Bytes that are no UTF-8 become a sign each, so that all that is sent is what it says it is.
fn readable(bytes: Bytes) -> Bytes {
    match std::str::from_utf8(&bytes) {
        Ok(_) => bytes,
        Err(_) => Bytes::from(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

fn body(bytes: Bytes) -> Body {
    let ends = (0..bytes.len()).step_by(PIECE_BYTES);
    let pieces: Vec<Result<Bytes, Infallible>> =
        ends.map(|at| Ok(bytes.slice(at..bytes.len().min(at + PIECE_BYTES)))).collect();
    Body::from_stream(iter(pieces))
}

async fn had(desk: &Desk, scope: &Scope, (run, n): (i64, i64), stream: Stream) -> Result<Had, Fault> {
    let of = scope.clone();
    let found = desk.store.read(move |tx| {
        Box::pin(async move {
            let Some(whole) = runs::find(tx, &of, run).await? else { return Ok(None) };
            Ok(runs::step(tx, &of, run, n).await?.map(|step| (whole.host, step)))
        })
    });
    let (host, step) = found.await?.ok_or(Fault::NotFound)?;
    if let Some(stored) = Whole::read(&step.output).of(stream.as_str()) {
        match desk.outputs.whole(&stored.object).await {
            Ok(bytes) => return Ok(Had { step, host, bytes, kept: "whole" }),
            Err(why) => tracing::warn!(%why, run, step = n, "what a step said can't be had whole"),
        }
    }
    let (bytes, kept) = beginning(desk, scope, &step, stream).await?;
    Ok(Had { step, host, bytes, kept })
}

/// The pieces in the database; they are all there is while a step runs, and where the evidence store took nothing.
async fn beginning(desk: &Desk, scope: &Scope, step: &Step, stream: Stream) -> Result<(Bytes, &'static str), Fault> {
    let (of, run, n) = (scope.clone(), step.run, step.n);
    let pieces = desk.store.read(move |tx| Box::pin(async move { runs::output(tx, &of, run, n).await })).await?;
    let own = pieces.into_iter().filter(|piece| piece.stream == stream.as_str());
    let bytes: Vec<u8> = own.flat_map(|piece| piece.body).collect();
    let is_stored = Whole::read(&step.output).of(stream.as_str()).is_some();
    Ok((Bytes::from(bytes), if is_stored { "beginning" } else { "whole" }))
}

/// Letters that mean nothing in a header or a file's name.
fn plain(text: &str) -> String {
    let kept = text.chars().take(MOST_NAME_CHARS);
    kept.map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' }).collect()
}
