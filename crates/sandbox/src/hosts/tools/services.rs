//! Services: `systemctl`, and what Alpine and old habits have instead.

use super::super::machine::units::Unit;
use super::Call;
use super::options::Options;

const VALUED: [&str; 11] =
    ["-t", "--type", "--state", "-n", "--lines", "-p", "--property", "-o", "--output", "-M", "-H"];

pub(super) fn systemctl(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&VALUED);
    let words = options.operands().to_vec();
    let names = words.get(1..).unwrap_or_default();
    match words.first().map(String::as_str) {
        None | Some("list-units") => list(call, &options, names),
        Some("status") if names.is_empty() => overview(call),
        Some("status") => names.iter().map(|name| status(call, name)).max().unwrap_or(0),
        Some("is-active") => each(call, names, &options, |unit| unit.map_or("inactive", |u| u.active)),
        Some("is-failed") => is_failed(call, names, &options),
        Some("is-enabled") => each(call, names, &options, |unit| if unit.is_some() { "enabled" } else { "disabled" }),
        Some("is-system-running") => {
            let degraded = call.machine.units().iter().any(|u| u.active == "failed");
            call.line(if degraded { "degraded" } else { "running" });
            i32::from(degraded)
        }
        Some("show") => show(call, &options, names),
        Some("list-timers") => timers(call),
        Some("list-unit-files") => {
            call.line("UNIT FILE                  STATE   PRESET");
            call.machine.units().iter().for_each(|u| call.line(format!("{:<26} enabled enabled", u.name)));
            0
        }
        Some("cat") => cat(call, names),
        Some(verb) => {
            let verb = verb.to_owned();
            call.error(&format!("Failed to {verb} {}: Access denied", names.join(" ")));
            4
        }
    }
}

fn list(call: &mut Call<'_, '_>, options: &Options, names: &[String]) -> i32 {
    let state = if options.has("--failed") { Some("failed") } else { options.value("--state") };
    let mut units = call.machine.units();
    units.retain(|u| match state {
        Some(wanted) => wanted.split(',').any(|w| w == u.active || w == u.sub),
        None => u.active != "inactive" || options.any(&["-a", "--all"]),
    });
    units.retain(|u| names.is_empty() || names.iter().any(|n| u.name.starts_with(n.trim_end_matches('*'))));
    let is_plain = options.any(&["--plain", "--no-legend"]);
    let width = units.iter().map(|u| u.name.len()).max().unwrap_or(4).max(4);
    if !options.has("--no-legend") && !units.is_empty() {
        call.line(format!("{}{:<width$} LOAD   ACTIVE SUB     DESCRIPTION", if is_plain { "" } else { "  " }, "UNIT"));
    }
    for u in &units {
        let mark = match (is_plain, u.active) {
            (true, _) => "",
            (_, "failed") => "● ",
            _ => "  ",
        };
        call.line(format!("{mark}{:<width$} loaded {:<6} {:<7} {}", u.name, u.active, u.sub, u.description));
    }
    if !options.has("--no-legend") {
        if !units.is_empty() {
            call.say(
                "\nLOAD   = Reflects whether the unit definition was properly loaded.\n\
                 ACTIVE = The high-level unit activation state, i.e. generalization of SUB.\n\
                 SUB    = The low-level unit activation state, values depend on unit type.\n\n",
            );
        }
        call.line(format!("{} loaded units listed.", units.len()));
    }
    0
}

fn overview(call: &mut Call<'_, '_>) -> i32 {
    let failed = call.machine.units().iter().filter(|u| u.active == "failed").count();
    let since = call.machine.time(call.machine.boot, "%a %Y-%m-%d %H:%M:%S %Z");
    call.say(format!(
        "● {}\n    State: {}\n    Units: 312 loaded (incl. loaded aliases)\n     Jobs: 0 queued\n   \
         Failed: {failed} units\n    Since: {since}\n",
        call.machine.spec.hostname,
        if failed > 0 { "degraded" } else { "running" }
    ));
    0
}

fn status(call: &mut Call<'_, '_>, name: &str) -> i32 {
    let machine = call.machine;
    let Some(u) = machine.unit(name) else {
        call.error(&format!("Unit {}.service could not be found.", name.trim_end_matches(".service")));
        return 4;
    };
    let since = machine.time(u.since, "%a %Y-%m-%d %H:%M:%S %Z");
    let (mark, active) = match (&u.ended, u.active) {
        (Some(ended), _) => ("×", format!("failed (Result: {}) since {since}", ended.result)),
        (None, "active") => ("●", format!("active (running) since {since}")),
        _ => ("○", "inactive (dead)".to_owned()),
    };
    call.say(format!(
        "{mark} {} - {}\n     Loaded: loaded ({}; enabled; preset: enabled)\n     Active: {active}\n",
        u.name,
        u.description,
        machine.unit_file(u.name)
    ));
    if let Some(ended) = &u.ended {
        let how = if ended.how == "killed" { "KILL".to_owned() } else { "FAILURE".into() };
        call.line(format!("   Main PID: 20117 (code={}, status={}/{how})", ended.how, ended.code));
    }
    if let Some(own) = u.pid.and_then(|pid| machine.processes().into_iter().find(|p| p.pid == pid)) {
        call.say(format!(
            "   Main PID: {} ({})\n      Tasks: {} (limit: 4915)\n     Memory: {:.1}M\n        CPU: \
             {}s\n     CGroup: /system.slice/{}\n             └─{} \"{}\"\n",
            own.pid,
            own.name(),
            1 + own.pid % 40,
            own.rss_kb as f64 / 1024.0,
            own.cpu_s(machine.now),
            u.name,
            own.pid,
            own.args
        ));
    }
    let lines: Vec<String> =
        machine.whole_journal().iter().filter(|e| e.unit == u.name).map(|e| machine.journal_line(e)).collect();
    call.say("\n");
    lines[lines.len().saturating_sub(10)..].iter().for_each(|line| call.line(line.clone()));
    if u.active == "active" { 0 } else { 3 }
}

fn each(
    call: &mut Call<'_, '_>,
    names: &[String],
    options: &Options,
    word: impl Fn(Option<&Unit>) -> &'static str,
) -> i32 {
    let mut status = 0;
    for name in names {
        let unit = call.machine.unit(name);
        let said = word(unit.as_ref());
        if !options.any(&["-q", "--quiet"]) {
            call.line(said);
        }
        if !matches!(said, "active" | "enabled") {
            status = if said == "disabled" { 1 } else { 3 };
        }
    }
    status
}

fn is_failed(call: &mut Call<'_, '_>, names: &[String], options: &Options) -> i32 {
    let mut any = false;
    for name in names {
        let said = call.machine.unit(name).map_or("inactive", |u| u.active);
        any |= said == "failed";
        if !options.any(&["-q", "--quiet"]) {
            call.line(said);
        }
    }
    i32::from(!any)
}

fn show(call: &mut Call<'_, '_>, options: &Options, names: &[String]) -> i32 {
    let wanted: Vec<String> = [options.values("-p"), options.values("--property")]
        .concat()
        .iter()
        .flat_map(|own| own.split(','))
        .map(str::to_owned)
        .collect();
    for name in names {
        let unit = call.machine.unit(name);
        let pairs = match &unit {
            Some(u) => vec![
                ("Id", u.name.to_owned()),
                ("LoadState", "loaded".into()),
                ("ActiveState", u.active.into()),
                ("SubState", u.sub.into()),
                ("Result", u.ended.as_ref().map_or("success", |e| e.result).to_owned()),
                ("MainPID", u.pid.unwrap_or(0).to_string()),
                ("ExecMainStatus", u.ended.as_ref().map_or(0, |e| e.code).to_string()),
                ("NRestarts", if u.ended.is_some() { "5".into() } else { "0".to_owned() }),
                ("ActiveEnterTimestamp", call.machine.time(u.since, "%a %Y-%m-%d %H:%M:%S %Z")),
            ],
            None => vec![
                ("Id", name.clone()),
                ("LoadState", "not-found".into()),
                ("ActiveState", "inactive".into()),
                ("SubState", "dead".into()),
                ("MainPID", "0".into()),
                ("NRestarts", "0".into()),
            ],
        };
        for (key, value) in pairs.into_iter().filter(|(key, _)| wanted.is_empty() || wanted.iter().any(|w| w == key)) {
            call.line(if options.has("--value") { value } else { format!("{key}={value}") });
        }
    }
    0
}

fn timers(call: &mut Call<'_, '_>) -> i32 {
    let machine = call.machine;
    let (next, last) = (
        machine.time(crate::clock::plus_s(machine.now, 5_400), "%a %Y-%m-%d %H:%M:%S %Z"),
        machine.time(crate::clock::plus_s(machine.now, -81_000), "%a %Y-%m-%d %H:%M:%S %Z"),
    );
    call.say(format!(
        "NEXT                        LEFT          LAST                        PASSED  UNIT             ACTIVATES\n\
         {next} 1h 30min left {last} 22h ago logrotate.timer  logrotate.service\n\n1 timers listed.\n"
    ));
    0
}

fn cat(call: &mut Call<'_, '_>, names: &[String]) -> i32 {
    for name in names {
        let Some(u) = call.machine.unit(name) else {
            call.error(&format!("No files found for {name}.service."));
            return 1;
        };
        let file = call.machine.unit_file(u.name);
        call.say(format!("# {file}\n[Unit]\nDescription={}\n\n[Service]\nRestart=on-failure\n", u.description));
    }
    0
}

pub(super) fn service(call: &mut Call<'_, '_>) -> i32 {
    let words = call.options(&[]).operands().to_vec();
    match (words.first(), words.get(1).map(String::as_str)) {
        (Some(name), Some("status")) => status(call, &name.clone()),
        (Some(name), _) => {
            call.error(&format!("Failed to act on {name}.service: Access denied"));
            4
        }
        _ => {
            call.error("Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]");
            1
        }
    }
}

fn rc_word(unit: &Unit) -> &'static str {
    match unit.active {
        "active" => "started",
        "failed" => "crashed",
        _ => "stopped",
    }
}

pub(super) fn rc_status(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    if !options.any(&["-c", "--crashed"]) {
        call.line("Runlevel: default");
    }
    let mut crashed = false;
    for unit in call.machine.units() {
        let word = rc_word(&unit);
        crashed |= word == "crashed";
        let name = unit.name.trim_end_matches(".service");
        if options.any(&["-c", "--crashed"]) {
            if word == "crashed" {
                call.line(name);
            }
        } else {
            call.line(format!(" {name:<60} [  {word}  ]"));
        }
    }
    if options.any(&["-c", "--crashed"]) { i32::from(!crashed) } else { 0 }
}

pub(super) fn rc_service(call: &mut Call<'_, '_>) -> i32 {
    let words = call.options(&[]).operands().to_vec();
    let name = words.first().cloned().unwrap_or_default();
    let Some(unit) = call.machine.unit(&name) else {
        call.error(&format!(" * rc-service: service `{name}' does not exist"));
        return 1;
    };
    let word = rc_word(&unit);
    call.line(format!(" * status: {word}"));
    match word {
        "started" => 0,
        "crashed" => 32,
        _ => 3,
    }
}

pub(super) fn crontab(call: &mut Call<'_, '_>) -> i32 {
    let user = call.options(&["-u"]).value("-u").map_or_else(|| call.user.clone(), str::to_owned);
    if user == "batch" {
        call.line("30 2 * * * /srv/batch/bin/nightly.sh");
        return 0;
    }
    call.error(&format!("no crontab for {user}"));
    1
}
