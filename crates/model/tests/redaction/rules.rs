//! Rules: the shipped ones are all there, and a user's own are checked before they are used.

use model::redaction::{Found, RuleError, Rules, UserRule, redact_str};

fn rule(name: &str, pattern: &str) -> UserRule {
    UserRule { name: name.to_owned(), pattern: pattern.to_owned() }
}

fn refusal(name: &str, pattern: &str) -> Option<RuleError> {
    Rules::with(&[rule(name, pattern)]).err()
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let rules = Rules::shipped();
    let names = rules.names();
    assert!(names.len() >= 150, "{}", names.len());
    assert!(names.iter().all(
        |name| name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    ));
    assert!(names.is_sorted());
}

#[test]
fn the_guide_names_every_rule() {
    let guide = include_str!("../../../../docs/guide/redaction.md");
    let rules = Rules::shipped();
    let unnamed: Vec<&str> = rules.names().into_iter().filter(|name| !guide.contains(&format!("`{name}`"))).collect();
    assert!(unnamed.is_empty(), "docs/guide/redaction.md lacks {unnamed:?}");
}

#[test]
fn a_users_rule_hides_its_group_or_all_of_it() {
    let rules = Rules::with(&[rule("badge", r"badge (\d{4})"), rule("room", "部屋[0-9]+号")]).unwrap();
    let (out, found) = redact_str(&rules, "first\nbadge 1234 入口 部屋12号\nbadge none\n");
    assert_eq!(out, "first\nbadge [redacted:badge] 入口 [redacted:room]\nbadge none\n");
    assert_eq!((found.by_rule["badge"], found.by_rule["room"]), (1, 1));
    assert!(rules.names().ends_with(&["badge", "room"]));
}

#[test]
fn anchors_mean_the_line() {
    let rules = Rules::with(&[rule("first", "^id [0-9]+$")]).unwrap();
    let (out, _) = redact_str(&rules, "x id 1\nid 22\r\nid 3 x\n");
    assert_eq!(out, "x id 1\n[redacted:first]\r\nid 3 x\n");
}

#[test]
fn a_wrong_rule_is_named_with_what_is_wrong_and_where() {
    let error = refusal("badge", "番号([0-9]+").map(|error| error.to_string());
    assert_eq!(
        error.unwrap(),
        "redaction rule \"badge\": the pattern is no regular expression: unclosed group (at character 3: \"([0-9]+\"); correct it there"
    );
    assert!(matches!(refusal("Badge Number", "x"), Some(RuleError::Name { .. })));
    assert!(matches!(refusal("", "x"), Some(RuleError::Name { .. })));
    assert!(matches!(refusal("jwt", "x"), Some(RuleError::Taken { .. })));
    assert!(matches!(refusal("card-number", "x"), Some(RuleError::Taken { .. })));
    assert!(matches!(refusal("any", "x*"), Some(RuleError::Empty { .. })));
    assert!(matches!(refusal("any", r"\b"), Some(RuleError::Empty { .. })));
    assert!(matches!(refusal("big", r"\w{5000}\w{5000}"), Some(RuleError::Big { .. })));
    assert!(matches!(Rules::with(&[rule("a", "x"), rule("a", "y")]), Err(RuleError::Taken { .. })));
}

#[test]
fn what_was_found_adds_up() {
    let rules = Rules::shipped();
    let (_, mut all) = redact_str(&rules, "password=Hunter2 token=abcdef123456\n");
    let (_, more) = redact_str(&rules, "password=Hunter3\n");
    all.merge(&more);
    assert_eq!((all.by_rule["password"], all.by_rule["token"], all.total()), (2, 1, 3));
    let kept: Found = serde_json::from_str(&serde_json::to_string(&all).unwrap()).unwrap();
    assert_eq!(kept, all);
}

#[test]
fn the_longest_of_two_that_overlap_gives_its_name() {
    let text = format!("Cookie: a={}; b=2\n", ["ghp", "_abcdefghijklmnopqrstuvwxyz0123456789"].concat());
    assert_eq!(redact_str(&Rules::shipped(), &text).0, "Cookie: [redacted:cookie]\n");
}

#[test]
fn placeholders_references_and_files_are_no_secrets() {
    for line in [
        "password: ********",
        "DB_PASSWORD=${DB_PASSWORD}",
        "password=$(cat f)",
        "ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)",
        "password_file=/etc/app/secret",
        "PWD=/srv/app",
        "tls.key: /etc/ssl/a.pem",
        "token: <your token>",
        "secret: null",
        "apiKey: \"\"",
        "Authorization: Bearer $TOKEN",
        "proxy_set_header Authorization $http_authorization;",
        "http://db.example.jp:8080/a@b",
    ] {
        let (out, found) = redact_str(&Rules::shipped(), line);
        assert_eq!((out.as_str(), found.total()), (line, 0));
    }
}

#[test]
fn a_number_without_its_check_digit_is_an_id() {
    let rules = Rules::shipped();
    for line in [
        "order 4111111111111112",
        "id 411111111111111",
        "個人番号 123456789012",
        "seq 1111111111111117 4",
        "inode 123456789018",
    ] {
        assert_eq!(redact_str(&rules, line).0, line);
    }
    assert_eq!(redact_str(&rules, "個人番号 123456789018").0, "個人番号 [redacted:my-number]");
    assert_eq!(redact_str(&rules, "カード 4111-1111-1111-1111").0, "カード [redacted:card-number]");
}
