//! A machine's file systems, and how full they are.

use super::super::cast::Role;
use super::super::trouble::Trouble;
use super::{Distro, Machine};

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Mount {
    pub device: &'static str,
    pub kind: &'static str,
    pub path: &'static str,
    pub options: &'static str,
    pub size_kb: u64,
    pub used_kb: u64,
    pub inodes: u64,
    pub inodes_used: u64,
}

impl Mount {
    /// As `df` has it: what only root may use counts as neither, and a started percent counts.
    pub(in crate::hosts) fn percent(&self) -> u64 {
        (self.used_kb * 100).div_ceil((self.used_kb + self.free_kb()).max(1))
    }

    pub(in crate::hosts) fn free_kb(&self) -> u64 {
        let reserved = if self.kind == "ext4" { self.size_kb / 20 } else { 0 };
        self.size_kb.saturating_sub(self.used_kb + reserved)
    }

    pub(in crate::hosts) fn inode_percent(&self) -> u64 {
        (self.inodes_used * 100).div_ceil(self.inodes.max(1))
    }

    pub(in crate::hosts) fn is_virtual(&self) -> bool {
        matches!(self.kind, "tmpfs" | "devtmpfs")
    }
}

const GB: u64 = 1024 * 1024;

impl Machine {
    /// The file system that grows here: with data, logs or images.
    pub(in crate::hosts) fn data_path(&self) -> &'static str {
        match self.role {
            Role::Nginx => "/var",
            Role::Postgres => "/var/lib/pgsql",
            Role::Mysql => "/var/lib/mysql",
            Role::Redis => "/var/lib/redis",
            Role::Docker => "/var/lib/docker",
            Role::Batch => "/backup",
            Role::Bastion | Role::Java | Role::Router => "/",
        }
    }

    pub(in crate::hosts) fn mounts(&self) -> Vec<Mount> {
        let memory_kb = self.memory().total;
        let (kind, disk) = match self.distro {
            Distro::Debian => ("ext4", "/dev/sda1"),
            Distro::Amazon => ("xfs", "/dev/nvme0n1p1"),
            Distro::Rhel => ("xfs", "/dev/mapper/rhel-root"),
            Distro::Alpine => ("ext4", "/dev/vda3"),
        };
        let mut all = vec![
            self.mount("devtmpfs", "devtmpfs", "/dev", memory_kb / 2, 0.0),
            self.mount("tmpfs", "tmpfs", "/dev/shm", memory_kb / 2, 0.0),
            self.mount("tmpfs", "tmpfs", "/run", memory_kb / 5, 0.012),
            self.mount(disk, kind, "/", 20 * GB, 0.31),
        ];
        let data = self.data_path();
        if data != "/" {
            let (device, size_gb) = match self.distro {
                Distro::Debian => ("/dev/sdb1", 100),
                Distro::Amazon => ("/dev/nvme1n1", 100),
                Distro::Rhel => ("/dev/mapper/rhel-data", 400),
                Distro::Alpine => ("/dev/vdb1", 80),
            };
            all.push(self.mount(device, kind, data, size_gb * GB, 0.52));
        }
        all
    }

    fn mount(&self, device: &'static str, kind: &'static str, path: &'static str, size_kb: u64, share: f64) -> Mount {
        let drift = if share > 0.05 { 0.06 * self.wave(path, 86_400) } else { 0.0 };
        let mut mount = Mount {
            device,
            kind,
            path,
            options: if kind == "tmpfs" || kind == "devtmpfs" { "rw,nosuid,nodev" } else { "rw,relatime" },
            size_kb,
            used_kb: (size_kb as f64 * (share + drift)) as u64,
            inodes: if kind == "xfs" { size_kb / 2 } else { (size_kb / 16).max(200_000) },
            inodes_used: 0,
        };
        mount.inodes_used = (mount.inodes as f64 * (share + drift) * 0.11) as u64 + 15;
        if path == self.data_path() {
            self.fill(&mut mount);
        }
        mount
    }

    fn fill(&self, mount: &mut Mount) {
        let usable = mount.used_kb + mount.free_kb();
        let percent =
            self.troubles().find_map(|t| if let Trouble::DiskFull { percent } = t { Some(*percent) } else { None });
        match percent {
            Some(100..) => mount.used_kb = usable,
            // A little below the full percent, which `df` rounds up.
            Some(percent) => mount.used_kb = usable * u64::from(percent) / 100 - usable / 400,
            None => {}
        }
        if self.has(&Trouble::InodesFull) {
            mount.inodes_used = mount.inodes;
        }
    }

    /// Nothing more can be written there.
    pub(in crate::hosts) fn is_full(&self, path: &str) -> bool {
        let own = self
            .mounts()
            .into_iter()
            .filter(|mount| mount.path == "/" || path == mount.path || path.starts_with(&format!("{}/", mount.path)));
        let own = own.max_by_key(|mount| mount.path.len());
        self.no_space || own.is_some_and(|m| !m.is_virtual() && (m.free_kb() == 0 || m.inodes_used >= m.inodes))
    }
}
