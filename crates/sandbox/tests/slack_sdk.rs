//! Slack's own client library against the simulated Slack: neither knows the other. Skipped with a word where it is not installed.

mod workspace;

use std::path::PathBuf;

use workspace::Workspace;

#[expect(clippy::disallowed_methods, reason = "a test is told by the environment where the library lies")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::test]
async fn the_vendors_library_works_with_the_simulation() {
    let Some(python) = variable("ARAYASHIKI_SLACK_SDK") else {
        assert_ne!(
            variable("CI").as_deref(),
            Some("true"),
            "CI must set ARAYASHIKI_SLACK_SDK (scripts/services start)"
        );
        println!("skipped: ARAYASHIKI_SLACK_SDK is not set");
        return;
    };
    let own = Workspace::quick().await;
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/slack_sdk.py");
    let info = serde_json::to_string(own.slack.info()).expect("JSON");
    // Isolated: the script is called as the library is, and must not be taken for it.
    let ended = tokio::process::Command::new(python)
        .arg("-I")
        .arg(script)
        .arg(info)
        .kill_on_drop(true)
        .output()
        .await
        .expect("it runs");
    let (out, error) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success() && out.trim_end().ends_with("done"), "{out}\n{error}");
    let refused = own.slack.effects("slack.refused");
    assert!(refused.iter().filter(|r| r["status"] == 429).count() >= 2, "the patient client was limited too");
    assert_eq!(own.slack.effects("slack.uploaded").len(), 1);
}
