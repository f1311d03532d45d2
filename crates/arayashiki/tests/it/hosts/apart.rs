//! Pages and workers in processes of their own.

use super::bed::{Bed, HOST, Plan};
use super::runbook::{LOOK, button, step};
use super::seen;
use crate::outside::process::{err, out, program};
use crate::outside::wait;
use crate::roles::another;
use crate::spool::has_postgres;
use crate::world::{Arms, Database};
use serde_json::json;

fn says(word: &str) -> String {
    button(LOOK, &[step("say", &[], &format!("echo {word}"))])
}

/// Somebody's command line reads other files than the server does: nothing is run that the server does not have, and it is said.
#[test]
fn what_the_server_does_not_have_is_refused_with_the_reason() {
    for database in Database::at_hand() {
        let Some(plan) = Plan::usual(database) else { return };
        let bed = Bed::started(plan, &[(LOOK, says("one"))]);
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::create_dir(elsewhere.path().join("runbooks")).unwrap();
        std::fs::write(elsewhere.path().join("runbooks").join(format!("{LOOK}.yaml")), says("two")).unwrap();
        let config = elsewhere.path().join("arayashiki.toml");
        std::fs::copy(bed.world.site.config(), &config).unwrap();
        let asked =
            program().arg("--config").arg(&config).args(["runbook", "run", LOOK, "--host", HOST]).output().unwrap();
        assert!(!asked.status.success());
        let said = format!("{}{}", out(&asked), err(&asked));
        assert!(said.contains("is refused: look was changed after it was asked for"), "{said}");
        let run = bed.ended(bed.runs()[0]["id"].as_i64().unwrap());
        assert_eq!((&run["state"], &run["steps"]), (&json!("refused"), &json!([])), "{run}");
        assert_eq!(bed.host.logged("Starting session"), 0);
        assert_eq!(bed.run(LOOK)["state"], "done", "its own version runs as before");
    }
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
