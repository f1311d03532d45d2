//! A network in CIDR form, for peers that are believed. Never resolves a name.

use core::net::IpAddr;
use ipnet::IpNet;
use std::str::FromStr;

/// `203.0.113.0/24`, `2001:db8::/32`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no network: write an address such as 203.0.113.7, or a network such as 203.0.113.0/24 or 2001:db8::/32"
)]
pub struct BadNetwork(pub String);

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let text = text.trim();
        let whole = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        whole.map(Self).map_err(|_| BadNetwork(text.to_owned()))
    }
}

impl Network {
    /// An IPv4 peer that a dual-stack socket shows as IPv6 is still that IPv4 peer.
    pub fn contains(&self, peer: &str) -> bool {
        let bare = peer.trim().trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpAddr>().is_ok_and(|address| self.0.contains(&address.to_canonical()))
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_peers_and_no_others() {
        let of = |text: &str| text.parse::<Network>().unwrap();
        for (network, peer, holds) in [
            ("203.0.113.0/24", "203.0.113.9", true),
            ("203.0.113.0/24", "203.0.114.9", false),
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.10", false),
            ("203.0.113.0/24", "::ffff:203.0.113.9", true),
            ("2001:db8::/32", "2001:db8::25", true),
            ("2001:db8::/32", "[2001:db8::25]", true),
            ("0.0.0.0/0", "mail.example.jp", false),
        ] {
            assert_eq!(of(network).contains(peer), holds, "{network} {peer}");
        }
        let error = "203.0.113.0/33".parse::<Network>().unwrap_err().to_string();
        assert!(error.contains("203.0.113.0/33") && error.contains("write"), "{error}");
    }
}
