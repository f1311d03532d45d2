//! Notices what other processes do to the store, so that pages open here learn of it: asks for a cheap version of the
//! world about once a second and rings the bell when it is another. Never reads what changed.

use crate::{Shared, wake};
use std::time::Duration;
use store::version::{Version, version};
use tokio_util::sync::CancellationToken;

const LOOK_EVERY: Duration = Duration::from_secs(1);

pub async fn run(shared: Shared, stop: CancellationToken) {
    let mut seen: Option<Version> = None;
    let mut is_blind = false;
    while wake::pause(LOOK_EVERY, &stop).await {
        match shared.store.read(|tx| Box::pin(version(tx))).await {
            Ok(now) => {
                shared.trouble.over();
                if is_blind || seen.as_ref().is_some_and(|before| *before != now) {
                    shared.wake.show.notify_waiters();
                }
                seen = Some(now);
                is_blind = false;
            }
            Err(error) => {
                shared.trouble.failed(&error, "looking at what other processes do");
                is_blind = true;
            }
        }
    }
}
