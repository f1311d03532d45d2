//! The shell's grammar and words, on a machine of the world. What is expected here is what dash says; what differs between shells is left out.

use super::{Asked, Beat, play};
use crate::hosts::cast;
use crate::hosts::machine::Machine;
use crate::hosts::machine::disk::Scratch;

/// What a script writes into both streams, and its status.
fn run(script: &str) -> (String, String, i32) {
    run_on("hoshino-web01", script, "")
}

fn run_on(host: &str, script: &str, stdin: &str) -> (String, String, i32) {
    let spec = cast::all().into_iter().find(|own| own.name == host).expect("a host");
    let now = "2026-05-01T00:00:00Z".parse().expect("an instant");
    let machine = Machine::new(&spec, 1, now, Vec::new());
    let asked =
        Asked { command: script, stdin: stdin.as_bytes(), user: "diag", machine: &machine, scratch: Scratch::new() };
    let played = play(asked);
    let of = |err: bool| {
        let parts = played.beats.iter().filter_map(|beat| match beat {
            Beat::Out(bytes) if !err => Some(bytes.clone()),
            Beat::Err(bytes) if err => Some(bytes.clone()),
            _ => None,
        });
        String::from_utf8(parts.collect::<Vec<_>>().concat()).expect("text")
    };
    (of(false), of(true), played.status)
}

fn out(script: &str) -> String {
    let (out, err, _) = run(script);
    assert_eq!(err, "", "{script}");
    out
}

#[test]
fn words_and_quotes() {
    let table = [
        (r#"echo a  b"#, "a b\n"),
        (r#"echo 'a  b' "c  d""#, "a  b c  d\n"),
        (r#"x='a  b'; echo $x; echo "$x""#, "a b\na  b\n"),
        (r#"echo a\ b"#, "a b\n"),
        (r#"echo "q\"q" '\n'"#, "q\"q \n\n"),
        (r#"echo 'it'"'"'s'"#, "it's\n"),
        ("echo a\\\nb", "ab\n"),
        ("echo a # b", "a\n"),
        ("echo a#b", "a#b\n"),
        (r#"printf '[%s]' "" x"#, "[][x]"),
        (r#"set -- 'a b' c; printf '[%s]' "$@"; printf '[%s]' $@; printf '[%s]' "$*""#, "[a b][c][a][b][c][a b c]"),
        (r#"set --; printf '[%s]' "$@" end"#, "[end]"),
        ("echo ~", "/var/lib/diag\n"),
    ];
    for (script, expected) in table {
        assert_eq!(out(script), expected, "{script}");
    }
}

#[test]
fn parameters_and_arithmetic() {
    let table = [
        ("echo ${x:-none} ${x-none} ${x:+some}.", "none none .\n"),
        ("x=; echo ${x:-none} ${x-none}.", "none .\n"),
        ("echo ${x:=set}; echo $x", "set\nset\n"),
        (
            "f=/var/log/app.log.1; echo ${f##*/} ${f%.*} ${f%%.*} ${f#*/}",
            "app.log.1 /var/log/app.log /var/log/app var/log/app.log.1\n",
        ),
        (
            "x=abc; echo ${#x} $((1 + 2 * 3)) $(( (1 + 2) * 3 )) $((7 / 2)) $((7 % 2)) $((2 > 1 && 3 < 2))",
            "3 7 9 3 1 0\n",
        ),
        ("n=5; n=$((n + 1)); echo $n $((n -= 2)) $n", "6 4 4\n"),
        ("echo $((0x10)) $((010)) $((-3 + 1)) $((5 == 5 ? 7 : 8))", "16 8 -2 7\n"),
        ("false; echo $?; true; echo $?", "1\n0\n"),
        ("echo $(echo a; echo b) \"$(printf 'a\\nb\\n\\n')\"", "a b a\nb\n"),
        ("echo `echo a \\`echo b\\``", "a b\n"),
    ];
    for (script, expected) in table {
        assert_eq!(out(script), expected, "{script}");
    }
}

#[test]
fn flow() {
    let table = [
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n"),
        ("for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done", "1\n3\n"),
        ("i=0; while [ $i -lt 3 ]; do i=$((i + 1)); [ $i = 3 ] && break; echo $i; done", "1\n2\n"),
        ("until true; do echo never; done; echo end", "end\n"),
        ("case abc.log in *.txt) echo t;; a*.log|b) echo l;; *) echo other;; esac", "l\n"),
        ("f() { local x=1; echo \"$1 $x\"; return 3; }; f a; echo $? ${x:-none}", "a 1\n3 none\n"),
        ("printf 'a b\\nc d\\n' | while read -r one two; do echo \"$two $one\"; done", "b a\nd c\n"),
        ("true && echo yes || echo no; false && echo yes || echo no", "yes\nno\n"),
        ("! false && echo turned", "turned\n"),
        ("(cd /tmp; x=1); pwd; echo ${x:-none}", "/var/lib/diag\nnone\n"),
        ("{ echo a; echo b; } | tail -n 1", "b\n"),
        ("cat <<EOF\nhost $(hostname) \\$x\nEOF\ncat <<'EOF'\n$x\nEOF", "host web01 $x\n$x\n"),
        ("sh -c 'echo $0 $1' name arg", "name arg\n"),
        ("echo 'echo $1 in' | sh -s x", "x in\n"),
        ("eval 'x=5; echo $x'", "5\n"),
        ("sleep 5 & pid=$!; kill $pid; wait $pid; echo done", "done\n"),
        (
            "exec 2>&1; ls /nowhere | head -n 1; echo on",
            "ls: cannot access '/nowhere': No such file or directory\n\
             on\n",
        ),
    ];
    for (script, expected) in table {
        assert_eq!(out(script), expected, "{script}");
    }
}

#[test]
fn redirections_go_where_they_are_sent() {
    let table = [
        ("ls /nowhere 2>/dev/null; echo $?", "2\n", ""),
        ("ls /nowhere >/dev/null 2>&1; echo $?", "2\n", ""),
        ("ls /nowhere 2>&1 >/dev/null", "ls: cannot access '/nowhere': No such file or directory\n", ""),
        ("echo told >&2", "", "told\n"),
        ("echo a > /tmp/x; echo b >> /tmp/x; cat /tmp/x; wc -l < /tmp/x", "a\nb\n2\n", ""),
        ("echo x > /etc/passwd", "", "sh: 1: cannot create /etc/passwd: Permission denied\n"),
        ("read -r a rest < /proc/loadavg; echo ${rest:+more}", "more\n", ""),
    ];
    for (script, expected, errors) in table {
        let (out, err, _) = run(script);
        assert_eq!((out.as_str(), err.as_str()), (expected, errors), "{script}");
    }
}

#[test]
fn what_is_wrong_is_said_as_a_shell_says_it() {
    let table = [
        ("nosuch -x", "sh: 1: nosuch: not found\n", 127),
        ("if true; then echo a", "sh: 1: Syntax error: end of file unexpected (expecting \"fi\")\n", 2),
        ("echo 'a", "sh: 1: Syntax error: Unterminated quoted string\n", 2),
        ("echo a\n)", "sh: 2: Syntax error: \")\" unexpected\n", 2),
        ("set -u; echo $nothing", "sh: 1: nothing: parameter not set\n", 2),
        ("set -e; false; echo never", "", 1),
        ("exit 7", "", 7),
        ("echo $((1 / 0))", "sh: 1: division by zero\n", 2),
        ("systemctl restart nginx", "Failed to restart nginx: Access denied\n", 4),
    ];
    for (script, errors, status) in table {
        let (_, err, own) = run(script);
        assert_eq!((err.as_str(), own), (errors, status), "{script}");
    }
    let (_, err, status) = run_on("kitakaze-wms-sendai", "nosuch", "");
    assert_eq!((err.as_str(), status), ("sh: nosuch: not found\n", 127));
    let (_, err, status) = run_on("hoshino-db-primary", "nosuch", "");
    assert_eq!((err.as_str(), status), ("sh: line 1: nosuch: command not found\n", 127));
}

#[test]
fn hostile_scripts_come_to_an_end() {
    for script in
        ["while :; do :; done", "f() { f; }; f", &"(".repeat(5_000), &"$(".repeat(5_000), "awk 'BEGIN{while(1);}'"]
    {
        let (.., status) = run(script);
        assert_ne!(status, 0, "{}", &script[..script.len().min(30)]);
    }
}

#[test]
fn a_script_reads_what_is_sent_to_it_only_when_it_asks() {
    assert_eq!(run_on("hoshino-web01", "cat", "sent\n").0, "sent\n");
    assert_eq!(run_on("hoshino-web01", "sh", "echo from stdin\n").0, "from stdin\n");
}

#[test]
fn wrappers_run_what_they_wrap() {
    let table = [
        ("sudo -n id -un", "root\n"),
        ("sudo -n -u www-data whoami", "www-data\n"),
        ("timeout 5 echo in time", "in time\n"),
        ("timeout 1 sleep 9; echo $?", "124\n"),
        ("env X=1 sh -c 'echo $X'", "1\n"),
        ("printf 'a b c' | xargs -n 1 echo", "a\nb\nc\n"),
        ("printf 'a\\nb\\n' | xargs -I{} echo [{}]", "[a]\n[b]\n"),
        ("nice -n 10 ionice -c 3 hostname", "web01\n"),
        ("command -v df sh nosuch; echo $?", "/usr/bin/df\n/usr/bin/sh\n127\n"),
    ];
    for (script, expected) in table {
        assert_eq!(out(script), expected, "{script}");
    }
}
