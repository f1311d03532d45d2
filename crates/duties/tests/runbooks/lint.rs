//! Every mistake is named where it stands, with what to do about it.

use duties::runbooks::{Linted, Severity, lint};

/// A good runbook; `@` marks where a test puts its own.
const HEAD: &str = "version: 1\nname: web\ntitle: {en: Web, ja: ウェブ}\nwhen: [button]\n";
const STEP: &str = "steps:\n  - name: one\n    title: {en: One, ja: 一}\n";

fn of(text: &str) -> Linted {
    lint("web.yaml", text)
}

fn told(text: &str) -> Vec<String> {
    of(text).problems.iter().map(ToString::to_string).collect()
}

/// Exactly this problem, and whether the runbook can be used all the same.
fn one(text: &str, expected: &str) {
    let told = told(text);
    assert_eq!(told.len(), 1, "{expected}\n{told:#?}\n{text}");
    assert!(told[0].starts_with("web.yaml:"), "{}", told[0]);
    assert!(told[0]["web.yaml:".len()..].starts_with(expected), "wanted {expected}\n   got {}\n{text}", told[0]);
    assert_eq!(of(text).runbook.is_some(), of(text).problems[0].severity == Severity::Warning);
}

fn with_run(run: &str) -> String {
    let indented = run.replace('\n', "\n      ");
    format!(
        "{HEAD}parameters: {{p: {{type: text, default: x}}}}\n{STEP}    run: |\n      {indented}\n      : {{{{ p }}}}\n"
    )
}

/// The script begins in line 10, column 7.
fn script(run: &str, expected: &str) {
    one(&with_run(run).replace(": {{ p }}\n", "echo -- {{ p }}\n"), expected);
}

#[test]
fn a_good_one_has_none() {
    assert_eq!(told(&format!("{HEAD}{STEP}    run: uptime\n")), Vec::<String>::new());
    assert_eq!(told(&with_run("uptime").replace(": {{", "echo -- {{")), Vec::<String>::new());
}

#[test]
fn keys_and_values_are_known_or_the_nearest_is_named() {
    let step = format!("{STEP}    run: uptime\n");
    for (text, expected) in [
        (format!("{HEAD}stepps: []\n{step}"), "5:1: error: a runbook has no key \"stepps\": did you mean steps?"),
        (format!("{HEAD}zzz: 1\n{step}"), "5:1: error: a runbook has no key \"zzz\": known are version"),
        (format!("{HEAD}{step}    timeout: 5s\n"), "9:5: error: a step has no key \"timeout\": known are"),
        (format!("{HEAD}{step}    tiem: 5s\n"), "9:5: error: a step has no key \"tiem\": did you mean time?"),
        (format!("{HEAD}{step}    time: 5\n"), "9:11: error: time is no span from 1s to 1h: write it as 30s"),
        (format!("{HEAD}{step}    time: [5s]\n"), "9:11: error: time is a list, not a single value"),
        (format!("{HEAD}{step}    output: 5GB\n"), "9:13: error: output is no size up to 100MB"),
        (format!("{HEAD}{step}    shows: tabel\n"), "9:12: error: shows can't be \"tabel\": did you mean table?"),
        (format!("{HEAD}{step}    needs: ['ss netstat']\n"), "9:13: error: \"ss netstat\" names no tool"),
        (format!("{HEAD}{step}    time: 9m\n"), "9:5: warning: time is more than all steps together may take"),
        (format!("{HEAD}{HEAD}{step}"), "5:1: error: version stands here a second time"),
        (step.clone(), "1:1: error: version is missing: write version: 1"),
        (format!("{}{step}", HEAD.replace("version: 1", "version: 2")), "1:10: error: this version is not known"),
        (format!("{}{step}", HEAD.replace("name: web", "name: Web 1")), "2:7: error: \"Web 1\" can't be a name"),
        (
            format!("{}{step}", HEAD.replace(", ja: ウェブ", "")),
            "3:8: error: ja is missing: title is read by people of both",
        ),
        (
            format!("{}{step}", HEAD.replace("when: [button]", "class: red\nwhen: [button]")),
            "4:8: error: class can't be \"red\": did you mean read?",
        ),
        (format!("{HEAD}steps: {{}}\n"), "5:8: error: steps is a mapping, not a list"),
        (format!("{HEAD}steps: []\n"), "5:8: error: there are 0 steps"),
        (HEAD.to_owned(), "1:1: error: steps is missing"),
        (
            format!("{HEAD}{step}  - name: one\n    title: {{en: A, ja: A}}\n    run: w\n"),
            "9:5: error: a step is called one already, in line 6",
        ),
        (format!("{HEAD}{step}    class: change\n"), "9:12: error: a step that changes stands in a runbook that reads"),
    ] {
        if text == step {
            assert!(told(&text)[0].contains(expected), "{:?}", told(&text));
        } else if text.starts_with(&format!("{HEAD}{HEAD}")) {
            assert_eq!(told(&text).len(), 4);
            assert!(told(&text)[0].contains(expected));
        } else {
            one(&text, expected);
        }
    }
}

#[test]
fn every_mistake_is_named_at_once_and_in_order() {
    let text = format!("{HEAD}wehn: x\n{STEP}    run: |\n      rm -rf /x\n    expct: []\n  - name: two\n    run: w\n");
    let told = told(&text);
    let lines: Vec<&str> = told.iter().map(|line| line.split(':').nth(1).unwrap()).collect();
    assert_eq!(lines, ["5", "10", "11", "12"], "{told:#?}");
}

#[test]
fn when_is_understood_or_refused() {
    let of = |when: &str| format!("{}{STEP}    run: uptime\n", HEAD.replace("when: [button]", when));
    for (when, expected) in [
        ("when: [buton]", "4:8: error: when can't be \"buton\": did you mean button?"),
        ("when:", "4:1: warning: nothing ever runs this runbook"),
        ("when: [{incident: {titel: x}}]", "4:20: error: incident has no key \"titel\": did you mean title?"),
        ("when: [{incident: {title: ''}}]", "4:27: error: title can't be \"\": it is empty"),
        ("when: [{incident: {title: '/(/'}}]", "4:27: error: title can't be \"/(/\": unclosed group"),
        ("when: [{schedule: {every: 1m}}]", "4:27: error: every is no span from 5m to 366d"),
        ("when: [{schedule: {every: 1d, at: '25:00'}}]", "4:31: error: \"25:00\" is no time of day"),
        ("when: [{schedule: {every: 1h, at: '05:00'}}]", "4:31: error: at is for whole days"),
        ("when: [{}]", "4:8: error: this is neither an incident nor a schedule"),
    ] {
        let told = told(&of(when));
        assert!(told.iter().any(|line| line.contains(expected)), "{when}: {told:#?}");
    }
    for good in
        ["when: button", "when: [incident]", "when: [{schedule: {every: 1d, at: '03:30'}}, {incident: {kind: [db]}}]"]
    {
        assert_eq!(told(&of(good)), Vec::<String>::new());
    }
}

#[test]
fn a_value_stands_only_where_it_is_safe() {
    for (run, expected) in [
        ("echo '{{ p }}'", "10:13: error: {{ p }} stands inside quotes"),
        ("echo \"a {{ p }}\"", "10:15: error: {{ p }} stands inside quotes"),
        ("ウ=1; echo \"日本{{ p }}\"", "10:20: error: {{ p }} stands inside quotes"),
        ("cat <<END\na {{ p }}\nEND", "11:9: error: {{ p }} stands inside a here-document"),
        ("cat <<-'END'\n\ta {{ p }}\n\tEND", "11:10: error: {{ p }} stands inside a here-document"),
        ("echo $(( {{ p }} + 1 ))", "10:16: error: {{ p }} stands inside arithmetic"),
        ("echo ${x:-{{ p }}}", "10:17: error: {{ p }} stands inside ${ }"),
        ("# {{ p }}", "10:9: error: {{ p }} stands inside a comment"),
        ("uptime # {{ p }}", "10:16: error: {{ p }} stands inside a comment"),
        ("echo {{ q }}", "10:12: error: there is no parameter \"q\": did you mean p?"),
        ("{{ p }}", "10:7: error: a value may not be a command"),
        ("uptime | {{ p }} -x", "10:16: error: a value may not be a command"),
        ("if {{ p }}; then w; fi", "10:10: error: a value may not be a command"),
        ("X=1 nice -n 5 {{ p }}", "10:21: error: a value may not be a command"),
        ("echo $({{ p }})", "10:14: error: a value may not be a command"),
        ("find / -exec {{ p }} ';'", "10:20: error: a value may not be a command"),
        ("PATH={{ p }}", "10:7: error: a value may not be PATH"),
        ("python3 -c {{ p }}", "10:18: error: python3 would take the value as a program"),
        ("awk {{ p }} /etc/passwd", "10:11: error: awk would take the value as a program"),
        ("sed -n -e {{ p }} /etc/passwd", "10:17: error: sed would take the value as a program"),
        ("echo {{ p }}", "10:12: warning: values of p that begin with a dash will be refused here"),
    ] {
        script(run, expected);
    }
    for good in [
        "sed -n 5p -- {{ p }}",
        "x={{ p }} && echo \"$x\"",
        "echo \"$(printf -- '%s' {{ p }})\"",
        "docker ps --format '{{.Names}} {{end}}'",
    ] {
        assert_eq!(told(&with_run(good).replace(": {{ p }}\n", "echo -- {{ p }}\n")), Vec::<String>::new(), "{good}");
    }
}

#[test]
fn a_script_that_can_not_be_followed_is_refused() {
    for (run, expected) in [
        ("echo `id`", "10:12: error: commands between backticks are not followed here: write $( ) instead"),
        ("echo 'a", "10:12: error: ' is not closed"),
        ("echo \"a", "10:12: error: \" is not closed"),
        ("echo $(id", "10:14: error: $( is not closed"),
        ("cat <<END\nx", "11:7: error: the here-document is not ended by END"),
        ("cat <<< x", "10:11: error: this redirection is of bash alone"),
        ("diff <(a) <(b)", "10:12: error: this redirection is of bash alone"),
        ("echo $'a'", "10:12: error: $' and $\" are of bash alone"),
        ("x=$(case a in a) echo;; esac)", "10:11: error: case inside $( ) is not followed here"),
        ("echo '# end of step'", "10:13: error: \"# end of step\" is the mark at a script's end"),
        ("$SUDO dmesg", "10:7: error: run says $SUDO, and the step has no sudo"),
    ] {
        let told = told(&with_run(run).replace(": {{ p }}\n", "echo -- {{ p }}\n"));
        assert!(told.iter().any(|line| line.starts_with(&format!("web.yaml:{expected}"))), "{run}: {told:#?}");
    }
}

#[test]
fn a_step_that_reads_does_not_write() {
    let writing = [
        "rm -rf /var/log/x",
        "sudo rm x",
        "/bin/rm x",
        "systemctl restart nginx",
        "service nginx reload",
        "kill -9 1",
        "pkill -f x",
        "echo x > /etc/x",
        "echo x >>/var/log/x",
        ": >|/x",
        "cat x 1>/y",
        "dd if=/dev/zero of=/x",
        "apt-get install -y x",
        "yum update",
        "rpm -Uvh x",
        "dpkg -i x",
        "ls | xargs rm",
        "find / -name x -delete",
        "find / -exec rm {} +",
        "sed -i s/a/b/ x",
        "nice -n 5 timeout 3 rm x",
        "if true; then reboot; fi",
        "for x in a; do chmod 777 $x; done",
        "echo $(touch /x)",
        "x=\"$(mkdir /x)\"",
        "case a in a) kill 1;; esac",
        "curl -X POST http://x",
        "curl -d a=b http://x",
        "curl -o /x http://x",
        "wget http://x",
        "mysql -e 'DROP TABLE x'",
        "psql -c 'select 1; delete from x'",
        "redis-cli FLUSHALL",
        "redis-cli CONFIG RESETSTAT",
        "docker restart x",
        "docker exec x sh",
        "kubectl delete pod x",
        "ip link set eth0 down",
        "iptables -F",
        "sysctl -w a=1",
        "mount /dev/sda1 /mnt",
        "journalctl --vacuum-size=1M",
        "dmesg -C",
        "crontab -r",
        "date -s 12:00",
        "nginx -s reload",
        "apachectl graceful",
        "jmap -dump:live x",
        "eval \"$x\"",
        "sh -c 'rm x'",
        "command rm x",
        "mkfs.ext4 /dev/sda",
        "awk 'BEGIN {system(\"rm x\")}'",
        "logger x",
        "{ rm x; }",
        "(rm x)",
        "! rm x",
        "A=1 rm x",
        "tee /x",
        "chronyc makestep",
        "git pull",
        "tcpdump -w /x",
    ];
    for run in writing {
        script(run, "10:");
        assert!(
            told(&with_run(run))[0].contains("a step that reads may not do this"),
            "{run}: {:?}",
            told(&with_run(run))
        );
        let changing = with_run(run)
            .replace("version: 1", "version: 1\nclass: change")
            .replace(": {{ p }}\n", "echo -- {{ p }}\n");
        assert_eq!(told(&changing), Vec::<String>::new(), "{run}");
    }
}

#[test]
fn what_only_looks_is_left_alone() {
    for run in [
        "df -h >/dev/null 2>&1",
        "w 2>/dev/null",
        "echo x >&2",
        "systemctl status nginx",
        "systemctl list-units --failed",
        "service --status-all",
        "apt list --installed",
        "rpm -qa --last",
        "dpkg -l",
        "docker ps -a",
        "docker logs --tail 5 x",
        "ip addr show",
        "iptables -L -n",
        "sysctl -a",
        "mount",
        "mount -t nfs",
        "crontab -l",
        "sed -n 5p /x",
        "find / -maxdepth 1 -name rm",
        "echo rm -rf /",
        "grep kill /var/log/x",
        "man rm",
        "mysql -e 'SELECT deleted FROM x'",
        "psql -c 'select updated from x'",
        "redis-cli INFO",
        "curl -fsS -m 3 http://127.0.0.1/",
        "curl -s -o /dev/null http://x",
        "wget -qO- http://x",
        "date -u",
        "dmesg -T",
        "nginx -t",
        "journalctl -p err",
        "kubectl get pods",
        "chronyc tracking",
        "awk '{print $1}' /x",
        "last reboot | head",
        "case a in rm) echo;; kill|reboot) echo;; esac",
        "curl -X PUT http://169.254.169.254/latest/api/token",
        "git log -1",
        "read a b < /proc/loadavg",
        "ls -l /tmp/rm",
    ] {
        assert_eq!(told(&with_run(run).replace(": {{ p }}\n", "echo -- {{ p }}\n")), Vec::<String>::new(), "{run}");
    }
}

#[test]
fn an_expectation_can_be_met_and_missed() {
    let says = "says: {en: x, ja: x}";
    for (expect, expected) in [
        ("exit: 256", "9:21: error: this is no exit status"),
        ("exit: []", "9:21: error: no exit status is right"),
        ("exti: 0", "9:15: error: an expectation has no key \"exti\": did you mean exit?"),
        (
            &format!("matches: {{pattern: '(', {says}}}"),
            "9:34: error: pattern is no regular expression: unclosed group",
        ),
        (&format!("matches: {{pattern: 'a*', {says}}}"), "9:25: error: \"a*\" is found in every text"),
        (&format!("lacks: {{pattern: '', {says}}}"), "9:23: error: \"\" is found in every text"),
        (
            &format!("matches: {{patern: 'a', pattern: a, {says}}}"),
            "9:25: error: matches has no key \"patern\": did you mean pattern?",
        ),
        ("matches: {pattern: a}", "9:24: error: says is missing"),
        ("matches: {pattern: a, says: {en: x}}", "9:43: error: ja is missing"),
        (&format!("number: {{pattern: '\\d+', max: 1, {says}}}"), "9:24: error: pattern has no group"),
        (&format!("number: {{pattern: '(\\d+)', {says}}}"), "9:23: error: number has neither min nor max"),
        (
            &format!("number: {{pattern: '(\\d+)', min: 5, max: 1, {says}}}"),
            "9:42: error: no number is above min and below max",
        ),
        (&format!("number: {{pattern: '(\\d+)', max: many, {says}}}"), "9:42: error: max is no number"),
        (&format!("number: {{pattern: '(\\d+)', max: 1, per: 'x', {says}}}"), "9:50: error: per has no group"),
        (
            "number: {pattern: '(\\d+)', max: 1, says: {en: '{mount}', ja: x}}",
            "9:50: error: {mount} is nothing that the pattern finds: known here are: value",
        ),
        (
            "matches: {pattern: '(?<a>x)', says: {en: '{a}', ja: x}}",
            "9:45: error: {a} is nothing that the pattern finds: known here are: none",
        ),
        (&format!("lacks: {{pattern: a, level: bad, {says}}}"), "9:42: error: level can't be \"bad\""),
    ] {
        let text = format!("{HEAD}{STEP}    run: uptime\n    expect: [{{{expect}}}]\n");
        let told = told(&text);
        assert!(
            told.iter().any(|line| line.starts_with(&format!("web.yaml:{expected}"))),
            "{expect}\nwanted {expected}\n{told:#?}"
        );
    }
}

#[test]
fn parameters_have_types_and_defaults_that_fit() {
    let of = |parameters: &str| format!("{HEAD}parameters:\n  {parameters}\n{STEP}    run: echo -- {{{{ p }}}}\n");
    for (parameters, expected) in [
        ("p: {type: wrod}", "6:13: error: there is no type \"wrod\": did you mean word?"),
        ("p: {}", "6:6: error: type is missing"),
        ("p: {type: number, default: many}", "6:21: error: the parameter p can't be \"many\": it is a whole number"),
        ("p: {type: number, min: 5, max: 1}", "6:21: error: no number is above min and below max"),
        ("p: {type: word, max: 1}", "6:19: error: max is for the type number"),
        ("p: {type: choice}", "6:6: error: choices is missing"),
        ("p: {type: path, default: etc}", "6:19: error: the parameter p can't be \"etc\": a path begins with /"),
        ("p: {type: word, required: maybe}", "6:29: error: required can't be \"maybe\""),
        ("p: {type: word}\n  end: {type: word}", "7:3: error: \"end\" can't be a parameter"),
        ("p: {type: word}\n  unused: {type: word}", "5:1: warning: no step uses the parameter unused"),
    ] {
        let told = told(&of(parameters));
        assert!(
            told.iter().any(|line| line.starts_with(&format!("web.yaml:{expected}"))),
            "{parameters}\nwanted {expected}\n{told:#?}"
        );
    }
}
