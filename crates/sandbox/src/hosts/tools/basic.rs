//! Small commands that say who and where one is.

use super::super::machine::distro::Distro;
use super::super::shell::FOR_EVER_MS;
use super::Call;

pub(super) fn yes(_: &mut Call<'_, '_>) -> i32 {
    0
}

pub(super) fn no(_: &mut Call<'_, '_>) -> i32 {
    1
}

pub(super) fn pwd(call: &mut Call<'_, '_>) -> i32 {
    call.line(call.cwd.clone());
    0
}

pub(super) fn id(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    let user = options.operands().first().cloned().unwrap_or_else(|| call.user.clone());
    let passwd = call.machine.content("/etc/passwd").unwrap_or_default();
    let number =
        passwd.lines().find_map(|line| line.strip_prefix(&format!("{user}:x:"))?.split(':').next().map(str::to_owned));
    let Some(number) = number else {
        call.complain(&format!("'{user}': no such user"));
        return 1;
    };
    let groups = if user == "diag" { ",4(adm)" } else { "" };
    let text = match (options.has("-u"), options.has("-n"), options.has("-g") || options.has("-G")) {
        (true, false, _) => number,
        (true, true, _) | (_, true, true) => user,
        (_, false, true) => number,
        _ => format!("uid={number}({user}) gid={number}({user}) groups={number}({user}){groups}"),
    };
    call.line(text);
    0
}

pub(super) fn whoami(call: &mut Call<'_, '_>) -> i32 {
    call.line(call.user.clone());
    0
}

pub(super) fn hostname(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    let machine = call.machine;
    call.line(match () {
        () if options.any(&["-f", "--fqdn"]) => machine.fqdn(),
        () if options.any(&["-I", "-i"]) => format!("{} ", machine.spec.address),
        () => machine.spec.hostname.clone(),
    });
    0
}

pub(super) fn hostnamectl(call: &mut Call<'_, '_>) -> i32 {
    let machine = call.machine;
    call.say(format!(
        " Static hostname: {}\n       Icon name: computer-vm\n         Chassis: vm\n  Virtualization: kvm\n\
             Operating System: {}\n          Kernel: Linux {}\n    Architecture: x86-64\n",
        machine.spec.hostname,
        machine.distro.pretty(),
        machine.distro.kernel()
    ));
    0
}

pub(super) fn uname(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    let machine = call.machine;
    let system = if machine.distro == Distro::Alpine { "Linux" } else { "GNU/Linux" };
    let parts = [
        ("-s", "Linux".to_owned()),
        ("-n", machine.spec.hostname.clone()),
        ("-r", machine.distro.kernel().to_owned()),
        ("-v", machine.distro.kernel_build().to_owned()),
        ("-m", "x86_64".to_owned()),
        ("-o", system.to_owned()),
    ];
    let all = options.has("-a");
    let mut words: Vec<String> =
        parts.iter().filter(|(flag, _)| all || options.has(flag)).map(|(_, word)| word.clone()).collect();
    if words.is_empty() {
        words.push("Linux".into());
    }
    call.line(words.join(" "));
    0
}

pub(super) fn arch(call: &mut Call<'_, '_>) -> i32 {
    call.line("x86_64");
    0
}

pub(super) fn nproc(call: &mut Call<'_, '_>) -> i32 {
    call.line(call.machine.spec.cores.to_string());
    0
}

pub(super) fn getconf(call: &mut Call<'_, '_>) -> i32 {
    let value = match call.args.get(1).map(String::as_str) {
        Some("_NPROCESSORS_ONLN" | "_NPROCESSORS_CONF") => call.machine.spec.cores.to_string(),
        Some("CLK_TCK") => "100".into(),
        Some("PAGESIZE" | "PAGE_SIZE") => "4096".into(),
        Some("ARG_MAX") => "2097152".into(),
        Some("LONG_BIT") => "64".into(),
        other => {
            let name = other.unwrap_or_default().to_owned();
            call.complain(&format!("Unrecognized variable `{name}'"));
            return 2;
        }
    };
    call.line(value);
    0
}

pub(super) fn sleep(call: &mut Call<'_, '_>) -> i32 {
    let Some(word) = call.args.get(1).cloned() else {
        call.complain("missing operand");
        return 1;
    };
    if word == "infinity" {
        call.pause(FOR_EVER_MS);
        return 0;
    }
    match super::options::duration_ms(&word) {
        Some(ms) => {
            call.pause(ms);
            0
        }
        None => {
            call.complain(&format!("invalid time interval '{word}'"));
            1
        }
    }
}

pub(super) fn basename(call: &mut Call<'_, '_>) -> i32 {
    let path = call.args.get(1).cloned().unwrap_or_default();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let suffix = call.args.get(2).cloned().unwrap_or_default();
    let short = name.strip_suffix(suffix.as_str()).filter(|own| !own.is_empty()).unwrap_or(name).to_owned();
    call.line(short);
    0
}

pub(super) fn dirname(call: &mut Call<'_, '_>) -> i32 {
    let path = call.args.get(1).cloned().unwrap_or_default();
    let folder = path
        .trim_end_matches('/')
        .rsplit_once('/')
        .map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder });
    call.line(folder);
    0
}

pub(super) fn which(call: &mut Call<'_, '_>) -> i32 {
    let mut status = 0;
    for name in call.options(&[]).operands() {
        match super::place(call.machine, name) {
            Some(place) => call.line(place),
            None => status = 1,
        }
    }
    status
}

pub(super) fn printenv(call: &mut Call<'_, '_>) -> i32 {
    let own = call.environment.clone();
    match call.args.get(1) {
        Some(name) => match own.get(name) {
            Some(value) => call.line(value.clone()),
            None => return 1,
        },
        None => own.iter().for_each(|(name, value)| call.line(format!("{name}={value}"))),
    }
    0
}

/// Nobody's processes end here: what is there belongs to the simulation.
pub(super) fn kill(call: &mut Call<'_, '_>) -> i32 {
    let pid = call.args.last().cloned().unwrap_or_default();
    call.complain(&format!("({pid}): Operation not permitted"));
    1
}
