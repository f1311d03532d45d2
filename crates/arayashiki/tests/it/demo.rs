//! The demo: one command, nothing to configure, and what it prints works at once.

use crate::outside::http::Request;
use crate::outside::process::{Process, program};
use crate::outside::wait;
use crate::stranger::Browser;
use serde_json::Value;

#[test]
fn the_demo_prints_one_line_and_everything_in_it_works_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(["demo", "--json", "--port", "0", "--seed", "3"]).env("TMPDIR", folder.path());
    let (mut process, line) = Process::start_and_listen(command, &folder.path().join("demo.log"));
    let told: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
    let text = |name: &str| told[name].as_str().unwrap_or_else(|| panic!("no {name} in {told}")).to_owned();
    let address = text("url").trim_start_matches("http://").parse().unwrap();

    let ask = |path: &str| {
        let bearer = format!("Bearer {}", text("token"));
        Request::new("GET", path).with("authorization", bearer).send(address).unwrap()
    };
    assert_eq!(ask("/api/v1/account").status, 200, "the token works at once");
    let mut browser = Browser::new(address);
    let entered = browser.sign_in(&text("email"), &text("password"));
    assert!((300..400).contains(&entered.status), "the password works at once: {}", entered.text());
    assert_eq!(browser.get("/").status, 200, "Now answers");

    wait::until("incidents with a past and a present", || {
        let items = ask("/api/v1/incidents?limit=500").json()["items"].as_array()?.clone();
        let has = |status: &str| items.iter().any(|incident| incident["status"] == status);
        (items.len() > 20 && has("resolved") && (has("triggered") || has("acknowledged"))).then_some(())
    });
    let account = ask("/api/v1/account").json();
    assert_eq!((&account["lost"], &account["dead"]), (&Value::from(0), &Value::from(0)), "{account}");
    assert!(process.stop().success());
    let left =
        std::fs::read_dir(folder.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(left, 0, "the demo leaves its folder behind");
}
