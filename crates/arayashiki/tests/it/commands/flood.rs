//! A place that can't be written is told of once and not at every try, and so is the end of it.

use crate::outside::{signing, wait};
use crate::world::{Arms, Database, SHORT, World};

const TRIES: usize = 40;

#[test]
fn a_folder_that_cannot_be_written_is_a_line_and_its_end_another() {
    let mut world = World::new(Database::Sqlite, SHORT);
    // A file where the folder should be stops even root.
    let blocker = world.site.folder.path().join("blocked");
    std::fs::write(&blocker, "").unwrap();
    let config = std::fs::read_to_string(world.site.config()).unwrap();
    let data = world.site.data().display().to_string();
    let blocked =
        config.replace(&data, &blocker.display().to_string()).replace("filter = \"warn\"", "filter = \"info\"");
    assert!(blocked.contains("blocked") && blocked.contains("\"info\""), "{blocked}");
    std::fs::write(world.site.config(), blocked).unwrap();
    world.site.start(&Arms::default());
    let secret = world.sandbox.secret();
    let deliver = |n: usize| signing::deliver(world.site.address, &secret, signing::triggered(&format!("QFLOOD{n}")));
    for n in 0..TRIES {
        assert_eq!(deliver(n).unwrap().status, 503);
    }
    assert_eq!(world.site.get("/readyz").unwrap().status, 503);
    std::fs::remove_file(&blocker).unwrap();
    wait::until("a webhook to be taken", || (deliver(0).ok()?.status == 202).then_some(()));
    world.site.stop();
    let log = world.site.log_text();
    let lines = |words: &str| log.lines().filter(|line| line.contains(words)).count();
    assert_eq!(lines("nothing can be written"), 1, "{log}");
    assert_eq!(lines("the database can be written again"), 1, "{log}");
    assert_eq!(lines("can't be locked"), 1, "{log}");
    let loud = log.lines().filter(|line| line.contains("ERROR") || line.contains("WARN")).count();
    assert!(loud < TRIES / 2, "{loud} lines:\n{log}");
}
