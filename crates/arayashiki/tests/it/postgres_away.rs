//! PostgreSQL hangs, goes away and comes back, and there is no spool. While it is away nothing is promised, within two
//! seconds; when it is back the program goes on without a restart. The cluster is the test's own.

use crate::outside::http::{Answer, Request};
use crate::outside::process::signal;
use crate::outside::{environment, signing, skip, wait};
use crate::world::database::Place;
use crate::world::{Arms, Site, site};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SECRET: &str = "the-secret-of-a-subscription";
/// PagerDuty gives a receiver five seconds; the program promises an answer within two, and the machine may be busy.
const ANSWERED_WITHIN: Duration = Duration::from_millis(2_900);

/// A cluster of PostgreSQL in a folder of its own, not run by root.
struct Cluster {
    folder: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
}

impl Cluster {
    /// `None` where PostgreSQL is not installed, or not wanted.
    fn new() -> Option<Self> {
        let bin = bin();
        if environment("ARAYASHIKI_TEST_POSTGRES").is_none() || bin.is_none() {
            skip("PostgreSQL that goes away", "eval \"$(scripts/services start)\" sets PostgreSQL up");
            return None;
        }
        let cluster = Self { folder: tempfile::tempdir().unwrap(), bin: bin?, port: site::free_port() };
        if is_root() {
            let _ = Command::new("chown").arg("postgres").arg(cluster.folder.path()).status();
        }
        let data = cluster.data();
        let made = cluster
            .tool("initdb")
            .args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "-N"])
            .arg("-D")
            .arg(&data)
            .output();
        let made = made.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of PostgreSQL's programs, as the user that it insists on.
    fn tool(&self, name: &str) -> Command {
        let program = self.bin.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    fn start(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c shared_buffers=16MB",
            self.port,
            self.folder.path().display()
        );
        let mut command = self.tool("pg_ctl");
        command.arg("-D").arg(self.data()).arg("-l").arg(self.folder.path().join("log"));
        let started = command.args(["-w", "-t", "60", "-o", &options, "start"]).stdout(Stdio::null()).status();
        assert!(started.unwrap().success(), "the cluster does not start");
    }

    fn stop(&self) {
        let mut command = self.tool("pg_ctl");
        let stopped = command.arg("-D").arg(self.data()).args(["-m", "immediate", "-w", "stop"]).output().unwrap();
        assert!(stopped.status.success(), "{}", String::from_utf8_lossy(&stopped.stderr));
    }

    /// The cluster's processes: its first one and that one's children.
    fn processes(&self) -> Vec<u32> {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let Some(first) = text.lines().next().and_then(|line| line.trim().parse::<u32>().ok()) else {
            return Vec::new();
        };
        let children = std::fs::read_to_string(format!("/proc/{first}/task/{first}/children")).unwrap_or_default();
        std::iter::once(first).chain(children.split_whitespace().filter_map(|id| id.parse().ok())).collect()
    }

    fn hang(&self) {
        self.processes().into_iter().for_each(|id| signal(id, "STOP"));
    }

    fn go_on(&self) {
        self.processes().into_iter().for_each(|id| signal(id, "CONT"));
    }

    fn site(&self) -> Site {
        let place = Place::at(&format!("postgres://postgres@127.0.0.1:{}/postgres", self.port));
        let config = format!("[pagerduty]\nwebhook_secrets = [\"{SECRET}\"]\n");
        Site::without_token(place, tempfile::tempdir().unwrap(), site::free_port(), &config)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.go_on();
        let _ = self.tool("pg_ctl").arg("-D").arg(self.data()).args(["-m", "immediate", "-w", "stop"]).output();
    }
}

fn bin() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let bins = installed.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    bins.filter(|bin| bin.join("initdb").exists()).max()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

fn post(site: &Site, incident: &str) -> (Answer, Duration) {
    let begun = Instant::now();
    let answer = signing::deliver(site.address, SECRET, signing::triggered(incident)).unwrap();
    (answer, begun.elapsed())
}

/// Nothing is promised, and the refusals come in time.
fn refuses(site: &Site, kind: &str) {
    for n in 0..4 {
        let (answer, took) = post(site, &format!("Q{kind}{n}"));
        assert_eq!(answer.status, 503, "{kind}: {}", answer.text());
        assert!(answer.header("retry-after").is_some(), "{kind}");
        assert!(took < ANSWERED_WITHIN, "{kind}: answered after {took:?}");
    }
}

fn pages_say_so(site: &Site) {
    // An answer of a moment ago may still be given.
    let ready = wait::until("readiness to be denied", || {
        Request::new("GET", "/readyz").send(site.address).ok().filter(|answer| answer.status == 503)
    });
    assert!(!ready.text().contains("postgres://"), "{}", ready.text());
    let page = site.get("/sign-in").unwrap();
    assert!(page.status == 200 || page.status == 503, "{}", page.status);
    let api = site.authorized("GET", "/api/v1/account").send(site.address).unwrap();
    assert_eq!((api.status, api.header("content-type")), (503, Some("application/problem+json")), "{}", api.text());
}

/// Takes events again by itself.
fn recovers(site: &Site, kind: &str, promised: &mut Vec<String>) {
    let incident = format!("Q{kind}BACK");
    wait::until("an event to be taken again", || {
        let answer = signing::deliver(site.address, SECRET, signing::triggered(&incident)).ok()?;
        (answer.status == 202).then_some(())
    });
    promised.push(incident);
    wait::until("readiness", || (site.get("/readyz").ok()?.status == 200).then_some(()));
}

#[test]
fn a_postgresql_that_hangs_or_is_away_costs_nothing_that_was_promised() {
    let Some(cluster) = Cluster::new() else { return };
    let mut site = cluster.site();
    let off = ("ARAYASHIKI__STORE__SPOOL".to_owned(), "off".to_owned());
    site.start(&Arms { variables: vec![off], ..Arms::default() });
    refuses(&site, "UNBORN");
    cluster.start();
    let mut promised = Vec::new();
    recovers(&site, "BORN", &mut promised);
    site.make_token();
    cluster.hang();
    refuses(&site, "HANGING");
    pages_say_so(&site);
    cluster.go_on();
    recovers(&site, "AWAKE", &mut promised);
    cluster.stop();
    refuses(&site, "AWAY");
    pages_say_so(&site);
    cluster.start();
    recovers(&site, "AGAIN", &mut promised);
    wait::until("everything to be read", || (site.account().ok()?["waiting"] == 0).then_some(()));
    assert_eq!(site.account().unwrap()["lost"], 0);
    let rows = site.webhook_rows().unwrap();
    let lost: Vec<_> = promised.iter().filter(|p| !rows.iter().any(|(i, _)| i.as_ref() == Some(p))).collect();
    assert!(lost.is_empty(), "{lost:?}");
}
