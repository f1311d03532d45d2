//! The command line: accounts, tokens, checking a configuration, replaying, and help that shows an example.

use super::browser::Browser;
use super::fresh;
use crate::outside::process::{Process, err, out, program, run};
use crate::outside::signing;
use crate::outside::wait;
use crate::world::{Arms, Database, Site, site};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

fn ok(output: &Output) -> String {
    assert!(output.status.success(), "{:?}: {}", output.status, err(output));
    out(output)
}

fn fails(output: &Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{}{}", out(output), err(output));
    let said = err(output);
    assert!(said.split_whitespace().count() >= 3, "no words: {said:?}");
    said
}

#[test]
fn accounts_are_added_listed_and_disabled() {
    let mut site = fresh();
    site.start(&Arms::default());
    let add = ["user", "add", "--email", "tanaka@example.jp", "--name", "Tanaka Ken", "--role", "viewer"];
    let link = ok(&site.command(&add));
    let path = link.trim().split_once(&site.address.to_string()).unwrap().1.to_owned();
    fails(&site.command(&add), 1);
    let mut browser = Browser::new(site.address);
    let password = "the quiet of a long shift";
    let fields =
        [("email", "tanaka@example.jp"), ("name", "Tanaka Ken"), ("password", password), ("password_again", password)];
    browser.post(&path, &fields);
    assert!((300..400).contains(&browser.sign_in("tanaka@example.jp", password).status));
    assert_eq!(browser.get("/incidents").status, 200);
    assert_eq!(browser.get("/people").status, 403, "a viewer is no administrator");
    let listed = ok(&site.command(&["user", "list", "--json"]));
    let row: serde_json::Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    assert_eq!((row["email"].as_str(), row["state"].as_str()), (Some("tanaka@example.jp"), Some("active")));
    ok(&site.command(&["user", "disable", "tanaka@example.jp"]));
    assert_ne!(browser.get("/incidents").status, 200, "a disabled account's session ends at once");
    assert!(!(300..400).contains(&browser.sign_in("tanaka@example.jp", password).status));
    fails(&site.command(&["user", "disable", "nobody@example.jp"]), 1);
    fails(&site.command(&["user", "add", "--email", "x", "--name", "X", "--role", "viewer"]), 2);
    fails(&site.command(&["user", "add", "--email", "a@b", "--name", "X", "--role", "emperor"]), 2);
}

#[test]
fn tokens_are_created_listed_and_revoked() {
    let mut site = fresh();
    site.start(&Arms::default());
    let token = ok(&site.command(&["token", "create", "--name", "grafana", "--role", "viewer"]));
    assert_eq!(token.lines().count(), 1, "the token stands alone: {token:?}");
    let ask = |token: &str| {
        let bearer = format!("Bearer {}", token.trim());
        let request = crate::outside::http::Request::new("GET", "/api/v1/account").with("authorization", bearer);
        request.send(site.address).unwrap().status
    };
    assert_eq!(ask(&token), 200);
    assert_eq!(ask("ary_nonsense"), 401);
    let listed = ok(&site.command(&["token", "list"]));
    assert!(listed.contains("grafana") && !listed.contains(token.trim()), "{listed}");
    ok(&site.command(&["token", "revoke", "grafana"]));
    assert_eq!(ask(&token), 401);
    fails(&site.command(&["token", "revoke", "grafana"]), 1);
}

#[test]
fn a_configuration_is_checked_by_its_words() {
    let site = fresh();
    let check = |text: &str| {
        let file = site.folder.path().join("other.toml");
        std::fs::write(&file, text).unwrap();
        run(&["check", "--offline", "--config", &file.to_string_lossy()])
    };
    let said = ok(&check("[server]\nlisten = \"127.0.0.1:8081\"\n"));
    assert!(said.contains("no errors"), "{said}");
    let unknown = fails(&check("[server]\nlissten = \"127.0.0.1:8081\"\n"), 2);
    assert!(unknown.contains("other.toml:2") && unknown.contains("listen"), "{unknown}");
    let wrong = fails(&check("[server]\nlisten = \"nowhere\"\n[work]\nlease = \"soon\"\n"), 2);
    assert!(wrong.contains("listen") && wrong.contains("lease"), "all of it at once: {wrong}");
    fails(&check("[server\n"), 2);
    let open = ok(&check("[pagerduty]\ntoken = \"hush\"\n"));
    assert!(open.contains("other.toml holds a secret and is open to others") && open.contains("chmod 600"), "{open}");
    std::fs::set_permissions(site.folder.path().join("other.toml"), Permissions::from_mode(0o600)).unwrap();
    let key = site.folder.path().join("key");
    std::fs::write(&key, "hush").unwrap();
    let pointed = "[pagerduty]\ntoken = { file = \"key\" }\n";
    let open = ok(&check(pointed));
    assert!(open.contains("key holds a secret") && !open.contains("other.toml holds"), "{open}");
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    assert!(!ok(&check(pointed)).contains("holds a secret"));
    fails(&run(&["check", "--offline", "--config", "/nonexistent/arayashiki.toml"]), 2);
    let secret = fails(&check("[pagerduty]\nwebhook_secrets = \"hush-hush-hush\"\n"), 2);
    assert!(!secret.contains("hush"), "{secret}");
}

#[test]
fn a_server_that_cannot_listen_or_read_its_configuration_says_why() {
    let mut first = fresh();
    first.start(&Arms::default());
    let second = Site::new(Database::Sqlite, tempfile::tempdir().unwrap(), first.address.port(), "");
    let said = fails(&second.command(&["serve"]), 1);
    assert!(said.contains(&first.address.to_string()) && said.contains("listen"), "{said}");
    second.configure("[pagerdooty]\n");
    let said = fails(&second.command(&["serve"]), 2);
    assert!(said.contains("pagerdooty") && said.contains("pagerduty"), "{said}");
}

#[test]
fn a_signal_and_a_job_are_run_again_by_the_same_rules() {
    let secret = "the-secret-of-a-subscription";
    let config = format!("[pagerduty]\nwebhook_secrets = [\"{secret}\"]\n");
    let mut site = Site::new(Database::Sqlite, tempfile::tempdir().unwrap(), site::free_port(), &config);
    site.start(&Arms::default());
    signing::deliver(site.address, secret, signing::triggered("QAGAIN")).unwrap();
    let row = wait::until("the event to be read", || {
        let rows = site.all("inbox?source=pagerduty").ok()?;
        rows.into_iter().find(|row| row["state"] == "done")
    });
    let before = site.api("incidents/QAGAIN").unwrap();
    let id = row["id"].to_string();
    ok(&site.command(&["replay", "inbox", &id]));
    let again = wait::until("the event to be read again", || {
        let rows = site.all("inbox?source=pagerduty").ok()?;
        rows.into_iter().find(|one| one["state"] == "done" && one["read_at"] != row["read_at"])
    });
    assert_eq!(again["id"], row["id"]);
    assert_eq!(site.api("incidents/QAGAIN").unwrap()["timeline"], before["timeline"], "twice read, once told");
    assert_eq!(site.account().unwrap()["lost"], 0);
    fails(&site.command(&["replay", "inbox", "99999"]), 1);
    fails(&site.command(&["replay", "job", "99999"]), 1);
    fails(&site.command(&["replay", "job", "first"]), 2);
}

#[test]
fn each_commands_help_has_an_example() {
    let help = out(&run(&["--help"]));
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() >= 6, "{help}");
    for command in commands {
        let shown = ok(&run(&[command, "--help"]));
        assert!(shown.contains("Example") && shown.contains(&format!("arayashiki {command}")), "{command}: {shown}");
    }
    assert!(ok(&run(&["--version"])).contains(env!("CARGO_PKG_VERSION")));
    fails(&run(&["no-such-command"]), 2);
}

#[test]
fn a_server_without_a_configuration_says_where_it_looked_and_what_it_uses() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("serve.log");
    let mut command = program();
    let listen = format!("127.0.0.1:{}", site::free_port());
    command.current_dir(folder.path()).arg("serve").env("ARAYASHIKI__SERVER__LISTEN", listen);
    let mut process = Process::start(command, &log);
    let told = wait::until("the warning", || {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        text.contains("no configuration file").then_some(text)
    });
    for word in ["arayashiki.toml", "/etc/arayashiki/arayashiki.toml", "data/arayashiki.db", "--config"] {
        assert!(told.contains(word), "{word} is not in {told}");
    }
    process.stop();
}
