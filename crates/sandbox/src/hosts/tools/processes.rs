//! Processes: `ps`, `top`, `pgrep`, `pidof`, `lsof`.

use regex::Regex;

use super::super::machine::process::Process;
use super::Call;
use super::options::{Options, number};

/// `1-02:03:04`
fn elapsed(seconds: i64) -> String {
    let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes:02}:{rest:02}"),
        (0, _) => format!("{hours:02}:{minutes:02}:{rest:02}"),
        _ => format!("{days}-{hours:02}:{minutes:02}:{rest:02}"),
    }
}

/// name, title, whether it stands to the right
type Column = (&'static str, &'static str, bool);

const COLUMNS: [Column; 25] = [
    ("pid", "PID", true),
    ("ppid", "PPID", true),
    ("user", "USER", false),
    ("uid", "UID", false),
    ("euser", "EUSER", false),
    ("pcpu", "%CPU", true),
    ("%cpu", "%CPU", true),
    ("pmem", "%MEM", true),
    ("%mem", "%MEM", true),
    ("vsz", "VSZ", true),
    ("rss", "RSS", true),
    ("tty", "TTY", false),
    ("tt", "TT", false),
    ("stat", "STAT", false),
    ("state", "S", false),
    ("s", "S", false),
    ("start", "START", true),
    ("lstart", "STARTED", false),
    ("time", "TIME", true),
    ("etime", "ELAPSED", true),
    ("etimes", "ELAPSED", true),
    ("nlwp", "NLWP", true),
    ("comm", "COMMAND", false),
    ("args", "COMMAND", false),
    ("cmd", "CMD", false),
];

fn column(name: &str) -> Option<Column> {
    let name = match name {
        "command" => "args",
        "ucmd" => "comm",
        other => other,
    };
    COLUMNS.iter().find(|(own, ..)| *own == name).copied()
}

fn cell(call: &Call<'_, '_>, own: &Process, name: &str) -> String {
    let machine = call.machine;
    let age_s = machine.now.duration_since(own.start).as_secs().max(0);
    let cpu_s = own.cpu_s(machine.now);
    match name {
        "pid" => own.pid.to_string(),
        "ppid" => own.parent.to_string(),
        "user" | "uid" | "euser" => own.user.into(),
        "pcpu" | "%cpu" => format!("{:.1}", own.cpu),
        "pmem" | "%mem" => format!("{:.1}", own.rss_kb as f64 * 100.0 / machine.memory().total as f64),
        "vsz" => own.vsz_kb.to_string(),
        "rss" => own.rss_kb.to_string(),
        "tty" | "tt" => "?".into(),
        "stat" => own.state.into(),
        "state" | "s" => own.state.chars().take(1).collect(),
        "start" => machine.time(own.start, if age_s < 86_400 { "%H:%M" } else { "%b%d" }),
        "lstart" => machine.time(own.start, "%a %b %e %H:%M:%S %Y"),
        "time" => format!("{}:{:02}", cpu_s / 60, cpu_s % 60),
        "etime" => elapsed(age_s),
        "etimes" => age_s.to_string(),
        "nlwp" => (1 + own.pid % 40).to_string(),
        "comm" => own.name(),
        _ => own.args.clone(),
    }
}

fn sort(call: &Call<'_, '_>, all: &mut [Process], by: &str) {
    let (name, down) = by.strip_prefix('-').map_or((by.trim_start_matches('+'), false), |own| (own, true));
    let value = |own: &Process| cell(call, own, name).parse::<f64>().unwrap_or(0.0);
    all.sort_by(|a, b| if down { value(b).total_cmp(&value(a)) } else { value(a).total_cmp(&value(b)) });
}

pub(super) fn ps(call: &mut Call<'_, '_>) -> i32 {
    if call.machine.distro.is_busybox() {
        return busybox_ps(call);
    }
    // `aux` without a dash are letters of options.
    let args: Vec<String> = call.args[1..]
        .iter()
        .enumerate()
        .map(
            |(n, own)| if n == 0 && !own.starts_with('-') && !own.is_empty() { format!("-{own}") } else { own.clone() },
        )
        .collect();
    let valued = ["-o", "--sort", "-p", "-C", "-U", "-u", "--format", "--pid", "--ppid", "-q"];
    let is_bsd = args.first().is_some_and(|own| own.contains('a') && own.contains('x') && !own.starts_with("--"));
    let options =
        if is_bsd { Options::gather(&args, &["-o", "--sort", "-p"]) } else { Options::gather(&args, &valued) };
    let mut all = call.machine.processes();
    let everything = is_bsd || options.any(&["-e", "-A", "-a", "-x"]);
    let wanted = |own: &Process| {
        let pids = options
            .value_of(&["-p", "--pid", "-q"])
            .map(|text| text.split([',', ' ']).any(|p| p.trim().parse() == Ok(own.pid)));
        let named = options.value("-C").map(|names| names.split(',').any(|n| n == own.name()));
        let owned = if is_bsd {
            None
        } else {
            options.value_of(&["-u", "-U"]).map(|names| names.split(',').any(|n| n == own.user))
        };
        match (pids, named, owned) {
            (None, None, None) => everything,
            (pids, named, owned) => pids.unwrap_or(false) || named.unwrap_or(false) || owned.unwrap_or(false),
        }
    };
    all.retain(wanted);
    if let Some(by) = options.value("--sort") {
        sort(call, &mut all, by.split(',').next().unwrap_or(by));
    }
    let formats: Vec<&str> = [options.values("-o"), options.values("--format")].concat();
    let asked = formats.join(",");
    let default = match () {
        () if is_bsd && args[0].contains('u') => "user,pid,pcpu,pmem,vsz,rss,tty,stat,start,time,args",
        () if is_bsd => "pid,tty,stat,time,args",
        () if options.has("-f") => "uid,pid,ppid,pcpu,start,tty,time,cmd",
        () => "pid,tty,time,comm",
    };
    write(
        call,
        if asked.is_empty() { default } else { &asked },
        &all,
        options.any(&["--no-headers", "--no-heading", "-h"]),
    );
    i32::from(all.is_empty())
}

fn write(call: &mut Call<'_, '_>, format: &str, all: &[Process], bare: bool) {
    let mut columns: Vec<(Column, String)> = Vec::new();
    for word in format.split([',', ' ']).filter(|w| !w.is_empty()) {
        let (name, title) = word.split_once('=').map_or((word, None), |(n, t)| (n, Some(t)));
        let name = name.split(':').next().unwrap_or(name);
        if let Some(own) = column(name) {
            columns.push((own, title.map_or_else(|| own.1.to_owned(), str::to_owned)));
        }
    }
    let rows: Vec<Vec<String>> =
        all.iter().map(|own| columns.iter().map(|((name, ..), _)| cell(call, own, name)).collect()).collect();
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(n, (_, title))| rows.iter().map(|row| row[n].chars().count()).max().unwrap_or(0).max(title.len()))
        .collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().enumerate().map(|(n, own)| {
            let is_last = n + 1 == cells.len();
            match columns[n].0.2 {
                true => format!("{own:>w$}", w = widths[n]),
                false if is_last => own.clone(),
                false => format!("{own:<w$}", w = widths[n]),
            }
        });
        padded.collect::<Vec<_>>().join(" ")
    };
    let titles: Vec<String> = columns.iter().map(|(_, title)| title.clone()).collect();
    if !bare && titles.iter().any(|own| !own.is_empty()) {
        let text = line(&titles);
        call.line(text);
    }
    for row in &rows {
        let text = line(row);
        call.line(text);
    }
}

fn busybox_ps(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-o"]);
    let all = call.machine.processes();
    if let Some(format) = options.value("-o") {
        let format = format.to_owned();
        write(call, &format, &all, false);
        return 0;
    }
    call.line("PID   USER     TIME  COMMAND");
    for own in &all {
        let cpu_s = own.cpu_s(call.machine.now);
        let args = if own.is_kernel() {
            own.args.clone()
        } else {
            format!("{{{}}} {}", own.name(), own.args).replacen(&format!("{{{}}} ", own.name()), "", 1)
        };
        call.line(format!("{:>5} {:<8} {:>2}:{:02} {args}", own.pid, own.user, cpu_s / 60, cpu_s % 60));
    }
    0
}

pub(super) fn top(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-n", "-d", "-o", "-w", "-p", "-u"]);
    let machine = call.machine;
    let mut all = machine.processes();
    all.sort_by(|a, b| b.cpu.total_cmp(&a.cpu));
    if options.value("-o").is_some_and(|own| own.contains("MEM") || own.contains("RES")) {
        all.sort_by_key(|own| std::cmp::Reverse(own.rss_kb));
    }
    let (m, [one, five, fifteen]) = (machine.memory(), machine.load());
    let busy = (one / f64::from(machine.spec.cores) * 90.0).clamp(1.0, 99.0);
    let running = all.iter().filter(|p| p.state == "R").count();
    let mb = |kb: u64| kb as f64 / 1024.0;
    call.say(format!(
        "top - {} up {} days,  1 user,  load average: {one:.2}, {five:.2}, {fifteen:.2}\n\
             Tasks: {} total, {:>3} running, {} sleeping,   0 stopped,   0 zombie\n\
             %Cpu(s): {:.1} us, {:.1} sy,  0.0 ni, {:.1} id,  {:.1} wa,  0.0 hi,  0.1 si,  0.0 st\n\
             MiB Mem : {:>8.1} total, {:>8.1} free, {:>8.1} used, {:>8.1} buff/cache\n\
             MiB Swap: {:>8.1} total, {:>8.1} free, {:>8.1} used. {:>8.1} avail Mem\n\n    PID USER      PR  \
             NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n",
        machine.time(machine.clock(), "%H:%M:%S"),
        machine.uptime_s() / 86_400,
        all.len(),
        running,
        all.len() - running,
        busy * 0.8,
        busy * 0.15,
        100.0 - busy,
        busy * 0.05,
        mb(m.total),
        mb(m.free),
        mb(m.used),
        mb(m.cache),
        mb(m.swap_total),
        mb(m.swap_total - m.swap_used),
        mb(m.swap_used),
        mb(m.available)
    ));
    for own in all.iter().take(40) {
        let cpu_s = own.cpu_s(machine.now);
        let shown = if options.has("-c") { own.args.clone() } else { own.name() };
        call.line(format!(
            "{:>7} {:<9} 20   0 {:>7} {:>6} {:>6} {} {:>5.1} {:>5.1} {:>6}:{:02}.00 {shown}",
            own.pid,
            own.user,
            own.vsz_kb,
            own.rss_kb,
            own.rss_kb / 5,
            own.state.chars().next().unwrap_or('S'),
            own.cpu,
            own.rss_kb as f64 * 100.0 / m.total as f64,
            cpu_s / 60,
            cpu_s % 60
        ));
    }
    0
}

fn found(call: &Call<'_, '_>, pattern: &str, in_args: bool, exact: bool) -> Vec<Process> {
    let Ok(own) = Regex::new(&if exact { format!("^(?:{pattern})$") } else { super::grep::modern(pattern) }) else {
        return Vec::new();
    };
    call.machine
        .processes()
        .into_iter()
        .filter(|p| own.is_match(&if in_args { p.args.clone() } else { p.name() }))
        .collect()
}

pub(super) fn pgrep(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-u", "-P", "-d", "-U"]);
    let pattern = options.operands().first().cloned().unwrap_or_default();
    let all = found(call, &pattern, options.has("-f"), options.has("-x"));
    let all: Vec<Process> =
        all.into_iter().filter(|p| options.value_of(&["-u", "-U"]).is_none_or(|user| user == p.user)).collect();
    if options.has("-c") {
        call.line(all.len().to_string());
        return i32::from(all.is_empty());
    }
    let newest = options.any(&["-n", "-o"]);
    for own in if newest { all.iter().take(1) } else { all.iter().take(usize::MAX) } {
        call.line(match () {
            () if options.has("-a") => format!("{} {}", own.pid, own.args),
            () if options.has("-l") => format!("{} {}", own.pid, own.name()),
            () => own.pid.to_string(),
        });
    }
    i32::from(all.is_empty())
}

pub(super) fn pidof(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-o"]);
    let mut pids: Vec<String> = options
        .operands()
        .iter()
        .flat_map(|name| found(call, &regex::escape(name), false, true))
        .map(|p| p.pid.to_string())
        .collect();
    pids.reverse();
    if options.has("-s") {
        pids.truncate(1);
    }
    if pids.is_empty() {
        return 1;
    }
    call.line(pids.join(" "));
    0
}

/// `lsof +L1`: files that were removed and are still held open; `lsof -p PID`.
pub(super) fn lsof(call: &mut Call<'_, '_>) -> i32 {
    let pid = number(call.options(&["-p", "-u", "-i"]).value("-p"));
    call.line("COMMAND     PID   USER   FD   TYPE DEVICE   SIZE/OFF NLINK    NODE NAME");
    for own in call
        .machine
        .processes()
        .iter()
        .filter(|p| !p.is_kernel() && pid.is_none_or(|wanted| wanted == p.pid as usize))
        .take(if pid.is_some() { 1 } else { 3 })
    {
        let deleted = format!("{}/log/app/production.log.3 (deleted)", call.machine.data_path().trim_end_matches('/'));
        call.line(format!(
            "{:<9} {:>5} {:>6}    3w   REG    8,1 {:>10}     0 {:>7} {deleted}",
            own.name().chars().take(9).collect::<String>(),
            own.pid,
            own.user,
            own.rss_kb * 700,
            own.pid * 3
        ));
    }
    0
}
