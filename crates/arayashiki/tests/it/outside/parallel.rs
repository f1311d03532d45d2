//! Cases side by side: most of a kill case is waiting for leases, so several share the two cores well. However many tests run at
//! once, no more cases than these do: a machine that is flooded lets leases end that would not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Instant;

/// Of one test.
const AT_ONCE: usize = 8;
/// Of all of them.
const MOST: usize = 12;

static RUNNING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// A place among those that run.
struct Place;

impl Place {
    fn taken() -> Self {
        let mut running = ENDED.wait_while(RUNNING.lock().unwrap(), |running| *running >= MOST).unwrap();
        *running += 1;
        Self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap() -= 1;
        ENDED.notify_one();
    }
}

/// Runs every case; afterwards fails with all that went wrong, each under its name.
pub fn all<T: Send + Sync>(cases: &[(String, T)], run: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(cases.len()) {
            scope.spawn(|| {
                while let Some((name, case)) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let _place = Place::taken();
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(case))) {
                        failed.lock().unwrap().push(format!("{name}: {}", words(&*panic)));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    eprintln!("{} cases in {:.1} s", cases.len(), begun.elapsed().as_secs_f64());
    assert!(failed.is_empty(), "{} of {} cases failed:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_else(|| "a panic".to_owned())
}
