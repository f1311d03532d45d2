//! The machine that a measurement was made on, and how quiet it was: without these a figure says little.

use serde::Serialize;
use std::path::Path;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Machine {
    pub cpu: String,
    pub cores: usize,
    pub memory_gb: f64,
    pub kernel: String,
    pub file_system: String,
    /// Of the last minute, before anything was started.
    pub load_average: f64,
}

impl Machine {
    pub fn look(data: &Path) -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let cpu = read("/proc/cpuinfo");
        let cpu = cpu.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": "));
        let memory = read("/proc/meminfo");
        let memory_kb: f64 = memory.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0.0);
        Self {
            cpu: cpu.map_or_else(String::new, |(_, model)| model.trim().to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gb: memory_kb / 1e6,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            file_system: file_system(data, &read("/proc/self/mounts")),
            load_average: read("/proc/loadavg").split_whitespace().next().and_then(|t| t.parse().ok()).unwrap_or(0.0),
        }
    }

    pub fn text(&self) -> String {
        let caution = match (self.load_average > 0.5, self.file_system.as_str()) {
            (_, "tmpfs") => " (the data are in memory: nothing here is durable, choose another --dir)",
            (true, _) => " (not quiet: read the ratios, not the figures)",
            _ => "",
        };
        let Self { cpu, cores, memory_gb, kernel, file_system, load_average } = self;
        format!("{cores} x {cpu}, {memory_gb:.0} GB, Linux {kernel}, {file_system}, load {load_average:.2}{caution}")
    }
}

/// The type of the file system that holds a folder: that of the longest mount point above it.
fn file_system(folder: &Path, mounts: &str) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((Path::new(fields.next()?), fields.next()?))
        })
        .filter(|(point, _)| folder.starts_with(point))
        .max_by_key(|(point, _)| point.components().count())
        .map_or_else(String::new, |(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_point_decides() {
        let mounts = "/dev/vda / ext4 rw 0 0\nnone /nowhere tmpfs rw 0 0\nnone /nowhere/else xfs rw 0 0\n";
        assert_eq!(file_system(Path::new("/nowhere/else/data"), mounts), "xfs");
        assert_eq!(file_system(Path::new("/nowhere/elsewhere"), mounts), "tmpfs");
        assert_eq!(file_system(Path::new("/other"), mounts), "ext4");
    }
}
