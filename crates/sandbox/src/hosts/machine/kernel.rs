//! What the kernel has said since it started.

use jiff::Timestamp;

use super::super::trouble::{Laid, Trouble};
use super::{Distro, Machine};
use crate::clock::{plus_ms, plus_s};

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Line {
    pub at: Timestamp,
    pub priority: u8,
    pub text: String,
}

impl Machine {
    /// Oldest first.
    pub(in crate::hosts) fn kernel_log(&self) -> Vec<Line> {
        let mut all: Vec<Line> = self
            .started()
            .into_iter()
            .enumerate()
            .map(|(n, text)| Line { at: plus_ms(self.boot, i64::try_from(n).unwrap_or(0) * 317), priority: 6, text })
            .collect();
        for laid in &self.laid {
            all.extend(self.kernel_on(laid));
        }
        all.sort_by_key(|line| line.at);
        all
    }

    fn started(&self) -> Vec<String> {
        let disk = match self.distro {
            Distro::Debian => "EXT4-fs (sda1): mounted filesystem with ordered data mode. Quota mode: none.",
            Distro::Alpine => "EXT4-fs (vda3): mounted filesystem with ordered data mode. Quota mode: none.",
            _ => "XFS (dm-0): Mounting V5 Filesystem",
        };
        vec![
            format!(
                "Linux version {} (builder@build.example.org) {}",
                self.distro.kernel(),
                self.distro.kernel_build()
            ),
            "Command line: BOOT_IMAGE=/boot/vmlinuz root=UUID=0b6f2c9e-5f0a-4a43-9d1e-1f6f7a3c2d11 ro quiet".into(),
            "BIOS-provided physical RAM map:".into(),
            format!("Memory: {}K/{}K available", self.spec.memory_mb * 960, self.spec.memory_mb * 1024),
            format!("smp: Brought up 1 node, {} CPUs", self.spec.cores),
            disk.into(),
            "systemd[1]: Detected virtualization kvm.".into(),
            format!("IPv6: ADDRCONF(NETDEV_CHANGE): {}: link becomes ready", self.nic_name()),
        ]
    }

    fn kernel_on(&self, laid: &Laid) -> Vec<Line> {
        let line = |after_s: i64, priority, text: String| Line { at: plus_s(laid.since, after_s), priority, text };
        match &laid.trouble {
            Trouble::Oom => self.oom(laid),
            Trouble::PacketLoss | Trouble::LinkDown => {
                let nic = self.nic_name();
                vec![
                    line(
                        -8,
                        4,
                        format!("virtio_net virtio0 {nic}: NETDEV WATCHDOG: transmit queue 0 timed out 5120 ms"),
                    ),
                    line(-4, 4, format!("{nic}: link down")),
                    line(-1, 6, format!("{nic}: link up, 1000Mbps, full-duplex, lpa 0xFFFF")),
                ]
            }
            Trouble::DiskFull { percent: 100.. } => {
                vec![line(
                    2,
                    4,
                    "EXT4-fs warning (device sdb1): ext4_da_update_reserve_space: no space for delayed allocation"
                        .into(),
                )]
            }
            Trouble::HighLoad => {
                vec![line(120, 4, "INFO: task reindex:28411 blocked for more than 120 seconds.".into())]
            }
            _ => Vec::new(),
        }
    }

    fn oom(&self, laid: &Laid) -> Vec<Line> {
        let total_kb = self.spec.memory_mb * 1024;
        let texts = [
            "python3 invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, \
                 oom_score_adj=0"
                .to_owned(),
            "CPU: 1 PID: 27118 Comm: python3 Not tainted".into(),
            "Tasks state (memory values in pages):".into(),
            format!(
                "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/system.slice/{0},task={1},pid=27004,uid=998",
                self.main_unit(),
                self.main_program()
            ),
            format!(
                "Out of memory: Killed process 27004 ({}) total-vm:{}kB, anon-rss:{}kB, file-rss:1204kB, \
                 shmem-rss:0kB, UID:998 pgtables:4120kB oom_score_adj:0",
                self.main_program(),
                total_kb * 6 / 5,
                total_kb * 2 / 5
            ),
            format!(
                "oom_reaper: reaped process 27004 ({}), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
                self.main_program()
            ),
        ];
        let own = texts.into_iter().enumerate();
        own.map(|(n, text)| Line {
            at: plus_ms(laid.since, -90_000 + i64::try_from(n).unwrap_or(0) * 3),
            priority: if n == 4 { 3 } else { 4 },
            text,
        })
        .collect()
    }
}
