//! Load, memory and who is there.

use super::Call;
use super::options::number;
use super::storage::human;
use crate::clock::plus_s;

fn up(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let days = if days > 0 { format!("{days} day{}, ", if days == 1 { "" } else { "s" }) } else { String::new() };
    if hours > 0 { format!("{days}{hours:>2}:{minutes:02}") } else { format!("{days}{minutes} min") }
}

fn headline(call: &Call<'_, '_>) -> String {
    let machine = call.machine;
    let [one, five, fifteen] = machine.load();
    let at = machine.time(machine.clock(), "%H:%M:%S");
    let users = if machine.distro.is_busybox() { String::new() } else { "1 user,  ".to_owned() };
    format!(" {at} up {},  {users}load average: {one:.2}, {five:.2}, {fifteen:.2}", up(machine.uptime_s()))
}

pub(super) fn uptime(call: &mut Call<'_, '_>) -> i32 {
    let machine = call.machine;
    let options = call.options(&[]);
    let text = match () {
        () if options.has("-s") => machine.time(machine.boot, "%Y-%m-%d %H:%M:%S"),
        () if options.has("-p") => format!("up {}", up(machine.uptime_s()).trim()),
        () => headline(call),
    };
    call.line(text);
    0
}

pub(super) fn free(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-s", "-c"]);
    let m = call.machine.memory();
    let unit = |kb: u64| match () {
        () if options.has("-h") => human(kb * 1024, true),
        () if options.has("-b") => (kb * 1024).to_string(),
        () if options.has("-g") => (kb / 1024 / 1024).to_string(),
        () if options.has("-m") => (kb / 1024).to_string(),
        () => kb.to_string(),
    };
    let head = if call.machine.distro.is_busybox() {
        "              total        used        free      shared  buff/cache   available"
    } else {
        "               total        used        free      shared  buff/cache   available"
    };
    call.line(head);
    let row = |name: &str, cells: &[u64]| {
        format!("{name:<7}{}", cells.iter().map(|kb| format!("{:>12}", unit(*kb))).collect::<String>()).replacen(
            "        ",
            "         ",
            1,
        )
    };
    call.line(row("Mem:", &[m.total, m.used, m.free, m.shared, m.cache, m.available]));
    call.line(row("Swap:", &[m.swap_total, m.swap_used, m.swap_total - m.swap_used]));
    0
}

pub(super) fn vmstat(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-S"]);
    let m = call.machine.memory();
    if options.has("-s") {
        call.say(format!(
            "{:>12} K total memory\n{:>12} K used memory\n{:>12} K free memory\n\
             {:>12} K total swap\n{:>12} K used swap\n",
            m.total, m.used, m.free, m.swap_total, m.swap_used
        ));
        return 0;
    }
    let numbers: Vec<u64> = options.operands().iter().filter_map(|own| own.parse().ok()).collect();
    let (every, count) = (numbers.first().copied().unwrap_or(0), numbers.get(1).copied().unwrap_or(1));
    call.line("procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----");
    call.line(" r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st");
    let cores = f64::from(call.machine.spec.cores);
    let load = call.machine.load()[0];
    let busy = (load / cores * 90.0).clamp(2.0, 97.0) as u64;
    let swaps = if m.available < m.total / 20 { 812 } else { 0 };
    for n in 0..count.min(60) {
        if n > 0 {
            call.pause(every * 1000);
        }
        let wait = if swaps > 0 { 11 } else { 1 };
        let system = busy / 6;
        call.line(format!(
            "{:>2} {:>2} {:>6} {:>6} {:>6} {:>6} {:>4} {:>4} {:>5} {:>5} {:>4} {:>4} {:>2} {system:>2} {:>2} \
                 {wait:>2}  0",
            load.round() as u64,
            u64::from(swaps > 0) * 3,
            m.swap_used,
            m.free,
            m.cache / 12,
            m.cache - m.cache / 12,
            swaps / 2,
            swaps,
            12 + n * 3,
            140 + n * 11,
            900 + busy * 21,
            1800 + busy * 39,
            busy - system.min(busy),
            100_u64.saturating_sub(busy + wait)
        ));
    }
    0
}

pub(super) fn w(call: &mut Call<'_, '_>) -> i32 {
    let text = headline(call);
    call.line(text);
    call.line("USER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT");
    let at = call.machine.time(plus_s(call.machine.clock(), -41), "%H:%M");
    call.line(format!("deploy   pts/0    10.20.0.5        {at}    1.00s  0.04s  0.00s -bash"));
    0
}

pub(super) fn who(call: &mut Call<'_, '_>) -> i32 {
    let machine = call.machine;
    let text = if call.options(&[]).has("-b") {
        format!("         system boot  {}", machine.time(machine.boot, "%Y-%m-%d %H:%M"))
    } else {
        format!("deploy   pts/0        {} (10.20.0.5)", machine.time(plus_s(machine.clock(), -41), "%Y-%m-%d %H:%M"))
    };
    call.line(text);
    0
}

pub(super) fn last(call: &mut Call<'_, '_>) -> i32 {
    let args = call.args[1..]
        .iter()
        .map(|own| {
            if own.len() > 1 && own[1..].bytes().all(|b| b.is_ascii_digit()) {
                own.replacen('-', "-n", 1)
            } else {
                own.clone()
            }
        })
        .collect::<Vec<_>>();
    let options = super::options::Options::gather(&args, &["-n", "-t", "-s", "-f"]);
    let machine = call.machine;
    let only_boots = options.operands().iter().any(|own| own == "reboot")
        || options.has("-x") && options.operands().contains(&"shutdown".to_owned());
    let mut lines = Vec::new();
    let mut dice = machine.dice("last");
    if !only_boots {
        lines.push(format!(
            "deploy   pts/0        10.20.0.5        {}   still logged in",
            machine.time(plus_s(machine.clock(), -2460), "%a %b %e %H:%M")
        ));
        for n in 1..18_i64 {
            let (start, length) = (plus_s(machine.now, -n * 31_000 - dice.between(0, 9_000)), dice.between(60, 4_000));
            let end = machine.time(plus_s(start, length), "%H:%M");
            lines.push(format!(
                "{:<8} pts/0        10.20.0.5        {} - {end}  ({:02}:{:02})",
                if n % 3 == 0 { "deploy" } else { "diag" },
                machine.time(start, "%a %b %e %H:%M"),
                length / 3600,
                length / 60 % 60
            ));
        }
    }
    lines.push(format!(
        "reboot   system boot  {:<16} {}   still running",
        machine.distro.kernel().chars().take(16).collect::<String>(),
        machine.time(machine.boot, "%a %b %e %H:%M")
    ));
    lines.truncate(number(options.value("-n")).unwrap_or(usize::MAX));
    lines.into_iter().for_each(|line| call.line(line));
    let begins = machine.time(plus_s(machine.now, -40 * 86_400), "%a %b %e %H:%M:%S %Y");
    call.line(format!("\nwtmp begins {begins}"));
    0
}

pub(super) fn lastb(call: &mut Call<'_, '_>) -> i32 {
    if !call.is_root() {
        call.complain("cannot open /var/log/btmp: Permission denied");
        return 1;
    }
    let begins = call.machine.time(plus_s(call.machine.now, -20 * 86_400), "%a %b %e %H:%M:%S %Y");
    call.line(format!("\nbtmp begins {begins}"));
    0
}

pub(super) fn lastlog(call: &mut Call<'_, '_>) -> i32 {
    call.line("Username         Port     From                                       Latest");
    let at = call.machine.time(plus_s(call.machine.now, -2460), "%a %b %e %H:%M:%S +0900 %Y");
    call.line(format!("deploy           pts/0    10.20.0.5                                  {at}"));
    0
}

pub(super) fn lscpu(call: &mut Call<'_, '_>) -> i32 {
    let cores = call.machine.spec.cores;
    call.say(format!(
        "Architecture:            x86_64\nCPU(s):                  {cores}\n\
         Model name:              Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz\n\
         Hypervisor vendor:       KVM\nThread(s) per core:      1\nSocket(s):               {cores}\n"
    ));
    0
}

pub(super) fn sysctl(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    let mut status = 0;
    for name in options.operands() {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        match call.machine.content(&path) {
            Some(value) if options.has("-n") => call.say(value),
            Some(value) => call.say(format!("{name} = {value}")),
            None => {
                call.complain(&format!("cannot stat {path}: No such file or directory"));
                status = 255;
            }
        }
    }
    status
}

pub(super) fn getenforce(call: &mut Call<'_, '_>) -> i32 {
    call.line("Enforcing");
    0
}
