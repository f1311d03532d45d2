//! A machine's memory, in the figures that `free` and `/proc/meminfo` share.

use super::super::trouble::Trouble;
use super::Machine;

/// All in kibibytes.
#[derive(Debug, Clone, Copy)]
pub(in crate::hosts) struct Memory {
    pub total: u64,
    pub used: u64,
    pub free: u64,
    pub shared: u64,
    pub cache: u64,
    pub available: u64,
    pub swap_total: u64,
    pub swap_used: u64,
}

impl Machine {
    pub(in crate::hosts) fn memory(&self) -> Memory {
        // The kernel keeps a little for itself.
        let total = self.spec.memory_mb * 1024 / 1000 * 978;
        let share = match () {
            () if self.has(&Trouble::Oom) => 0.962 + 0.012 * self.wave("memory", 60),
            () if self.has(&Trouble::HeapFull) || self.has(&Trouble::QueueFull) => {
                0.87 + 0.02 * self.wave("memory", 60)
            }
            () => 0.34 + 0.16 * self.wave("memory", 3600),
        };
        let part = |share: f64| (total as f64 * share) as u64;
        let used = part(share);
        let left = total - used;
        let cache = (left as f64 * if share > 0.9 { 0.55 } else { 0.71 }) as u64;
        let swap_total = if self.distro.is_busybox() { 0 } else { 2_097_148 };
        let swap_share = if share > 0.9 { 0.97 } else { 0.02 };
        Memory {
            total,
            used,
            free: left - cache,
            shared: part(0.004),
            cache,
            available: (left as f64 * if share > 0.9 { 0.42 } else { 0.94 }) as u64,
            swap_total,
            swap_used: (swap_total as f64 * swap_share) as u64,
        }
    }
}
