//! The words.

use super::*;

fn noticed(now: &str) -> Notice {
    let mut world = world();
    let steps = world.steps(Sighting::Event(&meeting()), None, at(now));
    let Some(Step::Notice(notice)) = steps.first() else { panic!("a notice") };
    notice.clone()
}

fn meeting() -> CalendarEvent {
    event("05-08 14:00", "05-08 15:00")
}

fn in_language(language: Language) -> Settings {
    let mut settings = settings();
    settings.locale.language = language;
    settings
}

#[test]
fn a_notice_says_what_when_where_who_entered_it_by_which_rule_and_what_to_do() {
    let notice = noticed("05-08 13:50");
    assert_eq!(
        words::notice(&in_language(Language::En), &meeting(), &notice, true).plain(),
        "Begins in 10 min: 証明書の更新 web01\n\
         Fri 8 May, 14:00 to 15:00 +09\n\
         Place: 会議室A\n\
         Entered by Sato Hanako (ops)\n\
         手順書を見て更新する\n\
         Rule: promise\n\
         Whoever is on call is paged. When it is done, resolve it in PagerDuty or press \"Done\".\n\
         Open the event: https://calendar.example.com/ev1"
    );
    assert_eq!(
        words::notice(&in_language(Language::Ja), &meeting(), &notice, true).plain(),
        "10 分 後に始まる予定です: 証明書の更新 web01\n\
         5月8日(金) 14:00 ～ 15:00 +09\n\
         場所: 会議室A\n\
         登録者: Sato Hanako (ops)\n\
         手順書を見て更新する\n\
         ルール: promise\n\
         PagerDuty でオンコール担当を呼び出します。対応したら PagerDuty で解決するか「対応済みにする」を押してください。\n\
         予定を開く: https://calendar.example.com/ev1"
    );
}

#[test]
fn what_was_found_late_says_so() {
    let notice = noticed("05-08 14:30");
    let en = words::notice(&in_language(Language::En), &meeting(), &notice, true).plain();
    assert!(en.starts_with("Began 30 min ago: "), "{en}");
    assert!(en.contains("You were to hear of it Fri 8 May, 13:50 +09; it was found late."), "{en}");
    let ja = words::notice(&in_language(Language::Ja), &meeting(), &notice, true).plain();
    assert!(ja.starts_with("予定が始まっています (30 分 前から): "), "{ja}");
}

#[test]
fn an_end_says_who_and_after_how_long() {
    let notice = noticed("05-08 13:50");
    let why = EndWhy::Acted { what: Acted::Closed };
    let end = End { why, by: Some("Suzuki Jiro".into()), at: at("05-08 14:15") };
    assert_eq!(
        words::ended(&in_language(Language::En), &meeting(), &notice, &end).plain(),
        "Resolved in PagerDuty: 証明書の更新 web01\n\
         By Suzuki Jiro, 25 min after the notice (Fri 8 May, 14:15 +09)\n\
         Rule: promise\n\
         Open the event: https://calendar.example.com/ev1"
    );
}

#[test]
fn every_message_names_the_event_and_the_rule() {
    let notice = noticed("05-08 13:50");
    let early = Announcement {
        key: "promise#1@1".into(),
        rule: "promise".into(),
        starts_at: notice.starts_at,
        ends_at: notice.ends_at,
        mode: Mode::Post,
        channel: None,
    };
    let window = Window {
        key: "promise#1".into(),
        rule: "promise".into(),
        services: vec!["PWEB".into()],
        starts_at: notice.starts_at,
        ends_at: notice.ends_at,
        mode: Mode::Page,
        channel: None,
    };
    let whys = [
        EndWhy::Acted { what: Acted::Done },
        EndWhy::Acted { what: Acted::Closed },
        EndWhy::Cancelled,
        EndWhy::Moved { to: at("05-09 14:00") },
        EndWhy::NotChosen,
        EndWhy::Unserved,
        EndWhy::Lost,
    ];
    let closes = [CloseWhy::Over, CloseWhy::Shortened, CloseWhy::Cancelled, CloseWhy::Moved, CloseWhy::NotChosen];
    for language in [Language::Ja, Language::En] {
        let settings = in_language(language);
        let end = |why| words::ended(&settings, &meeting(), &notice, &End { why, by: None, at: notice.at }).plain();
        let page = words::page(&settings, &meeting(), &notice);
        let mut all = vec![
            words::announcement(&settings, &meeting(), &early, at("05-08 13:00")).plain(),
            words::would_have(&settings, &meeting(), "promise"),
            format!("{} {}", page.summary, page.details),
        ];
        all.extend([true, false].map(|change| words::window(&settings, &meeting(), &window, change).plain()));
        all.extend(closes.map(|why| words::window_closed(&settings, &meeting(), &window, why).plain()));
        all.extend(whys.map(end));
        for (was_noticed, is_afterthought) in [(true, false), (false, true), (false, false)] {
            let unserved = Unserved {
                key: "promise#1".into(),
                rule: "promise".into(),
                starts_at: notice.starts_at,
                ends_at: notice.ends_at,
                was_noticed,
                is_afterthought,
                mode: Mode::Post,
                channel: None,
            };
            all.push(words::unserved(&settings, &meeting(), &unserved).plain());
        }
        for text in &all {
            assert!(text.contains("promise") && text.contains("証明書の更新"), "{text}");
        }
        all.sort();
        let many = all.len();
        all.dedup();
        assert_eq!(all.len(), many, "each says something of its own");
    }
}

#[test]
fn long_texts_are_cut_and_missing_ones_left_out() {
    let long =
        CalendarEvent {
            title: "あ".repeat(5_000), text: "い".repeat(50_000), place: "う".repeat(5_000), ..meeting()
        };
    let notice = noticed("05-08 13:50");
    let settings = in_language(Language::Ja);
    let page = words::page(&settings, &long, &notice);
    assert!(page.summary.chars().count() <= 1_000 && page.details.to_string().len() < 30_000);
    assert!(words::notice(&settings, &long, &notice, true).plain().chars().count() < 3_000);
    let bare = CalendarEvent { text: " ".into(), place: String::new(), registrant: None, url: None, ..meeting() };
    let text = words::notice(&settings, &bare, &notice, true).plain();
    assert!(text.contains("カレンダー: ops") && !text.contains("場所"), "{text}");
}

#[test]
fn keys_are_of_one_event_and_generation() {
    let keys = [dedup_key("ops/ev1", 1), dedup_key("ops/ev1", 2), dedup_key("ops/ev2", 1)];
    assert!(keys[0] != keys[1] && keys[0] != keys[2] && keys[0].starts_with("arayashiki/event/"), "{keys:?}");
}

#[test]
fn what_pagerduty_makes_of_a_window_is_told_with_what_to_do() {
    let services = vec!["Shop".to_owned()];
    let window = Window {
        key: "work#1".into(),
        rule: "work".into(),
        services: services.clone(),
        starts_at: at("05-08 14:00"),
        ends_at: at("05-08 15:00"),
        mode: Mode::Page,
        channel: None,
    };
    for (language, ended, refused, left) in [
        (
            Language::En,
            "The maintenance window was ended in PagerDuty: 証明書の更新 web01\nPeople are paged again for: Shop. It is not opened again.",
            "PagerDuty could not be told of a maintenance: 証明書の更新 web01\nPagerDuty does not allow this (403, code 2010) \u{201c}Access Denied\u{201d}: use a key that is not read-only, or grant the app the scope services.write.\nPeople may be paged during the work",
            "Its window was ended in PagerDuty and is not opened again. People are paged for: Shop\nRule: work",
        ),
        (
            Language::Ja,
            "メンテナンス時間枠が PagerDuty で終了されました: 証明書の更新 web01\n通知は元に戻っています: Shop。",
            "メンテナンス時間枠を PagerDuty に設定できません: 証明書の更新 web01\nPagerDuty が許可しません (403, code 2010)「Access Denied」。書き込みのできる API キーを使うか、アプリに services.write を許可してください。\n作業中に呼び出されることがあります。",
            "時間枠は PagerDuty で終了されているため、開き直しません。通知は止まりません: Shop\nルール: work",
        ),
    ] {
        let settings = in_language(language);
        let told = [
            words::window_gone(&settings, &meeting(), &services, "work").plain(),
            words::window_trouble(&settings, &meeting(), &denied(), "work").plain(),
            words::window_left(&settings, &meeting(), &window).plain(),
        ];
        for (told, words) in told.iter().zip([ended, refused, left]) {
            assert!(told.contains(words), "{told}");
            assert!(told.contains("work") && told.contains("https://calendar.example.com/ev1"), "{told}");
        }
    }
}

#[test]
fn who_is_paged_again_is_only_said_where_pagerduty_was_told() {
    for (language, mode, wanted) in [
        (Language::En, Mode::Page, "People are paged again for Shop: the event was cancelled.\n"),
        (
            Language::En,
            Mode::Post,
            "PagerDuty was never told of it, so nothing changes there: the event was cancelled. It was about Shop.\n",
        ),
        (Language::Ja, Mode::Page, "予定が取り消されました。PagerDuty の通知を再開します: Shop\n"),
        (Language::Ja, Mode::Post, "予定が取り消されました。PagerDuty の通知は止めていませんでした。対象: Shop\n"),
    ] {
        let window = Window {
            key: "work#1".into(),
            rule: "work".into(),
            services: vec!["Shop".to_owned()],
            starts_at: at("05-08 14:00"),
            ends_at: at("05-08 15:00"),
            mode,
            channel: None,
        };
        let told = words::window_closed(&in_language(language), &meeting(), &window, CloseWhy::Cancelled).plain();
        assert!(told.contains(wanted), "{told}");
    }
}

#[test]
fn what_nobody_can_read_any_more_sends_people_to_the_event() {
    for (language, wanted) in [
        (
            Language::En,
            "Closed, as what was known of it was lost: told before\nNobody knows whether it was served: look at the event itself.\n",
        ),
        (
            Language::Ja,
            "お知らせを終えました (お知らせの記録が失われました): told before\n対応されたかどうかは分かりません。予定そのものを確認してください。\n",
        ),
    ] {
        let told = words::lost(&in_language(language), &meeting(), "told before").plain();
        assert!(told.starts_with(wanted) && told.contains("https://calendar.example.com/ev1"), "{told}");
    }
}

/// Everything that people are told while an event waits for them, where nothing can be pressed.
#[test]
fn where_nothing_can_be_pressed_no_button_is_named() {
    for (language, mode, wanted) in [
        (Language::En, Mode::Page, "\nWhoever is on call is paged. When it is done, resolve it in PagerDuty.\n"),
        (
            Language::En,
            Mode::Post,
            "\nNobody is paged (the mode is post). Whoever sees to it says so in this channel.\n",
        ),
        (
            Language::Ja,
            Mode::Page,
            "\nPagerDuty でオンコール担当を呼び出します。対応したら PagerDuty で解決してください。\n",
        ),
        (
            Language::Ja,
            Mode::Post,
            "\n誰も呼び出していません (通知だけの設定)。対応する人はこのチャンネルで知らせてください。\n",
        ),
    ] {
        let settings = in_language(language);
        let notice = Notice { mode, ..noticed("05-08 13:50") };
        let told = words::notice(&settings, &meeting(), &notice, false).plain();
        assert!(told.contains(wanted), "{told}");
        let pressed = words::notice(&settings, &meeting(), &notice, true).plain();
        assert!(["\"Done\"", "「対応済みにする」"].iter().any(|name| pressed.contains(name)), "{pressed}");
        // PagerDuty has no button of ours.
        let page = words::page(&settings, &meeting(), &notice).details.to_string();
        assert!(!page.contains("Done") && !page.contains("対応済みにする"), "{page}");
    }
}

fn denied() -> WindowTrouble {
    let said = Some("Access Denied".to_owned());
    WindowTrouble::Refused { refusal: Refusal::Permission, status: Some(403), code: Some(2010), said }
}

#[test]
fn why_a_window_is_not_there_is_kept_as_data_and_told_in_the_readers_language() {
    let bare = |refusal| WindowTrouble::Refused { refusal, status: None, code: None, said: None };
    let (ja, en) = (in_language(Language::Ja).locale, in_language(Language::En).locale);
    let mut all = Vec::new();
    for (trouble, kept) in [
        (WindowTrouble::NotYet, r#"{"cause":"not_yet"}"#),
        (WindowTrouble::Missed, r#"{"cause":"missed"}"#),
        (WindowTrouble::NoToken, r#"{"cause":"no_token"}"#),
        (
            WindowTrouble::NoService { names: vec!["Shop".into(), "Bank".into()], rule: "work".into() },
            r#"{"cause":"no_service","names":["Shop","Bank"],"rule":"work"}"#,
        ),
        (denied(), r#"{"cause":"refused","refusal":"permission","status":403,"code":2010,"said":"Access Denied"}"#),
        (bare(Refusal::Token), r#"{"cause":"refused","refusal":"token","status":null,"code":null,"said":null}"#),
        (bare(Refusal::Unknown), r#"{"cause":"refused","refusal":"unknown","status":null,"code":null,"said":null}"#),
        (bare(Refusal::Request), r#"{"cause":"refused","refusal":"request","status":null,"code":null,"said":null}"#),
    ] {
        assert_eq!(serde_json::to_string(&trouble).unwrap(), kept, "rows that are kept are read for ever");
        let told = [words::window_why(&ja, kept), words::window_why(&en, kept)];
        let is_japanese = |text: &str| text.chars().any(|c| ('\u{3041}'..='\u{30ff}').contains(&c));
        assert!(is_japanese(&told[0]) && !is_japanese(&told[1]), "{told:?}");
        all.extend(told);
    }
    assert!(all.iter().filter(|text| text.contains("Shop, Bank") && text.contains("\"work\"")).count() == 2);
    let many = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), many, "each says something of its own");
}

#[test]
fn a_reason_of_an_earlier_version_is_shown_as_it_was_kept() {
    for kept in ["no service of PagerDuty is meant by Shop", "{}", "", r#"{"cause":"of tomorrow"}"#] {
        for language in [Language::Ja, Language::En] {
            assert_eq!(words::window_why(&in_language(language).locale, kept), kept);
        }
    }
    let other = serde_json::to_string(&WindowTrouble::Other { said: "words".into() }).unwrap();
    assert_eq!(words::window_why(&in_language(Language::Ja).locale, &other), "words");
}
