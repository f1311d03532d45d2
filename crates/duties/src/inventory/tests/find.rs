//! From incidents to hosts: what leads to one, what does not, and what people read.

use super::super::facts::Facts;
use super::super::find::{Found, Source, find};
use super::*;
use crate::say::Language;
use model::host::Refusal;
use serde_json::json;

fn whose(name: &str, customer: &str) -> Draft {
    Draft { customer: Some(customer.into()), ..own(name) }
}

fn titled(title: &str) -> Facts {
    Facts { title: title.into(), customer: Some("bank".into()), ..Facts::default() }
}

fn found<'a>(found: &Found<'a>) -> Vec<&'a str> {
    found.hosts.iter().map(|(host, _)| host.name.as_str()).collect()
}

fn some() -> Inventory {
    let hosts = vec![
        Draft { address: Some("10.0.0.1".into()), ..whose("web-1", "bank") },
        Draft { address: Some("web-2.example.jp".into()), ..whose("web-2", "bank") },
        Draft { matches: vec!["ECフロント".into(), "front-pool".into()], ..whose("db.example.jp", "bank") },
        Draft { address: Some("2001:db8::5".into()), ..whose("six", "bank") },
        Draft { address: Some("10.0.0.1".into()), ..whose("shop-web", "shop") },
        own("orphan-1"),
        Draft {
            tags: [("serial".to_owned(), "XK-2041".to_owned()), ("role".to_owned(), "batch".to_owned())].into(),
            ..whose("tagged", "bank")
        },
    ];
    of_hosts(hosts, &["bank", "shop"]).0
}

#[test]
fn whole_words_lead_to_a_host_whatever_their_case_and_domain() {
    let inventory = some();
    for (title, expected) in [
        ("Disk full on web-1", &["web-1"][..]),
        ("WEB-1: disk", &["web-1"]),
        ("【障害】web-1でディスク使用率", &["web-1"]),
        ("web-1.example.com is down", &["web-1"]),
        ("web-1:9100 is down", &["web-1"]),
        ("ｗｅｂ-1 停止", &["web-1"]),
        ("web-10 is down", &[]),
        ("api-web-1x is down", &[]),
        ("web-1_old and my.web-1 and web-1-b", &[]),
        ("web-2.example.jp", &["web-2"]),
        ("web-2 slow", &["web-2"]),
        ("web-2.example.com slow", &[]),
        ("db is slow", &["db.example.jp"]),
        ("db.example.jp.", &["db.example.jp"]),
        ("10.0.0.1 does not answer", &["web-1"]),
        ("10.0.0.11 or 110.0.0.1 does not answer", &[]),
        ("NotReady: ip-10-0-0-1.ap-northeast-1.compute.internal", &["web-1"]),
        ("[2001:DB8:0::5]:22 closed", &["six"]),
        ("ECフロントが遅い", &["db.example.jp"]),
        ("front-pool-2 is empty", &[]),
        ("front-pool is empty", &["db.example.jp"]),
        ("XK-2041 power supply", &["tagged"]),
        ("batch of production failed", &[]),
        ("XK-2041 beside web-1", &["web-1"]),
    ] {
        assert_eq!(found(&find(&inventory, &titled(title), 5)), expected, "{title}");
    }
}

#[test]
fn fields_of_the_details_are_surest() {
    let inventory = some();
    for details in [
        json!({"host": "web-2.example.jp:9100"}),
        json!({"labels": {"instance": "http://WEB-2:9100/metrics"}}),
        json!({"Trigger": {"Dimensions": [{"name": "InstanceId", "value": "web-2"}]}}),
        json!({"message": "{\"hostName\": \"web-2\"}"}),
        json!({"firing": "Labels:\n - alertname = X\n - instance = web-2\n"}),
        json!({"text": "ホスト名：web-2"}),
    ] {
        let facts = Facts { title: "web-1 or db?".into(), details: vec![details.clone()], ..titled("") };
        let result = find(&inventory, &facts, 5);
        assert_eq!(found(&result), ["web-2", "db.example.jp", "web-1"], "{details}");
        assert!(matches!(result.hosts[0].1.source, Source::Field(_)), "{details}");
        assert_eq!(result.hosts[1].1.source, Source::Title);
    }
    let mail = Facts { mail_hosts: vec!["web-2".into()], ..titled("web-1") };
    assert_eq!(found(&find(&inventory, &mail, 5)), ["web-2", "web-1"]);
    let service = Facts { service: Some("Shop (web-1)".into()), bodies: vec!["db slow".into()], ..titled("x") };
    assert_eq!(found(&find(&inventory, &service, 5)), ["db.example.jp", "web-1"]);
}

#[test]
fn no_more_than_so_many_are_visited() {
    let hosts = (1..=7).map(|n| Draft { matches: vec!["pool".into()], ..whose(&format!("web-{n}"), "bank") }).collect();
    let inventory = of_hosts(hosts, &["bank"]).0;
    let result = find(&inventory, &titled("pool: web-6 is worst"), 3);
    assert_eq!(found(&result), ["web-1", "web-2", "web-3"], "its own match is surer than a word of the title");
    assert_eq!(result.beyond.len(), 4);
    let lines = result.lines(Language::En);
    assert!(
        lines[3].starts_with("4 more are not looked at") && lines[3].ends_with("web-4, web-5, web-6, web-7"),
        "{lines:?}"
    );
}

#[test]
fn other_customers_hosts_are_refused_and_never_named() {
    let inventory = some();
    let result = find(&inventory, &titled("shop-web and orphan-1 are down"), 5);
    let refused: Vec<(&str, Refusal)> =
        result.refused.iter().map(|(host, _, refusal)| (host.name.as_str(), *refusal)).collect();
    assert_eq!(refused, [("orphan-1", Refusal::HostOfNobody), ("shop-web", Refusal::AnotherCustomer)]);
    assert_eq!(result.hosts, []);
    let of_shop = Facts { customer: Some("shop".into()), ..titled("10.0.0.1 down, web-3 too") };
    let result = find(&inventory, &of_shop, 5);
    assert_eq!(
        (found(&result), result.refused.len()),
        (vec!["shop-web"], 0),
        "of two with one address its own is meant"
    );
    assert_eq!(result.unknown[0].nearest, None, "another customer's host is no suggestion");
    let of_nobody = Facts { customer: None, ..titled("web-1") };
    let result = find(&inventory, &of_nobody, 5);
    assert_eq!((result.refused[0].2, result.are_any), (Refusal::IncidentOfNobody, false));
}

#[test]
fn a_name_that_several_have_is_unclear_unless_something_tells() {
    let inventory = of_hosts(vec![whose("web.a.example", "bank"), whose("web.b.example", "bank")], &["bank"]).0;
    let result = find(&inventory, &titled("web is down"), 5);
    assert_eq!((found(&result).len(), result.unclear.len(), result.unclear[0].hosts.len()), (0, 1, 2));
    let told = Facts { details: vec![json!({"host": "web.b.example"})], ..titled("web is down") };
    let result = find(&inventory, &told, 5);
    assert_eq!((found(&result), result.unclear.len()), (vec!["web.b.example"], 0));
}

#[test]
fn what_was_not_found_is_told_with_a_hint() {
    let bastion = Draft { address: Some("192.0.2.1".into()), ..own("edge-1") };
    let own = Drafts { hosts: vec![whose("payment-web-1", "bank")], bastions: vec![bastion] };
    let (inventory, _) =
        inventory(Sources { own, defaults: defaults(), customers: vec!["bank".into()], ..Sources::default() });
    let result = find(&inventory, &titled("payment-web-11, edge-1 and UTF-8 on node07"), 5);
    let unknown: Vec<(&str, Option<&str>)> =
        result.unknown.iter().map(|unknown| (unknown.word.as_str(), unknown.nearest.as_deref())).collect();
    assert_eq!(unknown, [("node07", None), ("payment-web-11", Some("payment-web-1"))]);
    assert_eq!(result.bastions, ["edge-1"]);
    let lines = result.lines(Language::En);
    assert_eq!(lines[0], "No host is looked at.");
    assert!(lines[1].starts_with("edge-1 is a bastion"), "{lines:?}");
    assert_eq!(
        lines[3],
        "payment-web-11: no host that is known. If payment-web-1 is meant, add payment-web-11 to its match."
    );
    let nothing = find(&inventory, &titled("遅い"), 5);
    assert!(nothing.lines(Language::Ja)[0].starts_with("ホストが見つかりません。"));
    let empty = Inventory::default();
    assert!(
        find(&empty, &titled("web-1"), 5).lines(Language::En)[0]
            .starts_with("There is no host that this incident may lead to")
    );
}

#[test]
fn both_languages_tell_of_everything() {
    let inventory = some();
    let facts = Facts { details: vec![json!({"host": "web-1"})], ..titled("shop-web, orphan-1, web-77, db") };
    let result = find(&inventory, &facts, 1);
    let (ja, en) = (result.lines(Language::Ja), result.lines(Language::En));
    assert_eq!((ja.len(), en.len()), (5, 5), "{ja:#?}");
    assert_eq!(
        (ja[0].as_str(), en[0].as_str()),
        ("web-1: 詳細の host が web-1", "web-1: host of the details is web-1")
    );
    assert_eq!(en[3], "shop-web: a host of another customer, so it is not looked at.");
    let visit = result.visit();
    assert_eq!((visit.says.en.as_str(), visit.says.ja.as_str()), ("Hosts (1): web-1", "ホスト 1 台: web-1"));
    assert_eq!((visit.hosts[0].host.as_str(), visit.hosts[0].why.ja.as_str()), ("web-1", "詳細の host が web-1"));
    assert_eq!(
        (visit.refused.len(), visit.refused[1].host.as_str(), &visit.refused[1].why.en),
        (2, "shop-web", &en[3])
    );
    assert_eq!((visit.unknown, visit.hints.len()), (vec!["web-77".to_owned()], 2));
    assert!(ja.iter().all(|line| !line.is_ascii()) && en.iter().all(|line| line.is_ascii()));
}
