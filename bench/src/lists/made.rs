//! The store that lists are measured against: a million incidents over three years, most of them resolved, written
//! through the store's own door. The same for a seed; made once and kept beside the program.

use crate::say;
use anyhow::{Context, Result};
use model::Micros;
use model::incident::{Incident, IncidentData, Ref, Status, Urgency};
use std::path::{Path, PathBuf};
use std::time::Instant;
use store::{Clock, Options, Place, Store, incidents};

/// Changes when what is made changes.
const VERSION: u32 = 2;
const AT_ONCE: i64 = 1_000;
const FIRST_S: i64 = 1_700_000_000;
pub const SPAN_S: i64 = 3 * 365 * 86_400;
/// The newest are open.
const OPEN: i64 = 300;

pub struct Made {
    pub store: Store,
    pub file: PathBuf,
    pub incidents: i64,
    pub saves_per_s: Option<f64>,
}

pub async fn store(data: &Path, incidents: i64) -> Result<Made> {
    let file = data.join(format!("lists-{VERSION}-{incidents}.db"));
    let part = data.join(format!("lists-{VERSION}-{incidents}.part"));
    let mut saves_per_s = None;
    if !file.is_file() {
        for left in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{left}", part.display()));
        }
        saves_per_s = Some(fill(&part, incidents).await?);
        beside(&part, incidents)?;
        std::fs::rename(&part, &file)?;
    }
    let store = open(&file)?;
    store.probe().await?;
    // As a server does within two minutes of its start.
    store.write("tally", |tx| Box::pin(store::receipts::tally(tx))).await?;
    let tally = store.read(|tx| Box::pin(store::receipts::recount(tx))).await?;
    store.write("tally", move |tx| Box::pin(async move { store::receipts::keep_tally(tx, &tally).await })).await?;
    Ok(Made { store, file, incidents, saves_per_s })
}

pub fn open(file: &Path) -> Result<Store> {
    let options = Options { place: Place::Sqlite(file.to_path_buf()), readers: 1, clock: Clock::default() };
    Store::open(options).context("opening the store")
}

async fn fill(file: &Path, incidents: i64) -> Result<f64> {
    let store = open(file)?;
    let begun = Instant::now();
    let mut n = 0;
    while n < incidents {
        let to = (n + AT_ONCE).min(incidents);
        let group: Vec<_> = (n..to).map(|n| one(n, incidents)).collect();
        let unit = store.write("fill", move |tx| {
            Box::pin(async move {
                for (incident, customer) in &group {
                    incidents::save(tx, incident, customer.as_deref(), 4, Some(incident.changed_at)).await?;
                }
                Ok(())
            })
        });
        unit.await?;
        if to % 100_000 == 0 {
            say(&format!("lists: {to} made, {:.0}/s", to as f64 / begun.elapsed().as_secs_f64()));
        }
        n = to;
    }
    let rate = incidents as f64 / begun.elapsed().as_secs_f64();
    store.close().await;
    Ok(rate)
}

/// Signals and jobs as such a history leaves them, so that what counts them has something to count.
fn beside(file: &Path, incidents: i64) -> Result<()> {
    say("lists: signals and jobs");
    let conn = rusqlite::Connection::open(file)?;
    let many = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {incidents})");
    conn.execute_batch(&format!(
        "BEGIN;
         INSERT INTO inbox (key, source, received_at, origin, state, subject, digest, headers, raw)
           {many} SELECT randomblob(32), 'pagerduty', i, 'live', 'read', 'Q' || i, randomblob(32), '{{}}', zeroblob(200) FROM n;
         INSERT INTO receipt (source, shard, received, duplicates, last_at) VALUES ('pagerduty', 0, {incidents}, 0, 1);
         INSERT INTO job (action, queue, lane, destination, customer, priority, version, payload, state, blocking, due,
             token, spent, created_at, ended_at)
           {many} SELECT 'a' || i, 'live', 'l' || i, 'pagerduty', 'c' || (i % 12), 5, 1, '{{}}', 'done', 0, i, 1, 0, i, i FROM n;
         COMMIT;
         PRAGMA wal_checkpoint(TRUNCATE);"
    ))?;
    Ok(())
}

/// A number without a pattern.
pub fn mix(n: i64, salt: u64) -> usize {
    let mut x = n.unsigned_abs().wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(1);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((x ^ (x >> 31)) >> 1).unwrap_or(0)
}

const SYSTEMS: [&str; 40] = [
    "payment-api",
    "checkout",
    "決済サービス",
    "認証基盤",
    "user-db",
    "order-db",
    "在庫管理",
    "search-index",
    "cdn-edge",
    "配信サーバー",
    "batch-runner",
    "夜間バッチ",
    "mail-relay",
    "メール配信",
    "kafka-broker",
    "redis-cache",
    "storage-gw",
    "ストレージ",
    "vpn-gateway",
    "dns-resolver",
    "ロードバランサ",
    "k8s-node",
    "web-front",
    "管理画面",
    "report-job",
    "帳票出力",
    "sms-gateway",
    "log-pipeline",
    "監視サーバー",
    "backup-agent",
    "バックアップ",
    "ldap",
    "会員サイト",
    "image-proxy",
    "広告配信",
    "pos-連携",
    "erp-bridge",
    "基幹システム",
    "iot-hub",
    "倉庫端末",
];
const TROUBLES: [&str; 30] = [
    "CPU usage above 95%",
    "応答遅延",
    "disk almost full",
    "ディスク使用率 90% 超過",
    "connection refused",
    "接続エラー",
    "5xx rate high",
    "障害を検知",
    "memory leak suspected",
    "メモリ不足",
    "queue length growing",
    "キュー滞留",
    "certificate expires soon",
    "証明書期限切れ間近",
    "replication lag",
    "レプリケーション遅延",
    "health check failed",
    "死活監視アラート",
    "pod restarting",
    "プロセス停止",
    "timeout while calling upstream",
    "タイムアウト多発",
    "login failures",
    "ログイン失敗増加",
    "packet loss",
    "パケットロス",
    "job did not finish",
    "処理未完了",
    "no data received",
    "データ未着",
];

pub fn title(n: i64) -> String {
    let system = SYSTEMS[mix(n, 1) % SYSTEMS.len()];
    // Some troubles are common, some are rare.
    let at = mix(n, 2) % TROUBLES.len();
    let trouble = TROUBLES[at * (mix(n, 3) % TROUBLES.len() + 1) / TROUBLES.len()];
    let grade = if mix(n, 4) % 10 < 4 { "Critical: " } else { "" };
    format!(
        "{grade}[{}] {system} {trouble} (host{:03}, #{})",
        ["prod", "本番", "stg"][mix(n, 5) % 3],
        mix(n, 6) % 400,
        n % 97
    )
}

fn named(kind: &str, name: &str, n: usize) -> Ref {
    Ref { id: format!("P{kind}{n:04}"), name: format!("{name} {n:02}"), url: None }
}

/// The service of an incident: a few are busy, two were given up long ago.
fn service(n: i64, incidents: i64) -> usize {
    let service = (mix(n, 7) % 80) * (mix(n, 8) % 80 + 1) / 80;
    if service < 78 || n < incidents / 3 { service } else { service - 40 }
}

pub fn created(n: i64, incidents: i64) -> i64 {
    FIRST_S + SPAN_S / incidents.max(1) * n + i64::try_from(mix(n, 9) % 60).unwrap_or(0)
}

fn one(n: i64, incidents: i64) -> (Incident, Option<String>) {
    let service = service(n, incidents);
    let customer = service % 13;
    let created_s = created(n, incidents);
    let is_open = n >= incidents - OPEN;
    let status = match (is_open, n % 3) {
        (false, _) => Status::Resolved,
        (true, 0) => Status::Acknowledged,
        (true, _) => Status::Triggered,
    };
    let lasted_s = i64::try_from(60 + mix(n, 10) % 7_200 * (mix(n, 11) % 12 + 1)).unwrap_or(60);
    let changed_at = Micros::from_seconds(created_s + lasted_s);
    let has_assignee = is_open || n % 50 == 0;
    let data = IncidentData {
        id: format!("Q{:013}", n * 7 + 1),
        number: Some(n + 1),
        title: title(n),
        status,
        urgency: if mix(n, 12) % 5 < 2 { Urgency::Low } else { Urgency::High },
        html_url: Some(format!("https://acme.example/incidents/Q{n:013}")),
        incident_key: Some(format!("key-{n}")),
        incident_type: None,
        created_at: Some(Micros::from_seconds(created_s)),
        updated_at: Some(changed_at),
        resolved_at: (!is_open).then_some(changed_at),
        service: Some(named("S", "サービス service", service)),
        teams: vec![named("T", "team", service % 6)],
        assignees: if has_assignee { vec![named("U", "person", mix(n, 13) % 40)] } else { Vec::new() },
        escalation_policy: Some(named("E", "policy", service % 20)),
        priority: (n % 4 == 0).then(|| named("P", "P", 1)),
        acknowledgements: None,
        resolve_reason: None,
        alert_counts: None,
        conference_bridge: None,
    };
    let incident = Incident {
        data,
        acknowledged_at: Some(Micros::from_seconds(created_s + 45)),
        acknowledgements: Vec::new(),
        notes: Vec::new(),
        alerts: Vec::new(),
        snapshot_at: Some(changed_at),
        stale: false,
        changed_at,
    };
    (incident, (customer < 12).then(|| format!("c{customer}")))
}
