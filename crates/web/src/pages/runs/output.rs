//! All that one stream of a step said: as plain text to be looked at, or as the very bytes in a file. Nothing of it is ever taken
//! for a page: it goes out as text or as a download, and browsers are told not to guess.

use crate::auth::Reader;
use crate::outputs::{self, NotHad, PROBED_BYTES, is_text};
use crate::pages::Asks;
use crate::pages::signals::number;
use crate::problem::Fault;
use crate::state::Desk;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use model::Scope;
use serde::Deserialize;
use store::runs::{self, Step};

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

pub(crate) async fn serve(
    desk: &Desk,
    reader: &Reader,
    (run, n): (i64, i64),
    stream: Stream,
    is_download: bool,
) -> Result<Response, Fault> {
    let scope = &reader.person.scope;
    let (host, step) = find(desk, scope, (run, n)).await?;
    let Had { is_text, kept, body } = match whole(desk, &step, stream).await {
        Some(had) => had,
        None => beginning(desk, scope, &step, stream).await?,
    };
    // What no person can read is no text, whatever was asked for.
    let (kind, place) = match is_download || !is_text {
        true => ("application/octet-stream", "attachment"),
        false => ("text/plain; charset=utf-8", "inline"),
    };
    let name = format!("{}-{run}-{n}-{}.{}", plain(&host), plain(&step.name), stream.as_str());
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("{place}; filename=\"{name}\"")),
        (KEPT, kept.to_owned()),
    ];
    Ok((headers, body).into_response())
}

/// What a stream said.
struct Had {
    is_text: bool,
    /// whole, or beginning where only that is left.
    kept: &'static str,
    body: Body,
}

async fn find(desk: &Desk, scope: &Scope, (run, n): (i64, i64)) -> Result<(String, Step), Fault> {
    let scope = scope.clone();
    let found = desk.store.read(move |tx| {
        let scope = scope.clone();
        Box::pin(async move {
            let Some(whole) = runs::find(tx, &scope, run).await? else { return Ok(None) };
            Ok(runs::step(tx, &scope, run, n).await?.map(|step| (whole.host, step)))
        })
    });
    found.await?.ok_or(Fault::NotFound)
}

/// All of it, from the evidence store, sent as it is read. `None`: it is not there, or can't be had.
async fn whole(desk: &Desk, step: &Step, stream: Stream) -> Option<Had> {
    let kept = outputs::whole(&step.output);
    let stored = outputs::of(&kept, stream.as_str())?;
    let said = |why: NotHad| {
        tracing::warn!(%why, run = step.run, step = step.n, "what a step said can't be had whole");
    };
    let opened = desk.outputs.open(&stored.object).await.map_err(said).ok()?;
    let probe = opened.read(0, PROBED_BYTES).await.map_err(|why| said(why.into())).ok()?;
    // An error on the way cuts the connection: half of it must not look whole.
    let pieces = unfold(Some(opened), |opened| async move {
        let mut opened = opened?;
        match opened.next().await {
            Ok(None) => None,
            Ok(Some(piece)) => Some((Ok(Bytes::from(piece)), Some(opened))),
            Err(why) => Some((Err(why), None)),
        }
    });
    Some(Had { is_text: is_text(&probe), kept: "whole", body: Body::from_stream(pieces) })
}

/// The pieces in the database; they are all there is while a step runs, and where the evidence store took nothing.
async fn beginning(desk: &Desk, scope: &Scope, step: &Step, stream: Stream) -> Result<Had, Fault> {
    let (scope, run, n) = (scope.clone(), step.run, step.n);
    let pieces = desk.store.read(move |tx| Box::pin(async move { runs::output(tx, &scope, run, n).await })).await?;
    let own = pieces.into_iter().filter(|piece| piece.stream == stream.as_str());
    let bytes: Vec<u8> = own.flat_map(|piece| piece.body).collect();
    let is_stored = outputs::of(&outputs::whole(&step.output), stream.as_str()).is_some();
    let kept = if is_stored { "beginning" } else { "whole" };
    Ok(Had { is_text: is_text(&bytes), kept, body: Body::from(bytes) })
}

/// Letters that mean nothing in a header or a file's name.
fn plain(text: &str) -> String {
    let kept = text.chars().take(MOST_NAME_CHARS);
    kept.map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' }).collect()
}
