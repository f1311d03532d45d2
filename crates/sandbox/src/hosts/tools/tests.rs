//! The filters against what the real ones write, and the tools of state against one another: what one command shows, the others show too.

use jiff::Timestamp;

use super::super::cast;
use super::super::machine::Machine;
use super::super::machine::disk::Scratch;
use super::super::shell::{Asked, Beat, play};
use super::super::trouble::{Laid, Trouble};
use crate::clock::plus_s;

fn now() -> Timestamp {
    "2026-05-01T00:00:00Z".parse().expect("an instant")
}

fn with(host: &str, troubles: &[Trouble], script: &str) -> String {
    let spec = cast::all().into_iter().find(|own| own.name == host).expect("a host");
    let since = plus_s(now(), -600);
    let laid = troubles.iter().map(|own| Laid { trouble: own.clone(), since, ended: None }).collect();
    let machine = Machine::new(&spec, 1, now(), laid);
    let asked = Asked { command: script, stdin: b"", user: "diag", machine: &machine, scratch: Scratch::new() };
    let bytes = play(asked).beats.into_iter().filter_map(|beat| match beat {
        Beat::Out(bytes) | Beat::Err(bytes) => Some(bytes),
        Beat::Pause(_) => None,
    });
    String::from_utf8_lossy(&bytes.collect::<Vec<_>>().concat()).into_owned()
}

fn out(script: &str) -> String {
    with("hoshino-web01", &[], script)
}

#[test]
fn filters() {
    let table = [
        ("printf 'b 2\\na 10\\nc 1\\n' | sort -k2,2n", "c 1\nb 2\na 10\n"),
        ("printf '1K\\n2M\\n512\\n' | sort -rh", "2M\n1K\n512\n"),
        ("printf 'x\\nx\\ny\\n' | uniq -c | sort -rn", "      2 x\n      1 y\n"),
        ("printf 'a:b:c\\n' | cut -d: -f1,3", "a:c\n"),
        ("printf 'abc\\n' | cut -c2-", "bc\n"),
        ("printf 'Hello\\n' | tr a-z A-Z", "HELLO\n"),
        ("printf 'a  b\\n' | tr -s ' ' '\\n'", "a\nb\n"),
        ("printf '1\\n2\\n3\\n4\\n' | head -n 2 | tail -1", "2\n"),
        ("printf '1\\n2\\n3\\n' | tail -n +2", "2\n3\n"),
        ("printf 'a\\nb\\n' | wc -l", "2\n"),
        ("seq 3 | paste -s -d,", "1,2,3\n"),
        ("printf 'a b\\nccc d\\n' | column -t", "a    b\nccc  d\n"),
        ("printf '%5s|%-5s|%05.1f|%x\\n' ab cd 3.14159 255", "   ab|cd   |003.1|ff\n"),
        ("expr 3 + 4; expr abc : 'a\\(.\\)'", "7\nb\n"),
        ("basename /a/b.txt .txt; dirname /a/b.txt", "b\n/a\n"),
    ];
    for (script, expected) in table {
        assert_eq!(out(script), expected, "{script}");
    }
}

#[test]
fn grep_and_sed() {
    let text = "printf 'error: one\\nok\\nError (two)\\nwarn|three\\n'";
    let table = [
        (format!("{text} | grep -i error"), "error: one\nError (two)\n"),
        (format!("{text} | grep -c -v ok"), "3\n"),
        (format!("{text} | grep '(two)'"), "Error (two)\n"),
        (format!("{text} | grep 'one\\|three'"), "error: one\nwarn|three\n"),
        (format!("{text} | grep -E '^(ok|warn)'"), "ok\nwarn|three\n"),
        (format!("{text} | grep -F '|'"), "warn|three\n"),
        (format!("{text} | grep -o '[a-z]*or'"), "error\nrror\n"),
        (format!("{text} | grep -n -A1 ok"), "2:ok\n3-Error (two)\n"),
        (format!("{text} | grep -e one -e two | wc -l"), "2\n"),
        (format!("{text} | sed -n '2,3p'"), "ok\nError (two)\n"),
        (format!("{text} | sed 's/[Ee]rror/E/g; /ok/d'"), "E: one\nE (two)\nwarn|three\n"),
        (format!("{text} | sed -n 's/^error: \\(.*\\)$/<\\1>/p'"), "<one>\n"),
        (format!("{text} | sed -E 's/(w)(arn)/\\2\\1/' | tail -1"), "arnw|three\n"),
        (format!("{text} | sed '$d' | sed -e '1d' -e 's/o/&&/'"), "ook\nErroor (two)\n"),
        (format!("{text} | sed '/^ok/,$d'"), "error: one\n"),
        (format!("{text} | sed 2q"), "error: one\nok\n"),
    ];
    for (script, expected) in table {
        assert_eq!(out(&script), expected, "{script}");
    }
}

#[test]
fn awk() {
    let text = "printf 'web 10 up\\ndb 95 down\\napp 7 up\\n'";
    let table = [
        ("awk '{print $1}'", "web\ndb\napp\n"),
        ("awk '$2 > 9 {print $1, $2 * 2}'", "web 20\ndb 190\n"),
        ("awk '/up/ {n++; s += $2} END {print n, s / n}'", "2 8.5\n"),
        ("awk 'NR > 1 {print NR \": \" $0}'", "2: db 95 down\n3: app 7 up\n"),
        ("awk -F' ' '$3 == \"down\" || $2 ~ /^7$/ {print $NF}'", "down\nup\n"),
        ("awk -v most=50 '$2 + 0 > most {printf \"%s at %d%%\\n\", $1, $2}'", "db at 95%\n"),
        ("awk '{c[$3]++} END {for (k in c) print k, c[k]}'", "down 1\nup 2\n"),
        (
            "awk 'BEGIN {print length(\"abc\"), substr(\"abcdef\", 2, 3), index(\"abc\", \"c\"), toupper(\"x\")}'",
            "3 bcd 3 X\n",
        ),
        ("awk '{gsub(/[0-9]+/, \"<&>\"); print}' | head -1", "web <10> up\n"),
        (
            "awk '{if ($2 > 50) print \"high\"; else if ($2 > 8) print \"mid\"; else print \"low\"}'",
            "mid\n\
             high\nlow\n",
        ),
        ("awk 'BEGIN {for (i = 0; i < 3; i++) s = s i; print s}'", "012\n"),
        ("awk '{n = split($0, a, \" \"); print n, a[2]}' | tail -1", "3 7\n"),
        ("awk 'NR == 2 {exit} {print $1}'", "web\n"),
        ("awk '!seen[$3]++ {print $3}'", "up\ndown\n"),
        ("awk 'BEGIN {OFS = \"-\"} {$2 = \"x\"; print}' | head -1", "web-x-up\n"),
        ("awk 'BEGIN {print 1 / 3, 1e6, 0.1 + 0.2, 100000 * 3}'", "0.333333 1000000 0.3 300000\n"),
        ("awk '$2 !~ /9/ && !($3 == \"down\") {print $1 \" \" ($2 > 8 ? \"a\" : \"b\")}'", "web a\napp b\n"),
        ("awk '/web/,/db/ {print $1}'", "web\ndb\n"),
    ];
    for (script, expected) in table {
        assert_eq!(out(&format!("{text} | {script}")), expected, "{script}");
    }
}

#[test]
fn a_full_disk_is_full_in_every_command() {
    let full = [Trouble::DiskFull { percent: 97 }];
    let own = |script: &str| with("hoshino-web01", &full, script);
    assert_eq!(own("df -P /var | awk 'NR > 1 {print $5, $6}'"), "97% /var\n");
    assert!(own("df -h /var/log").contains("97% /var"));
    assert!(own("du -s /var | cut -f1").trim().parse::<u64>().expect("kilobytes") > 90_000_000);
    assert!(own("systemctl --failed --plain --no-legend").contains("logrotate.service loaded failed"));
    assert!(own("journalctl -p err --no-pager").contains("No space left on device"));
    assert!(own("find /var -xdev -size +1G").contains("/var/log/app/production.log.1"));
    assert_eq!(with("hoshino-web01", &[], "systemctl --failed --plain --no-legend"), "");
}

#[test]
fn each_trouble_shows_where_one_would_look() {
    let table: [(&str, Trouble, &str, &str); 17] = [
        ("hoshino-web01", Trouble::UpstreamErrors, "tail -n 3 /var/log/nginx/error.log", "Connection refused"),
        ("hoshino-web01", Trouble::UpstreamErrors, "systemctl is-active puma", "failed"),
        ("hoshino-web01", Trouble::ServiceDown, "systemctl status nginx", "failed (Result: exit-code)"),
        ("hoshino-web01", Trouble::ServiceDown, "curl -sS http://127.0.0.1/", "curl: (7) Failed to connect"),
        ("hoshino-web01", Trouble::Oom, "sudo dmesg", "Out of memory: Killed process"),
        ("hoshino-web01", Trouble::CertExpired { days: -2 }, "curl -sS https://127.0.0.1/", "certificate has expired"),
        ("hoshino-web01", Trouble::DnsBroken, "dig example.com", "no servers could be reached"),
        ("hoshino-web01", Trouble::ClockOff { seconds: 90 }, "chronyc tracking", "90.412071203 seconds fast"),
        ("hoshino-web01", Trouble::ClockOff { seconds: 90 }, "date -u +%H:%M:%S", "00:01:30"),
        ("hoshino-web01", Trouble::InodesFull, "df -i /var", "100%"),
        ("hoshino-web01", Trouble::PacketLoss, "sudo dmesg", "link down"),
        (
            "hoshino-db-primary",
            Trouble::DbLocked,
            "psql -At -c 'SELECT pid, pg_blocking_pids(pid) AS waits_for FROM pg_stat_activity WHERE \
                 cardinality(pg_blocking_pids(pid)) > 0'",
            "|{21800}",
        ),
        ("hoshino-db01", Trouble::DbConnections, "mysql -e 'SELECT 1'", "ERROR 1040 (HY000): Too many connections"),
        (
            "kitakaze-db-replica1",
            Trouble::ReplicationLag { seconds: 700 },
            "mysql -e 'SHOW REPLICA STATUS\\G'",
            "Seconds_Behind_Source: 700",
        ),
        ("hoshino-cache01", Trouble::QueueFull, "redis-cli llen orders", "18422"),
        ("kitakaze-wms-sendai", Trouble::ContainerRestarting, "sudo docker ps", "Restarting (137)"),
        ("minato-pay-api-1", Trouble::HeapFull, "sudo jstat -gcutil $(pgrep -x java)", "99.61"),
    ];
    for (host, trouble, script, expected) in table {
        let own = with(host, std::slice::from_ref(&trouble), script);
        assert!(own.contains(expected), "{host} {trouble:?}: {script} says {own}");
        assert!(!with(host, &[], script).contains(expected), "{host} is healthy: {script}");
    }
}

#[test]
fn load_shows_in_uptime_top_and_vmstat() {
    let own = |script: &str| with("hoshino-web01", &[Trouble::HighLoad], script);
    let load: f64 = own("cut -d' ' -f1 /proc/loadavg").trim().parse().expect("a load");
    assert!(load > 13.0, "{load}");
    assert!(own("uptime").contains(&format!("load average: {load:.2}")));
    assert!(own("top -b -n 1 | head -8").contains("reindex"));
    assert!(own("ps aux --sort=-%cpu | sed -n 2p").contains("reindex"));
}

#[test]
fn each_distribution_has_its_own_tools() {
    let table = [
        ("kitakaze-wms-sendai", "command -v systemctl ss journalctl vmstat; echo none", "none\n"),
        ("kitakaze-wms-sendai", "df --version", "df: unrecognized option: version\n"),
        ("kitakaze-wms-sendai", "command -v rc-status apk netstat | wc -l", "3\n"),
        ("hoshino-db-primary", "command -v dpkg apt apk; echo none", "none\n"),
        ("hoshino-db-primary", "command -v rpm dnf ss systemctl | wc -l", "4\n"),
        ("minato-pay-api-1", "curl -fsS -m 2 -X PUT http://169.254.169.254/latest/api/token | wc -c", "56\n"),
        (
            "hoshino-web01",
            "curl -sS -m 2 http://169.254.169.254/latest/meta-data/",
            "curl: (28) Operation timed out after 2000 milliseconds with 0 bytes received\n",
        ),
    ];
    for (host, script, expected) in table {
        assert_eq!(with(host, &[], script), expected, "{host}: {script}");
    }
}

#[test]
fn what_needs_rights_is_refused_without_them() {
    assert!(out("dmesg").contains("Operation not permitted"));
    assert!(out("cat /etc/shadow").contains("Permission denied"));
    assert!(out("cat /proc/1151/environ 2>&1").contains("denied") || out("ls /proc/1").contains("environ"));
    assert!(with("kitakaze-wms-sendai", &[], "docker ps").contains("permission denied"));
    assert!(out("sudo -n cat /etc/shadow").starts_with("root:"));
}

#[test]
fn secrets_lie_where_they_lie_in_life() {
    let spec = cast::all().into_iter().find(|own| own.name == "minato-pay-api-1").expect("a host");
    let machine = Machine::new(&spec, 1, now(), Vec::new());
    let shown = with("minato-pay-api-1", &[], "ps axo args; cat /etc/app.env; tail -n 3 /var/log/orders/app.log");
    let found = machine.secrets.all().into_iter().filter(|own| shown.contains(own.as_str())).count();
    assert!(found >= 5, "only {found} of the planted secrets are to be seen");
}

#[test]
fn one_seed_gives_one_world_and_it_moves() {
    let at = |seed: u64, after_s: i64| {
        let spec = cast::all().into_iter().nth(5).expect("a host");
        let machine = Machine::new(&spec, seed, plus_s(now(), after_s), Vec::new());
        (machine.load(), machine.secrets.db_password)
    };
    assert_eq!(at(1, 0), at(1, 0));
    assert_ne!(at(1, 0).0, at(1, 300).0);
    assert_eq!(at(1, 0).1, at(1, 300).1);
    assert_ne!(at(1, 0).1, at(2, 0).1);
}
