//! Who is there: the bastions and the customers' hosts, as the simulated account's alerts name them. Everything here is invented.

use super::machine::distro::Distro;

/// What a host is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Bastion,
    Nginx,
    Java,
    Postgres,
    Mysql,
    Redis,
    Docker,
    Batch,
    Router,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spec {
    /// Unique: the customer's name and the host's own.
    pub name: String,
    /// As it calls itself, and as alerts name it.
    pub hostname: String,
    pub customer: Option<&'static str>,
    pub address: String,
    pub distro: Distro,
    pub role: Role,
    /// The bastion that leads to it; the first bastion is reached directly.
    pub via: Option<&'static str>,
    pub cores: u32,
    pub memory_mb: u64,
}

pub(super) const BASTION: &str = "bastion-tokyo";
pub(super) const INNER: &str = "bastion-minato";

/// customer, name, last two parts of the address, distribution, role, cores, memory
type Line = (&'static str, &'static str, &'static str, Distro, Role, u32, u64);

const HOSTS: &[Line] = &[
    ("hoshino", "web01", "1.11", Distro::Debian, Role::Nginx, 4, 8_192),
    ("hoshino", "web02", "1.12", Distro::Debian, Role::Nginx, 4, 8_192),
    ("hoshino", "web03", "1.13", Distro::Debian, Role::Nginx, 4, 8_192),
    ("hoshino", "web04", "1.14", Distro::Debian, Role::Nginx, 4, 8_192),
    ("hoshino", "cdn-origin", "1.15", Distro::Debian, Role::Nginx, 2, 4_096),
    ("hoshino", "app01", "1.31", Distro::Amazon, Role::Java, 4, 16_384),
    ("hoshino", "app02", "1.32", Distro::Amazon, Role::Java, 4, 16_384),
    ("hoshino", "app03", "1.33", Distro::Amazon, Role::Java, 4, 16_384),
    ("hoshino", "app04", "1.34", Distro::Amazon, Role::Java, 4, 16_384),
    ("hoshino", "db-primary", "1.41", Distro::Rhel, Role::Postgres, 8, 32_768),
    ("hoshino", "db-replica1", "1.42", Distro::Rhel, Role::Postgres, 8, 32_768),
    ("hoshino", "db-replica2", "1.43", Distro::Rhel, Role::Postgres, 8, 32_768),
    ("hoshino", "db01", "1.44", Distro::Rhel, Role::Mysql, 4, 16_384),
    ("hoshino", "cache01", "1.51", Distro::Debian, Role::Redis, 2, 8_192),
    ("hoshino", "batch01", "1.61", Distro::Debian, Role::Batch, 2, 4_096),
    ("hoshino", "batch02", "1.62", Distro::Debian, Role::Batch, 2, 4_096),
    ("hoshino", "nas01", "1.63", Distro::Debian, Role::Batch, 2, 4_096),
    ("hoshino", "backup01", "1.64", Distro::Debian, Role::Batch, 2, 4_096),
    ("minato", "pay-api-1", "2.11", Distro::Amazon, Role::Java, 8, 16_384),
    ("minato", "pay-api-2", "2.12", Distro::Amazon, Role::Java, 8, 16_384),
    ("minato", "pay-app02", "2.13", Distro::Alpine, Role::Docker, 4, 8_192),
    ("minato", "gw-east", "2.21", Distro::Alpine, Role::Docker, 2, 4_096),
    ("minato", "gw-west", "2.22", Distro::Alpine, Role::Docker, 2, 4_096),
    ("minato", "db-primary", "2.41", Distro::Rhel, Role::Mysql, 8, 32_768),
    ("minato", "pay-queue", "2.51", Distro::Debian, Role::Redis, 2, 8_192),
    ("minato", "batch01", "2.61", Distro::Amazon, Role::Batch, 2, 4_096),
    ("minato", "batch02", "2.62", Distro::Amazon, Role::Batch, 2, 4_096),
    ("minato", "nas01", "2.63", Distro::Debian, Role::Batch, 2, 4_096),
    ("kitakaze", "wms-sendai", "3.11", Distro::Alpine, Role::Docker, 4, 8_192),
    ("kitakaze", "wms-kobe", "3.12", Distro::Alpine, Role::Docker, 4, 8_192),
    ("kitakaze", "db-primary", "3.41", Distro::Rhel, Role::Mysql, 8, 32_768),
    ("kitakaze", "db-replica1", "3.42", Distro::Rhel, Role::Mysql, 8, 32_768),
    ("kitakaze", "db-replica2", "3.43", Distro::Rhel, Role::Mysql, 8, 32_768),
    ("kitakaze", "kitakaze-queue", "3.51", Distro::Debian, Role::Redis, 2, 8_192),
    ("kitakaze", "web01", "3.21", Distro::Debian, Role::Nginx, 2, 4_096),
    ("kitakaze", "web02", "3.22", Distro::Debian, Role::Nginx, 2, 4_096),
    ("kitakaze", "rt-sendai", "3.1", Distro::Debian, Role::Router, 2, 2_048),
    ("kitakaze", "rt-kobe", "3.2", Distro::Debian, Role::Router, 2, 2_048),
    ("kitakaze", "vpn-hq", "3.3", Distro::Debian, Role::Router, 2, 2_048),
    ("kitakaze", "sw-core1", "3.4", Distro::Debian, Role::Router, 2, 2_048),
];

/// The bastions first, then the hosts.
pub(super) fn all() -> Vec<Spec> {
    let bastion = |name: &str, address: &str, customer, via| Spec {
        name: name.to_owned(),
        hostname: name.to_owned(),
        customer,
        address: address.to_owned(),
        distro: Distro::Debian,
        role: Role::Bastion,
        via,
        cores: 2,
        memory_mb: 2_048,
    };
    let mut all =
        vec![bastion(BASTION, "10.20.0.5", None, None), bastion(INNER, "10.20.0.6", Some("minato"), Some(BASTION))];
    all.extend(HOSTS.iter().map(host));
    all
}

fn host((customer, name, address, distro, role, cores, memory_mb): &Line) -> Spec {
    Spec {
        name: if name.starts_with(customer) { (*name).to_owned() } else { format!("{customer}-{name}") },
        hostname: (*name).to_owned(),
        customer: Some(customer),
        address: format!("10.20.{address}"),
        distro: *distro,
        role: *role,
        via: Some(if *customer == "minato" { INNER } else { BASTION }),
        cores: *cores,
        memory_mb: *memory_mb,
    }
}
