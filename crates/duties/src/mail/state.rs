//! Words of state and severity, English and Japanese. Never takes a word out of a sentence: callers look in anchored places.

use super::rx::Rx;
use model::mail::{Severity, State};

/// The state that a word tells, and how bad.
pub fn of_word(word: &str) -> Option<(State, Option<Severity>)> {
    use Severity::{Critical, Error, Info, Warning};
    let word = super::fold::fold(word).trim().trim_end_matches(['!', '.', ':']).to_lowercase();
    let (state, severity) = match word.as_str() {
        "problem" | "alarm" | "alert" | "alerting" | "firing" | "fired" | "triggered" | "re-triggered"
        | "retriggered" | "open" | "opened" | "active" | "created" | "activated" | "trigger" | "発生" | "障害"
        | "障害発生" | "異常" | "異常検知" | "アラート" | "アラーム" | "検知" | "not ok" | "ng" | "failed"
        | "failure" | "fail" | "失敗" | "異常終了" | "エラー発生" | "アラート発生" => {
            (State::Problem, None)
        }
        "critical" | "crit" | "down" | "fatal" | "disaster" | "emergency" | "emerg" | "unreachable" | "停止"
        | "致命的" | "緊急" | "重大" | "危険" | "ダウン" | "応答なし" | "死活異常" | "停止検知" => {
            (State::Problem, Some(Critical))
        }
        "error" | "err" | "high" | "major" | "エラー" | "重度" => (State::Problem, Some(Error)),
        "warning" | "warn" | "minor" | "average" | "警告" | "注意" | "軽度" | "no data" | "insufficient_data"
        | "degraded" => (State::Problem, Some(Warning)),
        "recovery" | "recovered" | "ok" | "resolved" | "up" | "closed" | "clear" | "cleared" | "normal"
        | "restored" | "復旧" | "復旧しました" | "回復" | "正常" | "解消" | "障害復旧" | "復帰" | "正常終了"
        | "成功" | "障害回復" | "解決" | "解除" | "警告解除" | "back to normal" | "success" | "succeeded" => {
            (State::Recovery, None)
        }
        "unknown" | "不明" => (State::Problem, Some(Warning)),
        "acknowledged" | "acknowledgement" | "update" | "updated" | "comment" | "対応中" | "更新" | "確認済み"
        | "続報" | "経過報告" => (State::Update, None),
        "info" | "information" | "notice" | "test" | "情報" | "テスト" | "お知らせ" | "連絡" | "通知" => {
            (State::Notice, Some(Info))
        }
        _ => return None,
    };
    Some((state, severity))
}

pub fn severity(word: &str) -> Option<Severity> {
    let word = super::fold::fold(word).trim().to_lowercase();
    let of = |words: &[&str]| words.contains(&word.as_str());
    if of(&[
        "critical",
        "crit",
        "disaster",
        "high",
        "fatal",
        "emergency",
        "emerg",
        "alert",
        "page",
        "p1",
        "sev1",
        "sev-1",
    ]) || of(&["致命的な障害", "重度の障害", "致命的", "重大", "緊急", "危険", "高", "重度", "最重要"])
    {
        Some(Severity::Critical)
    } else if of(&["error", "err", "average", "major", "p2", "sev2", "sev-2", "軽度の障害", "エラー", "障害", "中"])
    {
        Some(Severity::Error)
    } else if of(&["warning", "warn", "minor", "medium", "p3", "sev3", "警告", "注意", "軽度", "低"]) {
        Some(Severity::Warning)
    } else if of(&["info", "information", "informational", "not classified", "none", "low", "ok", "p4", "p5", "notice"])
        || of(&["情報", "未分類", "通知", "debug"])
    {
        Some(Severity::Info)
    } else {
        None
    }
}

static TAG: Rx = Rx::new(r"^(?:(?:fwd?|re|aw|wg|tr|転送|返信)\s*:\s*|\s+)*\[(?P<tag>[^\]]{1,60})\]");

/// What stands in brackets before the subject.
pub fn tags(subject: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = subject;
    std::iter::from_fn(move || {
        let found = TAG.captures(rest)?;
        rest = &rest[found.get(0).map_or(0, |whole| whole.end())..];
        Some(found["tag"].trim().to_owned())
    })
    .take(8)
}

/// The state that tags tell, when they agree.
pub fn of_tags(subject: &str) -> Option<State> {
    let mut states: Vec<State> = tags(subject).filter_map(|tag| of_word(&tag)).map(|(state, _)| state).collect();
    states.dedup();
    (states.len() == 1).then(|| states[0])
}
