//! Several sources become one inventory: which of two rules, whose a host is, what is left out.

use super::super::draft::{Agent, Belonging, Selection};
use super::super::jump::Jump;
use super::*;
use model::host::Login;

fn foreign(name: &str, line: usize, customer: Option<&str>) -> Draft {
    let origin = Origin::SshConfig { file: "config".into(), line };
    Draft { customer: customer.map(str::to_owned), ..Draft::new(name, origin) }
}

fn joined(own: Vec<Draft>, others: Vec<Vec<Draft>>, belongings: Vec<Belonging>) -> (Inventory, Vec<String>) {
    let drafts = |hosts| Drafts { hosts, bastions: Vec::new() };
    let (inventory, complaints) = inventory(Sources {
        own: drafts(own),
        others: others.into_iter().map(drafts).collect(),
        defaults: defaults(),
        customers: vec!["bank".into(), "shop".into()],
        belongings,
        leave_out: vec!["github.*".into()],
    });
    (inventory, lines(&complaints))
}

#[test]
fn the_configurations_own_word_rules_and_differing_customers_are_left_out() {
    let own_web = Draft { customer: Some("bank".into()), ..own("web") };
    let first = vec![foreign("WEB", 1, Some("shop")), foreign("db", 2, Some("bank")), foreign("mail", 3, Some("bank"))];
    let second = vec![foreign("github.com", 6, None), foreign("DB", 4, Some("shop")), foreign("mail", 5, Some("bank"))];
    let (inventory, told) = joined(vec![own_web], vec![first, second], Vec::new());
    assert_eq!(names(&inventory), ["mail", "web"]);
    assert_eq!(inventory.host("web").unwrap().customer.as_deref(), Some("bank"));
    assert_eq!(
        told,
        [
            "! config:4: db is at config:2 too, and whose it is differs there, so both are left out; take it out of one of them, or give it another name",
            "- config:1: web is at [[host]] web too, which rules; take it out of one of them, or give it another name",
            "- config:5: mail is at config:3 too, which rules; take it out of one of them, or give it another name",
        ]
    );
}

#[test]
fn belongings_tell_whose_a_host_is_unless_they_differ() {
    let of = |of, customer: &str| Belonging { of, customer: customer.into() };
    let group = |name: &str| Selection::Group(name.into());
    let belongings =
        vec![of(group("web"), "bank"), of(Selection::Names("shop-*".into()), "shop"), of(group("odd"), "nobody")];
    let grouped = |name: &str, groups: &[&str]| Draft {
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..foreign(name, 1, None)
    };
    let (inventory, told) = joined(
        Vec::new(),
        vec![vec![
            grouped("a", &["web"]),
            grouped("shop-1", &[]),
            grouped("shop-2", &["web"]),
            grouped("b", &["odd"]),
            grouped("c", &[]),
            Draft { customer: Some("shop".into()), ..grouped("d", &["web"]) },
            Draft { customer: Some("bank".into()), ..grouped("e", &["web"]) },
        ]],
        belongings,
    );
    let whose: Vec<(&str, Option<&str>)> =
        inventory.hosts().map(|host| (host.name.as_str(), host.customer.as_deref())).collect();
    assert_eq!(whose, [("a", Some("bank")), ("c", None), ("e", Some("bank")), ("shop-1", Some("shop"))]);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().any(|line| line.contains("d would be bank's and shop's, so it is left out")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("whom no [[customer]] names")), "{told:?}");
}

fn with_bastions(hosts: Vec<Draft>, bastions: Vec<Draft>) -> (Inventory, Vec<String>) {
    let own = Drafts { hosts, bastions };
    let (inventory, complaints) = inventory(Sources { own, defaults: defaults(), ..Sources::default() });
    (inventory, lines(&complaints))
}

fn via(draft: Draft, names: &[&str]) -> Draft {
    Draft { via: names.iter().map(|name| Jump::named(*name)).collect(), ..draft }
}

#[test]
fn chains_are_followed_and_rings_and_gaps_leave_hosts_out() {
    let bastions = vec![
        via(own("inner"), &["edge"]),
        own("edge"),
        via(own("ring-1"), &["ring-2"]),
        via(own("ring-2"), &["ring-1"]),
    ];
    let hosts = vec![
        via(own("a"), &["inner"]),
        via(own("b"), &["ring-1"]),
        via(own("c"), &["inner", "edge"]),
        via(own("d"), &["egde"]),
        via(own("edge"), &["edge"]),
        Draft { address: Some("not an address".into()), ..own("e") },
        own("bad name"),
    ];
    let (inventory, told) = with_bastions(hosts, bastions);
    assert_eq!(names(&inventory), ["a"]);
    assert_eq!(inventory.host("a").unwrap().via, ["edge", "inner"]);
    assert_eq!(inventory.bastion("INNER").unwrap().via, ["edge"]);
    let starts = [
        "! [[bastion]] ring-1: ring-1 is left out: its way goes in a ring, ring-1 → ring-2 → ring-1",
        "! [[bastion]] ring-2: ring-2 is left out: its way goes in a ring",
        "! [[host]] b: b is left out: its way goes in a ring",
        "! [[host]] c: c is left out: its way goes in a ring, edge → inner → edge",
        "! [[host]] d: d is left out: there is no bastion \"egde\"; did you mean \"edge\"?",
        "! [[host]] edge: edge is left out: its way leads over itself",
        "! [[host]] e: e is left out: \"not an address\" is no address",
        "! [[host]] bad name: \"bad name\" can't be a host's name",
    ];
    for start in starts {
        assert!(told.iter().any(|line| line.starts_with(start)), "{start}\n{told:#?}");
    }
    assert_eq!(told.len(), starts.len(), "{told:#?}");
}

#[test]
fn a_way_has_an_end() {
    let step = |n: usize| via(own(&format!("b{n}")), &[&format!("b{}", n + 1)]);
    let bastions = (0..2_000).map(step).chain([own("b2000")]).collect();
    let (inventory, told) = with_bastions(vec![via(own("a"), &["b0"]), via(own("c"), &["b1990"])], bastions);
    assert_eq!((names(&inventory), inventory.host("c").unwrap().via.len()), (vec!["c"], 11));
    assert!(told.iter().any(|line| line.starts_with("! [[host]] a: a is left out: its way has over 16 hops")));
}

#[test]
fn whoever_signs_in_is_its_own_or_everybodys() {
    let key = |file: &str| Key { file: file.into(), certificate: None };
    let hosts = vec![
        Draft { user: Some("ops".into()), keys: vec![key("/own")], agent: Agent::Socket("/sock".into()), ..own("a") },
        own("b"),
    ];
    let of = |defaults: Defaults| {
        let own = Drafts { hosts: hosts.clone(), bastions: Vec::new() };
        let (inventory, complaints) = inventory(Sources { own, defaults, ..Sources::default() });
        (inventory, lines(&complaints))
    };
    let (inventory, _) = of(Defaults { agent: Some("/all".into()), ..defaults() });
    let logins = |name: &str| inventory.host(name).unwrap().at.logins.clone();
    let (file, agent) = (
        |file: &str| Login::Key { file: file.into(), certificate: None },
        |socket: &str| Login::Agent { socket: socket.into() },
    );
    assert_eq!((logins("a"), logins("b")), (vec![file("/own"), agent("/sock")], vec![file("/etc/key"), agent("/all")]));
    let (_, told) = of(Defaults { user: None, ..defaults() });
    assert_eq!(told, ["! [[host]] b: b is left out: nobody says who signs in; write user for it, or in [ssh]"]);
    let (_, told) = of(Defaults { keys: Vec::new(), ..defaults() });
    assert_eq!(
        told,
        ["! [[host]] b: b is left out: it has neither a key nor an agent; write key_file for it, or in [ssh]"]
    );
}
