//! How a step is asked of a host: one line that is the same for every step but for its seconds, and the script on standard
//! input. The line is plain enough for every login shell, and sees to it that nothing is left on the host.

/// The host ends a step by itself so long after our own time-out, which then has told us already.
pub const HOST_GRACE_MS: u64 = 7_000;
/// A tool that the step needs is not on the host.
pub const MISSING_STATUS: i32 = 121;
/// The host did not let us.
pub const DENIED_STATUS: i32 = 122;
/// The script did not arrive whole, and none of it was run.
pub const TORN_STATUS: i32 = 123;
/// What `timeout` ends with.
pub const TIMEOUT_STATUS: i32 = 124;
/// The last line of every script: half a script is never run.
pub const LAST_LINE: &str = "# end of step";
/// One environment variable carries the script; Linux takes 128 KiB.
pub const MOST_SCRIPT_BYTES: usize = 100_000;

/// Between single quotes there is no quote, no line break, no `!` without a blank after it and no backslash before one of
/// these, so that bash, fish and csh all pass it on as it stands. Standard error of the frame is closed before it kills, else shells would report it.
const FRAME: &str = concat!(
    r##"sh -c 's=$(cat); case $s in *"# end of step") ;; *) echo the script did not arrive whole, so none of it was run >&2; exit 123;; esac; "##,
    r##"cd /; PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin; LC_ALL=C; TERM=dumb; export s PATH LC_ALL TERM; unset ENV BASH_ENV; "##,
    r##"g=; k=; if setsid true; then g=setsid; k=-; fi 2>/dev/null; n=; "##,
    r##"if ionice -c 2 -n 7 true; then n="ionice -c 2 -n 7"; fi >/dev/null 2>&1; if nice -n 10 true; then n="nice -n 10 $n"; fi >/dev/null 2>&1; "##,
    r##"$g $n sh -c "x=\$s; unset s; eval \"\$x\"" </dev/null & p=$! ; "##,
    r##"$g sh -c "sleep SECONDS; kill -TERM $k$p; sleep 2; kill -KILL $k$p" </dev/null >/dev/null 2>&1 & w=$! ; exec >/dev/null 2>&1; "##,
    r##"trap : HUP INT TERM; wait $p; r=$?; kill -KILL $k$w; test -n "$k" && kill -TERM $k$p && sleep 1 && kill -KILL $k$p; exit $r'"##
);

/// What is asked of sshd for a step that may take so long.
pub fn exec_line(time_ms: u64) -> String {
    let seconds = time_ms.saturating_add(HOST_GRACE_MS).div_ceil(1_000);
    FRAME.replace("SECONDS", &seconds.to_string())
}

/// How a step may use sudo. It says `$SUDO` before the commands that want it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sudo {
    #[default]
    No,
    /// With it where the host allows it for these commands, else without.
    Try,
    /// Not without it.
    Must,
}

/// What is sent on standard input.
pub(super) fn script(run: &str, needs: &[String], sudo: Sudo, with_sudo: &[String]) -> String {
    let mut out = String::new();
    for tools in needs {
        out.push_str(&need(tools));
    }
    out.push_str(&allowed(sudo, with_sudo));
    out.push_str(run.trim_end());
    out.push('\n');
    out.push_str(LAST_LINE);
    out.push('\n');
    out
}

fn need(tools: &str) -> String {
    let tests: Vec<String> = tools.split('|').map(|tool| format!("command -v {tool} >/dev/null 2>&1")).collect();
    let named = tools.replace('|', " or ");
    format!(
        "if {}; then :; else\n  echo 'not on this host: {named}' >&2\n  exit {MISSING_STATUS}\nfi\n",
        tests.join(" || ")
    )
}

fn allowed(sudo: Sudo, commands: &[String]) -> String {
    if sudo == Sudo::No {
        return String::new();
    }
    let tests: Vec<String> = commands.iter().map(|c| format!("sudo -n -l {c} >/dev/null 2>&1")).collect();
    // Nothing to ask for: then nothing is allowed.
    let is_allowed = if tests.is_empty() { "false".to_owned() } else { tests.join(" && ") };
    let mut out = "SUDO=''\nif [ \"$(id -u)\" != 0 ]; then\n".to_owned();
    out.push_str(&format!("  if {is_allowed}; then SUDO='sudo -n'"));
    if sudo == Sudo::Must {
        let named = commands.join(", ");
        out.push_str(&format!(
            "; else\n    echo 'sudo without a password is refused for: {named}' >&2\n    exit {DENIED_STATUS}\n  "
        ));
    } else {
        out.push_str("; ");
    }
    out.push_str("fi\nfi\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each login shell does with what stands between single quotes.
    #[test]
    fn the_line_is_plain_for_every_login_shell() {
        let line = exec_line(60_000);
        let inner = line.strip_prefix("sh -c '").and_then(|rest| rest.strip_suffix('\'')).unwrap();
        assert!(!inner.contains(['\'', '\n', '\r']) && !inner.contains(r"\\"), "{inner}");
        assert!(inner.split('!').skip(1).all(|after| after.starts_with(' ')), "{inner}");
        assert!(line.is_ascii() && line.contains("sleep 67;") && line.contains(LAST_LINE));
        assert!(line.contains(&format!("exit {TORN_STATUS}")));
        assert!(exec_line(1).contains("sleep 8;") && exec_line(u64::MAX).contains("sleep 18446744073709552;"));
    }

    #[test]
    fn tools_and_sudo_are_asked_for_before_the_step() {
        let text = script("$SUDO dmesg\n", &["ss|netstat".into()], Sudo::Must, &["dmesg".into()]);
        assert_eq!(
            text,
            "if command -v ss >/dev/null 2>&1 || command -v netstat >/dev/null 2>&1; then :; else\n  \
             echo 'not on this host: ss or netstat' >&2\n  exit 121\nfi\n\
             SUDO=''\nif [ \"$(id -u)\" != 0 ]; then\n  if sudo -n -l dmesg >/dev/null 2>&1; then SUDO='sudo -n'; else\n    \
             echo 'sudo without a password is refused for: dmesg' >&2\n    exit 122\n  fi\nfi\n\
             $SUDO dmesg\n# end of step\n"
        );
        assert_eq!(script("w", &[], Sudo::No, &[]), "w\n# end of step\n");
        assert!(script("x", &[], Sudo::Try, &["a".into()]).contains("then SUDO='sudo -n'; fi\nfi\nx\n"));
    }
}
