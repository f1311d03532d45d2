//! What must never page: our own mail, PagerDuty's, answers of machines, bounces, a mail that goes in circles. And the modes:
//! observe shows, post tells, page registers.

use super::letters::{address, letter, monitor, plain, problem};
use super::scene::{Plan, Scene, shown};
use super::sender::Letter;
use crate::outside::parallel;
use crate::world::Database;
use model::mail::{Ledger, Reason};
use sandbox::monitors::Style;
use store::mails::Item;

const RELAY: &str =
    "\n[mail.relay]\nhost = \"127.0.0.1\"\nport = 9\ntls = \"none\"\nfrom = \"arayashiki@example.jp\"\n";

fn no_alerts() -> Vec<(&'static str, Letter)> {
    let to = address("odd");
    let mail = |from: &str, headers: &str, subject: &str, body: &str| plain(from, &to, headers, subject, body);
    let bounce = Letter {
        from: String::new(),
        ..mail(
            "MAILER-DAEMON@mx.example.jp",
            "",
            "Undelivered Mail Returned to Sender",
            "host mx2 said: 550 no such user",
        )
    };
    let silent = Letter { from: String::new(), ..mail("someone@example.jp", "", "Disk full on web01", "see above") };
    let received: String =
        (0..31).map(|n| format!("Received: from r{n}.example.jp by r{}.example.jp\r\n", n + 1)).collect();
    vec![
        ("our own sender", mail("arayashiki@example.jp", "", "Problem: disk on web01", "Host: web01")),
        ("our own header", mail("else@example.jp", "X-Arayashiki: call\r\n", "Problem: disk on web01", "Host: web01")),
        (
            "PagerDuty's notification",
            mail("no-reply@pagerduty.com", "", "[Alert #7] PROBLEM: disk full on web01", "web01"),
        ),
        (
            "an auto-reply",
            mail("tanaka@example.jp", "Auto-Submitted: auto-replied\r\n", "Re: Problem: disk on web01", "I am out"),
        ),
        (
            "a vacation notice",
            mail("tanaka@example.jp", "Precedence: bulk\r\n", "自動返信: 不在のお知らせ", "休暇中です"),
        ),
        ("a bounce", bounce),
        ("the null sender", silent),
        ("a circle of relays", mail("odd@example.jp", &received, "Problem: disk on web01", "Host: web01")),
    ]
}

#[test]
fn what_machines_answer_and_what_we_say_ourselves_is_no_alert() {
    let plan = Plan::paging().net("untrusted = \"page\"").with(RELAY).with(&monitor("odd", "", ""));
    let scene = Scene::started(Database::Sqlite, &plan);
    let all = no_alerts();
    let letters: Vec<Letter> = all.iter().map(|(_, letter)| letter.clone()).collect();
    scene.post_all(&letters);
    let mails = scene.judged(all.len());
    for ((name, _), mail) in all.iter().zip(&mails) {
        let is_named = matches!(&mail.reason, Reason::Rule { rule } if !rule.is_empty());
        assert!(mail.ledger == Ledger::NotAnAlert && is_named, "{name}: {}", shown(std::slice::from_ref(mail)));
    }
    scene.world.settle();
    assert!(scene.ours().is_empty() && scene.slack.as_ref().unwrap().posts().is_empty());
    scene.balances(all.len());
}

/// Something answers itself for ever, each time a little otherwise.
#[test]
fn a_loop_registers_no_more_than_its_senders_cap() {
    let plan = Plan::paging().net("per_sender = 5\nuntrusted = \"page\"\nstorm = 1000").with(&monitor("odd", "", ""));
    let scene = Scene::started(Database::Sqlite, &plan);
    let one = |n: usize| letter(&problem(&format!("web{n:02}"), "disk /var"), Style::default(), "odd");
    let letters: Vec<Letter> = (0..40).map(one).collect();
    scene.post_all(&letters);
    scene.judged(letters.len());
    let of = |mails: &[Item], ledger| mails.iter().filter(|mail| mail.ledger == ledger).count();
    let mails = scene.until("five are registered", |mails| of(mails, Ledger::Registered) == 5);
    scene.world.settle();
    assert_eq!(scene.ours().len(), 5, "{}", shown(&mails));
    let capped = scene.books.mails().into_iter().filter(|mail| mail.reason == Reason::Capped { most: 5 });
    assert_eq!(capped.count(), 35);
    scene.balances(letters.len());
}

#[test]
fn each_mode_goes_as_far_as_it_says() {
    let cases: Vec<(String, &'static str)> = ["observe", "post", "page"].map(|mode| (mode.to_owned(), mode)).to_vec();
    parallel::all(&cases, |mode| {
        let scene = Scene::started(Database::Sqlite, &Plan::mode(mode).with(&monitor("zbx", "zabbix", "")));
        scene.post(&letter(&problem("web01", "disk /var"), Style::default(), "zbx"));
        let wanted = if *mode == "page" { Ledger::Registered } else { Ledger::Missing };
        scene.until("its place in the ledger", |mails| mails.iter().any(|mail| mail.ledger == wanted));
        if *mode != "observe" {
            scene.posted(&["disk /var", "web01"]);
        }
        scene.world.settle();
        assert_eq!(scene.ours().len(), usize::from(*mode == "page"));
        let posts = scene.slack.as_ref().unwrap().posts();
        assert_eq!(posts.len(), usize::from(*mode != "observe"), "{posts:#?}");
        scene.balances(1);
    });
}
