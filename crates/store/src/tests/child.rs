//! Other processes: this test binary run once more, as one that can be killed or stopped. Speaks by lines.

use super::bed::{environment, open};
use super::words::{add, claim_live, done, finish, note, signal};
use crate::{Clock, Place, Store, StoreError, faults};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Stdio};

const VARIABLE: &str = "ARAYASHIKI_TEST_CHILD";
const MARK: &str = "child says: ";

/// What a child is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    pub role: String,
    /// On PostgreSQL, and the path or address.
    pub place: (bool, String),
    pub point: String,
    pub sabotage: String,
}

impl Job {
    pub fn new(role: &str, place: &Place) -> Self {
        let place = match place {
            Place::Sqlite(path) => (false, path.to_string_lossy().into_owned()),
            Place::Postgres(url) => (true, url.clone()),
        };
        Self { role: role.to_owned(), place, point: String::new(), sabotage: String::new() }
    }
}

pub struct Child {
    process: std::process::Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Child {
    pub fn start(job: &Job) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::child::a_child_does_its_job", "--nocapture", "--test-threads=1"])
            .env(VARIABLE, serde_json::to_string(job).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// The next thing it says, or nothing once it has ended.
    pub fn next(&mut self) -> Option<String> {
        self.lines.by_ref().map_while(Result::ok).find_map(|line| Some(line.split_once(MARK)?.1.to_owned()))
    }

    pub fn says(&mut self) -> String {
        self.next().expect("a word from the child")
    }

    pub fn tell(&mut self, line: &str) {
        let stdin = self.process.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").unwrap();
        stdin.flush().unwrap();
    }

    /// Stops it wherever it is, and comes back when it stands still.
    pub fn stop(&self) {
        self.send("STOP");
        let stat = format!("/proc/{}/stat", self.process.id());
        while !std::fs::read_to_string(&stat).unwrap().contains(") T ") {
            std::thread::yield_now();
        }
    }

    pub fn go_on(&self) {
        self.send("CONT");
    }

    fn send(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    }

    pub fn end(&mut self) -> ExitStatus {
        drop(self.process.stdin.take());
        self.process.wait().unwrap()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn say(words: &str) {
    println!("\n{MARK}{words}");
    std::io::stdout().flush().unwrap();
}

fn hear() {
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[tokio::test]
async fn a_child_does_its_job() {
    // Only as a child of the other tests is there a job.
    let Some(job) = environment(VARIABLE) else { return };
    let job: Job = serde_json::from_str(&job).unwrap();
    faults::arm(&job.point, &job.sabotage);
    let (is_postgres, place) = job.place;
    let place = if is_postgres { Place::Postgres(place) } else { Place::Sqlite(place.into()) };
    let store = open(&place, &Clock::default());
    match job.role.as_str() {
        "probe" => {
            store.probe().await.unwrap();
            say("probed");
        }
        "durability" => {
            let settings = store.durability().await.unwrap();
            say(&settings.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "));
        }
        "accept" => accept(&store).await,
        "accept one" => say(if store.accept(signal(1)).await.is_ok() { "promised" } else { "refused" }),
        "decide twice" => {
            let first = add(&store, &note("k", "lane")).await;
            say(&format!("{first} {}", add(&store, &note("k", "lane")).await));
        }
        "claim" => hold_a_lease(&store).await,
        "sequence" => super::record::crash::until_it_dies(&store).await,
        other => panic!("no such role: {other}"),
    }
    store.close().await;
}

/// Accepts signals one after another and says each one that was promised.
async fn accept(store: &Store) {
    for n in 0..20 {
        store.accept(signal(n)).await.unwrap();
        say(&n.to_string());
    }
}

/// Claims a job, waits to be told, and finishes it as if no time had passed.
async fn hold_a_lease(store: &Store) {
    let job = claim_live(store).await;
    say("claimed");
    hear();
    match finish(store, &job, done()).await {
        Ok(()) => say("finished"),
        Err(StoreError::LeaseLost(_)) => say("lease lost"),
        Err(other) => panic!("{other}"),
    }
}
