//! EC2's XML, and the same answer as `aws ec2 describe-instances` prints it, as far as hosts need it. Pure; what is odd is left out, what is no
//! XML is an error.

use super::refusal::{AGAIN, Trouble};
use crate::Kind;
use serde::{Deserialize, Deserializer, Serialize};

/// Read from XML, written as JSON with the names that the AWS CLI gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    #[serde(rename(serialize = "Reservations", deserialize = "reservationSet"))]
    #[serde(default, deserialize_with = "items")]
    pub reservations: Vec<Reservation>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "camelCase"), default)]
pub struct Reservation {
    pub owner_id: String,
    #[serde(rename(serialize = "Instances", deserialize = "instancesSet"), deserialize_with = "items")]
    pub instances: Vec<Instance>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "camelCase"), default)]
pub struct Instance {
    pub instance_id: String,
    #[serde(rename(serialize = "State", deserialize = "instanceState"))]
    pub state: State,
    pub private_ip_address: String,
    pub ipv6_address: String,
    pub private_dns_name: String,
    pub placement: Placement,
    #[serde(rename(serialize = "Tags", deserialize = "tagSet"), deserialize_with = "items")]
    pub tags: Vec<Tag>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "camelCase"), default)]
pub struct State {
    pub name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "camelCase"), default)]
pub struct Placement {
    pub availability_zone: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "camelCase"), default)]
pub struct Tag {
    pub key: String,
    pub value: String,
}

/// One answer, and by what the next one is asked for.
#[derive(Debug)]
pub(super) struct Page {
    pub answer: Answer,
    pub next_token: Option<String>,
}

/// Anything else, such as a page for people, is no answer: taken for an empty one it would make every host vanish.
#[derive(Deserialize)]
enum Wire {
    #[serde(rename = "DescribeInstancesResponse")]
    Response {
        #[serde(rename = "reservationSet", deserialize_with = "items")]
        reservations: Vec<Reservation>,
        #[serde(default, rename = "nextToken")]
        next_token: String,
    },
}

/// `<set><item>…</item><item>…</item></set>`
#[derive(Deserialize)]
struct Items<T> {
    #[serde(default = "Vec::new")]
    item: Vec<T>,
}

fn items<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Items::deserialize(from).map(|items| items.item)
}

pub(super) fn read(body: &[u8]) -> Result<Page, Trouble> {
    let text = String::from_utf8_lossy(body);
    let unreadable = |error: quick_xml::DeError| {
        let says = format!("EC2's answer can't be read ({})", model::text::cut(&error.to_string(), 120));
        Trouble::new(Kind::Unreadable, says, AGAIN)
    };
    let Wire::Response { mut reservations, next_token } = quick_xml::de::from_str(&text).map_err(unreadable)?;
    for reservation in &mut reservations {
        reservation.instances.retain(|instance| !instance.instance_id.is_empty());
        for instance in &mut reservation.instances {
            instance.tags.retain(|tag| !tag.key.is_empty());
        }
    }
    let next_token = Some(next_token).filter(|token| !token.is_empty());
    Ok(Page { answer: Answer { reservations }, next_token })
}
