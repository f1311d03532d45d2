//! A Chromium of the test's own, with a profile that goes with it. Opens nothing but pages on this machine.

use super::window::{Look, Window};
use super::wire::Wire;
use crate::outside::process::{Process, has_tool};
use crate::outside::{environment, skip, wait};
use serde_json::json;
use std::process::Command;
use std::time::Duration;

/// It only ever sees our own pages, so it needs no sandbox, which root can't have; and it must not look for the network.
const ARGUMENTS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--remote-debugging-port=0",
];

pub struct Chromium {
    /// First, so that it ends before its profile goes.
    process: Process,
    _profile: tempfile::TempDir,
    url: String,
}

impl Chromium {
    /// `None` where there is none, said aloud.
    pub fn start() -> Option<Self> {
        let named = environment("ARAYASHIKI_CHROMIUM");
        let Some(path) = named.or_else(|| has_tool("chromium").then(|| "chromium".to_owned())) else {
            skip("the pages in a browser", "there is no Chromium; scripts/services install brings it");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new(path);
        command.args(ARGUMENTS).arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        let process = Process::start(command, &profile.path().join("chromium.log"));
        let told = profile.path().join("DevToolsActivePort");
        let url = wait::until("Chromium to say where it listens", || {
            let text = std::fs::read_to_string(&told).ok()?;
            let (port, path) = text.split_once('\n')?;
            (!path.is_empty()).then(|| format!("ws://127.0.0.1:{port}{path}"))
        });
        Some(Self { process, _profile: profile, url })
    }

    /// A window of somebody who shares no cookie with any other.
    pub fn window(&self, look: Look) -> Window {
        let mut wire = Wire::open(&self.url);
        let context = wire.call("Target.createBrowserContext", json!({ "disposeOnDetach": true }));
        let context = context["browserContextId"].as_str().unwrap().to_owned();
        Window::open(wire, &context, look)
    }

    /// Another window of the same person, who may look at it differently.
    pub fn beside(&self, window: &Window, look: Look) -> Window {
        Window::open(Wire::open(&self.url), &window.context, look)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Asked nicely it takes its helpers along and leaves the profile alone; otherwise the process is killed.
        self.process.signal("TERM");
        let _ = self.process.ends_within(Duration::from_secs(5));
    }
}
