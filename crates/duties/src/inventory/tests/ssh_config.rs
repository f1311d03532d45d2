//! OpenSSH configurations: first values, patterns, bastions, includes, Match, and what is refused.

use super::super::draft::Agent;
use super::super::{Drafts, ssh_config};
use super::*;
use model::host::Login;

fn read(files: &[(&str, &str)]) -> (Drafts, Vec<String>) {
    let mut complaints = Vec::new();
    let first = file(files[0].0, files[0].1);
    let drafts = ssh_config::read(&first, &fetch(files), &around(), &mut complaints);
    (drafts, lines(&complaints))
}

fn of(text: &str) -> (Inventory, Vec<String>) {
    let (drafts, mut told) = read(&[("/srv/config", text)]);
    let (inventory, complaints) = of_drafts(drafts);
    told.extend(lines(&complaints));
    (inventory, told)
}

#[test]
fn the_first_value_of_a_keyword_rules_and_keys_add_up() {
    let (inventory, told) = of("\
# What all have stands below, as it should.
Host web-1 web-2 !web-3 web-?
    HostName %h.example.jp
    Port=2222
    User ops
    IdentityFile \"~/.ssh/web key\"
Host web-2
    User late
    HostKeyAlias web
Host *
    User everybody
    IdentityFile %d/.ssh/all
    CertificateFile ~/.ssh/all-cert.pub
    ServerAliveInterval 5
    ForwardAgent no
");
    assert_eq!(told, [""; 0]);
    assert_eq!(names(&inventory), ["web-1", "web-2"]);
    let host = inventory.host("WEB-1").unwrap();
    assert_eq!((host.at.address.as_str(), host.at.port, host.at.user.as_str()), ("web-1.example.jp", 2222, "ops"));
    assert_eq!(
        host.at.logins,
        [
            Login::Key { file: "/srv/ops/.ssh/web key".into(), certificate: Some("/srv/ops/.ssh/all-cert.pub".into()) },
            Login::Key { file: "/srv/ops/.ssh/all".into(), certificate: None },
        ]
    );
    let second = inventory.host("web-2").unwrap();
    assert_eq!((second.at.user.as_str(), &second.at.key_names[..]), ("ops", &["web".to_owned()][..]));
    assert_eq!(second.origin, Origin::SshConfig { file: "/srv/config".into(), line: 2 });
}

#[test]
fn a_certificate_goes_with_the_key_that_its_name_begins_with() {
    let (inventory, told) =
        of("Host a\nUser u\nIdentityFile /k/one\nIdentityFile /k/two\nCertificateFile /k/two-cert.pub\n");
    assert_eq!(told, [""; 0]);
    let certificates: Vec<Option<&str>> = inventory
        .host("a")
        .unwrap()
        .at
        .logins
        .iter()
        .map(|login| match login {
            Login::Key { certificate, .. } => certificate.as_deref(),
            Login::Agent { .. } => None,
        })
        .collect();
    assert_eq!(
        certificates,
        [Some("/k/two-cert.pub"), None],
        "with one certificate and two keys its own name should tell"
    );
}

#[test]
fn bastions_are_chained_and_bring_those_before_them() {
    let (inventory, told) = of("\
Host edge
    HostName 192.0.2.1
    User jump
Host inner
    HostName 10.0.0.1
    ProxyJump edge
Host db
    HostName 10.0.1.5
    ProxyJump inner,ops@10.0.0.9:2200
Host open
    ProxyJump none
Host *
    ProxyJump edge
Match host edge
    ProxyJump none
");
    // `Host *` comes first for edge, so that its way is a ring; that is how OpenSSH reads it too.
    assert!(told.iter().any(|line| line.starts_with("! /srv/config:1: edge is left out: its way")), "{told:?}");
    let (inventory_2, told_2) = of(&inventory_text());
    assert_eq!(told_2, [""; 0]);
    assert_eq!(inventory_2.host("db").unwrap().via, ["edge", "inner", "ops@10.0.0.9:2200"]);
    assert_eq!((inventory_2.host("open").unwrap().via.len(), inventory_2.host("edge").unwrap().via.len()), (0, 0));
    let way = inventory_2.way(inventory_2.host("db").unwrap());
    let at: Vec<(&str, u16, &str)> =
        way.iter().map(|bastion| (bastion.at.address.as_str(), bastion.at.port, bastion.at.user.as_str())).collect();
    assert_eq!(at, [("192.0.2.1", 22, "jump"), ("10.0.0.1", 22, "diag"), ("10.0.0.9", 2200, "ops")]);
    assert!(inventory.host("db").is_none());
}

/// The same with the bastion's own block first.
fn inventory_text() -> String {
    "Host edge\nHostName 192.0.2.1\nUser jump\nProxyJump none\nHost inner\nHostName 10.0.0.1\nHost db\nHostName 10.0.1.5\n\
     ProxyJump inner,ops@10.0.0.9:2200\nHost open\nProxyJump none\nHost *\nProxyJump edge\n"
        .to_owned()
}

#[test]
fn includes_hold_where_they_stand() {
    let (drafts, told) = read(&[
        ("/srv/config", "Include conf.d/*.conf\nHost b\n  Include only-b\nHost *\n  User all\n"),
        ("/srv/conf.d/10.conf", "Host a\n  User ten\n"),
        ("/srv/conf.d/20.conf", "Include deeper\nHost a b\n  Port 20\n  Include never\n"),
        ("/srv/deeper", "Host c\n  HostName deep\n"),
        ("/srv/never", "Host c\n  Port 99\n"),
        ("/srv/only-b", "User inside\nHost *\n  HostName for-b\n"),
        ("/srv/conf.d/deep/no.conf", "Host d\n"),
    ]);
    assert_eq!(told, [""; 0]);
    let of = |name: &str| drafts.hosts.iter().find(|draft| draft.name == name).unwrap();
    assert_eq!((of("a").user.as_deref(), of("a").port, of("a").address.as_deref()), (Some("ten"), Some(20), None));
    assert_eq!((of("b").user.as_deref(), of("b").address.as_deref()), (Some("inside"), Some("for-b")));
    assert_eq!(
        (of("c").address.as_deref(), of("c").port),
        (Some("deep"), None),
        "an include within a block is that block's"
    );
    assert_eq!((drafts.hosts.len(), &of("c").origin), (3, &Origin::SshConfig { file: "/srv/deeper".into(), line: 1 }));
}

#[test]
fn a_file_that_includes_itself_ends() {
    let (drafts, told) = read(&[("/srv/config", "Include config\nHost a\n  User u\n")]);
    assert_eq!(drafts.hosts.len(), 1);
    assert!(told.iter().any(|line| line.contains("deeper than 16")), "{told:?}");
    let (drafts, told) = read(&[("/srv/config", "Include config\nInclude config\nHost a\n  User u\n")]);
    assert_eq!((drafts.hosts.len(), told.iter().filter(|line| line.contains("over 1000 files")).count()), (1, 1));
}

#[test]
fn match_holds_by_host_user_and_the_name_that_was_asked_for() {
    let (drafts, told) = read(&[(
        "/srv/config",
        "Host a\n  HostName a.example.jp\nHost b\n  User ops\n\
         Match host *.example.jp\n  Port 1001\nMatch user ops\n  Port 1002\nMatch originalhost b !host x\n  HostKeyAlias bee\n\
         Match final all\n  User last\nMatch all\n  Port 1003\n",
    )]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("! /srv/config:7: a is left out: Match user can't be answered"), "{told:?}");
    let b = &drafts.hosts[0];
    assert_eq!((b.name.as_str(), b.port, b.user.as_deref(), b.key_names.len()), ("b", Some(1002), Some("ops"), 1));
}

#[test]
fn what_runs_a_program_is_refused_with_its_place_and_what_to_write() {
    let (inventory, told) = of("\
Host plain
    User u
Host old
    ProxyCommand ssh -q -W %h:%p ops@gw
Host socks
    ProxyCommand nc -x proxy:1080 %h %p
Host behind
    ProxyJump socks
Host none
    ProxyCommand none
Host lan-*
Match originalhost socks exec \"test -f /x\"
    Port 9
Match exec \"true\" host nothing
    Port 9
Match host none exec true
    Port 9
");
    assert_eq!(names(&inventory), [""; 0], "the second Match asks a program for everybody");
    let (inventory, told_2) = of(
        "Host plain\nHost old\nProxyCommand ssh -q -W %h:%p ops@gw\nHost socks\nProxyCommand nc -x p:1 %h %p\nHost behind\nProxyJump socks\nHost none\nProxyCommand none\nMatch originalhost none exec true\nPort 9\n",
    );
    assert_eq!(names(&inventory), ["plain"]);
    assert_eq!(
        told_2,
        [
            "! /srv/config:3: old is left out: ProxyCommand would run a program here, which is not done; write ProxyJump ops@gw in its place, which is the same",
            "! /srv/config:5: socks is left out: ProxyCommand would run a program here, which is not done; write ProxyJump with the bastions in its place",
            "! /srv/config:5: behind is left out: socks before it: ProxyCommand would run a program here, which is not done; write ProxyJump with the bastions in its place",
            "! /srv/config:10: none is left out: Match exec would run a program to decide, which is not done; guard the block by Host, Match host or Match originalhost",
        ]
    );
    assert_eq!(told.len(), 5, "{told:?}");
}

#[test]
fn agents_are_those_that_are_named() {
    let (drafts, told) = read(&[(
        "/srv/config",
        "Host a\nIdentityAgent ~/agent.sock\nHost b\nIdentityAgent SSH_AUTH_SOCK\nHost c\nIdentityAgent none\nHost d\nIdentitiesOnly yes\n\
         Host e\nHost f\nIdentityAgent \"%d/x\"\nHost g\nIdentityFile none\nIdentityFile keys/relative\n",
    )]);
    let agents: Vec<Agent> = drafts.hosts.iter().map(|draft| draft.agent.clone()).collect();
    let socket = |path: &str| Agent::Socket(path.to_owned());
    assert_eq!(
        agents,
        [
            socket("/srv/ops/agent.sock"),
            socket("/run/agent"),
            Agent::Off,
            Agent::Off,
            Agent::Unsaid,
            Agent::Unsaid,
            Agent::Unsaid
        ]
    );
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("- /srv/config:14: the file \"keys/relative\"") && told[1].contains("config:11: the agent")
    );
}

#[test]
fn what_is_not_honoured_is_told() {
    let (inventory, told) = of(
        "Host a\nStrictHostKeyChecking no\nHostNmae x\nCanonicalizeHostname yes\nPKCS11Provider /x\nHost b\nHostName \"un\nHost c\nPort x\nHost d\nHostName %n\nHost e\nUser %u\n",
    );
    let starts = [
        "- /srv/config:2: a host key that nobody has pinned is refused",
        "- /srv/config:3: \"hostnmae\" is no keyword of OpenSSH; did you mean hostname?",
        "- /srv/config:4: names are not made canonical",
        "- /srv/config:5: keys on cards",
        "! /srv/config:7: the quotes of",
        "! /srv/config:9: c is left out: Port \"x\"",
        "! /srv/config:11: d is left out: HostName \"%n\"",
        "! /srv/config:13: e is left out: User \"%u\"",
    ];
    for start in starts {
        assert!(told.iter().any(|line| line.starts_with(start)), "{start}\n{told:#?}");
    }
    assert_eq!((told.len(), names(&inventory)), (starts.len(), vec!["a", "b"]));
}
