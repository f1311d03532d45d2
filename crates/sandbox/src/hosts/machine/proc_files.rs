//! What lies under `/proc` and `/sys`, in the kernel's own form.

use super::Machine;

impl Machine {
    pub(super) fn proc_file(&self, path: &str) -> Option<String> {
        Some(match path {
            "/proc/loadavg" => {
                let [one, five, fifteen] = self.load();
                let all = self.processes();
                let running = all.iter().filter(|p| p.state == "R").count();
                format!("{one:.2} {five:.2} {fifteen:.2} {}/{} {}\n", running.max(1), all.len() * 2, self.next_pid())
            }
            "/proc/uptime" => {
                format!("{}.41 {}.97\n", self.uptime_s(), self.uptime_s() * i64::from(self.spec.cores) * 7 / 10)
            }
            "/proc/meminfo" => self.meminfo(),
            "/proc/cpuinfo" => (0..self.spec.cores).map(cpu).collect(),
            "/proc/version" => format!(
                "Linux version {} (builder@build.example.org) {}\n",
                self.distro.kernel(),
                self.distro.kernel_build()
            ),
            "/proc/mounts" | "/proc/self/mounts" | "/etc/mtab" => self
                .mounts()
                .iter()
                .map(|m| format!("{} {} {} {} 0 0\n", m.device, m.path, m.kind, m.options))
                .collect(),
            "/proc/net/dev" => self.net_dev(),
            "/proc/stat" => self.stat(),
            "/proc/pressure/cpu" | "/proc/pressure/memory" | "/proc/pressure/io" => self.pressure(path),
            "/proc/sys/kernel/hostname" | "/etc/hostname" => format!("{}\n", self.spec.hostname),
            "/proc/sys/fs/file-nr" => format!("{}\t0\t{}\n", 1_900 + self.processes().len() * 21, 811_204),
            "/proc/sys/vm/swappiness" => "60\n".into(),
            "/proc/sys/kernel/threads-max" => "63481\n".into(),
            "/proc/sys/net/core/somaxconn" => "4096\n".into(),
            "/proc/sys/net/netfilter/nf_conntrack_count" => "812\n".into(),
            "/proc/sys/net/netfilter/nf_conntrack_max" => "262144\n".into(),
            _ => return self.of_process(path),
        })
    }

    /// `/proc/PID/…`
    fn of_process(&self, path: &str) -> Option<String> {
        let (pid, what) = path.strip_prefix("/proc/")?.split_once('/')?;
        let pid: u32 = pid.parse().ok()?;
        let own = self.processes().into_iter().find(|p| p.pid == pid)?;
        Some(match what {
            "cmdline" => own.args.replace(' ', "\0") + "\0",
            "comm" => own.name() + "\n",
            "status" => format!(
                "Name:\t{}\nState:\t{}\nPid:\t{}\nPPid:\t{}\nVmSize:\t{} kB\n\
                 VmRSS:\t{} kB\nThreads:\t{}\n",
                own.name(),
                own.state,
                own.pid,
                own.parent,
                own.vsz_kb,
                own.rss_kb,
                1 + own.pid % 40
            ),
            "environ" => self.app_environment().replace('\n', "\0"),
            "limits" => "Limit                     Soft Limit           Hard Limit           Units     \n\
                 Max open files            1024                 524288               files     \n"
                .into(),
            _ => return None,
        })
    }

    fn meminfo(&self) -> String {
        let m = self.memory();
        let lines = [
            ("MemTotal", m.total),
            ("MemFree", m.free),
            ("MemAvailable", m.available),
            ("Buffers", m.cache / 12),
            ("Cached", m.cache - m.cache / 12),
            ("SwapCached", m.swap_used / 9),
            ("Active", m.used * 6 / 10),
            ("Inactive", m.used * 3 / 10),
            ("SwapTotal", m.swap_total),
            ("SwapFree", m.swap_total - m.swap_used),
            ("Dirty", 812),
            ("Writeback", 0),
            ("Shmem", m.shared),
            ("Slab", m.total / 40),
            ("SReclaimable", m.total / 60),
            ("CommitLimit", m.total / 2 + m.swap_total),
            ("Committed_AS", m.used * 13 / 10),
        ];
        lines.iter().map(|(name, kb)| format!("{:<15}{kb:>9} kB\n", format!("{name}:"))).collect()
    }

    fn net_dev(&self) -> String {
        let head = "Inter-|   Receive                                                |  Transmit\n face \
             |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls \
             carrier compressed\n";
        let lo = "    lo: 91827364   80123    0    0    0     0          0         0 91827364   80123    0    \
             0    0     0       0          0\n";
        let n = self.nic();
        format!(
            "{head}{lo}{:>6}: {} {} {} {} 0 0 0 0 {} {} {} 0 0 0 0 0\n",
            n.name, n.rx_bytes, n.rx_packets, n.rx_errors, n.rx_dropped, n.tx_bytes, n.tx_packets, n.tx_errors
        )
    }

    fn stat(&self) -> String {
        let ticks = self.uptime_s() * 100 * i64::from(self.spec.cores);
        format!(
            "cpu  {} {} {} {} {} 0 {} 0 0 0\nctxt {}\nbtime {}\nprocesses {}\n",
            ticks / 12,
            ticks / 900,
            ticks / 30,
            ticks * 17 / 20,
            ticks / 200,
            ticks / 700,
            ticks * 41,
            self.boot.as_second(),
            self.next_pid()
        )
    }

    fn pressure(&self, path: &str) -> String {
        let share = (self.load()[0] / f64::from(self.spec.cores) - 0.7).clamp(0.0, 1.0) * 60.0;
        let share = if path.ends_with("memory") {
            if self.memory().available < self.memory().total / 20 { 38.2 } else { 0.0 }
        } else {
            share
        };
        format!(
            "some avg10={share:.2} avg60={:.2} avg300={:.2} total=81277351\n\
                 full avg10={:.2} avg60=0.00 avg300=0.00 total=1277351\n",
            share * 0.9,
            share * 0.6,
            share / 3.0
        )
    }
}

fn cpu(n: u32) -> String {
    format!(
        "processor\t: {n}\nvendor_id\t: GenuineIntel\n\
             model name\t: Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz\ncpu MHz\t\t: 1995.312\n\
             cache size\t: 49152 KB\nflags\t\t: fpu sse sse2 avx avx2 hypervisor\n\n"
    )
}
