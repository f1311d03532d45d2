//! `check` with an app in Slack: whose token it is, what it lacks, each channel, Socket Mode, the templates; and nothing is posted.

use super::check::lines;
use crate::outside::process::{err, out, run};
use crate::world::Side;
use serde_json::{Value, json};
use tempfile::TempDir;

struct Desk {
    folder: TempDir,
    slack: Side,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let slack = Side::start(folder.path(), "slack", &["--channel", "alerts", "--channel", "aoba"]);
        Self { folder, slack }
    }

    fn id(&self, channel: &str) -> String {
        self.slack.info["channels"][channel].as_str().unwrap().to_owned()
    }

    /// As the simulated Slack names it, with `more` in its section and an alerts channel.
    fn configure(&self, more: &str, alerts: &str, rest: &str) {
        let (url, token) = (self.slack.text("api_url"), self.slack.text("bot_token"));
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://ops.example.jp\"\n\
             [slack]\napi_url = \"{url}\"\nbot_token = \"{token}\"\n{more}\n[slack.channels]\nalerts = \"{alerts}\"\n{rest}"
        );
        std::fs::write(self.folder.path().join("arayashiki.toml"), text).unwrap();
    }

    fn app(&self) -> String {
        format!("app_token = \"{}\"", self.slack.text("app_token"))
    }

    fn check(&self, more: &[&str]) -> Value {
        let config = self.folder.path().join("arayashiki.toml");
        let output = run(&[&["--config", &config.to_string_lossy(), "--json", "check"], more].concat());
        let text = out(&output);
        let said = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}{}", err(&output)));
        for secret in ["bot_token", "app_token", "signing_secret"] {
            assert!(!text.contains(&self.slack.text(secret)), "{secret} is shown");
        }
        said
    }

    fn set(&self, what: Value) {
        self.slack.control("set", &what);
    }
}

fn failed(said: &Value) -> Vec<&Value> {
    lines(said, "slack").into_iter().filter(|line| line["state"] == "fail").collect()
}

/// A line of this state holds each of these, with its remedy where something is to be done.
fn says(said: &Value, state: &str, words: &[&str]) {
    let is_it = |line: &&Value| {
        let text = format!("{} {}", line["text"], line["remedy"]).replace('\\', "");
        line["state"] == state && words.iter().all(|word| text.contains(word))
    };
    let line = lines(said, "slack").into_iter().find(is_it);
    let line = line.unwrap_or_else(|| panic!("no line {state} says {words:?}: {said:#}"));
    assert!(state == "ok" || line["remedy"].is_string(), "no remedy: {line:#}");
}

#[test]
fn an_app_that_has_what_it_needs_is_called_well_and_nothing_is_posted() {
    let desk = Desk::new();
    let (alerts, aoba) = (desk.id("alerts"), desk.id("aoba"));
    let customer = format!("[[customer]]\nid = \"aoba\"\nname = \"Aoba\"\nslack_channel = \"{aoba}\"\n");
    desk.configure(&desk.app(), &alerts, &customer);
    let said = desk.check(&[]);
    assert_eq!(failed(&said), Vec::<&Value>::new(), "{said:#}");
    says(&said, "ok", &["the app ", "in the workspace", &desk.slack.text("team_id")]);
    for words in [
        "the app has the scopes that it needs",
        "[slack.channels] alerts: the app is in #alerts",
        "[[customer]] aoba slack_channel: the app is in #aoba",
        "Socket Mode can be opened",
        "comes by Socket Mode",
    ] {
        let all = lines(&said, "slack");
        assert!(all.iter().any(|line| line["text"].as_str().unwrap().contains(words)), "{words}: {said:#}");
    }
    assert!(desk.slack.all("messages").is_empty());
    assert_eq!(desk.slack.get("sockets")["connections"].as_array().map_or(0, Vec::len), 0, "a connection was opened");
}

#[test]
fn each_thing_that_is_wrong_has_its_line_and_its_remedy() {
    let desk = Desk::new();
    let alerts = desk.id("alerts");
    let scopes = |without: &str| {
        let all = ["channels:history", "channels:read", "chat:write", "commands", "users:read.email"];
        json!({ "scopes": all.into_iter().filter(|scope| *scope != without).collect::<Vec<_>>() })
    };
    let channel = |state: &str| json!({ "channel": "alerts", "state": state });
    desk.configure(&desk.app(), &alerts, "");
    for (what, state, words) in [
        (scopes("chat:write"), "fail", ["chat:write is missing", "install the app again"]),
        (scopes("channels:history"), "warn", ["channels:history is missing", "posted again with a mark"]),
        (scopes("commands"), "warn", ["commands is missing", "/arayashiki"]),
        (scopes("channels:read"), "warn", ["can't be looked at", "channels:read"]),
        (scopes(""), "ok", ["files:write would let it", "the scopes that it needs"]),
        (channel("archived"), "fail", ["#alerts", "is archived"]),
        (channel("not_in_channel"), "fail", ["not in #alerts", "/invite @"]),
        (channel("gone"), "fail", ["[slack.channels] alerts", "channel_not_found"]),
        (json!({ "token": "revoked" }), "fail", ["[slack] bot_token", "token_revoked"]),
        (json!({ "token": "revoked", "which": "app" }), "fail", ["[slack] app_token", "token_revoked"]),
    ] {
        desk.set(what.clone());
        let said = desk.check(&[]);
        says(&said, state, &words);
        assert_eq!(failed(&said).is_empty(), state != "fail", "{what}: {said:#}");
        // As it was.
        desk.set(scopes(""));
        desk.set(channel("active"));
        desk.set(json!({ "token": "active" }));
        desk.set(json!({ "token": "active", "which": "app" }));
    }
}

#[test]
fn what_the_file_alone_tells_is_told_offline_too() {
    let desk = Desk::new();
    let folder = desk.folder.path().join("wording");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("incident.en.txt"), "{{ title }}\n").unwrap();
    std::fs::write(folder.join("incidents.en.txt"), "{{ title }}\n").unwrap();
    desk.configure("templates = \"wording\"", "#alerts", "");
    for more in [&[][..], &["--offline"]] {
        let said = desk.check(more);
        says(&said, "warn", &["\"#alerts\" is a name", "write the channel's id"]);
        says(&said, "warn", &["neither signing_secret nor app_token", "Socket Mode"]);
        says(&said, "warn", &["no message is named after incidents.en.txt", "message preview"]);
        says(&said, "ok", &["templates: 1 of ", "messages are worded by"]);
    }
    std::fs::write(folder.join("incident.en.txt"), "{{ titel }}\n").unwrap();
    let said = desk.check(&["--offline"]);
    says(&said, "fail", &["incident.en.txt: line 1", "mend it"]);
    let secret = format!("signing_secret = \"{}\"", desk.slack.text("signing_secret"));
    desk.configure(&secret, &desk.id("alerts"), "");
    says(&desk.check(&[]), "ok", &["a signing secret is set"]);
}
