//! The line that carries a step: every login shell passes it on, half a script is not run, and nothing is left on the host.

use crate::shells::{Done, Sh, find, run};
use duties::runbooks::{TORN_STATUS, exec_line};
use std::path::Path;

const END: &str = "\n# end of step\n";

fn by(sh: &Sh, script: &str) -> Done {
    run(&sh.program(), &sh.path(), &exec_line(30_000), &format!("{script}{END}"))
}

#[test]
fn it_is_the_same_by_every_login_shell() {
    let sh = Sh::all().remove(0);
    let script = "echo \"$LC_ALL $TERM $(pwd)\"; printf '%s\\n' 'it'\\''s !x \\\\ $HOME'; echo to err >&2; exit 7";
    for login in ["dash", "bash", "busybox", "mksh", "fish", "tcsh"] {
        let Some(program) = find(login) else { continue };
        // busybox is a shell only by its name.
        let program = if login == "busybox" {
            Sh::of("busybox").map(|sh| (sh.program(), Some(sh)))
        } else {
            Some((program, None))
        };
        let (program, _kept) = program.unwrap();
        let done = run(&program, &sh.path(), &exec_line(30_000), &format!("{script}{END}"));
        assert_eq!(done.text(), "C dumb /\nit's !x \\\\ $HOME\n", "{login}: {}", done.err);
        assert_eq!((done.status, done.err.trim()), (7, "to err"), "{login}");
    }
}

#[test]
fn half_a_script_is_not_run() {
    for sh in Sh::all() {
        let whole = format!("echo one\necho two{END}");
        let length = whole.trim_end().len();
        for end in [0, 1, 5, 9, length - 1] {
            let done = run(&sh.program(), &sh.path(), &exec_line(30_000), &whole[..end]);
            assert_eq!((done.status, done.out.as_slice()), (TORN_STATUS, &b""[..]), "{} {end}", sh.name);
        }
        let done = run(&sh.program(), &sh.path(), &exec_line(30_000), &whole[..length]);
        assert_eq!((done.status, done.text().as_str()), (0, "one\ntwo\n"), "{}", sh.name);
    }
}

#[test]
fn a_step_reads_nothing_and_keeps_its_status_and_streams() {
    for sh in Sh::all() {
        let done = by(&sh, "read line; echo \"got:$line:$?\"; env | grep -c '^s=' ; cat; exit 3");
        assert_eq!((done.status, done.text().as_str()), (3, "got::1\n0\n"), "{}: {}", sh.name, done.err);
        let done = by(&sh, "if true; then");
        assert!(done.status != 0 && done.err.to_lowercase().contains("syntax error"), "{}: {}", sh.name, done.err);
        let long = "x".repeat(90_000);
        let done = by(&sh, &format!("printf %s {long} | wc -c"));
        assert_eq!(done.text().trim(), "90000", "{}: {}", sh.name, done.err);
    }
}

/// Whether the process ends: a signal that was sent takes its moment.
fn is_gone(pid: &str) -> bool {
    (0..1_000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        has_ended(pid)
    })
}

/// It is there no more, or waits for nobody but init.
fn has_ended(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.is_empty() || stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
}

#[test]
fn what_a_step_leaves_behind_is_ended_with_it() {
    if find("setsid").is_none() {
        return;
    }
    for sh in Sh::all() {
        let done = by(&sh, "(trap '' TERM HUP; sleep 300) >/dev/null 2>&1 & echo $!");
        assert_eq!(done.status, 0, "{}", done.err);
        assert!(is_gone(done.text().trim()), "{}: {}", sh.name, done.text());
    }
}

/// The host's own time-out; the seconds are made few for the test.
#[test]
fn a_step_that_hangs_is_ended_by_the_host_itself() {
    if find("setsid").is_none() {
        return;
    }
    let line = exec_line(1);
    assert!(line.contains("sleep 8;"));
    for sh in Sh::all() {
        let script = format!("echo $$; (trap '' TERM; sleep 300); echo never{END}");
        let done = run(&sh.program(), &sh.path(), &line.replace("sleep 8;", "sleep 1;"), &script);
        assert_ne!(done.status, 0, "{}", sh.name);
        assert!(!done.text().contains("never") && is_gone(done.text().trim()), "{}: {}", sh.name, done.text());
    }
}

#[test]
fn a_step_that_is_told_to_end_takes_its_children_along() {
    if find("setsid").is_none() {
        return;
    }
    for sh in Sh::all() {
        // The frame's shell is the parent of the session's first process.
        let script = "echo $$; frame=$(sed 's/.*) . \\([0-9]*\\) .*/\\1/' /proc/$$/stat); kill -TERM $frame; sleep 300; echo never";
        let done = by(&sh, script);
        assert!(!done.text().contains("never") && is_gone(done.text().trim()), "{}: {}", sh.name, done.text());
    }
}

#[test]
fn without_the_tools_that_make_it_gentle_it_runs_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for tool in ["sh", "cat", "sleep", "echo"] {
        std::os::unix::fs::symlink(Path::new("/bin").join(tool), folder.path().join(tool)).unwrap();
    }
    let path = folder.path().display().to_string();
    // The frame adds the sbin folders, which hold none of these tools.
    let done = run(Path::new("/bin/sh"), &path, &exec_line(1), &format!("echo here; exit 4{END}"));
    assert_eq!((done.status, done.text().as_str()), (4, "here\n"), "{}", done.err);
}
