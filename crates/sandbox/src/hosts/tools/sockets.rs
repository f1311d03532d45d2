//! Sockets: `ss` and busybox's `netstat`.

use super::super::machine::socket::Socket;
use super::Call;

fn wanted(call: &Call<'_, '_>) -> Vec<Socket> {
    let options = call.options(&["-f", "-o", "state"]);
    let (only_listening, all) = (options.any(&["-l", "--listening"]), options.any(&["-a", "--all"]));
    let (tcp, udp) = (options.any(&["-t", "--tcp"]), options.any(&["-u", "--udp"]));
    let state = options
        .operands()
        .iter()
        .position(|own| own == "state")
        .and_then(|at| options.operands().get(at + 1))
        .map(|own| own.to_uppercase());
    let state = state.map(|own| match own.as_str() {
        "ESTABLISHED" => "ESTAB".to_owned(),
        "LISTENING" => "LISTEN".into(),
        _ => own,
    });
    let mut own = call.machine.sockets();
    own.retain(|socket| {
        let is_open = matches!(socket.state, "LISTEN" | "UNCONN");
        let fits_state = match &state {
            Some(state) => socket.state == state,
            None if only_listening => is_open,
            None => all || !is_open,
        };
        let fits_proto = (!tcp && !udp) || (tcp && socket.proto == "tcp") || (udp && socket.proto == "udp");
        fits_state && fits_proto
    });
    own
}

pub(super) fn ss(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-f"]);
    if options.any(&["-s", "--summary"]) {
        summary(call);
        return 0;
    }
    let shows_proto = !options.any(&["-t", "-u", "--tcp", "--udp"]) || (options.has("-t") && options.has("-u"));
    // Only root sees whose sockets others' are.
    let shows_programs = options.any(&["-p", "--processes"]);
    if !options.has("-H") {
        let proto = if shows_proto { "Netid " } else { "" };
        call.line(format!(
            "{proto}State     Recv-Q Send-Q Local Address:Port   Peer Address:Port {}",
            if shows_programs { "Process" } else { "" }
        ));
    }
    for own in wanted(call) {
        let proto = if shows_proto { format!("{:<6}", own.proto) } else { String::new() };
        let program = if shows_programs && call.is_root() {
            format!(" users:((\"{}\",pid={},fd=6))", own.program, own.pid)
        } else {
            String::new()
        };
        call.line(format!(
            "{proto}{:<9} {:<6} {:<6} {:>20} {:>20}{program}",
            own.state, own.queued, own.backlog, own.local, own.peer
        ));
    }
    0
}

fn summary(call: &mut Call<'_, '_>) {
    let all = call.machine.sockets();
    let count = |state: &str| all.iter().filter(|own| own.state == state).count();
    let (estab, listen, wait) = (count("ESTAB"), count("LISTEN"), count("TIME-WAIT"));
    call.say(format!(
        "Total: {}\nTCP:   {} (estab {estab}, closed {wait}, orphaned 0, timewait {wait})\n\n\
             Transport Total     IP        IPv6\nRAW       0         0         0\n\
             UDP       {udp}         {udp}         0\nTCP       {tcp}         {tcp}         0\n\
             INET      {inet}         {inet}         0\nFRAG      0         0         0\n\n",
        all.len() + 120,
        estab + listen + wait,
        udp = count("UNCONN"),
        tcp = estab + listen,
        inet = estab + listen + count("UNCONN")
    ));
}

pub(super) fn netstat(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    call.line(format!(
        "Active Internet connections ({})",
        if options.has("-l") { "only servers" } else { "w/o servers" }
    ));
    call.line(format!(
        "Proto Recv-Q Send-Q Local Address           Foreign Address         State       {}",
        if options.has("-p") { "PID/Program name" } else { "" }
    ));
    for own in wanted(call) {
        let state = match own.state {
            "ESTAB" => "ESTABLISHED",
            "TIME-WAIT" => "TIME_WAIT",
            "UNCONN" => "",
            other => other,
        };
        let program = match (options.has("-p"), call.is_root()) {
            (true, true) => format!("{}/{}", own.pid, own.program),
            (true, false) => "-".into(),
            _ => String::new(),
        };
        call.line(format!(
            "{:<5} {:>6} {:>6} {:<23} {:<23} {state:<11} {program}",
            own.proto, own.queued, own.backlog, own.local, own.peer
        ));
    }
    0
}
