//! Instances of EC2 as hosts, by their tags: `Name`, and `arayashiki:customer`, `:bastion`, `:user`, `:port`, `:match`. Asks
//! AWS nothing: reads an answer to DescribeInstances, as `aws ec2 describe-instances` prints it.

use super::complaint::quoted;
use super::jump::{Jump, port_of};
use super::{Complaint, Draft, Drafts, File, MOST_BYTES, is_name};
use model::host::Origin;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What tags of ours begin with.
const OURS: &str = "arayashiki:";

/// What is known of an instance, by whatever form of the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instance {
    pub id: String,
    pub account: String,
    pub region: String,
    /// `running`, `stopped`, …
    pub state: String,
    /// IPv4, else IPv6.
    pub private_address: Option<String>,
    /// Names under which its own network knows it.
    pub private_name: Option<String>,
    pub tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    reservations: Vec<Reservation>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reservation {
    #[serde(default)]
    owner_id: String,
    #[serde(default)]
    instances: Vec<Described>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    instance_id: String,
    #[serde(default)]
    state: Named,
    private_ip_address: Option<String>,
    ipv6_address: Option<String>,
    private_dns_name: Option<String>,
    #[serde(default)]
    placement: Placement,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    #[serde(default)]
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Placement {
    #[serde(default)]
    availability_zone: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

/// Reads one answer, and makes hosts of what runs.
pub fn read(file: &File, complaints: &mut Vec<Complaint>) -> Drafts {
    let make = "make it by `aws ec2 describe-instances > FILE`";
    if file.text.len() > MOST_BYTES {
        complaints.push(Complaint::error(&file.path, "is over 8 MiB, so that nothing of it is read", make));
        return Drafts::default();
    }
    let answer: Answer = match serde_json::from_str(&file.text) {
        Ok(answer) => answer,
        Err(error) => {
            let place = format!("{}:{}", file.path, error.line());
            complaints.push(Complaint::error(place, format!("is no answer to DescribeInstances ({error})"), make));
            return Drafts::default();
        }
    };
    if answer.next_token.is_some() {
        let says = "is the first page of an answer alone";
        complaints.push(Complaint::error(
            &file.path,
            says,
            "let aws fetch them all: leave out --no-paginate and --max-items",
        ));
    }
    let instances: Vec<Instance> = answer
        .reservations
        .into_iter()
        .flat_map(|reservation| {
            let account = reservation.owner_id;
            reservation.instances.into_iter().map(move |instance| instance.known(&account))
        })
        .collect();
    hosts(&instances, &file.path, complaints)
}

impl Described {
    fn known(self, account: &str) -> Instance {
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        Instance {
            id: self.instance_id,
            account: account.to_owned(),
            region: region(&self.placement.availability_zone),
            state: self.state.name,
            private_address: text(self.private_ip_address).or(text(self.ipv6_address)),
            private_name: text(self.private_dns_name),
            tags: self.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
        }
    }
}

/// `ap-northeast-1a` is in `ap-northeast-1`, `us-west-2-lax-1a` in `us-west-2`.
fn region(zone: &str) -> String {
    let mut parts = Vec::new();
    for part in zone.split('-') {
        let number = part.trim_end_matches(|c: char| c.is_ascii_lowercase());
        if part.starts_with(|c: char| c.is_ascii_digit()) {
            parts.push(number);
            break;
        }
        parts.push(part);
    }
    parts.join("-")
}

/// Hosts of what runs and has an address in its network. An instance is named by its tag `Name`; where several have one name,
/// or it has none that can be a host's, by its id.
pub fn hosts(instances: &[Instance], source: &str, complaints: &mut Vec<Complaint>) -> Drafts {
    let running: Vec<&Instance> = instances.iter().filter(|instance| instance.state == "running").collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for instance in &running {
        *counts.entry(own_name(instance).unwrap_or_default()).or_default() += 1;
    }
    let mut found = Drafts::default();
    for instance in running {
        let Some(address) = &instance.private_address else {
            let says = format!("{} is left out: it has no private address", instance.id);
            complaints.push(Complaint::note(source, says, "nothing is to do unless it should be visited"));
            continue;
        };
        let name = own_name(instance).filter(|name| counts.get(name) == Some(&1)).unwrap_or(&instance.id);
        found.hosts.push(host(instance, name, address, source, complaints));
    }
    found
}

fn own_name(instance: &Instance) -> Option<&str> {
    instance.tags.get("Name").map(|name| name.trim()).filter(|name| is_name(name))
}

fn host(instance: &Instance, name: &str, address: &str, source: &str, complaints: &mut Vec<Complaint>) -> Draft {
    let tag = |key: &str| {
        instance.tags.get(&format!("{OURS}{key}")).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let list = |key: &str| -> Vec<String> {
        let text = tag(key).unwrap_or_default();
        text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
    };
    let port = tag("port").and_then(|text| {
        let port = port_of(&text);
        if port.is_none() {
            let says =
                format!("{name}: the tag arayashiki:port is {}, which is no port, so that 22 is taken", quoted(&text));
            complaints.push(Complaint::note(source, says, "write a number from 1 to 65535"));
        }
        port
    });
    let others = instance.tags.iter().filter(|(key, _)| !key.starts_with(OURS) && !key.starts_with("aws:"));
    let mut tags: BTreeMap<String, String> = others.map(|(key, value)| (key.clone(), value.clone())).collect();
    tags.insert("instance-id".to_owned(), instance.id.clone());
    tags.extend(instance.private_name.clone().map(|name| ("private-name".to_owned(), name)));
    let (account, region, instance_id) = (instance.account.clone(), instance.region.clone(), instance.id.clone());
    Draft {
        address: Some(address.to_owned()),
        port,
        user: tag("user"),
        via: list("bastion").into_iter().map(Jump::named).collect(),
        customer: tag("customer"),
        matches: list("match"),
        tags,
        ..Draft::new(name, Origin::Ec2 { account, region, instance: instance_id })
    }
}
