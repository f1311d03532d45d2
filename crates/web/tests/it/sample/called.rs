//! The page behind the link of a call: open, taken, over.

use super::before;
use web::view::{AnswerState, AnswerView, CalledAlert};

pub fn answer_page(state: AnswerState) -> AnswerView {
    AnswerView {
        token: "a1b2".into(),
        person: "佐藤 花子".into(),
        headline: "アラート 3 件".into(),
        lines: vec!["決済API 応答なし (web01)".into(), "PagerDuty が機能していないため直接お知らせします。".into()],
        alerts: if matches!(state, AnswerState::Over) { Vec::new() } else { called_alerts() },
        more: 1,
        outage: Some(before(730)),
        asked_at: before(200),
        state,
    }
}

fn called_alerts() -> Vec<CalledAlert> {
    let one = |title: &str, host: &str, customer: Option<&str>, mail: Option<i64>| CalledAlert {
        title: title.into(),
        host: Some(host.into()),
        monitor: "zabbix-tokyo".into(),
        customer: customer.map(str::to_owned),
        since: before(640),
        mail: mail.map(|id| format!("/safety-net/mails/{id}")),
    };
    vec![
        one("決済API 応答なし", "web01", Some("青葉商事"), Some(2)),
        one("app-07: Swap is CRITICAL", "app-07", None, None),
    ]
}
