//! SQLite is one process: a second server on the same file is refused in words, commands run beside the first, and a kill
//! leaves nothing behind that would keep the next one out.

use super::{ends, exported};
use crate::outside::process::{Process, err, program, run};
use crate::world::{Arms, Database, SHORT, World};

#[test]
fn a_second_server_on_one_sqlite_file_is_refused_and_says_who_has_it() {
    let mut world = World::new(Database::Sqlite, SHORT);
    world.site.start(&Arms::default());
    let config = std::fs::read_to_string(world.site.config()).unwrap();
    let (_, rest) = config.split_once("[pagerduty]").unwrap();
    let mut second = world.site.second(&format!("[pagerduty]{rest}"));
    let refused = second.command(&["serve"]);
    ends(&refused, 1);
    let told = err(&refused);
    let database = world.site.data().join("store.db").display().to_string();
    for word in [&database, &format!("process {}", world.site.id()), "Stop that one first", "PostgreSQL"] {
        assert!(told.contains(word), "{word} is not in {told}");
    }
    // Whatever is typed beside a server goes on working.
    for command in [&["check"][..], &["user", "list"], &["token", "list"], &["backfill", "--since", "2026-01-01"]] {
        ends(&second.command(command), 0);
    }
    exported(&world, "audit");
    world.site.kill();
    second.start(&Arms::default());
    second.stop();
    world.site.start(&Arms::default());
}

#[test]
fn a_second_demo_in_one_folder_is_refused_before_it_changes_anything() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo").display().to_string();
    let mut command = program();
    command.args(["demo", "--json", "--data", &data]);
    let (first, _) = Process::start_and_listen(command, &folder.path().join("demo.log"));
    let file = folder.path().join("demo/arayashiki.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let refused = run(&["demo", "--json", "--data", &data]);
    ends(&refused, 1);
    assert!(err(&refused).contains(&format!("process {}", first.id())), "{}", err(&refused));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
}
