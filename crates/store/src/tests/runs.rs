//! Runs, their steps and output, what is known of hosts, and approvals of runbooks, on both databases.

use super::bed::{Bed, for_each_store};
use crate::jobs::{self, Claim, Terms};
use crate::runs::{self, End, Ended, Filter, New};
use crate::{Tx, actions, hosts, runbook_approvals, visits};
use model::Scope;
use model::action::{Action, Effect, Outcome, Precondition, Queue};

async fn write<T: Send + 'static>(
    bed: &Bed,
    unit: impl for<'a> Fn(&'a mut Tx) -> crate::Unit<'a, T> + Send + Sync + 'static,
) -> T {
    bed.store.write("test", unit).await.unwrap()
}

fn new<'a>(key: &'a str, host: &'a str, customer: Option<&'a str>, steps: &'a [String]) -> New<'a> {
    New {
        key,
        incident: Some("Q1"),
        host,
        customer,
        runbook: "linux",
        runbook_digest: "d",
        class: "read",
        reason: "incident",
        asked_by: "system",
        plan: "{}",
        plan_digest: "p",
        steps,
    }
}

fn steps() -> Vec<String> {
    vec!["load".to_owned(), "disk".to_owned()]
}

const ENDED: End<'_> = End { state: "done", cause: None, level: Some("ok"), findings: "[]", is_healthy: true };

#[test]
fn a_run_stands_beside_its_own_incident_and_beside_those_that_took_it_in() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let own = runs::add(tx, &new("own", "web-1", Some("aoba"), &steps())).await?.unwrap();
                let other = New { incident: Some("Q2"), ..new("other", "web-1", Some("aoba"), &[]) };
                let other = runs::add(tx, &other).await?.unwrap();
                for _ in 0..2 {
                    runs::stand_beside(tx, own, "Q2").await?;
                }
                assert_eq!(
                    (runs::beside(tx, own).await?, runs::beside(tx, other).await?),
                    (vec!["Q2".to_owned()], vec![])
                );
                for (incident, wanted) in [("Q1", vec![own]), ("Q2", vec![other, own]), ("Q3", vec![])] {
                    let filter = Filter { incident: Some(incident.into()), ..Filter::default() };
                    let found = runs::list(tx, &Scope::All, &filter, 9).await?;
                    assert_eq!(found.iter().map(|run| run.id).collect::<Vec<_>>(), wanted, "{incident}");
                    let foreign = Scope::Customers(["minato".to_owned()].into());
                    assert_eq!(runs::list(tx, &foreign, &filter, 9).await?, [], "{incident}");
                }
                // Nothing that was said is no piece.
                runs::add_output(tx, own, 0, 0, "out", b"").await?;
                assert_eq!(runs::said(tx, &Scope::All, &[own]).await?.len(), 0);
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn a_run_is_made_once_and_each_step_is_begun_and_ended_once() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let names = steps();
                let id = runs::add(tx, &new("k", "web-1", None, &names)).await?.unwrap();
                assert_eq!(runs::add(tx, &new("k", "web-1", None, &names)).await?, None, "its key is known");
                runs::begin(tx, id).await?;
                assert!(runs::begin_step(tx, id, 0).await?);
                assert!(!runs::begin_step(tx, id, 0).await?, "a step is begun once");
                assert_eq!(runs::cut_short(tx, id).await?.len(), 1);
                let ended = Ended { state: "ok", output: "{}", findings: "[]", redactions: "{}", ..Ended::default() };
                assert!(runs::end_step(tx, id, 0, &ended).await?);
                let other = Ended { state: "failed", ..ended };
                assert!(!runs::end_step(tx, id, 0, &other).await?, "the first end stands");
                runs::leave_out(tx, id, "somebody stopped it").await?;
                let states: Vec<String> = runs::steps(tx, id).await?.into_iter().map(|step| step.state).collect();
                assert_eq!(states, ["ok", "not_run"]);
                assert!(runs::ask_to_stop(tx, id, "a1").await?);
                assert_eq!(runs::beat(tx, id).await?.as_deref(), Some("a1"));
                assert!(runs::end(tx, id, &ENDED).await?);
                assert!(!runs::end(tx, id, &End { state: "failed", ..ENDED }).await?);
                assert!(!runs::ask_to_stop(tx, id, "a1").await?, "it has ended");
                assert_eq!(runs::get(tx, id).await?.unwrap().state, "done");
                let later = runs::add(tx, &new("k2", "web-1", None, &names)).await?.unwrap();
                assert_eq!(runs::last_healthy(tx, "web-1", "linux", later).await?.unwrap().id, id);
                assert!(runs::last_healthy(tx, "web-1", "linux", id).await?.is_none());
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn a_customer_sees_its_own_runs_and_what_they_said() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let names = steps();
                let mine = runs::add(tx, &new("a", "web-1", Some("minato"), &names)).await?.unwrap();
                let other = runs::add(tx, &new("b", "db-1", Some("hoshino"), &names)).await?.unwrap();
                for id in [mine, other] {
                    runs::add_output(tx, id, 0, 0, "out", b"load 1\0\xff\n").await?;
                    runs::add_output(tx, id, 0, 1, "err", b"oops").await?;
                }
                visits::save(tx, "Q1", Some("minato"), "f", "{}", "run").await?;
                let scope = Scope::Customers(vec!["minato".into()]);
                let filter = Filter { incident: Some("Q1".into()), ..Filter::default() };
                let seen: Vec<i64> = runs::list(tx, &scope, &filter, 10).await?.iter().map(|run| run.id).collect();
                assert_eq!(seen, [mine]);
                assert_eq!(runs::list(tx, &Scope::All, &filter, 10).await?.len(), 2);
                assert!(runs::find(tx, &scope, other).await?.is_none());
                assert_eq!(runs::steps_of(tx, &scope, &[mine, other]).await?.len(), 2);
                assert!(runs::step(tx, &scope, other, 0).await?.is_none());
                let said = runs::output(tx, &scope, mine, 0).await?;
                assert_eq!(said[0].body, b"load 1\0\xff\n", "bytes stay what they are");
                assert_eq!(runs::output_after(tx, &scope, mine, 0, 0).await?.len(), 1);
                assert!(runs::output(tx, &scope, other, 0).await?.is_empty());
                assert!(visits::find(tx, &scope, "Q1").await?.is_some());
                assert!(visits::find(tx, &Scope::Customers(vec!["x".into()]), "Q1").await?.is_none());
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn output_that_lies_elsewhere_is_forgotten_and_other_is_kept() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let names = steps();
                let id = runs::add(tx, &new("k", "web-1", None, &names)).await?.unwrap();
                for n in 0..2 {
                    runs::begin_step(tx, id, n).await?;
                    runs::add_output(tx, id, n, 0, "out", b"x").await?;
                }
                let kept =
                    Ended { state: "interrupted", output: "{}", findings: "[]", redactions: "{}", ..Ended::default() };
                runs::end_step(tx, id, 0, &kept).await?;
                runs::end_step(tx, id, 1, &Ended { output: r#"{"out":{}}"#, ..kept }).await?;
                runs::end(tx, id, &ENDED).await?;
                let later = tx.now().plus_s(1);
                runs::forget_output(tx, later, 100).await?;
                assert_eq!(runs::pieces(tx, id, 0).await?.len(), 1, "nothing else was kept of it");
                assert!(runs::pieces(tx, id, 1).await?.is_empty());
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn what_runs_on_a_host_renews_its_lease_and_is_never_run_alone() {
    for_each_store(async |bed| {
        let terms = Terms { lease_ms: 10_000, settle_ms: 1_000 };
        write(bed, |tx| {
            Box::pin(async move {
                let names = steps();
                let run = runs::add(tx, &new("run/1", "web-1", None, &names)).await?.unwrap();
                let action = Action {
                    key: "run/1".into(),
                    duty: "diagnose".into(),
                    subject: "Q1".into(),
                    lane: "host:web-1".into(),
                    effect: Effect::Run { run },
                    not_before: None,
                    not_after: None,
                    precondition: Precondition::None,
                    why: "test".into(),
                    customer: None,
                    queue: Queue::Ssh,
                };
                actions::add(tx, &action, actions::Doing::Really).await?;
                Ok(())
            })
        })
        .await;
        let claim =
            async || write(bed, move |tx| Box::pin(async move { jobs::claim(tx, Queue::Ssh, "w", terms).await })).await;
        let Claim::Job(first) = claim().await else { panic!("a job is due") };
        bed.clock.advance_s(9);
        let held = first.clone();
        write(bed, move |tx| {
            let held = held.clone();
            Box::pin(async move { jobs::renew(tx, &held, terms).await })
        })
        .await;
        bed.clock.advance_s(9);
        assert!(matches!(claim().await, Claim::Nothing), "its lease was renewed");
        bed.clock.advance_s(9);
        let Claim::Job(second) = claim().await else { panic!("its worker is gone") };
        assert!(second.unsettled.is_some());
        bed.clock.advance_s(12);
        let suspect =
            write(bed, move |tx| Box::pin(async move { jobs::claim_suspect(tx, "alone", terms).await })).await;
        assert!(matches!(suspect, Claim::Nothing), "nothing waits for a run to end");
        let Claim::Job(third) = claim().await else { panic!("the second worker is gone too") };
        let lost = bed
            .store
            .write("test", move |tx| {
                let first = first.clone();
                Box::pin(async move { jobs::renew(tx, &first, terms).await })
            })
            .await;
        assert!(matches!(lost, Err(crate::StoreError::LeaseLost(_))), "{lost:?}");
        let orphans = write(bed, move |tx| {
            let third = third.clone();
            Box::pin(async move {
                jobs::finish(tx, &third, &Outcome::Never { why: "no".into() }).await?;
                runs::orphans(tx).await
            })
        })
        .await;
        assert_eq!(orphans.len(), 1, "a run without its job is found");
    });
}

#[test]
fn a_host_is_known_by_how_it_was_last_reached_and_by_the_keys_people_trust() {
    for_each_store(async |bed| {
        let reach = |state: &str| hosts::Reach {
            host: "web-1".into(),
            customer: Some("minato".into()),
            state: state.into(),
            clock_offset_ms: (state == "reached").then_some(12),
            ..hosts::Reach::default()
        };
        for (state, since_is_new) in [("reached", true), ("reached", false), ("key_changed", true)] {
            let (one, before_it) = (reach(state), bed.clock.now());
            write(bed, move |tx| {
                let one = one.clone();
                Box::pin(async move { hosts::reached(tx, &one).await.map(|_| ()) })
            })
            .await;
            let all = write(bed, |tx| Box::pin(async move { hosts::reaches(tx, &Scope::All).await })).await;
            assert_eq!(all[0].state, state);
            assert_eq!(all[0].clock_offset_ms, Some(12), "what a failure does not tell stays known");
            assert_eq!(all[0].since >= before_it, since_is_new, "{state}");
            bed.clock.advance_s(1);
        }
        write(bed, |tx| {
            Box::pin(async move {
                hosts::trust(tx, "web-1", "web-1", "ssh-ed25519 AAA", "SHA256:a", "u1").await?;
                hosts::trust(tx, "web-1", "web-1", "ssh-ed25519 AAA", "SHA256:a", "u1").await?;
                hosts::trust(tx, "web-1", "web-1", "ssh-rsa BBB", "SHA256:b", "u1").await?;
                assert_eq!(hosts::keys(tx).await?.len(), 2, "kinds stand beside each other");
                let version = hosts::keys_version(tx).await?;
                hosts::trust(tx, "web-1", "web-1", "ssh-ed25519 CCC", "SHA256:c", "u2").await?;
                let lines: Vec<String> = hosts::keys_of(tx, "web-1").await?.into_iter().map(|key| key.line).collect();
                assert_eq!(lines, ["ssh-rsa BBB", "ssh-ed25519 CCC"], "a new key of a kind takes the old one's place");
                assert_ne!(hosts::keys_version(tx).await?, version);
                runbook_approvals::approve(tx, "linux", "d1", "u1").await?;
                assert!(runbook_approvals::is_approved(tx, "linux", "d1").await?);
                assert!(!runbook_approvals::is_approved(tx, "linux", "d2").await?);
                assert!(runbook_approvals::withdraw(tx, "linux", "d1", "u2").await?);
                assert!(!runbook_approvals::is_approved(tx, "linux", "d1").await?);
                runbook_approvals::approve(tx, "linux", "d1", "u3").await?;
                assert_eq!(runbook_approvals::every(tx).await?[0].approved_by, "u3");
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn what_hosts_said_is_found_by_its_words_within_scope_and_bound() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let names = steps();
                let mut ids = Vec::new();
                for (key, customer) in
                    [("k1", None), ("k2", Some("aoba")), ("k3", Some("minato")), ("k4", Some("aoba"))]
                {
                    ids.push(runs::add(tx, &new(key, "web-1", customer, &names)).await?.unwrap());
                }
                for id in &ids {
                    runs::add_output(tx, *id, 0, 0, "out", b"quiet\nkernel: Out of mem").await?;
                    runs::add_output(tx, *id, 0, 1, "err", b"between").await?;
                    runs::add_output(tx, *id, 0, 2, "out", "ory: 障害 killed java\n".as_bytes()).await?;
                    runs::add_output(tx, *id, 1, 0, "out", b"\xff\0 memory").await?;
                }
                let (all, filter) = (Scope::All, Filter::default());
                let found = runs::search(tx, &all, &filter, "MEMORY java", (10, 100)).await?;
                assert_eq!((found.hits.len(), found.looked, found.before), (4, 4, None));
                assert_eq!((found.hits[0].run.id, found.hits[0].n, found.hits[0].stream.as_str()), (ids[3], 0, "out"));
                assert_eq!(found.hits[0].line, "kernel: Out of memory: 障害 killed java", "across two pieces");
                let own = Scope::Customers(vec!["aoba".into()]);
                assert_eq!(runs::search(tx, &own, &filter, "障害", (10, 100)).await?.hits.len(), 2);
                assert!(
                    runs::search(tx, &all, &filter, "between java", (10, 100)).await?.hits.is_empty(),
                    "of one stream"
                );
                let first = runs::search(tx, &all, &filter, "killed", (1, 100)).await?;
                assert_eq!((first.hits.len(), first.before), (1, Some(ids[3])));
                let bounded = runs::search(tx, &all, &filter, "nowhere", (10, 2)).await?;
                assert_eq!((bounded.looked, bounded.before), (2, Some(ids[2])));
                let rest = Filter { before: bounded.before, ..Filter::default() };
                let rest = runs::search(tx, &all, &rest, "killed", (10, 100)).await?;
                assert_eq!((rest.hits.len(), rest.before), (2, None));
                assert_eq!(runs::search(tx, &all, &filter, " ", (10, 100)).await?, runs::Hits::default());
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn lists_know_how_runs_went_and_how_what_was_said_begins() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let names = steps();
                let first = runs::add(tx, &new("k1", "web-1", Some("aoba"), &names)).await?.unwrap();
                let second = runs::add(tx, &new("k2", "web-1", Some("aoba"), &names)).await?.unwrap();
                let other = runs::add(tx, &new("k3", "db-1", Some("minato"), &names)).await?.unwrap();
                for (n, exit_status) in [(0, Some(3)), (1, None)] {
                    let ended = Ended {
                        state: "ok",
                        exit_status,
                        output: "{}",
                        findings: "[]",
                        redactions: "{}",
                        ..Ended::default()
                    };
                    runs::end_step(tx, first, n, &ended).await?;
                }
                runs::end(tx, first, &ENDED).await?;
                let all = Scope::All;
                let own = Scope::Customers(vec!["minato".into()]);
                let ids = [first, second, other];
                assert_eq!(runs::exits(tx, &all, &ids).await?, [(first, 3)].into());
                assert!(runs::exits(tx, &own, &ids).await?.is_empty());
                let hosts = ["web-1".to_owned(), "db-1".to_owned(), "none".to_owned()];
                let latest: Vec<i64> = runs::latest_of(tx, &all, &hosts).await?.into_iter().map(|run| run.id).collect();
                assert_eq!(latest, [other, second]);
                assert_eq!(runs::latest_of(tx, &own, &hosts).await?.len(), 1);
                assert_eq!((runs::count_live(tx, &all).await?, runs::count_live(tx, &own).await?), (2, 1));
                let since = tx.now().plus_s(-60);
                let lately = runs::count_lately(tx, &all, since, 100).await?;
                assert_eq!(lately, [("done".into(), Some("ok".into()), 1), ("queued".into(), None, 2)]);
                assert_eq!(runs::count_lately(tx, &all, since, 1).await?, [("queued".into(), None, 1)]);
                assert!(runs::count_lately(tx, &all, tx.now().plus_s(60), 9).await?.is_empty());
                runs::add_output(tx, first, 0, 0, "out", &[b'a'; 9_000]).await?;
                runs::add_output(tx, first, 0, 1, "err", b"oh").await?;
                runs::add_output(tx, first, 0, 2, "out", b"after").await?;
                let said = runs::said(tx, &all, &ids).await?;
                let told: Vec<(&str, i64, i64, usize)> =
                    said.iter().map(|one| (one.stream.as_str(), one.bytes, one.last, one.head.len())).collect();
                assert_eq!(told, [("err", 2, 1, 2), ("out", 9_005, 2, 8_192)], "nothing follows a gap");
                assert!(runs::said(tx, &own, &ids).await?.is_empty());
                Ok(())
            })
        })
        .await;
    });
}
