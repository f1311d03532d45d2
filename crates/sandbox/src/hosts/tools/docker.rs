//! `docker`, the reading half of it.

use super::super::machine::docker::{Container, State};
use super::Call;
use super::options::{Options, number};
use crate::clock::plus_s;

/// `3 weeks`, `41 seconds`
fn ago(seconds: i64) -> String {
    match seconds {
        0..60 => format!("{seconds} seconds"),
        60..3_600 => format!("{} minutes", seconds / 60),
        3_600..172_800 => format!("{} hours", seconds / 3600),
        172_800..1_209_600 => format!("{} days", seconds / 86_400),
        _ => format!("{} weeks", seconds / 604_800),
    }
}

fn status(call: &Call<'_, '_>, own: &Container) -> String {
    let since = ago(call.machine.now.duration_since(own.started).as_secs().max(0));
    match own.state {
        State::Running => format!("Up {since}"),
        State::Restarting => format!("Restarting (137) {since} ago"),
        State::Exited => "Exited (1) 12 minutes ago".into(),
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Running => "running",
        State::Restarting => "restarting",
        State::Exited => "exited",
    }
}

pub(super) fn docker(call: &mut Call<'_, '_>) -> i32 {
    // Options may stand before and behind the word that says what is wanted.
    let options = call.options(&["--format", "-f", "--filter", "-n", "--tail", "--since", "--until", "-H"]);
    let words = options.operands().to_vec();
    if !call.is_root() {
        call.error(
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
        );
        return 1;
    }
    if call.machine.is_down("docker") {
        call.error("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?");
        return 1;
    }
    let rest = words.get(1..).unwrap_or_default();
    match (words.first().map(String::as_str), rest.first().map(String::as_str)) {
        (Some("ps"), _) | (Some("container"), Some("ls" | "ps")) => ps(call, &options),
        (Some("stats"), _) => stats(call, &options),
        (Some("logs"), _) => logs(call, &options, rest),
        (Some("inspect"), _) => inspect(call, &options, rest),
        (Some("info"), _) => info(call),
        (Some("version"), _) => {
            call.say("Client:\n Version:           26.1.5\n\nServer:\n Engine:\n  Version:          26.1.5\n");
            0
        }
        (Some("system"), Some("df")) => system_df(call),
        (Some("images"), _) => images(call),
        (Some("events"), _) => events(call),
        (Some("network"), Some("ls")) => {
            call.say("NETWORK ID     NAME      DRIVER    SCOPE\n5f0c2a91d7b4   bridge    bridge    local\n");
            0
        }
        (Some("top"), _) => 0,
        (verb, _) => {
            let verb = verb.unwrap_or_default().to_owned();
            call.error(&format!("docker: '{verb}' is not a docker command.\nSee 'docker --help'"));
            1
        }
    }
}

/// A template of Go, as far as fields go.
fn filled(format: &str, pairs: &[(&str, String)]) -> String {
    let mut text = super::print::unescaped(format).replace("table ", "");
    for (name, value) in pairs {
        for mark in [format!("{{{{.{name}}}}}"), format!("{{{{ .{name} }}}}"), format!("{{{{json .{name}}}}}")] {
            text = text.replace(&mark, value);
        }
    }
    text
}

fn ps(call: &mut Call<'_, '_>, options: &Options) -> i32 {
    let mut all = call.machine.containers();
    let filters: Vec<&str> = [options.values("-f"), options.values("--filter")].concat();
    // No image of theirs says how its health is checked.
    if filters.iter().any(|own| own.starts_with("health=")) {
        all.clear();
    }
    let wanted: Vec<&str> = filters.iter().filter_map(|own| own.strip_prefix("status=")).collect();
    all.retain(|own| {
        let shown = options.any(&["-a", "--all"]) || own.state != State::Exited || !wanted.is_empty();
        shown && (wanted.is_empty() || wanted.contains(&word(own.state)))
    });
    if options.any(&["-q", "--quiet"]) {
        all.iter().for_each(|own| call.line(own.id[..12].to_owned()));
        return 0;
    }
    let format = options.value("--format").map(str::to_owned);
    if format.is_none() {
        call.line(
            "CONTAINER ID   IMAGE                                      COMMAND                  \
             CREATED       STATUS                          PORTS                                          NAMES",
        );
    }
    for own in all {
        let created = format!("{} ago", ago(call.machine.now.duration_since(own.created).as_secs().max(0)));
        let status = status(call, &own);
        let line = match &format {
            Some(format) => filled(
                format,
                &[
                    ("ID", own.id[..12].into()),
                    ("Image", own.image.into()),
                    ("Names", own.name.into()),
                    ("Status", status),
                    ("State", word(own.state).into()),
                    ("Ports", own.ports.into()),
                    ("RunningFor", created),
                    ("Command", own.command.into()),
                ],
            ),
            None => format!(
                "{:<14} {:<42} {:<24} {created:<13} {status:<31} {:<46} {}",
                &own.id[..12],
                own.image,
                own.command,
                own.ports,
                own.name
            ),
        };
        call.line(line);
    }
    0
}

fn stats(call: &mut Call<'_, '_>, options: &Options) -> i32 {
    let format = options.value("--format").map(str::to_owned);
    if format.is_none() {
        call.line(
            "CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT     MEM %     NET I/O           BLOCK \
             I/O        PIDS",
        );
    }
    for own in call.machine.containers().into_iter().filter(|own| own.state != State::Exited) {
        let percent = own.memory_mb as f64 * 100.0 / own.limit_mb.max(1) as f64;
        let memory = format!("{}MiB / {:.2}GiB", own.memory_mb, own.limit_mb as f64 / 1024.0);
        call.line(match &format {
            Some(format) => filled(
                format,
                &[
                    ("ID", own.id[..12].into()),
                    ("Name", own.name.into()),
                    ("CPUPerc", format!("{:.2}%", own.cpu)),
                    ("MemUsage", memory),
                    ("MemPerc", format!("{percent:.2}%")),
                    ("NetIO", "1.2GB / 812MB".into()),
                    ("BlockIO", "41MB / 8kB".into()),
                    ("PIDs", "31".into()),
                ],
            ),
            None => format!(
                "{:<14} {:<9} {:<9} {memory:<21} {:<9} 1.2GB / 812MB     41MB / 8kB       31",
                &own.id[..12],
                own.name,
                format!("{:.2}%", own.cpu),
                format!("{percent:.2}%")
            ),
        });
    }
    0
}

fn one(call: &mut Call<'_, '_>, name: &str) -> Option<Container> {
    let own = call
        .machine
        .containers()
        .into_iter()
        .find(|own| own.name == name || own.id.starts_with(name) && !name.is_empty());
    if own.is_none() {
        call.error(&format!("Error response from daemon: No such container: {name}"));
    }
    own
}

fn logs(call: &mut Call<'_, '_>, options: &Options, names: &[String]) -> i32 {
    let Some(own) = one(call, names.first().map_or("", String::as_str)) else { return 1 };
    let lines = call.machine.container_log(&own);
    let most = number(options.value_of(&["-n", "--tail"])).unwrap_or(usize::MAX);
    lines[lines.len().saturating_sub(most)..].iter().for_each(|line| call.line(line.clone()));
    0
}

fn inspect(call: &mut Call<'_, '_>, options: &Options, names: &[String]) -> i32 {
    let mut all = Vec::new();
    for name in names {
        match one(call, name) {
            Some(own) => all.push(own),
            None => return 1,
        }
    }
    if let Some(format) = options.value_of(&["-f", "--format"]).map(str::to_owned) {
        for own in &all {
            let started = own.started.to_string();
            let pairs = [
                ("Name", format!("/{}", own.name)),
                ("Id", own.id.clone()),
                ("RestartCount", own.restarts.to_string()),
                ("State.Status", word(own.state).into()),
                ("State.StartedAt", started),
                ("State.ExitCode", if own.state == State::Running { "0" } else { "137" }.into()),
                ("State.OOMKilled", (own.state == State::Restarting).to_string()),
                ("State.Health.Status", "<nil>".into()),
                ("Config.Image", own.image.into()),
            ];
            let text = filled(&format, &pairs);
            call.line(text);
        }
        return 0;
    }
    let secrets = &call.machine.secrets;
    let shown: Vec<serde_json::Value> = all.iter().map(|own| serde_json::json!({
        "Id": own.id, "Name": format!("/{}", own.name), "RestartCount": own.restarts,
        "State": { "Status": word(own.state), "Running": own.state == State::Running, "Restarting": own.state == State::Restarting, "OOMKilled": own.state == State::Restarting, "ExitCode": if own.state == State::Running { 0 } else { 137 }, "StartedAt": own.started.to_string() },
        "Config": { "Image": own.image, "Env": [format!("DB_PASSWORD={}", secrets.db_password), format!("AWS_SECRET_ACCESS_KEY={}", secrets.aws_secret), "JAVA_OPTS=-Xmx768m"] },
        "HostConfig": { "Memory": own.limit_mb * 1024 * 1024, "RestartPolicy": { "Name": "always" } },
    })).collect();
    call.line(serde_json::to_string_pretty(&shown).unwrap_or_default());
    0
}

fn info(call: &mut Call<'_, '_>) -> i32 {
    let all = call.machine.containers();
    let running = all.iter().filter(|own| own.state == State::Running).count();
    let mount = call.machine.mounts().into_iter().find(|m| m.path == "/var/lib/docker");
    call.say(format!(
        "Server:\n Containers: {}\n  Running: {running}\n  Paused: 0\n  Stopped: {}\n Images: 6\n \
         Server Version: 26.1.5\n Storage Driver: overlay2\n Logging Driver: json-file\n Kernel Version: {}\n \
         Operating System: {}\n CPUs: {}\n Total Memory: {:.2}GiB\n Docker Root Dir: /var/lib/docker ({}% used)\n",
        all.len(),
        all.len() - running,
        call.machine.distro.kernel(),
        call.machine.distro.pretty(),
        call.machine.spec.cores,
        call.machine.spec.memory_mb as f64 / 1024.0,
        mount.map_or(0, |m| m.percent())
    ));
    0
}

fn system_df(call: &mut Call<'_, '_>) -> i32 {
    let used_gb = call
        .machine
        .mounts()
        .into_iter()
        .find(|m| m.path == "/var/lib/docker")
        .map_or(0.0, |m| m.used_kb as f64 / 1024.0 / 1024.0);
    call.say(format!(
        "TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE\n\
         Images          6         4         {:.1}GB    {:.1}GB (21%)\n\
         Containers      4         4         {:.1}GB    0B (0%)\n\
         Local Volumes   2         2         812.4MB   0B (0%)\n\
         Build Cache     0         0         0B        0B\n",
        used_gb * 0.6,
        used_gb * 0.13,
        used_gb * 0.38
    ));
    0
}

fn images(call: &mut Call<'_, '_>) -> i32 {
    call.line("REPOSITORY                         TAG          IMAGE ID       CREATED       SIZE");
    for own in call.machine.containers() {
        let (name, tag) = own.image.rsplit_once(':').unwrap_or((own.image, "latest"));
        call.line(format!("{name:<34} {tag:<12} {}   5 weeks ago   412MB", &own.id[20..32]));
    }
    0
}

fn events(call: &mut Call<'_, '_>) -> i32 {
    let machine = call.machine;
    for own in machine.containers().into_iter().filter(|own| own.state == State::Restarting) {
        for n in (0..5).rev() {
            let at = machine.time(plus_s(machine.now, -n * 40 - 9), "%Y-%m-%dT%H:%M:%S.000000000Z");
            call.line(format!("{at} container die {} (exitCode=137, image={}, name={})", own.id, own.image, own.name));
        }
    }
    0
}
