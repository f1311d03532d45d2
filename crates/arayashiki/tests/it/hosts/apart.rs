//! Pages and workers in processes of their own.

use super::bed::{Bed, Plan};
use super::runbook::{LOOK, button, step};
use super::seen;
use crate::outside::wait;
use crate::roles::another;
use crate::spool::has_postgres;
use crate::world::{Arms, Database};
use serde_json::json;

fn says(word: &str) -> String {
    button(LOOK, &[step("say", &[], &format!("echo {word}"))])
}

#[test]
fn what_is_run_is_what_the_page_shows_wherever_it_is_carried_out() {
    if !has_postgres() {
        return;
    }
    let Some(plan) = Plan::usual(Database::Postgres) else { return };
    let mut bed = Bed::made(plan, &[(LOOK, says("one"))]);
    bed.world.site.start(&Arms::role("web"));
    let worker = another(&bed.world, "work");
    // Its folder is elsewhere, and lacks the runbook at first.
    let refused = bed.run(LOOK);
    assert_eq!((&refused["state"], &refused["steps"]), (&json!("refused"), &json!([])), "{refused}");
    assert!(refused["cause"].to_string().contains("no runbook is called"), "{refused}");
    let folder = worker.folder.path().join("runbooks");
    std::fs::create_dir(&folder).unwrap();
    for word in ["one", "two"] {
        bed.write_runbook(LOOK, &says(word));
        std::fs::write(folder.join(format!("{LOOK}.yaml")), says(word)).unwrap();
        let digest = json!(seen::sha256(says(word).as_bytes()));
        wait::until("the page to show the runbook as its file is", || {
            let all = bed.world.site.all_of_page("runbooks").ok()?;
            all.iter().any(|one| one["name"] == LOOK && one["digest"] == digest).then_some(())
        });
        let run = bed.run(LOOK);
        assert_eq!((&run["runbook_digest"], &run["state"]), (&digest, &json!("done")), "{run}");
    }
}
