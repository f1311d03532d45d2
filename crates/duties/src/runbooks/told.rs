//! What a runbook's file says of itself, in words for people: when it runs, and what its parameters take.

use super::parameter::Kind;
use super::runbook::Runbook;
use super::when::{Asks, Field, Pattern, Schedule, When};
use model::plan::Words;

impl Runbook {
    /// When it runs, all of it in one sentence a language.
    pub fn when_told(&self) -> Words {
        let all: Vec<Words> = self.when.iter().map(when).collect();
        if all.is_empty() {
            return Words::new("only where somebody asks for it by its name", "名前を指定した場合のみ");
        }
        let join = |pick: fn(&Words) -> &String, by: &str| all.iter().map(pick).cloned().collect::<Vec<_>>().join(by);
        Words::new(join(|w| &w.en, "; "), join(|w| &w.ja, "。"))
    }
}

fn when(when: &When) -> Words {
    match when {
        When::Button => Words::new("when somebody presses its button", "ボタンを押したとき"),
        When::Schedule(schedule) => scheduled(schedule),
        When::Incident(asks) if asks.is_empty() => {
            Words::new("on every incident that leads to a host", "ホストが特定できたすべてのインシデント")
        }
        When::Incident(asks) => {
            let en: Vec<String> =
                asks.iter().map(|ask| format!("{} {}", english(ask.field), texts(ask, " or "))).collect();
            let ja: Vec<String> =
                asks.iter().map(|ask| format!("{}が {}", japanese(ask.field), texts(ask, " または "))).collect();
            Words::new(
                format!("on incidents where {}", en.join(" and ")),
                format!("次のインシデント: {}", ja.join("、かつ")),
            )
        }
    }
}

fn scheduled(schedule: &Schedule) -> Words {
    let seconds = schedule.every_s;
    let (n, en, ja) = match seconds {
        s if s % 86_400 == 0 => (s / 86_400, "d", "日"),
        s if s % 3_600 == 0 => (s / 3_600, "h", "時間"),
        s if s % 60 == 0 => (s / 60, "min", "分"),
        s => (s, "s", "秒"),
    };
    let at = schedule.at_minute.map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60));
    match at {
        Some(at) => Words::new(format!("every {n} {en} at {at}"), format!("{n}{ja}ごと {at}")),
        None => Words::new(format!("every {n} {en}"), format!("{n}{ja}ごと")),
    }
}

fn texts(ask: &Asks, by: &str) -> String {
    let texts = ask.any_of.iter().map(|pattern| match pattern {
        Pattern::Text(text) => format!("\"{text}\""),
        Pattern::Regex(regex) => format!("/{}/", regex.as_str()),
    });
    texts.collect::<Vec<_>>().join(by)
}

const fn english(field: Field) -> &'static str {
    match field {
        Field::Title => "the title has",
        Field::Service => "the service has",
        Field::Urgency => "the urgency is",
        Field::Check => "the check has",
        Field::Monitor => "the monitor is",
        Field::Customer => "the customer is",
        Field::Host => "the host is",
        Field::Kind => "the host's kind is",
    }
}

const fn japanese(field: Field) -> &'static str {
    match field {
        Field::Title => "件名",
        Field::Service => "サービス",
        Field::Urgency => "緊急度",
        Field::Check => "チェック",
        Field::Monitor => "監視",
        Field::Customer => "お客様",
        Field::Host => "ホスト",
        Field::Kind => "ホストの種類",
    }
}

impl Kind {
    /// What it takes, as a form says it.
    pub fn told(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Word => "word".to_owned(),
            Self::Number { min, max } => {
                let bound = |bound: &Option<i64>| bound.map(|n| n.to_string()).unwrap_or_default();
                match (min, max) {
                    (None, None) => "number".to_owned(),
                    _ => format!("number {}..{}", bound(min), bound(max)),
                }
            }
            Self::Choice(all) => all.join(" | "),
            Self::Path => "path".to_owned(),
            Self::Host => "host".to_owned(),
            Self::Unit => "unit".to_owned(),
            Self::Duration => "duration, such as 15m".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_a_runbook_runs_is_told_in_both_languages() {
        let text = |text: &str| Pattern::Text(text.to_owned());
        let asks = vec![
            Asks { field: Field::Title, any_of: vec![text("disk"), text("inode")] },
            Asks { field: Field::Kind, any_of: vec![text("db")] },
        ];
        let told = when(&When::Incident(asks));
        assert_eq!(told.en, "on incidents where the title has \"disk\" or \"inode\" and the host's kind is \"db\"");
        assert!(told.ja.contains("件名が \"disk\" または \"inode\"、かつホストの種類が"), "{}", told.ja);
        let daily = when(&When::Schedule(Schedule { every_s: 86_400, at_minute: Some(185) }));
        assert_eq!((daily.en.as_str(), daily.ja.as_str()), ("every 1 d at 03:05", "1日ごと 03:05"));
        assert_eq!(when(&When::Schedule(Schedule { every_s: 90, at_minute: None })).en, "every 90 s");
        assert_eq!(Kind::Number { min: Some(1), max: None }.told(), "number 1..");
    }
}
