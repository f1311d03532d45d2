//! The world of hosts from the outside: logins through bastions, commands, faults, the story's troubles.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod client;
mod faults;
mod openssh;
mod story;

use client::{ask, leave, visitor};
use sandbox::hosts::{Options, Trouble};
use serde_json::json;

#[tokio::test]
async fn a_host_answers_through_its_bastion() {
    let own = visitor(Options::default()).await;
    let told = own.run("hoshino-web01", "hostname; df -h / | tail -n 1; nosuch").await;
    let text = told.text();
    assert!(text.starts_with("web01\n/dev/sda1"), "{text}");
    assert_eq!((told.status, told.err.as_str()), (Some(127), "sh: 1: nosuch: not found\n"));
    assert_eq!(own.run("bastion-tokyo", "hostname").await.text(), "bastion-tokyo\n");
    own.world.stop().await;
}

#[tokio::test]
async fn a_second_bastion_stands_before_some() {
    let own = visitor(Options::default()).await;
    let (session, before) = own.session("minato-pay-api-1").await.expect("a session");
    assert_eq!(before.len(), 2);
    assert_eq!(ask(&session, "hostname", None).await.text(), "pay-api-1\n");
    let forwards = own.world.effects().into_iter().filter(|e| e["kind"] == "host.forward").map(|e| e["detail"].clone());
    let forwards: Vec<_> = forwards.map(|d| (d["bastion"].clone(), d["to"].clone())).collect();
    assert_eq!(
        forwards,
        [(json!("bastion-tokyo"), json!("10.20.0.6:22")), (json!("bastion-minato"), json!("10.20.2.11:22"))]
    );
}

#[tokio::test]
async fn a_bastion_leads_only_to_what_lies_behind_it() {
    let own = visitor(Options::default()).await;
    let (bastion, _) = own.session("bastion-tokyo").await.expect("a session");
    for (host, port) in [("10.20.2.11", 22), ("10.20.1.11", 80), ("192.0.2.1", 22), ("127.0.0.1", 22)] {
        let refused = bastion.channel_open_direct_tcpip(host, port, "127.0.0.1", 0).await;
        assert!(refused.is_err(), "{host}:{port}");
    }
    let (host, _) = own.session("hoshino-web01").await.expect("a session");
    assert!(host.channel_open_direct_tcpip("10.20.1.12", 22, "127.0.0.1", 0).await.is_err());
    leave(bastion).await;
}

#[tokio::test]
async fn one_connection_to_the_bastion_carries_many_hosts() {
    let own = visitor(Options::default()).await;
    let names: Vec<String> = own.world.info().hosts.iter().filter(|h| !h.is_bastion).map(|h| h.name.clone()).collect();
    assert!(names.len() >= 12, "{names:?}");
    let customers: std::collections::BTreeSet<_> =
        own.world.info().hosts.iter().filter_map(|h| h.customer.clone()).collect();
    assert!(customers.len() >= 3);
    let told = futures_util::future::join_all(names.iter().map(|name| own.run(name, "uptime"))).await;
    assert!(told.iter().all(|t| t.status == Some(0) && t.text().contains("load average")));
    assert_eq!(own.world.ran().len(), names.len());
}

#[tokio::test]
async fn what_ran_is_on_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("effects.log");
    let own = visitor(Options { log: Some(log.clone()), ..Options::default() }).await;
    own.run("hoshino-web01", "echo one; exit 3").await;
    let (session, _) = own.session("hoshino-db01").await.expect("a session");
    ask(&session, "cat", Some(b"sent")).await;
    let ran = own.world.ran();
    let short: Vec<_> =
        ran.iter().map(|r| (r.host.as_str(), r.user.as_str(), r.command.as_str(), r.out_bytes)).collect();
    assert_eq!(short, [("hoshino-web01", "diag", "echo one; exit 3", 4), ("hoshino-db01", "diag", "cat", 4)]);
    assert_eq!(ran[0].status(), Some(3));
    let lines = std::fs::read_to_string(log).expect("the log");
    assert_eq!(lines.matches("\"kind\":\"host.command\"").count(), 2);
    assert_eq!(lines.matches("\"kind\":\"host.login\"").count(), 4);
}

#[tokio::test]
async fn a_framed_script_comes_on_standard_input() {
    let frame = "sh -c 's=$(cat); case $s in *\"# end of step\") ;; *) exit 123;; esac; exec sh'";
    let own = visitor(Options::default()).await;
    let (session, _) = own.session("kitakaze-wms-sendai").await.expect("a session");
    let whole = ask(&session, frame, Some(b"echo $LC_ALL $(pwd)\nexit 5\n# end of step\n")).await;
    assert_eq!((whole.text().as_str(), whole.status), ("C /\n", Some(5)));
    let part = ask(&session, frame, Some(b"echo never")).await;
    assert_eq!((part.text().as_str(), part.status), ("", Some(123)));
    assert!(own.world.ran()[0].stdin.contains("exit 5"));
}

#[tokio::test]
async fn what_is_written_on_a_host_stays_there() {
    let own = visitor(Options::default()).await;
    assert_eq!(own.run("hoshino-web01", "mkdir /tmp/marker && echo 7 > /tmp/marker/status").await.status, Some(0));
    assert_eq!(own.run("hoshino-web01", "cat /tmp/marker/status; mkdir /tmp/marker").await.text(), "7\n");
    assert_eq!(own.run("hoshino-web02", "cat /tmp/marker/status").await.status, Some(1));
}

#[tokio::test]
async fn nobody_else_is_let_in() {
    let own = visitor(Options::default()).await;
    let other = visitor(Options::default()).await;
    std::fs::copy(&other.files.key, own.folder.path().join("other")).expect("copied");
    let (_, port) = own
        .world
        .bastion_addr()
        .to_string()
        .rsplit_once(':')
        .map(|(h, p)| (h.to_owned(), p.to_owned()))
        .expect("a port");
    assert_ne!(port, other.world.bastion_addr().port().to_string());
    let logins =
        |world: &sandbox::hosts::World| world.effects().into_iter().filter(|e| e["kind"] == "host.login").count();
    assert!(own.run("hoshino-web01", "true").await.status == Some(0));
    assert_eq!((logins(&own.world), logins(&other.world)), (2, 0));
    // The same names and host keys, another world: its key opens nothing here.
    let keys = [&own.files.key, &other.files.key].map(|path| std::fs::read_to_string(path).expect("a key"));
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_host_may_be_reached_directly() {
    let own = visitor(Options { direct: true, ..Options::default() }).await;
    let info = own.host("minato-gw-east");
    assert!(info.direct.is_some());
    assert!(own.world.info().hosts.iter().skip(1).all(|host| host.direct.is_some()));
}

#[tokio::test]
async fn troubles_come_and_go() {
    let own = visitor(Options::default()).await;
    let percent = "df -P /var | awk 'NR == 2 {print $5}'";
    let laid = json!({ "host": "hoshino-web02", "trouble": "disk_full", "percent": 98, "since_s": 600 });
    own.world.control("trouble", &laid).expect("laid");
    assert_eq!(own.run("hoshino-web02", percent).await.text(), "98%\n");
    assert_ne!(own.run("hoshino-web01", percent).await.text(), "98%\n");
    own.world.heal("hoshino-web02").expect("healed");
    assert_ne!(own.run("hoshino-web02", percent).await.text(), "98%\n");
    let seen = own.run("hoshino-web02", "journalctl --no-pager | grep -c 'No space left'").await;
    assert_ne!(seen.text(), "0\n", "the journal remembers");
    assert!(own.world.trouble("nowhere", Trouble::Oom).is_err());
}

#[tokio::test]
async fn the_control_interface_does_the_same() {
    let own = visitor(Options::default()).await;
    let url = own.world.info().control_url.clone();
    let http = reqwest::Client::builder().build().expect("a client");
    let laid = json!({ "host": "hoshino-db01", "trouble": "disk_full", "percent": 91, "since_s": 600 });
    let told = http.post(format!("{url}/trouble")).json(&laid).send().await.expect("an answer");
    assert_eq!(told.status(), 200);
    let wrong =
        http.post(format!("{url}/trouble")).json(&json!({ "host": "hoshino-db01", "trouble": "flood" })).send().await;
    assert_eq!(wrong.expect("an answer").status(), 400);
    let hosts: serde_json::Value =
        http.get(format!("{url}/hosts")).send().await.expect("an answer").json().await.expect("json");
    let db01 =
        hosts["hosts"].as_array().expect("hosts").iter().find(|h| h["name"] == "hoshino-db01").expect("db01").clone();
    assert_eq!(db01["troubles"][0]["trouble"]["percent"], 91);
    let healed =
        http.post(format!("{url}/heal")).json(&json!({ "host": "hoshino-db01" })).send().await.expect("an answer");
    assert_eq!(healed.json::<serde_json::Value>().await.expect("json"), json!({ "healed": 1 }));
}
