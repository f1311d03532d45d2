//! `journalctl` and `dmesg`.

use jiff::Timestamp;
use regex::RegexBuilder;

use super::super::machine::journal::Entry;
use super::super::shell::FOR_EVER_MS;
use super::Call;
use super::options::{Options, number};
use crate::clock::plus_s;

const VALUED: [&str; 16] = [
    "-u",
    "-n",
    "-p",
    "-o",
    "-S",
    "-U",
    "-t",
    "-g",
    "--unit",
    "--lines",
    "--priority",
    "--output",
    "--since",
    "--until",
    "--grep",
    "-k0",
];

/// `3`, `err`, or a span `0..3`: the least urgent that is wanted.
fn priority(text: &str) -> u8 {
    let word = text.rsplit("..").next().unwrap_or(text);
    let names = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
    let named = names.iter().position(|name| {
        word == *name || (word == "error" && *name == "err") || (word == "warn" && *name == "warning")
    });
    named.and_then(|n| u8::try_from(n).ok()).or_else(|| word.parse().ok()).unwrap_or(7)
}

/// `1 hour ago`, `-15min`, `-2h`, `today`, `yesterday`, `2026-05-01 09:00:00`, `@SECONDS`
fn instant(call: &Call<'_, '_>, text: &str) -> Option<Timestamp> {
    let machine = call.machine;
    let text = text.trim();
    let day = machine.now.to_zoned(machine.zone()).start_of_day().ok().map(|z| z.timestamp());
    match text {
        "now" => return Some(machine.now),
        "today" => return day,
        "yesterday" => return day.map(|at| plus_s(at, -86_400)),
        "boot" => return Some(machine.boot),
        _ => {}
    }
    if let Some(seconds) = text.strip_prefix('@') {
        return Timestamp::from_second(seconds.split('.').next()?.parse().ok()?).ok();
    }
    let relative = text.strip_prefix('-').or_else(|| text.strip_suffix("ago"));
    if let Some(span) = relative {
        return Some(plus_s(machine.now, -span_s(span)?));
    }
    let civil = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text)
        .or_else(|_| jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M", text));
    civil.ok()?.to_zoned(machine.zone()).ok().map(|z| z.timestamp())
}

/// `15min`, `1 hour 30 min`, `2h`
fn span_s(text: &str) -> Option<i64> {
    let (mut sum, mut rest) = (0, text.trim());
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let n: i64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        sum += n * match &rest[..letters] {
            "s" | "sec" | "second" | "seconds" | "" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3_600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" => 604_800,
            _ => return None,
        };
        rest = rest[letters..].trim_start();
    }
    Some(sum)
}

pub(super) fn journalctl(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&VALUED);
    if options.has("--disk-usage") {
        call.line("Archived and active journals take up 408.0M in the file system.");
        return 0;
    }
    if options.has("--list-boots") {
        let (boot, now) = (
            call.machine.time(call.machine.boot, "%a %Y-%m-%d %H:%M:%S %Z"),
            call.machine.time(call.machine.now, "%a %Y-%m-%d %H:%M:%S %Z"),
        );
        call.line(format!(" 0 {} {boot}—{now}", call.machine.dice("boot").hex(32)));
        return 0;
    }
    let chosen = match chosen(call, &options) {
        Ok(own) => own,
        Err(text) => {
            call.error(&format!("Failed to parse timestamp: {text}"));
            return 1;
        }
    };
    if chosen.is_empty() {
        call.line("-- No entries --");
    }
    for entry in &chosen {
        let text = written(call, &options, entry);
        call.line(text);
    }
    if options.any(&["-f", "--follow"]) {
        call.pause(FOR_EVER_MS);
    }
    0
}

fn chosen(call: &Call<'_, '_>, options: &Options) -> Result<Vec<Entry>, String> {
    let machine = call.machine;
    let bound = |flags: &[&str]| {
        options.value_of(flags).map(|text| instant(call, text).ok_or_else(|| text.to_owned())).transpose()
    };
    let (since, until) = (bound(&["-S", "--since"])?, bound(&["-U", "--until"])?);
    let most_urgent = options.value_of(&["-p", "--priority"]).map_or(7, priority);
    let units: Vec<String> = [options.values("-u"), options.values("--unit")]
        .concat()
        .iter()
        .map(|own| own.trim_end_matches(".service").trim_end_matches('*').to_owned())
        .collect();
    let pattern = options
        .value_of(&["-g", "--grep"])
        .and_then(|text| RegexBuilder::new(text).case_insensitive(text.to_lowercase() == text).build().ok());
    let only_kernel = options.any(&["-k", "--dmesg"]);
    let mut all = machine.whole_journal();
    all.retain(|own| {
        let own_unit = own.unit.trim_end_matches(".service");
        // systemd speaks for the units that it starts and stops.
        let is_of_unit = units.is_empty()
            || units.iter().any(|u| own_unit == u || (!u.is_empty() && own_unit.starts_with(u.as_str())));
        own.priority <= most_urgent
            && since.is_none_or(|at| own.at >= at)
            && until.is_none_or(|at| own.at <= at)
            && is_of_unit
            && (!only_kernel || own.program == "kernel")
            && options.value("-t").is_none_or(|name| own.program == name)
            && pattern.as_ref().is_none_or(|p| p.is_match(&own.text))
    });
    let most = options
        .value_of(&["-n", "--lines"])
        .map(|text| text.trim_start_matches('+').parse().unwrap_or(usize::MAX))
        .unwrap_or(if options.has("-e") { 1000 } else { usize::MAX });
    let mut all = all.split_off(all.len().saturating_sub(most));
    if options.any(&["-r", "--reverse"]) {
        all.reverse();
    }
    Ok(all)
}

fn written(call: &Call<'_, '_>, options: &Options, entry: &Entry) -> String {
    let machine = call.machine;
    match options.value_of(&["-o", "--output"]) {
        Some("cat") => entry.text.clone(),
        Some("short-iso" | "short-iso-precise") => format!(
            "{} {} {}[{}]: {}",
            machine.time(entry.at, "%Y-%m-%dT%H:%M:%S+0900"),
            machine.spec.hostname,
            entry.program,
            entry.pid,
            entry.text
        ),
        Some("json") => {
            let own = serde_json::json!({ "__REALTIME_TIMESTAMP": entry.at.as_microsecond().to_string(), "PRIORITY": entry.priority.to_string(), "_PID": entry.pid.to_string(), "SYSLOG_IDENTIFIER": entry.program, "_SYSTEMD_UNIT": entry.unit, "_HOSTNAME": machine.spec.hostname, "MESSAGE": entry.text });
            own.to_string()
        }
        _ => machine.journal_line(entry),
    }
}

pub(super) fn dmesg(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-l", "--level", "-n", "-f"]);
    if !call.is_root() && !call.machine.distro.is_busybox() {
        call.complain("read kernel buffer failed: Operation not permitted");
        return 1;
    }
    let wanted: Option<Vec<u8>> =
        options.value_of(&["-l", "--level"]).map(|text| text.split(',').map(priority).collect());
    let machine = call.machine;
    for line in machine.kernel_log() {
        if wanted.as_ref().is_some_and(|own| !own.contains(&line.priority)) {
            continue;
        }
        let after = line.at.duration_since(machine.boot);
        let stamp = if options.any(&["-T", "--ctime"]) {
            machine.time(line.at, "[%a %b %e %H:%M:%S %Y]")
        } else {
            format!("[{:>5}.{:06}]", after.as_secs(), after.subsec_micros())
        };
        call.line(format!("{stamp} {}", line.text));
    }
    let _unused = number(options.value("-n"));
    0
}
