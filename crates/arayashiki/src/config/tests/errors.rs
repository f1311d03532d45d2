//! What a person reads who made a mistake: where, which key, what to do.

use super::*;

#[test]
fn all_problems_are_told_at_once_in_the_files_order_each_on_its_line() {
    let folder = Folder::with(
        r#"listen = "127.0.0.1:1"

[server]
lisen = "127.0.0.1:8080"
listen = "8080"
time_zone = "Asia/Tokio"
in_flight = 0
token = "x"

[pagerdutty]
token = "x"

[pagerduty]
first_sight = "30 days"
webhook_secrets = [
  "good",
  7,
  { env = "NO_SUCH" },
  "",
]
from = true

[[link_note]]
mode = "post"
"#,
    );
    let error = folder.error(&[("ARAYASHIKI__STORE__READERS", "many"), ("ARAYASHIKI__LOG__FROMAT", "json")]);
    let heads: Vec<String> = error.lines().map(|line| line.split("; ").next().unwrap().to_owned()).collect();
    assert_eq!(
        heads,
        [
            "arayashiki.toml:1: listen: stands outside any section",
            "arayashiki.toml:4: [server] lisen: unknown key",
            "arayashiki.toml:5: [server] listen: \"8080\" is no address to listen on",
            "arayashiki.toml:6: [server] time_zone: \"Asia/Tokio\" is no time zone known here",
            "arayashiki.toml:7: [server] in_flight: \"0\" does not fit",
            "arayashiki.toml:8: [server] token: unknown here",
            "arayashiki.toml:10: [pagerdutty]: unknown section",
            "arayashiki.toml:14: [pagerduty] first_sight: \"30 days\" is no duration",
            "arayashiki.toml:17: [pagerduty] webhook_secrets: is a whole number, but a text is wanted",
            "arayashiki.toml:18: [pagerduty] webhook_secrets: the environment variable NO_SUCH is not set",
            "arayashiki.toml:21: [pagerduty] from: is true or false, but a text is wanted",
            "arayashiki.toml:23: link_note: stands once only",
            "environment variable ARAYASHIKI__LOG__FROMAT: overrides no key",
            "environment variable ARAYASHIKI__STORE__READERS: [store] readers: \"many\" does not fit",
        ],
        "{error}"
    );
    for hint in [
        "did you mean to put it under [server]? arayashiki.example.toml lists every key",
        "did you mean \"listen\"? arayashiki.example.toml lists every key",
        "did you mean \"Asia/Tokyo\"?",
        "did you mean to put it under [pagerduty]?",
        "did you mean [pagerduty]?",
        "did you mean ARAYASHIKI__LOG__FORMAT?",
        "write [link_note] in single brackets",
    ] {
        assert!(error.contains(hint), "{hint} is not in\n{error}");
    }
}

/// The one line that this text is refused with.
fn refusal(text: &str) -> String {
    let error = Folder::with(text).error(&[]);
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

#[test]
fn every_kind_refuses_what_it_can_not_use() {
    for (text, told) in [
        ("[server]\nlisten = \"\"", "[server] listen: \"\" is no address"),
        ("[server]\nlisten = 8080", "is a whole number, but a text is wanted"),
        ("[server]\nwebhook_listen = \"localhost\"", "\"localhost\" is no address"),
        ("[server]\npublic_url = \"ops.example.jp\"", "is no web address"),
        ("[server]\npublic_url = \"ftp://ops.example.jp\"", "is no http:// or https:// address"),
        ("[server]\npublic_url = \"https://ops.example.jp/?a=1\"", "carries a \"?\" or \"#\" part"),
        ("[pagerduty]\napi_url = \"\"", "[pagerduty] api_url: is no web address"),
        ("[server]\nlanguage = \"jp\"", "\"jp\" is not known here; write \"ja\" or \"en\""),
        ("[server]\nin_flight = 1.5", "is a number with a fraction, but a whole number is wanted"),
        ("[server]\nin_flight = -1", "\"-1\" does not fit; write a whole number from 1 to 65536"),
        ("[server]\ntime_zone = \"\"", "\"\" is no time zone known here; write an IANA name"),
        ("[store]\nurl = \"mysql://db/ara\"", "is neither SQLite nor PostgreSQL"),
        ("[store]\nurl = \"sqlite::memory:\"", "would forget everything"),
        ("[store]\nurl = \"sqlite:\"", "names no file"),
        ("[store]\nurl = \"sqlite:a.db?mode=ro\"", "carries a \"?\" part"),
        ("[store]\nurl = \"postgres://db\"", "names no database"),
        ("[store]\nurl = \"data/arayashiki.db\"", "is no store's address"),
        ("[pagerduty]\nfrom = \"ops\"", "is no mail address"),
        ("[pagerduty]\nwebhook_subscriptions = \"PSUB1\"", "is a text, but a list is wanted"),
        ("[pagerduty]\nwebhook_subscriptions = [\" \"]", "is empty; write the name"),
        ("[pagerduty]\nfirst_sight = \"d\"", "\"d\" is no duration"),
        ("[pagerduty]\nfirst_sight = \"-1d\"", "\"-1d\" is no duration"),
        ("[pagerduty]\nfirst_sight = \"99999999999999999999s\"", "is over ten years"),
        ("[pagerduty]\nfirst_sight = \"30日\"", "\"30日\" is no duration"),
        ("[link_note]\nmode = \"page\"", "write \"observe\" or \"post\""),
        ("[intake_guard]\nmode = \"post\"", "write \"observe\" or \"page\""),
        ("[work]\nlease = \"0s\"", "[work] lease: \"0s\" is under 1s; write a duration from \"1s\" to \"1h\""),
        ("[work]\nlease = \"2h\"", "[work] lease: \"2h\" is over 1h; write"),
        ("[work]\nsettle = \"0s\"", "[work] settle: \"0s\" is under 1s"),
        ("[work]\nstop = \"2h\"", "[work] stop: \"2h\" is over 1h; write a duration from \"0s\" to \"1h\""),
        ("[server]\nfarewell = \"2h\"", "[server] farewell: \"2h\" is over 1h"),
        (
            "[pagerduty]\nsweep = \"0m\"",
            "[pagerduty] sweep: \"0m\" is under 1s; write a duration from \"1s\" to \"7d\"",
        ),
        ("[pagerduty]\nreference = \"0s\"", "[pagerduty] reference: \"0s\" is under 1s"),
        ("[pagerduty]\npoll = \"25h\"", "is over 1d; write a duration from \"1s\" to \"1d\", or \"0s\" for never"),
        ("[webhook_guard]\nlook = \"0s\"", "[webhook_guard] look: \"0s\" is under 1s"),
        ("[webhook_guard]\nlate = \"0s\"", "[webhook_guard] late: \"0s\" is under 1s"),
        (
            "[log]\nfilter = \"infoo\"",
            "\"infoo\" is neither a level nor a part of this program; did you mean \"info\"?",
        ),
        ("[log]\nfilter = \"info,enginee=debug\"", "\"enginee=debug\" is neither a level nor a part"),
        ("[log]\nfilter = \"engine=debug\"", "names no level for the rest"),
        ("[log]\nfilter = \"off\"", "would silence every error"),
        ("[log]\nfilter = \"a=b=c\"", "\"a=b=c\" is no log filter"),
        ("[log]\nfilter = \"\"", "is empty, which would silence every error"),
        ("[pagerduty]\ntoken = { environment = \"X\" }", "write one of { env = \"NAME\" } or { file = \"PATH\" }"),
        ("[pagerduty]\ntoken = { env = \"A\", file = \"B\" }", "write one of { env"),
        ("log = \"debug\"", "log: is a section; write [log] and its keys below"),
        ("[zzz]\na = 1", "unknown section; there are [server], [store], "),
        ("[log]\nzzz = 1", "unknown key; [log] has filter, format."),
        ("[custommer]\nid = \"a\"", "did you mean [[customer]]?"),
        ("[customer]\nid = \"a\"", "write [[customer]] in double brackets"),
        ("customer = [1]", "[[customer]]: each [[customer]] is a table of its own"),
    ] {
        let error = refusal(text);
        assert!(error.contains(told), "{text}: {error}");
    }
}

#[test]
fn a_bad_customer_is_told_where_it_stands() {
    let folder = Folder::with(
        "[[customer]]\nid = \"Bank A\"\nname = \"A\"\n\n[[customer]]\nid = \"b\"\nnam = \"B\"\nteams = [\"T\", 1]\n\n\
         [[customer]]\nid = \"b\"\nname = \"again\"\nservice_contains = [\"\"]\n",
    );
    let error = folder.error(&[("ARAYASHIKI__CUSTOMER__ID", "c")]);
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 7, "{error}");
    assert!(lines[0].starts_with("arayashiki.toml:2: [[customer]] id: \"Bank A\" is no id; "), "{error}");
    assert!(lines[1].starts_with("arayashiki.toml:5: [[customer]] name: is missing; write name = "), "{error}");
    assert!(
        lines[2].starts_with("arayashiki.toml:7: [[customer]] nam: unknown key; did you mean \"name\"?"),
        "{error}"
    );
    assert!(lines[3].starts_with("arayashiki.toml:8: [[customer]] teams: is a whole number"), "{error}");
    let twin = "arayashiki.toml:11: [[customer]] id: \"b\" is taken by the [[customer]] at arayashiki.toml:6; ";
    assert!(lines[4].starts_with(twin), "{error}");
    assert!(lines[5].starts_with("arayashiki.toml:13: [[customer]] service_contains: is empty; "), "{error}");
    assert!(
        lines[6].starts_with("environment variable ARAYASHIKI__CUSTOMER__ID: [[customer]] can't be set"),
        "{error}"
    );
}

#[test]
fn each_broken_line_of_a_file_that_is_no_toml_is_told_once() {
    let error = Folder::with("[server]]\nlisten = 127.0.0.1:8080\n[log]\nformat = \"zzz\"\nfilter =\n")
        .error(&[("ARAYASHIKI__STORE__READERS", "0")]);
    let lines: Vec<&str> = error.lines().collect();
    assert!(lines[0].starts_with("arayashiki.toml:1: not TOML: "), "{error}");
    assert!(lines[1].starts_with("arayashiki.toml:2: not TOML: "), "{error}");
    assert!(lines[2].starts_with("arayashiki.toml:5: not TOML: "), "{error}");
    assert!(lines[3].starts_with("arayashiki.toml: the other lines were not checked"), "{error}");
    assert!(lines[4].starts_with("environment variable ARAYASHIKI__STORE__READERS: [store] readers: "), "{error}");
    assert_eq!(lines.len(), 5, "{error}");
}

#[test]
fn a_key_that_stands_twice_is_told() {
    let error = Folder::with("[log]\nformat = \"text\"\nformat = \"json\"\n").error(&[]);
    assert!(error.starts_with("arayashiki.toml:3: not TOML: duplicate key"), "{error}");
}

#[test]
fn variables_that_fight_or_say_nothing_are_told() {
    let folder = Folder::with("");
    let told = |name: &str, value: &str| folder.error(&[(name, value)]);
    for unformed in ["ARAYASHIKI__SERVER", "ARAYASHIKI__", "ARAYASHIKI__X__Y__Z"] {
        assert!(told(unformed, "x").contains("the form is ARAYASHIKI__SECTION__KEY"), "{unformed}");
    }
    assert!(told("ARAYASHIKI__LOG__FORMAT", "js\u{FFFD}n").contains("[log] format: is not valid UTF-8"));
    let twice = folder.error(&[("ARAYASHIKI__LOG__FORMAT", "json"), ("arayashiki__log__format", "text")]);
    assert!(twice.contains("[log] format: is set by two variables"), "{twice}");
}

#[test]
fn a_file_that_can_not_be_read_says_why() {
    let folder = Folder::with("");
    folder.write("arayashiki.toml", b"[log]\nfilter = \"\xff\"\n");
    assert!(folder.error(&[]).starts_with("arayashiki.toml:2: is not UTF-8 text; "));
    let error = load(Some(folder.dir.path()), []).unwrap_err().to_string();
    assert!(error.contains("can't be read ("), "{error}");
}

#[test]
fn problems_can_be_read_one_by_one_by_a_program() {
    let error = Folder::with("[log]\nformat = \"xml\"").load(&[]).unwrap_err();
    let [problem] = error.problems() else { panic!("{error}") };
    assert!(matches!(problem.place, Place::Line(_, 2)));
    assert_eq!(problem.key, "[log] format");
    assert_eq!(problem.what, "\"xml\" is not known here; write \"text\" or \"json\"");
}
