//! The monitors' checks: what each kind of service complains about, in the customers' two languages.

use serde_json::{Value, json};

use super::Alarm;
use crate::pagerduty::account::Kind;
use crate::pagerduty::dice::Dice;
use crate::pagerduty::events::EventJob;

/// name, title with `{host}` and `{n}`, severity, low and high of the measured value
pub(crate) type Check = (&'static str, &'static str, &'static str, (i64, i64));

const WEB: &[Check] = &[
    ("http_5xx", "HTTP 5xx rate {n}% on {host}", "critical", (3, 40)),
    ("response", "{host} 応答遅延 {n}ms", "error", (1500, 9000)),
    ("disk", "ディスク使用率{n}%超過 {host}", "warning", (85, 98)),
    ("cert", "TLS certificate of {host} ends in {n} days", "warning", (2, 14)),
    ("memory", "メモリ使用率{n}% {host}", "error", (90, 99)),
];
const DATABASE: &[Check] = &[
    ("replication", "Replication lag {n}s on {host}", "error", (30, 900)),
    ("connections", "接続数が上限の{n}%に到達 {host}", "critical", (90, 100)),
    ("slow_query", "Slow queries: {n} in 5 minutes on {host}", "warning", (20, 400)),
    ("disk", "ディスク使用率{n}%超過 {host}", "error", (90, 99)),
    ("deadlock", "デッドロック検知 {n}件 {host}", "warning", (1, 12)),
];
const PAYMENT: &[Check] = &[
    ("latency", "決済APIの応答遅延 p99 {n}ms", "critical", (1200, 8000)),
    ("decline", "決済エラー率 {n}%", "critical", (2, 25)),
    ("gateway", "Card network link down ({host})", "critical", (1, 3)),
    ("queue", "Payment queue holds {n} messages", "error", (500, 20_000)),
];
const BATCH: &[Check] = &[
    ("backup", "backup job failed on {host}", "error", (1, 3)),
    ("settlement", "精算バッチが予定時刻を{n}分超過", "error", (10, 90)),
    ("report", "Report job {host} ended with exit code {n}", "warning", (1, 127)),
];
const NETWORK: &[Check] = &[
    ("ping", "{host} does not answer to ping", "critical", (3, 10)),
    ("vpn", "VPNトンネル切断 {host}", "critical", (1, 4)),
    ("loss", "Packet loss {n}% on {host}", "error", (5, 60)),
    ("bandwidth", "回線使用率{n}% {host}", "warning", (80, 99)),
];
const WAREHOUSE: &[Check] = &[
    ("scanner", "ハンディ端末 {n}台が未接続", "error", (3, 40)),
    ("label", "Label printer queue stuck at {host}", "warning", (10, 80)),
    ("stock_sync", "在庫同期が{n}分停止", "critical", (10, 60)),
    ("disk", "ディスク使用率{n}%超過 {host}", "warning", (85, 97)),
];

pub(crate) fn of(kind: Kind) -> &'static [Check] {
    match kind {
        Kind::Web => WEB,
        Kind::Database => DATABASE,
        Kind::Payment => PAYMENT,
        Kind::Batch => BATCH,
        Kind::Network => NETWORK,
        Kind::Warehouse => WAREHOUSE,
    }
}

fn host(kind: Kind, dice: &mut Dice) -> String {
    let names: &[&str] = match kind {
        Kind::Web => &["web01", "web02", "web03", "web04", "cdn-origin"],
        Kind::Database => &["db-primary", "db-replica1", "db-replica2"],
        Kind::Payment => &["pay-api-1", "pay-api-2", "gw-east", "gw-west"],
        Kind::Batch => &["batch01", "batch02", "nas01", "db-primary"],
        Kind::Network => &["rt-sendai", "rt-kobe", "vpn-hq", "sw-core1"],
        Kind::Warehouse => &["wms-sendai", "wms-kobe"],
    };
    (*dice.pick(names)).to_owned()
}

/// One event of a monitor, ready to be sent again.
#[derive(Debug, Clone)]
pub(crate) struct Firing {
    pub alarm: Alarm,
    event: Value,
}

impl Firing {
    pub(crate) fn job(&self, action: &str) -> EventJob {
        EventJob::of_service(self.alarm.service, action, &self.alarm.key, self.event.clone())
    }
}

/// Some check of the service goes off. `only` picks a check by name when the service has it.
pub(crate) fn fire(dice: &mut Dice, service: usize, kind: Kind, only: Option<&str>) -> Firing {
    let checks = of(kind);
    let chosen = only.and_then(|name| checks.iter().find(|c| c.0 == name));
    let (name, title, severity, (low, high)) = *chosen.unwrap_or_else(|| dice.pick(checks));
    let host = host(kind, dice);
    let value = dice.between(low, high);
    let summary = title.replace("{host}", &host).replace("{n}", &value.to_string());
    let event = json!({
        "client": "Hoshizora Monitor", "client_url": "https://monitor.example.com/",
        "links": [{ "href": format!("https://monitor.example.com/hosts/{host}/{name}"), "text": "Graph" }],
        "payload": {
            "summary": summary, "source": format!("{host}.example.com"), "severity": severity, "component": host, "class": name,
            "custom_details": {
                "host": host, "check": name, "value": value, "threshold": low, "attempts": format!("{}/3", dice.between(2, 3)),
                "output": format!("{} - {name} is {value} (threshold {low})", severity.to_uppercase()),
            },
        },
    });
    Firing { alarm: Alarm { service, key: format!("{host}/{name}") }, event }
}
