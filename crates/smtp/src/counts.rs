//! What a receiver counts: the other side of the ledger's balance, and the metrics. Knows nothing of the inbox.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counted from the start of the process; shared by all receivers that are given the same one.
        #[derive(Debug, Default)]
        pub struct Counts { $($(#[$doc])* pub $name: AtomicU64,)* }

        impl Counts {
            /// Each count by its name.
            pub fn all(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name.load(Ordering::Relaxed)),)*]
            }
        }
    };
}

counts! {
    /// Mails that were made durable and answered with 250: one a mail, not one a recipient.
    accepted,
    accepted_bytes,
    /// Of these, the ones whose 250 could not be sent: the sender will send them again.
    answer_lost,
    /// 451: the taker could not make the mail durable, failed or took too long.
    not_durable,
    /// 451: the taker had too much to do.
    busy,
    /// 452: all bodies together would have taken too much memory.
    crowded,
    /// 552.
    too_big,
    /// 554: more `Received:` headers than any honest way has.
    looping,
    /// 550 5.1.1, one a recipient.
    unknown_recipient,
    /// 550 5.7.1, one a recipient.
    relay_refused,
    /// 451 4.7.1.
    rate_limited,
    /// 421: too many connections in all.
    connections_refused,
    /// 421: too many connections from one address.
    address_refused,
    /// 421: from no network that may hand over mail.
    network_refused,
    /// Lines that are no command, or not at that place.
    bad_commands,
    /// Connections that were closed because they said nothing for too long, or too much of no use.
    timed_out,
    flooded,
    /// Mails that were begun and never ended: the sender went away. It still has them.
    aborted,
    tls_failed,
    sessions,
    tls_sessions,
    /// Sessions that are open now.
    open,
}

pub(crate) fn one_more(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}
