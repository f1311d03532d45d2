//! Much output, odd output, and too much of it: kept whole and byte for byte up to the limit, while what pages read stays small.

use super::bed::{Bed, Plan};
use super::runbook::{LOOK, button, step};
use super::seen::{self, sha256, states};
use crate::outside::Dice;
use crate::world::{Books, Database};
use std::fmt::Write;

const LARGE_BYTES: usize = 100_000_000;
/// Of a step, what pages read.
const MOST_SHOWN_BYTES: i64 = 256 << 10;

/// Lines that are all different, so that nothing can be lost or swapped unseen.
fn lines(bytes: usize) -> Vec<u8> {
    let mut text = String::with_capacity(bytes + 100);
    let mut n = 0_u64;
    while text.len() < bytes {
        let _ = writeln!(text, "{n:09} GET /items/{} 200 {} ms", n * 7919 % 100_003, n * 31 % 977);
        n += 1;
    }
    text.truncate(bytes);
    text.into_bytes()
}

/// Bytes of what is shown of a run's steps while they run.
fn shown_bytes(bed: &Bed, run: i64) -> i64 {
    Books::of(&bed.world.site).read(move |tx| {
        let sql = "SELECT coalesce(sum(length(body)), 0) FROM run_output WHERE run = ?1";
        Box::pin(async move { tx.sure(sql, &[store::Val::from(run)]).await?.int(0) })
    })
}

/// The server asks for new keys after every megabyte.
#[test]
fn a_hundred_megabytes_are_kept_whole_while_keys_are_exchanged() {
    let Some(plan) = Plan::with(Database::Sqlite, &["RekeyLimit 1M", "LogLevel DEBUG1"]) else { return };
    let file = plan.host.folder.path().join("large");
    let ssh = "step = \"10m\"\n".to_owned();
    let steps = [
        step("large", &["time: 10m", "output: 100MB"], &format!("cat {}", file.display())),
        step("after", &[], "echo after"),
    ];
    let bed = Bed::started(Plan { ssh, ..plan }, &[(LOOK, button(LOOK, &steps))]);
    let bytes = lines(LARGE_BYTES);
    bed.put("large", &bytes, false);
    let id = bed.ask(LOOK);
    let run = bed.ended(id);
    assert_eq!((run["state"].as_str(), states(&run)), (Some("done"), vec![("large", "ok"), ("after", "ok")]));
    let large = seen::step(&run, "large");
    let seen = seen::stream(large, "out");
    assert_eq!((seen["bytes"].as_u64(), seen["cut"].as_bool()), (Some(LARGE_BYTES as u64), Some(false)));
    assert_eq!(seen["sha256"], sha256(&bytes));
    assert!(bed.download(large, "out") == bytes, "the download differs");
    assert!(shown_bytes(&bed, id) <= 2 * MOST_SHOWN_BYTES, "{}", shown_bytes(&bed, id));
    let times = bed.host.logged("SSH2_MSG_KEXINIT received");
    assert!(times > 50, "keys were exchanged {times} times");
    bed.is_well_recorded();
}

#[test]
fn bytes_that_are_no_text_come_back_as_they_were() {
    let Some(plan) = Plan::usual(Database::Sqlite) else { return };
    let file = plan.host.folder.path().join("odd");
    let steps = [step("odd", &[], &format!("cat {}", file.display()))];
    let bed = Bed::started(plan, &[(LOOK, button(LOOK, &steps))]);
    let mut dice = Dice::new(7);
    let bytes: Vec<u8> = (0..300_000).map(|_| dice.below(256) as u8).collect();
    bed.put("odd", &bytes, false);
    let run = bed.run(LOOK);
    let odd = seen::step(&run, "odd");
    assert_eq!((odd["state"].as_str(), seen::stream(odd, "out")["text"].as_bool()), (Some("ok"), Some(false)));
    assert!(bed.download(odd, "out") == bytes, "the download differs");
}

#[test]
fn what_is_beyond_the_limit_is_not_taken() {
    let Some(plan) = Plan::usual(Database::Sqlite) else { return };
    let file = plan.host.folder.path().join("much");
    let steps = [step("much", &["output: 1MB"], &format!("cat {}", file.display())), step("after", &[], "echo after")];
    let bed = Bed::started(plan, &[(LOOK, button(LOOK, &steps))]);
    let bytes = lines(3_000_000);
    bed.put("much", &bytes, false);
    let run = bed.run(LOOK);
    assert_eq!((run["state"].as_str(), states(&run)), (Some("done"), vec![("much", "cut"), ("after", "ok")]));
    let much = seen::step(&run, "much");
    assert_eq!(seen::stream(much, "out")["cut"], true, "{much}");
    let kept = bed.download(much, "out");
    assert!(bytes.starts_with(&kept) && (900_000..=1_100_000).contains(&kept.len()), "{}", kept.len());
}
