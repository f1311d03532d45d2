//! The floor: the least that a durable receiver on SQLite can do. The same HTTP server, signature, schema, row and
//! receipt as ours, one writer in one loop, and nothing else: no limits, no workers, no pages.

use crate::clock;
use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::sync::{mpsc, oneshot};

/// The very file that ours is made from.
const SCHEMA: &str = include_str!("../../crates/store/ddl/sqlite/0001_first.sql");
const MOST_ROWS: usize = 1_024;
const QUEUE: usize = 4_096;
const SOURCE: &str = "pagerduty";
const INSERT: &str = "INSERT INTO inbox (key, source, received_at, origin, state, digest, headers, raw) \
     VALUES (?1, ?2, ?3, 'live', 'new', ?4, ?5, ?6) ON CONFLICT (key) DO NOTHING";
const RECEIPT: &str = "INSERT INTO receipt (source, shard, received, duplicates, last_at) VALUES (?1, 0, ?2, ?3, ?4) \
     ON CONFLICT (source, shard) DO UPDATE SET received = receipt.received + excluded.received, \
     duplicates = receipt.duplicates + excluded.duplicates, last_at = excluded.last_at";

#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[arg(long)]
    pub listen: SocketAddr,
    #[arg(long)]
    pub db: PathBuf,
    #[arg(long, default_value = crate::payload::SECRET)]
    pub secret: String,
}

struct Row {
    key: [u8; 16],
    digest: [u8; 32],
    received_at: i64,
    headers: String,
    raw: Bytes,
    reply: oneshot::Sender<bool>,
}

#[derive(Clone)]
struct Floor {
    key: Hmac<Sha256>,
    rows: mpsc::Sender<Row>,
}

pub fn run(args: &Args) -> Result<()> {
    let mut conn = open(&args.db)?;
    let (rows, mut queue) = mpsc::channel(QUEUE);
    std::thread::Builder::new().name("floor-writer".into()).spawn(move || {
        let mut group = Vec::with_capacity(MOST_ROWS);
        while queue.blocking_recv_many(&mut group, MOST_ROWS) > 0 {
            let written = write(&mut conn, &group).is_ok();
            for row in group.drain(..) {
                let _ = row.reply.send(written);
            }
        }
    })?;
    let floor = Floor { key: Hmac::new_from_slice(args.secret.as_bytes())?, rows };
    let router = Router::new()
        .route("/webhooks/pagerduty", post(receive))
        .route("/readyz", get(|| async { "ready" }))
        .with_state(floor);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen).await?.tap_io(|stream| {
            // Without it an answer would still be one packet; it only fails on a connection that is gone.
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await.context("serving")
    })
}

/// As ours is set, but for the checkpoints, which SQLite does itself in the commit that crosses its default limit.
fn open(path: &Path) -> Result<Connection> {
    let conn = Connection::open(path).with_context(|| format!("opening {}", path.display()))?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "cache_size", -16_384)?;
    conn.execute_batch(SCHEMA)?;
    Ok(conn)
}

fn write(conn: &mut Connection, group: &[Row]) -> rusqlite::Result<()> {
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut new = 0;
    let mut last_at = 0;
    {
        let mut insert = tx.prepare_cached(INSERT)?;
        for row in group {
            let (key, digest) = (&row.key[..], &row.digest[..]);
            new += insert.execute(params![key, SOURCE, row.received_at, digest, row.headers, &row.raw[..]])?;
            last_at = last_at.max(row.received_at);
        }
        let duplicates = group.len() - new;
        tx.prepare_cached(RECEIPT)?.execute(params![SOURCE, group.len() as i64, duplicates as i64, last_at])?;
    }
    tx.commit()
}

async fn receive(State(floor): State<Floor>, headers: HeaderMap, raw: Bytes) -> StatusCode {
    if !is_signed(&floor, &headers, &raw) {
        return StatusCode::UNAUTHORIZED;
    }
    let (reply, answer) = oneshot::channel();
    if floor.rows.try_send(row(&headers, raw, reply)).is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    match answer.await {
        Ok(true) => StatusCode::ACCEPTED,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn is_signed(floor: &Floor, headers: &HeaderMap, raw: &[u8]) -> bool {
    let given = text(headers, "x-pagerduty-signature").and_then(|header| header.strip_prefix("v1="));
    let mut signature = [0u8; 32];
    if given.is_none_or(|digits| hex::decode_to_slice(digits, &mut signature).is_err()) {
        return false;
    }
    let mut mac = floor.key.clone();
    mac.update(raw);
    mac.verify_slice(&signature).is_ok()
}

fn row(headers: &HeaderMap, raw: Bytes, reply: oneshot::Sender<bool>) -> Row {
    let id = text(headers, "x-webhook-id").unwrap_or_default();
    let digest: [u8; 32] = Sha256::digest(&raw).into();
    let mut hash = Sha256::new();
    for part in [SOURCE.as_bytes(), id.as_bytes(), &digest] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut key = [0u8; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    let kept = serde_json::json!({
        "x-webhook-id": id,
        "x-webhook-subscription": text(headers, "x-webhook-subscription"),
        "content-type": text(headers, "content-type"),
        "user-agent": text(headers, "user-agent"),
    });
    let received_at = i64::try_from(clock::now_us()).unwrap_or(0);
    Row { key, digest, received_at, headers: kept.to_string(), raw, reply }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{Maker, SECRET, Shape};
    use axum::http::{HeaderName, HeaderValue};

    fn delivery(i: u64) -> (HeaderMap, Bytes) {
        let mut out = Vec::new();
        Maker::new(Shape::Pagerduty, 1, 1_790_000_000_000, 3).append(i, &mut out);
        let text = String::from_utf8(out).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let headers = head.lines().filter_map(|line| line.split_once(": ")).map(|(name, value)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        });
        (headers.collect(), Bytes::from(body.to_owned()))
    }

    #[test]
    fn a_group_becomes_rows_and_a_receipt_and_a_repeat_is_counted_as_one() {
        let folder = std::env::temp_dir().join(format!("bench-floor-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut conn = open(&folder.join("floor.db")).unwrap();
        let group: Vec<Row> = [0, 1, 2, 1]
            .iter()
            .map(|i| {
                let (headers, raw) = delivery(*i);
                row(&headers, raw, oneshot::channel().0)
            })
            .collect();
        write(&mut conn, &group).unwrap();
        write(&mut conn, &group[..1]).unwrap();
        let count = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM inbox WHERE state = 'new' AND length(raw) > 1000"), 3);
        assert_eq!(count("SELECT received FROM receipt"), 5);
        assert_eq!(count("SELECT duplicates FROM receipt"), 2);
        assert_eq!(count("PRAGMA synchronous"), 2);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn only_a_delivery_under_the_secret_is_signed() {
        let floor = Floor { key: Hmac::new_from_slice(SECRET.as_bytes()).unwrap(), rows: mpsc::channel(1).0 };
        let (headers, raw) = delivery(4);
        assert!(is_signed(&floor, &headers, &raw));
        assert!(!is_signed(&floor, &headers, &raw[1..]));
        assert!(!is_signed(&floor, &HeaderMap::new(), &raw));
    }
}
