//! What can be wrong with a host, and how an alert's words name it. What each trouble looks like on a host stands in `machine`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trouble", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trouble {
    /// The file system that grows on this host.
    DiskFull {
        #[serde(default = "ninety_six")]
        percent: u8,
    },
    InodesFull,
    /// Memory is used up and the kernel has killed for it.
    Oom,
    HighLoad,
    /// What the host is there for does not run.
    ServiceDown,
    /// The web server answers with errors of what stands behind it.
    UpstreamErrors,
    DbLocked,
    DbConnections,
    SlowQueries,
    ReplicationLag {
        #[serde(default = "four_minutes")]
        seconds: u32,
    },
    /// Days that are left; below 0 it is over.
    CertExpired {
        #[serde(default = "yesterday")]
        days: i64,
    },
    DnsBroken,
    ClockOff {
        #[serde(default = "ninety")]
        seconds: i64,
    },
    ContainerRestarting,
    PacketLoss,
    LinkDown,
    JobFailed {
        #[serde(default = "one")]
        code: u8,
    },
    QueueFull,
    HeapFull,
}

fn ninety_six() -> u8 {
    96
}

fn four_minutes() -> u32 {
    240
}

fn yesterday() -> i64 {
    -1
}

fn ninety() -> i64 {
    90
}

fn one() -> u8 {
    1
}

/// A trouble that lies over a host, or has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Laid {
    pub trouble: Trouble,
    pub since: Timestamp,
    pub ended: Option<Timestamp>,
}

/// Words of checks, and what they are about; the first that fits counts.
const WORDS: &[(&[&str], Trouble)] = &[
    (&["inode"], Trouble::InodesFull),
    (&["disk", "ディスク"], Trouble::DiskFull { percent: 96 }),
    (&["cert"], Trouble::CertExpired { days: 3 }),
    (&["heap"], Trouble::HeapFull),
    (&["memory", "メモリ"], Trouble::Oom),
    (&["http_5xx", "decline", "エラー率"], Trouble::UpstreamErrors),
    (&["replication", "レプリケーション"], Trouble::ReplicationLag { seconds: 240 }),
    (&["connections", "接続数"], Trouble::DbConnections),
    (&["slow_query", "slow quer"], Trouble::SlowQueries),
    (&["deadlock", "デッドロック", "lock"], Trouble::DbLocked),
    (&["queue", "キュー"], Trouble::QueueFull),
    (&["backup", "report", "settlement", "バックアップ", "バッチ"], Trouble::JobFailed { code: 1 }),
    (&["scanner", "label", "stock_sync", "container"], Trouble::ContainerRestarting),
    (&["dns", "名前解決"], Trouble::DnsBroken),
    (&["clock", "ntp", "時刻"], Trouble::ClockOff { seconds: 90 }),
    (&["loss", "bandwidth", "ping"], Trouble::PacketLoss),
    (&["vpn", "gateway", "link"], Trouble::LinkDown),
    (&["応答なし", "http", "down"], Trouble::ServiceDown),
    (&["response", "latency", "load", "cpu", "遅延", "負荷"], Trouble::HighLoad),
];

/// What an alert is about: by the name of its check when that says it, else by its title.
pub(super) fn of_alert(check: &str, title: &str, value: &Value) -> Option<Trouble> {
    let named = |text: &str| {
        let text = text.to_lowercase();
        WORDS.iter().find(|(words, _)| words.iter().any(|w| text.contains(w))).map(|(_, trouble)| trouble.clone())
    };
    let mut trouble = named(check).or_else(|| named(title))?;
    if let Some(n) = value.as_i64().or_else(|| value.as_str().and_then(|v| v.trim_end_matches('%').parse().ok())) {
        measure(&mut trouble, n);
    }
    Some(trouble)
}

/// The monitor has measured it: the host shows the same figure.
fn measure(trouble: &mut Trouble, n: i64) {
    match trouble {
        Trouble::DiskFull { percent } => *percent = u8::try_from(n.clamp(1, 100)).unwrap_or(96),
        Trouble::ReplicationLag { seconds } => *seconds = u32::try_from(n.max(0)).unwrap_or(240),
        Trouble::CertExpired { days } => *days = n,
        Trouble::JobFailed { code } => *code = u8::try_from(n.clamp(1, 255)).unwrap_or(1),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_check_says_what_is_wrong() {
        let table = [
            ("disk", "ディスク使用率93%超過 web01", json!(93), Some(Trouble::DiskFull { percent: 93 })),
            ("ディスク使用率90%超過", "", json!("97%"), Some(Trouble::DiskFull { percent: 97 })),
            ("", "Replication lag 700s on db-replica1", json!(700), Some(Trouble::ReplicationLag { seconds: 700 })),
            ("cert", "TLS certificate of web02 ends in 5 days", json!(5), Some(Trouble::CertExpired { days: 5 })),
            ("http_5xx", "HTTP 5xx rate 12% on web03", json!(12), Some(Trouble::UpstreamErrors)),
            ("HTTP", "", json!(null), Some(Trouble::ServiceDown)),
            ("report", "Report job batch01 ended with exit code 3", json!(3), Some(Trouble::JobFailed { code: 3 })),
            ("scanner", "ハンディ端末 9台が未接続", json!(9), Some(Trouble::ContainerRestarting)),
            ("", "お客様よりログインできないとの電話", json!(null), None),
        ];
        for (check, title, value, expected) in table {
            assert_eq!(of_alert(check, title, &value), expected, "{check} {title}");
        }
    }
}
