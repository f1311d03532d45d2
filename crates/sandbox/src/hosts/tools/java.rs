//! What a JDK brings along to look into a running program.

use super::super::machine::process::Process;
use super::super::trouble::Trouble;
use super::Call;

fn programs(call: &Call<'_, '_>) -> Vec<Process> {
    call.machine.processes().into_iter().filter(|p| p.args.contains("/bin/java ")).collect()
}

fn is_full(call: &Call<'_, '_>) -> bool {
    call.machine.has(&Trouble::HeapFull)
}

/// The one that was named; only its own user and root may look into it.
fn named(call: &mut Call<'_, '_>, pid: Option<&String>) -> Option<Process> {
    let wanted = pid.cloned().unwrap_or_default();
    let own = programs(call)
        .into_iter()
        .find(|p| p.pid.to_string() == wanted || p.args.contains(&wanted) && !wanted.is_empty());
    match own {
        Some(own) if call.is_root() || call.user == own.user => Some(own),
        Some(_) => {
            call.error(&format!("java.io.IOException: {wanted}: Operation not permitted"));
            None
        }
        None => {
            call.error(&format!("java.io.IOException: No such process: {wanted}"));
            None
        }
    }
}

pub(super) fn java(call: &mut Call<'_, '_>) -> i32 {
    let text = "openjdk version \"17.0.12\" 2024-07-16 LTS\n\
         OpenJDK Runtime Environment Corretto-17.0.12.7.1 (build 17.0.12+7-LTS)\n\
         OpenJDK 64-Bit Server VM Corretto-17.0.12.7.1 (build 17.0.12+7-LTS, mixed mode, sharing)";
    if call.args.iter().any(|own| own == "--version") {
        call.line(text)
    } else {
        call.error(text)
    }
    0
}

pub(super) fn jps(call: &mut Call<'_, '_>) -> i32 {
    let is_long = call.options(&[]).any(&["-l", "-v", "-m"]);
    // One sees one's own programs only.
    let own: Vec<Process> = programs(call).into_iter().filter(|p| call.is_root() || call.user == p.user).collect();
    for own in own {
        call.line(if is_long {
            format!("{} /opt/orders/orders.jar", own.pid)
        } else {
            format!("{} orders.jar", own.pid)
        });
    }
    call.line(format!("{} Jps", call.machine.next_pid()));
    0
}

/// `jstat -gcutil PID [EVERY_MS [TIMES]]`
pub(super) fn jstat(call: &mut Call<'_, '_>) -> i32 {
    let words: Vec<String> = call.args[1..].iter().filter(|own| !own.starts_with('-')).cloned().collect();
    if named(call, words.first()).is_none() {
        return 1;
    }
    let number = |n: usize| words.get(n).and_then(|own| own.trim_end_matches("ms").parse::<u64>().ok());
    let (every_ms, times) = (number(1).unwrap_or(0), if words.len() > 1 { number(2).unwrap_or(60) } else { 1 });
    let (old, full, seconds) =
        if is_full(call) { (99.61, 412, 811.203) } else { (41.0 + 20.0 * call.machine.wave("heap", 300), 2, 0.412) };
    call.line("  S0     S1     E      O      M     CCS    YGC     YGCT    FGC    FGCT    CGC    CGCT     GCT   ");
    for n in 0..times.min(60) {
        if n > 0 {
            call.pause(every_ms);
        }
        let eden = (100.0 * call.machine.wave("eden", 20) + n as f64 * 7.3) % 100.0;
        call.line(format!(
            "  0.00  98.12  {eden:>5.2}  {old:>5.2}  95.22  91.04  {:>6}   41.212  {full:>4}  {seconds:>7.3}    \
                 112   2.213  {:>8.3}",
            call.machine.uptime_s() / 9,
            seconds + 43.4
        ));
    }
    0
}

pub(super) fn jcmd(call: &mut Call<'_, '_>) -> i32 {
    let words = call.options(&[]).operands().to_vec();
    if words.is_empty() || words[0] == "-l" || call.args.iter().any(|own| own == "-l") {
        for own in programs(call) {
            call.line(format!("{} /opt/orders/orders.jar", own.pid));
        }
        return 0;
    }
    let Some(own) = named(call, words.first()) else { return 1 };
    call.line(format!("{}:", own.pid));
    let used =
        if is_full(call) { 4_178_412 } else { 1_900_000 + (1_500_000.0 * call.machine.wave("heap", 300)) as u64 };
    match words.get(1).map(String::as_str) {
        Some("GC.heap_info") => call.say(format!(
            " garbage-first heap   total 4194304K, used {used}K \
             [0x0000000700000000, 0x0000000800000000)\n  region size 2048K, 212 young (434176K), 11 survivors \
             (22528K)\n Metaspace       used 141203K, committed 142848K, reserved 1179648K\n"
        )),
        Some("Thread.print") => threads(call),
        Some("VM.uptime") => call.line(format!("{}.412 s", call.machine.uptime_s())),
        Some("VM.version") => call.line("OpenJDK 64-Bit Server VM version 17.0.12+7-LTS\nJDK 17.0.12"),
        Some("VM.flags") => {
            call.line("-XX:CICompilerCount=3 -XX:InitialHeapSize=4294967296 -XX:MaxHeapSize=4294967296 -XX:+UseG1GC")
        }
        Some("VM.command_line") => call.line(format!("VM Arguments:\njava_command: {}", own.args)),
        Some("GC.class_histogram") => call.say(
            " num     #instances         #bytes  class name (module)\n\
             -------------------------------------------------------\n   1:       8127351     1203551200  [B \
             (java.base)\n   2:       7912233      189893592  java.lang.String (java.base)\n",
        ),
        _ => {
            call.error("java.lang.IllegalArgumentException: Unknown diagnostic command");
            return 1;
        }
    }
    0
}

pub(super) fn jstack(call: &mut Call<'_, '_>) -> i32 {
    let pid = call.options(&[]).operands().first().cloned();
    if named(call, pid.as_ref()).is_none() {
        return 1;
    }
    threads(call);
    0
}

fn threads(call: &mut Call<'_, '_>) {
    let at = call.machine.time(call.machine.clock(), "%Y-%m-%d %H:%M:%S");
    call.say(format!("{at}\nFull thread dump OpenJDK 64-Bit Server VM (17.0.12+7-LTS mixed mode, sharing):\n\n"));
    let waits = call.machine.suffers(|t| matches!(t, Trouble::HighLoad | Trouble::DbLocked | Trouble::HeapFull));
    for n in 1..=24 {
        let (state, line) = if waits && n % 2 == 0 {
            ("BLOCKED (on object monitor)", "- waiting to lock <0x00000007041f2a10> (a com.example.orders.Stock)")
        } else {
            ("RUNNABLE", "at java.net.SocketInputStream.read(SocketInputStream.java:176)")
        };
        call.say(format!(
            "\"http-nio-8080-exec-{n}\" #{} daemon prio=5 os_prio=0 cpu={n}41.21ms \
             elapsed=81203.11s tid=0x00007f21a80{n:02}000 nid=0x{:x}\n   java.lang.Thread.State: {state}\n\tat \
             com.example.orders.Api.place(Api.java:118)\n\t{line}\n\
             \n",
            30 + n,
            4000 + n
        ));
    }
}
