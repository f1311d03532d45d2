//! Whose host an incident may lead to: every case, and none that leads elsewhere.

use super::*;
use proptest::prelude::*;

fn host(customer: Option<&str>) -> Host {
    Host {
        name: "web-1".into(),
        at: Endpoint {
            address: "192.0.2.1".into(),
            port: SSH_PORT,
            user: "ops".into(),
            logins: Vec::new(),
            key_names: Vec::new(),
        },
        via: Vec::new(),
        customer: customer.map(str::to_owned),
        matches: Vec::new(),
        groups: BTreeSet::new(),
        tags: BTreeMap::new(),
        origin: Origin::Config,
    }
}

#[test]
fn only_the_incidents_own_customers_hosts_are_eligible() {
    for (its, incident, are_customers, expected) in [
        (Some("a"), Some("a"), true, Ok(())),
        (Some("a"), Some("b"), true, Err(Refusal::AnotherCustomer)),
        (Some("a"), None, true, Err(Refusal::IncidentOfNobody)),
        (None, Some("a"), true, Err(Refusal::HostOfNobody)),
        (None, None, true, Err(Refusal::HostOfNobody)),
        (None, None, false, Ok(())),
        // A customer that nobody configured is somebody else all the same.
        (Some("a"), None, false, Err(Refusal::IncidentOfNobody)),
        (None, Some("a"), false, Err(Refusal::HostOfNobody)),
    ] {
        assert_eq!(eligible(&host(its), incident, are_customers), expected, "{its:?} {incident:?} {are_customers}");
    }
}

proptest! {
    #[test]
    fn never_a_host_of_another_or_of_nobody(
        its in proptest::option::of("[ab]{0,2}"),
        incident in proptest::option::of("[ab]{0,2}"),
        are_customers: bool,
    ) {
        if eligible(&host(its.as_deref()), incident.as_deref(), are_customers).is_ok() {
            prop_assert_eq!(&its, &incident);
            prop_assert!(its.is_some() || !are_customers);
        }
    }
}

#[test]
fn an_origin_is_a_place_that_people_find() {
    let ansible = Origin::Ansible { file: "hosts.ini".into(), line: 7, group: "web".into() };
    assert_eq!(ansible.to_string(), "hosts.ini:7");
    let ec2 = Origin::Ec2 { account: "123456789012".into(), region: "ap-northeast-1".into(), instance: "i-0ab".into() };
    assert_eq!(ec2.to_string(), "123456789012/ap-northeast-1/i-0ab");
    assert_eq!(serde_json::to_value(&ansible).unwrap()["from"], "ansible");
    assert_eq!(serde_json::from_value::<Origin>(serde_json::to_value(&ec2).unwrap()).unwrap(), ec2);
}
