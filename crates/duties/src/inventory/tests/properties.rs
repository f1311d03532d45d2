//! Whatever the inventory and the incident: no host of another customer, or of nobody, is visited, offered or suggested.

use super::super::facts::Facts;
use super::super::find::find;
use super::*;
use model::host::eligible;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn customer() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(prop::sample::select(vec!["a", "b", "c"])).prop_map(|id| id.map(str::to_owned))
}

/// Names and addresses that are often alike.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "(web|db)-[12]{1,2}",
        "(web|db)-[12](\\.(x|y)\\.example)?",
        "10\\.0\\.0\\.[12]{1,2}",
        "ip-10-0-0-[12]",
        "[あい]?(web|db)-1[いう]?",
    ]
}

fn draft() -> impl Strategy<Value = Draft> {
    let name = "(web|db)-[12]{1,2}(\\.(x|y)\\.example)?";
    let matches = prop::collection::vec(word(), 0..2);
    (name, customer(), matches, proptest::option::of("10\\.0\\.0\\.[12]"), proptest::option::of(word())).prop_map(
        |(name, customer, matches, address, tag)| Draft {
            customer,
            matches,
            address,
            tags: tag.into_iter().map(|tag| ("serial".to_owned(), tag)).collect(),
            ..own(&name)
        },
    )
}

fn facts() -> impl Strategy<Value = Facts> {
    let texts = || prop::collection::vec(word(), 0..4).prop_map(|words| words.join(" "));
    (texts(), texts(), prop::collection::vec(word(), 0..2), proptest::option::of(word()), customer()).prop_map(
        |(title, body, mail_hosts, host, customer)| Facts {
            title,
            bodies: vec![body],
            details: vec![serde_json::json!({ "host": host, "note": mail_hosts })],
            service: host.clone(),
            mail_hosts,
            customer,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn only_the_incidents_own_customers_hosts_are_visited(
        drafts in prop::collection::vec(draft(), 0..8),
        facts in facts(),
        are_customers: bool,
        most in 0_usize..4,
    ) {
        let customers: &[&str] = if are_customers { &["a", "b", "c"] } else { &[] };
        let (inventory, _) = of_hosts(drafts, customers);
        let may: BTreeSet<&str> = inventory
            .hosts()
            .filter(|host| eligible(host, facts.customer.as_deref(), are_customers).is_ok())
            .map(|host| host.name.as_str())
            .collect();
        let found = find(&inventory, &facts, most);
        for (host, _) in found.hosts.iter().chain(&found.beyond) {
            prop_assert!(may.contains(host.name.as_str()), "{}", host.name);
            prop_assert!(!are_customers || host.customer == facts.customer);
        }
        for host in found.unclear.iter().flat_map(|unclear| &unclear.hosts) {
            prop_assert!(may.contains(host.name.as_str()));
        }
        for unknown in &found.unknown {
            prop_assert!(unknown.nearest.as_deref().is_none_or(|name| may.contains(name)));
        }
        for (host, _, _) in &found.refused {
            prop_assert!(!may.contains(host.name.as_str()));
        }
        prop_assert!(found.hosts.len() <= most && !found.lines(crate::say::Language::En).is_empty());
        prop_assert_eq!(found.are_any, !may.is_empty());
    }
}
