//! How much one address may ask of us: connections at once and mails a minute. Forgets whoever is gone.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// So many addresses are remembered for their rate after their connections ended.
const REMEMBERED: usize = 10_000;

#[derive(Debug)]
pub struct Limits {
    connections: usize,
    per_address: usize,
    rate_per_minute: u32,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    open: usize,
    peers: HashMap<IpAddr, Peer>,
}

#[derive(Debug)]
struct Peer {
    open: usize,
    /// Mails that may come at once; a minute fills it.
    tokens: f64,
    at: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    Connections,
    Address,
}

/// A place for one connection, given back when dropped.
#[derive(Debug)]
pub struct Place {
    limits: Arc<Limits>,
    of: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut known = self.limits.known();
        known.open = known.open.saturating_sub(1);
        if let Some(peer) = known.peers.get_mut(&self.of) {
            peer.open = peer.open.saturating_sub(1);
            if peer.open == 0 && self.limits.rate_per_minute == 0 {
                known.peers.remove(&self.of);
            }
        }
    }
}

impl Limits {
    pub fn new(connections: usize, per_address: usize, rate_per_minute: u32) -> Arc<Self> {
        let most = |limit: usize| if limit == 0 { usize::MAX } else { limit };
        let (connections, per_address) = (most(connections), most(per_address));
        Arc::new(Self { connections, per_address, rate_per_minute, known: Mutex::default() })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn enter(self: &Arc<Self>, address: IpAddr, now: Instant) -> Result<Place, Full> {
        let of = household(address);
        let mut known = self.known();
        if known.open >= self.connections {
            return Err(Full::Connections);
        }
        self.forget(&mut known, now);
        let fresh = Peer { open: 0, tokens: f64::from(self.rate_per_minute), at: now };
        let peer = known.peers.entry(of).or_insert(fresh);
        if peer.open >= self.per_address {
            return Err(Full::Address);
        }
        peer.open += 1;
        known.open += 1;
        Ok(Place { limits: self.clone(), of })
    }

    /// Whether one more mail may come from there now.
    pub fn may_send(&self, address: IpAddr, now: Instant) -> bool {
        if self.rate_per_minute == 0 {
            return true;
        }
        let mut known = self.known();
        let Some(peer) = known.peers.get_mut(&household(address)) else { return true };
        peer.refill(f64::from(self.rate_per_minute), now);
        let may = peer.tokens >= 1.0;
        if may {
            peer.tokens -= 1.0;
        }
        may
    }

    /// Whoever has no connection is kept for a minute, and less long when there are too many.
    fn forget(&self, known: &mut Known, now: Instant) {
        if known.peers.len() < REMEMBERED {
            return;
        }
        let most = f64::from(self.rate_per_minute);
        known.peers.retain(|_, peer| {
            peer.refill(most, now);
            peer.open > 0 || peer.tokens < most
        });
        if known.peers.len() >= REMEMBERED {
            known.peers.retain(|_, peer| peer.open > 0);
        }
    }
}

impl Peer {
    fn refill(&mut self, rate: f64, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + seconds * rate / 60.0).min(rate);
        self.at = now;
    }
}

/// Of IPv6, one customer has a /64 at least.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() >> 64 << 64)),
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn places_are_counted_in_all_and_by_address() {
        let (limits, now) = (Limits::new(3, 2, 0), Instant::now());
        let first = limits.enter(ip("2001:db8::1"), now).unwrap();
        let _second = limits.enter(ip("2001:db8::2"), now).unwrap();
        assert_eq!(limits.enter(ip("2001:db8::3"), now).unwrap_err(), Full::Address);
        let _third = limits.enter(ip("192.0.2.1"), now).unwrap();
        assert_eq!(limits.enter(ip("192.0.2.2"), now).unwrap_err(), Full::Connections);
        drop(first);
        assert!(limits.enter(ip("2001:db8::3"), now).is_ok());
        drop((_second, _third));
        assert_eq!(limits.known().peers.len(), 0);
    }

    #[test]
    fn a_minute_brings_the_mails_of_a_minute() {
        let (limits, now) = (Limits::new(0, 0, 60), Instant::now());
        let _place = limits.enter(ip("192.0.2.1"), now).unwrap();
        let burst = |at: Instant| {
            std::iter::repeat_with(|| limits.may_send(ip("192.0.2.1"), at)).take_while(|may| *may).count()
        };
        assert_eq!(burst(now), 60);
        assert_eq!(burst(now + Duration::from_millis(10_500)), 10);
        assert_eq!(burst(now + Duration::from_secs(1_000)), 60);
    }

    #[test]
    fn passers_by_are_forgotten() {
        let (limits, now) = (Limits::new(0, 0, 10), Instant::now());
        for n in 0..30_000_u32 {
            let address = IpAddr::V4(n.into());
            let _place = limits.enter(address, now).unwrap();
            limits.may_send(address, now);
        }
        assert!(limits.known().peers.len() <= REMEMBERED);
    }
}
