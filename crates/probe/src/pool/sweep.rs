//! Lets go what is dead or was idle for too long: a host's connection first, its bastion's once nothing goes through it any more.

use super::{Held, Pool, connect};
use crate::link::Link;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

impl Pool {
    /// Sees to it that somebody goes round from now on.
    pub(super) fn see_to_sweeping(self: &Arc<Self>) {
        if !std::mem::replace(&mut self.held().is_swept, true) {
            let every = Duration::from_millis((self.settings.idle_close_ms / 4).clamp(50, 15_000));
            self.tasks.spawn(go_round(Arc::downgrade(self), self.closing.clone(), every));
        }
    }

    fn sweep(&self) {
        let longest = Duration::from_millis(self.settings.idle_close_ms);
        let old = take_old(&mut self.held(), longest);
        self.gates.tidy();
        for link in old {
            self.tasks.spawn(async move { link.close().await });
        }
    }
}

/// Goes round until the pool is gone or closed.
async fn go_round(pool: Weak<Pool>, closing: CancellationToken, every: Duration) {
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            () = sleep(every) => {}
        }
        match pool.upgrade() {
            Some(pool) => pool.sweep(),
            None => return,
        }
    }
}

fn take_old(held: &mut Held, longest: Duration) -> Vec<Arc<Link>> {
    let is_old = |link: &Link| link.idle().is_some_and(|idle| idle >= longest || !link.is_usable());
    let mut old = Vec::new();
    held.hosts.retain(|_, links| {
        old.extend(links.extract_if(.., |link| is_old(link)).map(Arc::new));
        !links.is_empty()
    });
    held.bastions.retain(|_, attempt| match (attempt.peek(), connect::made(attempt)) {
        (_, Some(link)) if is_old(link) => {
            old.push(link.clone());
            false
        }
        // One that failed is nothing to keep; one that is under way is.
        (Some(Err(_)), _) => false,
        _ => true,
    });
    old
}
