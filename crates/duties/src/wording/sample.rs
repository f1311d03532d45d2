//! A sample for each template: what it may use, with values like real ones. Templates are tried on it, and previews show it.

use crate::say::Language;
use serde_json::{Value, json};

pub fn of(name: &str, language: Language) -> Value {
    let is_japanese = language == Language::Ja;
    let pick = |ja: &str, en: &str| if is_japanese { ja.to_owned() } else { en.to_owned() };
    let sato = pick("佐藤 花子", "Sato Hanako");
    match name {
        "incident" | "incident_details" => json!({
            "id": "Q1EXAMPLE00001",
            "number": 1234,
            "title": pick("[障害] web01 ディスク使用率 95%", "[PROBLEM] web01 disk 95 % full"),
            "status": "resolved",
            "status_word": pick("解決", "Resolved"),
            "urgency": "high",
            "urgency_word": pick("緊急度 高", "high urgency"),
            "service": "core-api",
            "customer": pick("サンプル銀行", "Example Bank"),
            "priority": "P1",
            "assignees": [sato],
            "acknowledged_by": [sato],
            "opened_at": pick("11月22日(日) 03:14 JST", "22 Nov 03:14 JST"),
            "acknowledged_at": pick("11月22日(日) 03:16 JST", "22 Nov 03:16 JST"),
            "resolved_at": pick("11月22日(日) 04:02 JST", "22 Nov 04:02 JST"),
            "resolved_by": sato,
            "lasted": pick("48分", "48 min"),
            "alerts": 1,
            "notes": 1,
            "url": "https://ops.example.jp/incidents/Q1EXAMPLE00001",
            "pagerduty_url": "https://example.pagerduty.com/incidents/Q1EXAMPLE00001",
            "story": [
                { "at": "03:14", "who": null, "text": pick("発生", "triggered") },
                { "at": "03:16", "who": sato, "text": pick("確認", "acknowledged") },
            ],
            "note_lines": [{ "at": "03:40", "who": sato, "text": pick("ログを削除しました", "removed old logs") }],
            "alert_lines": ["web01: /var 95 %"],
            "left_out": 0,
        }),
        "summary" => json!({
            "open": 3,
            "triggered": 1,
            "acknowledged": 2,
            "missing": 1,
            "lines": [pick("#1234 web01 ディスク使用率 95%", "#1234 web01 disk 95 % full")],
            "on_call": [sato],
        }),
        "reminder" => said(
            &pick("まだ誰も対応していません: OPS-12 web01 の空き容量", "Nobody has acted yet: OPS-12 space on web01"),
            &pick("30分前からお客様が待っています。", "The customer has waited for 30 minutes."),
        ),
        other if other.starts_with("event") => said(
            &pick("予定の時刻です: 夜間メンテナンスの立ち会い", "It is time: stand by for the night's maintenance"),
            &pick("11月22日(日) 01:00 JST から、登録者 佐藤 花子", "from 22 Nov 01:00 JST, entered by Sato Hanako"),
        ),
        _ => said(
            &pick("OPS-12 誰も担当していません: web01 の空き容量", "OPS-12 is nobody's: space on web01"),
            &pick("規則「unassigned」による", "by the rule \"unassigned\""),
        ),
    }
}

/// What a duty's own words have made of it: a headline and lines.
fn said(headline: &str, line: &str) -> Value {
    json!({ "headline": headline, "lines": [line] })
}
