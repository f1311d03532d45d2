//! `report verify --store`: beside a server that goes on writing it says that the record is whole; after a deed in the database
//! or where evidence lies it names the deed.

use super::ends;
use crate::outside::parallel;
use crate::outside::process::{err, out};
use crate::outside::wait;
use crate::world::{Database, SHORT, World};
use evidence::{Evidence, Settings};
use model::Micros;
use model::capsule::{Capsule, CapsuleId, Ended, Output, RunId, Stored, object};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use store::{Clock, Options, Place, Store, capsules};

fn place(world: &World) -> Place {
    let url = world.site.database_url();
    url.strip_prefix("sqlite:").map_or_else(|| Place::Postgres(url.to_owned()), |path| Place::Sqlite(path.into()))
}

/// Does something to the database, beside the server.
fn in_store<T>(world: &World, work: impl AsyncFnOnce(&Store) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(Options { place: place(world), readers: 1, clock: Clock::default() }).unwrap();
        let done = work(&store).await;
        store.close().await;
        done
    })
}

fn deed(world: &World, sql: &'static str) {
    in_store(world, async |store| {
        let unit = store.write("test", move |tx| Box::pin(async move { tx.exec(sql, &[]).await }));
        assert!(unit.await.unwrap() > 0, "{sql}");
    });
}

/// Something that a host answered; gives the file that it lies in.
fn capture(world: &World) -> PathBuf {
    let folder = world.site.folder.path().join("data");
    let settings = Settings::new(format!("file:{}", folder.join("evidence").display()), folder.join("evidence.key"));
    let (id, at) = (CapsuleId("c1".to_owned()), Micros::from_seconds(1_790_000_000));
    let name = object(&id, at, "out");
    let file = folder.join("evidence").join(&name);
    in_store(world, async |store| {
        let mut writer = Evidence::open(&settings).await.unwrap().writer(&name).await.unwrap();
        writer.write(b"load average: 0.50").await.unwrap();
        let sealed = writer.finish().await.unwrap();
        let sha256 = model::chain::Hash(sealed.digest).to_string();
        let capsule = Capsule {
            id,
            kind: model::capsule::kind::COMMAND.into(),
            run: RunId("r1".into()),
            step: "load".into(),
            incident: None,
            customer: None,
            host: "web01".into(),
            hops: vec![],
            host_key: None,
            command: "uptime".into(),
            runbook_digest: None,
            actor: "system".into(),
            asked_at: at,
            started_at: Some(at),
            ended_at: at,
            ended: Ended::Exit { status: 0 },
            output: Output {
                out: Some(Stored { object: name, sha256, bytes: sealed.bytes, is_cut: false }),
                err: None,
            },
            redactions: BTreeMap::new(),
            judged: None,
        };
        let unit = store.write("test", move |tx| Box::pin(async move { capsules::add(tx, &capsule).await }));
        assert!(unit.await.unwrap());
    });
    file
}

fn verdict(world: &World) -> Value {
    let output = world.site.command(&["report", "verify", "--store", "--json"]);
    serde_json::from_str(&out(&output)).unwrap_or_else(|error| panic!("{error}: {}{}", out(&output), err(&output)))
}

fn is_entered_and_signed(world: &World) -> Option<Value> {
    let verdict = verdict(world);
    assert_eq!(verdict["whole"], true, "{verdict}");
    let counts = &verdict["counts"];
    let is_all =
        counts["by_kind"]["capsule"] == 1 && counts["witnesses"].as_i64() >= Some(1) && counts["unsigned"] == 1;
    (is_all && verdict["waiting"] == 0).then_some(verdict)
}

/// Verifies, and expects to be told this.
fn is_told(world: &World, arguments: &[&str], words: &str) {
    let output = world.site.command(&[&["report", "verify", "--store"], arguments].concat());
    let told = ends(&output, 1);
    assert!(told.contains(words), "{words} is not in:\n{told}");
    assert!(err(&output).contains("the record is not whole"), "{}", err(&output));
}

#[test]
fn whoever_changes_the_record_is_found_out() {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| {
        let mut world = World::new(*database, SHORT);
        let file = capture(&world);
        world.site.start(&crate::world::Arms::default());
        let whole = wait::until("everything is entered and signed", || is_entered_and_signed(&world));
        let told = ends(&world.site.command(&["report", "verify", "--store"]), 0);
        assert!(told.contains("The record is whole") && told.contains("last checkpoint: 1, over"), "{told}");

        // In the database, beside the server.
        deed(&world, "UPDATE audit SET actor = 'x' || actor WHERE id = 1");
        is_told(&world, &[], "audit 1 was changed");
        deed(&world, "UPDATE audit SET actor = substr(actor, 2) WHERE id = 1");
        deed(&world, "UPDATE capsule SET body = replace(body, 'uptime', 'reboot')");
        is_told(&world, &[], "capsule c1 was changed");
        deed(&world, "UPDATE capsule SET body = replace(body, 'reboot', 'uptime')");
        assert_eq!(verdict(&world)["whole"], true);
        in_evidence(&world, &file);
        outside(&mut world, &whole);
    });
}

fn in_evidence(world: &World, file: &std::path::Path) {
    let good = std::fs::read(file).unwrap();
    let mut bad = good.clone();
    *bad.last_mut().unwrap() ^= 1;
    std::fs::write(file, bad).unwrap();
    is_told(world, &[], "of capsule c1 was changed");
    std::fs::remove_file(file).unwrap();
    is_told(world, &[], "is missing, and no retention took it");
    ends(&world.site.command(&["report", "verify", "--store", "--skip-outputs"]), 0);
    std::fs::write(file, good).unwrap();
}

/// With the server stopped: an end that was cut off whole is known only to whoever has kept a checkpoint.
fn outside(world: &mut World, whole: &Value) {
    world.site.kill();
    let note = world.site.folder.path().join("slack.txt");
    let kept = whole["last_checkpoint"]["note"].as_str().unwrap();
    std::fs::write(&note, format!("Checkpoint of the record\r\n> {}", kept.replace('\n', "\r\n> "))).unwrap();
    by_hand(world, kept, whole["keys"][0].as_str().unwrap());
    let note = note.to_string_lossy().into_owned();
    ends(&world.site.command(&["report", "verify", "--store", "--anchor", &note]), 0);
    let own = whole["keys"][0].as_str().unwrap();
    ends(&world.site.command(&["report", "verify", "--store", "--key", own]), 0);
    let other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    is_told(world, &["--key", other], "checkpoint 1 was signed by another key");
    ends(&world.site.command(&["report", "verify", "--store", "--key", "mine"]), 2);
    for sql in ["DELETE FROM chain_entry WHERE seq > 0", "DELETE FROM checkpoint", "DELETE FROM capsule"] {
        deed(world, sql);
    }
    is_told(world, &["--anchor", &note], "slack.txt counted");
}

const GUIDE: &str = include_str!("../../../../../docs/guide/record.md");

/// The guide's own commands, without anything of ours.
fn by_hand(world: &World, note: &str, key: &str) {
    let (_, chapter) = GUIDE.split_once("## 6. Check it by hand").unwrap();
    let script = chapter.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    for (text, is_good) in [(note.to_owned(), true), (note.replace("time 2", "time 3"), false)] {
        std::fs::write(world.site.folder.path().join("checkpoint.txt"), text).unwrap();
        let mut shell = Command::new("sh");
        let ran = shell.args(["-ec", script]).env("key", key).current_dir(world.site.folder.path()).output().unwrap();
        assert_eq!(ran.status.success(), is_good, "{}{}", out(&ran), err(&ran));
    }
}
