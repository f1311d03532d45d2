//! The configuration from the outside: what a file and an environment become.

mod errors;
mod example;
mod hosts;
mod mail;
mod people;
mod secrets;

use super::kinds::Language;
use super::secret::Secret;
use super::*;
use std::time::Duration;

/// A folder with one configuration file in it.
struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    fn with(text: &str) -> Self {
        let folder = Self { dir: tempfile::tempdir().unwrap() };
        folder.write("arayashiki.toml", text.as_bytes());
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn load(&self, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
        load(Some(&self.path("arayashiki.toml")), pairs(env))
    }

    /// The error's text, with the folder taken out so that it can be written down.
    fn error(&self, env: &[(&str, &str)]) -> String {
        let text = self.load(env).unwrap_err().to_string();
        text.replace(&format!("{}/", self.dir.path().display()), "")
    }
}

fn pairs(env: &[(&str, &str)]) -> Vec<(String, String)> {
    env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn loaded(text: &str, env: &[(&str, &str)]) -> Config {
    Folder::with(text).load(env).unwrap()
}

fn exposed(secrets: &[Secret]) -> Vec<&str> {
    secrets.iter().map(Secret::expose).collect()
}

#[test]
fn an_empty_file_is_all_defaults() {
    let folder = Folder::with("");
    let config = folder.load(&[]).unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.webhook_listen, None);
    assert_eq!(config.server.public_url, None);
    assert_eq!(config.server.time_zone.iana_name(), Some("Asia/Tokyo"));
    assert_eq!(config.server.language, Language::Ja);
    assert_eq!(config.server.in_flight, 1024);
    assert_eq!(config.store.url, StoreUrl::Sqlite(folder.path("data/arayashiki.db")));
    assert_eq!(config.store.readers, 4);
    assert_eq!(config.pagerduty.api_url, "https://api.pagerduty.com");
    assert_eq!(config.pagerduty.events_url, "https://events.pagerduty.com");
    assert!(config.pagerduty.token.is_none() && config.pagerduty.unconfigured_routing_key.is_none());
    assert!(config.pagerduty.webhook_secrets.is_empty() && config.pagerduty.webhook_subscriptions.is_empty());
    assert!(config.pagerduty.action_secrets.is_empty());
    assert_eq!(config.pagerduty.first_sight, Duration::from_secs(30 * 86_400));
    assert_eq!((config.link_note.mode, config.intake_guard.mode), (Mode::Observe, Mode::Observe));
    assert_eq!((config.log.filter.as_str(), config.log.format), ("info", LogFormat::Text));
    assert!(config.customers.is_empty());
    assert_eq!(config.origin, Some(folder.path("arayashiki.toml")));
}

#[test]
fn every_key_can_be_set() {
    let config = loaded(
        r#"
        [server]
        listen = "0.0.0.0:80"
        webhook_listen = "[::1]:81"
        public_url = "https://OPS.example.jp/"
        time_zone = "UTC"
        language = "en"
        in_flight = 0x10
        [store]
        url = "postgres://ara:pw@db:5432/ara"
        readers = "8"
        [pagerduty]
        api_url = "https://api.eu.pagerduty.com/"
        token = "t0"
        from = "ops@example.jp"
        webhook_secrets = ["new", "old"]
        action_secrets = ["made-up-secret-new", "made-up-secret-old"]
        webhook_subscriptions = ["PSUB1"]
        unconfigured_routing_key = "r0"
        first_sight = "24h"
        [link_note]
        mode = "post"
        [intake_guard]
        mode = "page"
        [log]
        filter = "warn,engine=debug"
        format = "json"
        "#,
        &[],
    );
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:80");
    assert_eq!(config.server.webhook_listen.unwrap().to_string(), "[::1]:81");
    assert_eq!(config.server.public_url.as_deref(), Some("https://ops.example.jp"));
    assert_eq!(config.server.time_zone, jiff::tz::TimeZone::UTC);
    assert_eq!((config.server.language.as_str(), config.server.in_flight), ("en", 16));
    assert_eq!(config.store.url, StoreUrl::Postgres(Secret::new("postgres://ara:pw@db:5432/ara".to_owned())));
    assert_eq!(config.store.readers, 8);
    assert_eq!(config.pagerduty.api_url, "https://api.eu.pagerduty.com");
    assert_eq!(config.pagerduty.events_url, "https://events.eu.pagerduty.com");
    assert_eq!(config.pagerduty.token.unwrap().expose(), "t0");
    assert_eq!(config.pagerduty.from.as_deref(), Some("ops@example.jp"));
    assert_eq!(exposed(&config.pagerduty.webhook_secrets), ["new", "old"]);
    assert_eq!(exposed(&config.pagerduty.action_secrets), ["made-up-secret-new", "made-up-secret-old"]);
    assert_eq!(config.pagerduty.webhook_subscriptions, ["PSUB1"]);
    assert_eq!(config.pagerduty.unconfigured_routing_key.unwrap().expose(), "r0");
    assert_eq!(config.pagerduty.first_sight, Duration::from_secs(86_400));
    assert_eq!((config.link_note.mode.as_str(), config.intake_guard.mode.as_str()), ("post", "page"));
    assert_eq!((config.log.filter.as_str(), config.log.format), ("warn,engine=debug", LogFormat::Json));
}

#[test]
fn a_button_needs_a_secret_that_nobody_guesses_and_a_token_to_look_presses_up() {
    let error = |text: &str| Folder::with(&format!("[pagerduty]\n{text}")).error(&[]);
    for secret in ["m4de-up", "made up, with blanks", "made/up/with/slashes"] {
        let told = error(&format!("token = \"t\"\naction_secrets = [{secret:?}]"));
        assert!(told.contains(":3: [pagerduty] action_secrets: does not fit into an address"), "{told}");
        assert!(!told.contains(secret), "{told}");
    }
    let alone = error("action_secrets = [\"made-up-secret-new\"]");
    assert!(alone.contains("[pagerduty] action_secrets: needs [pagerduty] token as well"), "{alone}");
}

#[test]
fn the_events_address_follows_the_api_unless_it_is_set() {
    let events = |text: &str| loaded(&format!("[pagerduty]\n{text}"), &[]).pagerduty.events_url;
    assert_eq!(events("api_url = \"http://127.0.0.1:9000\""), "http://127.0.0.1:9000");
    assert_eq!(events("api_url = \"http://127.0.0.1:9\"\nevents_url = \"http://127.0.0.1:8/\""), "http://127.0.0.1:8");
}

#[test]
fn durations_take_seconds_minutes_hours_and_days() {
    for (text, seconds) in [("60s", 60), ("5m", 300), ("24h", 86_400), ("30d", 2_592_000), ("0d", 0)] {
        let config = loaded(&format!("[pagerduty]\nfirst_sight = \"{text}\""), &[]);
        assert_eq!(config.pagerduty.first_sight.as_secs(), seconds, "{text}");
    }
}

#[test]
fn zero_means_never_for_the_poll_and_at_once_for_an_end() {
    let config = loaded("[pagerduty]\npoll = \"0s\"\n[server]\nfarewell = \"0s\"\n[work]\nstop = \"0s\"", &[]);
    assert!(config.pagerduty.poll.is_zero() && config.server.farewell.is_zero() && config.work.stop.is_zero());
}

#[test]
fn a_log_filter_names_levels_and_parts() {
    for filter in [
        "warn",
        "INFO",
        "info,engine=debug",
        "off,error",
        "store::sqlite=trace,warn",
        "info,web",
        "info,tokio_postgres=debug",
        "info,[request]=debug",
    ] {
        assert_eq!(loaded(&format!("[log]\nfilter = \"{filter}\""), &[]).log.filter, filter);
    }
}

#[test]
fn a_store_path_starts_from_the_files_folder_unless_it_is_absolute() {
    for (url, path) in [("sqlite:a/b.db", None), ("sqlite://a/b.db", None), ("sqlite:/a/b.db", Some("/a/b.db"))] {
        let folder = Folder::with(&format!("[store]\nurl = \"{url}\""));
        let wanted = path.map_or(folder.path("a/b.db"), PathBuf::from);
        assert_eq!(folder.load(&[]).unwrap().store.url, StoreUrl::Sqlite(wanted), "{url}");
    }
}

#[test]
fn values_come_from_variables_and_files_inside_lists_too() {
    let folder = Folder::with(
        r#"
        [server]
        in_flight = { env = "SLOTS" }
        [store]
        readers = { file = "readers" }
        [pagerduty]
        token = { env = "PD_TOKEN" }
        webhook_secrets = ["plain", { env = "OLD_SECRET" }, { file = "secret" }]
        webhook_subscriptions = { env = "SUBSCRIPTIONS" }
        "#,
    );
    folder.write("readers", b"7\r\n");
    folder.write("secret", b"from, file\n");
    let env =
        [("SLOTS", "9"), ("PD_TOKEN", "from-env"), ("OLD_SECRET", "before"), ("SUBSCRIPTIONS", "PSUB1, PSUB2\nPSUB3")];
    let config = folder.load(&env).unwrap();
    assert_eq!((config.server.in_flight, config.store.readers), (9, 7));
    assert_eq!(config.pagerduty.token.unwrap().expose(), "from-env");
    assert_eq!(exposed(&config.pagerduty.webhook_secrets), ["plain", "before", "from, file"]);
    assert_eq!(config.pagerduty.webhook_subscriptions, ["PSUB1", "PSUB2", "PSUB3"]);
}

#[test]
fn variables_override_the_file_whatever_stands_there() {
    let text = "[server]\nlisten = \"nonsense\"\n[pagerduty]\ntoken = { env = \"UNSET\" }\nwebhook_secrets = [\"a\"]";
    let env = [
        ("ARAYASHIKI__SERVER__LISTEN", "127.0.0.1:1"),
        ("arayashiki__Store__readers", "2"),
        ("ARAYASHIKI__PAGERDUTY__TOKEN", "t"),
        ("ARAYASHIKI__PAGERDUTY__WEBHOOK_SECRETS", "b, c,"),
        ("ARAYASHIKI__LINK_NOTE__MODE", "post"),
        ("ARAYASHIKI_OTHER", "ignored"),
    ];
    let config = loaded(text, &env);
    assert_eq!((config.server.listen.port(), config.store.readers), (1, 2));
    assert_eq!(config.pagerduty.token.unwrap().expose(), "t");
    assert_eq!(exposed(&config.pagerduty.webhook_secrets), ["b", "c"]);
    assert_eq!(config.link_note.mode, Mode::Post);
}

#[test]
fn customers_keep_the_files_order() {
    let text = "[[customer]]\nid = \"b-2\"\nname = \"B\"\nservices = [\"PSVC1\"]\n\
                [[customer]]\nid = \"a\"\nname = \"A\"\nteams = [\"PTEAM1\"]\nservice_contains = [\"[A]\"]";
    let customers = loaded(text, &[]).customers;
    assert_eq!(customers.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["b-2", "a"]);
    assert_eq!(customers[0].services, ["PSVC1"]);
    assert_eq!((customers[1].teams.len(), customers[1].service_contains[0].as_str()), (1, "[A]"));
}

#[test]
fn a_named_file_must_exist_but_a_default_one_need_not() {
    let folder = Folder::with("[log]\nformat = \"json\"");
    let missing = folder.path("other.toml");
    let error = load(Some(&missing), []).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: there is no such file; ", missing.display())), "{error}");

    assert!(first_of([missing.clone()]).unwrap().is_none());
    let found = first_of([missing, folder.path("arayashiki.toml")]).unwrap().unwrap();
    assert_eq!(found.path, folder.path("arayashiki.toml"));

    let config = resolve(None, &BTreeMap::new()).unwrap();
    assert_eq!(config.origin, None);
    assert_eq!(config.store.url, StoreUrl::Sqlite(PathBuf::from("data/arayashiki.db")));
}

#[test]
fn settings_that_fight_each_other_are_warned_of() {
    let quiet = "[pagerduty]\nwebhook_secrets = [\"s\"]\n";
    assert_eq!(loaded(quiet, &[]).warnings(), Vec::<String>::new());
    let cases = [
        ("", "[pagerduty] webhook_secrets is empty"),
        ("token = \"t\"\napi_url = \"http://pd.example.jp\"", "[pagerduty] api_url is http://"),
        (
            "unconfigured_routing_key = \"r\"\nevents_url = \"http://pd.example.jp\"",
            "[pagerduty] events_url is http://",
        ),
        ("[intake_guard]\nmode = \"page\"", "[intake_guard] mode is \"page\""),
        ("token = \"t\"\n[link_note]\nmode = \"post\"", "[link_note] mode is \"post\" but [server] public_url"),
        (
            "[link_note]\nmode = \"post\"\n[server]\npublic_url = \"https://o.jp\"",
            "[link_note] mode is \"post\" but [pagerduty] token",
        ),
        (
            "[server]\nlisten = \"0.0.0.0:80\"\npublic_url = \"http://ops.example.jp\"",
            "[server] listen 0.0.0.0:80 is open",
        ),
        ("[server]\nwebhook_listen = \"127.0.0.1:8080\"", "[server] webhook_listen is the same as listen"),
        ("[[customer]]\nid = \"a\"\nname = \"A\"", "[[customer]] a: nothing will ever be"),
        ("[[person]]\nid = \"a\"\nname = \"A\"\nslack = \"@a\"", "[[person]] a: slack is no member id"),
        ("[[group]]\nid = \"a\"\nname = \"A\"\nslack = \"U1\"", "[[group]] a: slack is no id of a user group"),
    ];
    for (text, warning) in cases {
        let head = if text.is_empty() { "" } else { quiet };
        let warnings = loaded(&format!("{head}{text}"), &[]).warnings();
        assert_eq!(warnings.len(), 1, "{text}: {warnings:?}");
        assert!(warnings[0].starts_with(warning), "{text}: {warnings:?}");
    }
}

#[test]
fn settings_that_only_look_alike_are_not_warned_of() {
    for text in [
        "token = \"t\"\napi_url = \"http://127.0.0.1:9\"",
        "[server]\nlisten = \"0.0.0.0:80\"\npublic_url = \"https://ops.example.jp\"",
        "[server]\nlisten = \"127.0.0.1:0\"\nwebhook_listen = \"127.0.0.1:0\"",
        "[server]\npublic_url = \"http://ops.example.jp\"",
    ] {
        let config = loaded(&format!("[pagerduty]\nwebhook_secrets = [\"s\"]\n{text}"), &[]);
        assert_eq!(config.warnings(), Vec::<String>::new(), "{text}");
    }
    // Mirroring by asking alone is a choice.
    let asks = |text: &str| loaded(&format!("[pagerduty]\ntoken = \"t\"\n{text}"), &[]).warnings();
    assert_eq!(asks(""), Vec::<String>::new());
    assert_eq!(asks("poll = \"0s\"").len(), 1);
}

#[test]
fn the_environment_reads_the_process() {
    assert!(environment().any(|(name, _)| name == "PATH"));
}
