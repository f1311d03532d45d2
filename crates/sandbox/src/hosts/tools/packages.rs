//! What is installed, and what was changed lately, by each distribution's own tool.

use super::super::shell::pattern::{marks, matches};
use super::Call;

fn fits(name: &str, wanted: &[String]) -> bool {
    let chars: Vec<char> = name.chars().collect();
    wanted.is_empty() || wanted.iter().any(|own| matches(&marks(own), &chars))
}

pub(super) fn dpkg(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-f", "-s", "--showformat"]);
    let wanted: Vec<String> =
        options.operands().iter().cloned().chain(options.value("-s").map(str::to_owned)).collect();
    let format = options.value_of(&["-f", "--showformat"]).map(super::print::unescaped);
    let all: Vec<_> = call.machine.packages().into_iter().filter(|p| fits(p.name, &wanted)).collect();
    if all.is_empty() {
        call.error(&format!("dpkg-query: no packages found matching {}", wanted.join(" ")));
        return 1;
    }
    if format.is_none() && !options.has("-W") {
        call.say(
            "Desired=Unknown/Install/Remove/Purge/Hold\n\
             | Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n\
             |/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n\
             ||/ Name                     Version                 Architecture Description\n\
             +++-========================-=======================-============-===========\n",
        );
    }
    for p in all {
        let text = match &format {
            Some(format) => format
                .replace("${Package}", p.name)
                .replace("${binary:Package}", p.name)
                .replace("${Version}", &p.version)
                .replace("${Status}", "install ok installed"),
            None if options.has("-W") => format!("{}\t{}\n", p.name, p.version),
            None => format!("ii  {:<24} {:<23} amd64        {}\n", p.name, p.version, p.name),
        };
        call.say(text);
    }
    0
}

pub(super) fn apt(call: &mut Call<'_, '_>) -> i32 {
    if call.args.iter().any(|own| own == "list") {
        call.line("Listing...");
        for p in call.machine.packages().into_iter().rev().take(if call.args.iter().any(|a| a == "--upgradable") {
            2
        } else {
            usize::MAX
        }) {
            call.line(format!("{}/stable-security {} amd64 [upgradable from: {}]", p.name, p.version, p.before));
        }
        return 0;
    }
    call.error("E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)");
    100
}

pub(super) fn rpm(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["--qf", "--queryformat"]);
    let wanted = options.operands().to_vec();
    let mut all: Vec<_> = call.machine.packages().into_iter().filter(|p| fits(p.name, &wanted)).collect();
    if all.is_empty() {
        call.line(format!("package {} is not installed", wanted.join(" ")));
        return 1;
    }
    let format = options.value_of(&["--qf", "--queryformat"]).map(super::print::unescaped);
    if options.has("--last") {
        all.reverse();
    }
    for p in all {
        let whole = format!("{}-{}.x86_64", p.name, p.version);
        let (version, release) = p.version.split_once('-').unwrap_or((&p.version, "1"));
        call.say(match &format {
            Some(format) => format
                .replace("%{NAME}", p.name)
                .replace("%{VERSION}", version)
                .replace("%{RELEASE}", release)
                .replace("%{INSTALLTIME}", &p.at.as_second().to_string())
                .replace("%{INSTALLTIME:date}", &call.machine.time(p.at, "%a %d %b %Y %H:%M:%S %Z"))
                .replace("%{ARCH}", "x86_64"),
            None if options.has("--last") => {
                format!("{whole:<45} {}\n", call.machine.time(p.at, "%a %d %b %Y %H:%M:%S %Z"))
            }
            None => format!("{whole}\n"),
        });
    }
    0
}

pub(super) fn dnf(call: &mut Call<'_, '_>) -> i32 {
    let words = call.options(&["-C", "--setopt"]).operands().to_vec();
    match words.first().map(String::as_str) {
        Some("history") => {
            call.line("ID     | Command line             | Date and time    | Action(s)      | Altered");
            call.line("-------------------------------------------------------------------------------");
            let all = call.machine.packages();
            for (n, p) in all.iter().enumerate().rev() {
                let at = call.machine.time(p.at, "%Y-%m-%d %H:%M");
                call.line(format!(
                    "{:>6} | {:<24} | {at} | Upgrade        |    1   ",
                    n + 1,
                    format!("upgrade -y {}", p.name).chars().take(24).collect::<String>()
                ));
            }
            0
        }
        Some("list" | "check-update") => {
            call.line("Installed Packages");
            for p in call.machine.packages() {
                call.line(format!("{:<44} {:<28} @System", format!("{}.x86_64", p.name), p.version));
            }
            0
        }
        _ => {
            call.error(
                "Error: This command has to be run with superuser privileges (under the root user on most systems).",
            );
            1
        }
    }
}

pub(super) fn apk(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    let wanted = options.operands().get(1..).unwrap_or_default().to_vec();
    match options.operands().first().map(String::as_str) {
        Some("info" | "list" | "version") => {
            for p in call.machine.packages().into_iter().filter(|p| fits(p.name, &wanted)) {
                call.line(if options.any(&["-v", "-I"]) {
                    format!("{}-{}", p.name, p.version)
                } else {
                    p.name.to_owned()
                });
            }
            0
        }
        _ => {
            call.error("ERROR: Unable to lock database: Permission denied");
            99
        }
    }
}
