//! File systems and disks.

use super::super::machine::mounts::Mount;
use super::Call;

/// As `-h` writes it: rounded up to one digit behind the point below ten, `1.2G`; `free` writes `1.2Gi`.
pub(super) fn human(bytes: u64, is_binary: bool) -> String {
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit < 5 {
        value /= 1024.0;
        unit += 1;
    }
    let letter = ["", "K", "M", "G", "T", "P"][unit];
    let letter = match (is_binary, unit) {
        (true, 0) => "B".to_owned(),
        (true, _) => format!("{letter}i"),
        _ => letter.to_owned(),
    };
    if unit > 0 && value < 9.95 {
        format!("{:.1}{letter}", (value * 10.0).ceil() / 10.0)
    } else {
        format!("{}{letter}", value.ceil() as u64)
    }
}

fn covers(path: &str, mount: &str) -> bool {
    mount == "/" || path == mount || path.starts_with(&format!("{mount}/"))
}

/// Those that were asked for: all, or the one that each path lies on.
fn chosen(call: &mut Call<'_, '_>, paths: &[String]) -> (Vec<Mount>, i32) {
    let all = call.machine.mounts();
    if paths.is_empty() {
        return (all, 0);
    }
    let (mut some, mut status) = (Vec::new(), 0);
    for path in paths {
        let own = call.disk.absolute(&call.cwd, path);
        if call.disk.entry(&own).is_none() && !own.starts_with("/dev/") {
            call.complain(&format!("{path}: No such file or directory"));
            status = 1;
            continue;
        }
        some.extend(
            all.iter().filter(|m| covers(&own, m.path) || m.device == own).max_by_key(|m| m.path.len()).cloned(),
        );
    }
    (some, status)
}

pub(super) fn df(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-t", "-x", "-B", "--type", "--exclude-type", "--output"]);
    let (mut mounts, status) = chosen(call, options.operands());
    let (only, without) = (
        [options.values("-t"), options.values("--type")].concat(),
        [options.values("-x"), options.values("--exclude-type")].concat(),
    );
    mounts.retain(|m| {
        (only.is_empty() || only.contains(&m.kind))
            && !without.contains(&m.kind)
            && !(options.any(&["-l", "--local"]) && m.kind == "nfs")
    });
    let of_inodes = options.any(&["-i", "--inodes"]);
    let is_human = options.any(&["-h", "-H"]);
    let unit = match (of_inodes, is_human, options.has("-m")) {
        (true, ..) => ("Inodes", "IUsed", "IFree", "IUse%"),
        (_, true, _) => ("Size", "Used", "Avail", "Use%"),
        (_, _, true) => ("1M-blocks", "Used", "Available", "Use%"),
        _ if options.has("-P") => ("1024-blocks", "Used", "Available", "Capacity"),
        _ => ("1K-blocks", "Used", "Available", "Use%"),
    };
    let show = |n: u64| match (of_inodes, is_human, options.has("-m")) {
        (true, true, _) => human(n, false),
        (true, ..) => n.to_string(),
        (_, true, _) => human(n * 1024, false),
        (_, _, true) => n.div_ceil(1024).to_string(),
        _ => n.to_string(),
    };
    let mut rows = vec![[
        "Filesystem".to_owned(),
        "Type".into(),
        unit.0.into(),
        unit.1.into(),
        unit.2.into(),
        unit.3.into(),
        "Mounted on".into(),
    ]];
    for m in &mounts {
        let (size, used, left, percent) = if of_inodes {
            (m.inodes, m.inodes_used, m.inodes - m.inodes_used, m.inode_percent())
        } else {
            (m.size_kb, m.used_kb, m.free_kb(), m.percent())
        };
        rows.push([
            m.device.into(),
            m.kind.into(),
            show(size),
            show(used),
            show(left),
            format!("{percent}%"),
            m.path.into(),
        ]);
    }
    table(call, &rows, options.any(&["-T", "--print-type"]));
    status
}

fn table(call: &mut Call<'_, '_>, rows: &[[String; 7]], with_kind: bool) {
    let width = |n: usize| rows.iter().map(|row| row[n].len()).max().unwrap_or(0);
    for row in rows {
        let kind = if with_kind { format!("{:<w$} ", row[1], w = width(1)) } else { String::new() };
        let numbers: Vec<String> = (2..6).map(|n| format!("{:>w$}", row[n], w = width(n))).collect();
        call.line(format!("{:<w$} {kind}{} {}", row[0], numbers.join(" "), row[6], w = width(0).max(14)));
    }
}

pub(super) fn mount(call: &mut Call<'_, '_>) -> i32 {
    for m in call.machine.mounts() {
        call.line(format!("{} on {} type {} ({})", m.device, m.path, m.kind, m.options));
    }
    0
}

pub(super) fn findmnt(call: &mut Call<'_, '_>) -> i32 {
    call.line("TARGET SOURCE FSTYPE OPTIONS");
    for m in call.machine.mounts() {
        call.line(format!("{} {} {} {}", m.path, m.device, m.kind, m.options));
    }
    0
}

pub(super) fn lsblk(call: &mut Call<'_, '_>) -> i32 {
    call.line("NAME   MAJ:MIN RM  SIZE RO TYPE MOUNTPOINTS");
    for (n, m) in call.machine.mounts().iter().filter(|m| !m.is_virtual()).enumerate() {
        let name = m.device.rsplit('/').next().unwrap_or_default();
        call.line(format!("{name:<6} 8:{n:<4}  0 {:>5}  0 part {}", human(m.size_kb * 1024, false), m.path));
    }
    0
}

pub(super) fn iostat(call: &mut Call<'_, '_>) -> i32 {
    let machine = call.machine;
    let busy = (machine.load()[0] / f64::from(machine.spec.cores) * 90.0).clamp(2.0, 97.0);
    let date = machine.time(machine.clock(), "%m/%d/%Y");
    call.say(format!(
        "Linux {} ({}) \t{date} \t_x86_64_\t({} CPU)\n\n\
             avg-cpu:  %user   %nice %system %iowait  %steal   %idle\n          {:>6.2}    0.00  {:>6.2}  {:>6.2}    0.00  {:>6.2}\n\
             \n",
        machine.distro.kernel(), machine.spec.hostname, machine.spec.cores, busy * 0.8, busy * 0.15, busy * 0.05, 100.0 - busy
    ));
    if call.args[0] == "iostat" {
        call.say(
            "Device             tps    kB_read/s    kB_wrtn/s    kB_read    kB_wrtn\n\
             nvme0n1          18.21        41.12       280.44   81273511  412733512\n",
        );
    }
    0
}
