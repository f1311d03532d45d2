//! A machine's network: cards with their counters, routes, neighbours, name servers.

use super::super::trouble::Trouble;
use super::{Distro, Machine};

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Nic {
    pub name: &'static str,
    pub mac: String,
    pub address: String,
    pub is_up: bool,
    pub rx_bytes: u64,
    pub rx_packets: u64,
    pub rx_errors: u64,
    pub rx_dropped: u64,
    pub tx_bytes: u64,
    pub tx_packets: u64,
    pub tx_errors: u64,
}

/// Where names are asked for.
pub(in crate::hosts) const NAME_SERVER: &str = "10.20.0.2";
pub(in crate::hosts) const GATEWAY: &str = "10.20.0.1";

impl Machine {
    pub(in crate::hosts) fn nic_name(&self) -> &'static str {
        match self.distro {
            Distro::Debian => "ens18",
            Distro::Amazon => "ens5",
            Distro::Rhel => "ens192",
            Distro::Alpine => "eth0",
        }
    }

    pub(in crate::hosts) fn nic(&self) -> Nic {
        let mut dice = self.dice("nic");
        let up = self.uptime_s().unsigned_abs();
        let (rx_packets, tx_packets) = (up * 420, up * 380);
        let loses = self.has(&Trouble::PacketLoss);
        let lost = |share: u64| if loses { rx_packets / share } else { 0 };
        let h = dice.hex(6);
        Nic {
            name: self.nic_name(),
            mac: format!("52:54:00:{}:{}:{}", &h[..2], &h[2..4], &h[4..]),
            address: self.spec.address.clone(),
            is_up: true,
            rx_bytes: rx_packets * 612,
            rx_packets,
            rx_errors: lost(41),
            rx_dropped: lost(23) + up / 9_000,
            tx_bytes: tx_packets * 705,
            tx_packets,
            tx_errors: lost(77),
        }
    }

    /// The second way out, which a router has.
    pub(in crate::hosts) fn uplink(&self) -> Option<Nic> {
        (self.role == super::Role::Router).then(|| Nic {
            name: "ens19",
            address: "203.0.113.17".into(),
            is_up: !self.has(&Trouble::LinkDown),
            ..self.nic()
        })
    }

    pub(in crate::hosts) fn names_resolve(&self) -> bool {
        !self.has(&Trouble::DnsBroken)
    }

    /// The address of a name within the world; others get one of those that are for examples.
    pub(in crate::hosts) fn resolve(&self, name: &str) -> Option<String> {
        if name == "localhost" {
            return Some("127.0.0.1".into());
        }
        if name == self.spec.hostname || name == self.fqdn() {
            return Some(self.spec.address.clone());
        }
        if !self.names_resolve() {
            return None;
        }
        let known = super::super::cast::all().into_iter().find(|own| {
            own.customer == self.spec.customer
                && (own.hostname == name || name.starts_with(&format!("{}.", own.hostname)))
        });
        if let Some(known) = known {
            return Some(known.address);
        }
        let is_public =
            name.ends_with("example.com") || name.ends_with("example.org") || name.ends_with("amazonaws.com");
        is_public.then(|| format!("198.51.100.{}", 10 + name.bytes().fold(0_u32, |sum, b| (sum + u32::from(b)) % 200)))
    }
}
