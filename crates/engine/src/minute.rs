//! What was fetched under a name stands for a minute, a failure for some seconds; and those who ask at once wait for one
//! answer. Asks nobody itself.

use model::Micros;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

const GOOD_FOR_S: i64 = 60;
const FAILED_FOR_S: i64 = 10;

type Slot<T> = Arc<tokio::sync::Mutex<Option<(Micros, T)>>>;

/// Whether what was fetched is an answer.
pub trait Fetched: Clone {
    fn is_answer(&self) -> bool;
}

impl<T: Clone> Fetched for Option<T> {
    fn is_answer(&self) -> bool {
        self.is_some()
    }
}

pub struct Minute<T>(Mutex<BTreeMap<String, Slot<T>>>);

impl<T> Default for Minute<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Fetched> Minute<T> {
    /// What is known, or what `fetch` brings.
    pub async fn get(&self, name: &str, now: Micros, fetch: impl Future<Output = T>) -> T {
        let slot = self.slot(name, now);
        let mut held = slot.lock().await;
        if let Some((_, known)) = held.as_ref().filter(|held| is_good(held, now)) {
            return known.clone();
        }
        let fetched = fetch.await;
        *held = Some((now, fetched.clone()));
        fetched
    }

    fn slot(&self, name: &str, now: Micros) -> Slot<T> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, slot| match slot.try_lock() {
            Ok(held) => held.as_ref().is_some_and(|held| is_good(held, now)),
            Err(_) => true,
        });
        slots.entry(name.to_owned()).or_default().clone()
    }
}

/// A clock that was set back makes nothing young again.
fn is_good<T: Fetched>((at, fetched): &(Micros, T), now: Micros) -> bool {
    let for_s = if fetched.is_answer() { GOOD_FOR_S } else { FAILED_FOR_S };
    (0..for_s * 1_000_000).contains(&now.since(*at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    #[tokio::test]
    async fn one_answer_serves_all_for_a_minute_and_a_failure_for_seconds() {
        let (minute, asked) = (&Minute::default(), &AtomicUsize::new(0));
        let get = |name: &'static str, at_s: i64, answer: Option<usize>| {
            let fetch = async move {
                asked.fetch_add(1, SeqCst);
                tokio::task::yield_now().await;
                answer
            };
            minute.get(name, Micros::from_seconds(at_s), fetch)
        };
        assert_eq!(get("a", 85, None).await, None);
        assert_eq!(get("a", 94, Some(0)).await, None);
        let (one, two) = tokio::join!(get("a", 100, Some(1)), get("a", 100, Some(2)));
        assert_eq!((one, two, asked.load(SeqCst)), (Some(1), Some(1), 2), "who asks at once waits for the answer");
        assert_eq!(get("a", 159, Some(3)).await, Some(1));
        assert_eq!(get("b", 159, Some(4)).await, Some(4));
        assert_eq!(get("a", 160, Some(5)).await, Some(5), "a minute later it is asked again");
        assert_eq!(get("a", 99, Some(6)).await, Some(6), "what was told later than now is of another clock");
    }
}
