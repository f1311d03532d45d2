//! What people are told of a storm: how many alerts it has, and which came after its incident began.

use crate::safety_net::Settings;
use crate::say::say;
use model::message::Message;

/// A storm, as a call names it.
pub fn storm(settings: &Settings, monitor: &str, count: i64) -> String {
    say!(settings.language, ja: "{monitor} のアラート {count} 件", en: "{count} alerts of {monitor}", monitor = monitor, count = count)
}

/// A storm has grown since people heard of it.
pub fn grown(settings: &Settings, monitor: &str, count: i64, is_registered: bool) -> Message {
    let l = settings.language;
    let message = Message::new(say!(l,
        ja: "{monitor} のアラートが増えています: PagerDuty にインシデントのないもの {count} 件", en: "{monitor}: {count} alerts have no incident in PagerDuty by now",
        monitor = monitor, count = count))
    .line(if is_registered {
        say!(l, ja: "まとめて 1 件のインシデントに登録しています。新しいものはそのメモにあります。", en: "One incident of ours stands for all of them; its notes name what came later.")
    } else {
        say!(l, ja: "PagerDuty には登録していません。一覧を確認してください。", en: "None of them is registered in PagerDuty: look at the list.")
    });
    match settings.lacking_link(monitor) {
        Some(url) => message.link(say!(l, ja: "一覧を見る", en: "See the list"), url),
        None => message,
    }
}

/// The note in a storm's incident when its list has grown: an incident keeps the list that it began with.
pub fn grown_note(settings: &Settings, monitor: &str, count: i64, names: &[String], new: i64) -> String {
    let l = settings.language;
    let mut lines = vec![say!(l,
        ja: "{monitor} のアラートが増えました: インシデントのないもの 計 {count} 件。新しいもの {new} 件:", en: "{monitor} has more: {count} alerts have no incident by now. New are {new}:",
        monitor = monitor, count = count, new = new)];
    lines.extend(names.iter().map(|name| format!("- {}", model::text::cut(name, 120))));
    let rest = new - i64::try_from(names.len()).unwrap_or(new);
    if rest > 0 {
        lines.push(say!(l, ja: "ほか {n} 件", en: "and {n} more", n = rest));
    }
    lines.extend(settings.lacking_link(monitor));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    fn settings(language: Language) -> Settings {
        Settings { language, public_url: "https://ops.example.jp".into(), ..Settings::default() }
    }

    #[test]
    fn a_longer_list_names_what_is_new_and_how_many_are_not_named() {
        let names: Vec<String> = (1..=2).map(|n| format!("Disk full (web0{n})")).collect();
        let note = grown_note(&settings(Language::En), "zbx", 40, &names, 5);
        let lines: Vec<&str> = note.lines().collect();
        assert_eq!(
            lines,
            [
                "zbx has more: 40 alerts have no incident by now. New are 5:",
                "- Disk full (web01)",
                "- Disk full (web02)",
                "and 3 more",
                "https://ops.example.jp/safety-net?monitor=zbx&ledger=lacking"
            ]
        );
        assert!(!grown_note(&settings(Language::Ja), "zbx", 2, &names, 2).contains("ほか"));
    }
}
