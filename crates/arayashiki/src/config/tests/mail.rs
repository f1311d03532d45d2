//! The safety net's keys: nested sections, tables of several kinds, what must hold between them, what is warned of.

use super::super::kinds::{Done, EvidencePlace, MailTls, RuleVerdict, StartTls};
use super::*;

#[test]
fn an_empty_file_opens_no_door_and_acts_on_nothing() {
    let folder = Folder::with("");
    let config = folder.load(&[]).unwrap();
    let smtp = &config.smtp;
    assert_eq!((smtp.listen.to_string().as_str(), smtp.lmtp_listen), ("127.0.0.1:2525", None));
    assert!(smtp.recipients.is_empty() && smtp.networks.is_empty() && smtp.tls_cert.is_none());
    assert_eq!((smtp.max_size, smtp.connections, smtp.per_address, smtp.rate), (40_000_000, 256, 64, 30_000));
    assert_eq!((smtp.tls, smtp.hostname.as_deref()), (StartTls::Offer, None));
    assert_eq!((config.imap.host.as_deref(), config.imap.port, config.imap.tls), (None, 993, MailTls::Implicit));
    assert_eq!((config.imap.done, config.imap.done_mailbox.as_str()), (Done::Flag, "Arayashiki"));
    assert_eq!((config.relay.port, config.relay.tls), (587, MailTls::StartTls));
    assert!(config.ses.topics.is_empty() && config.dns.servers.is_empty() && config.slack.webhook_url.is_none());
    assert_eq!(config.evidence.url, EvidencePlace::Folder(folder.path("data/evidence")));
    assert_eq!(config.evidence.key_file, folder.path("data/evidence.key"));
    let net = &config.safety_net;
    assert_eq!((net.mode, net.untrusted, net.silence), (Mode::Observe, Mode::Post, Mode::Observe));
    assert_eq!((net.grace.as_secs(), net.window.as_secs(), net.storm, net.per_sender), (60, 900, 20, 600));
    assert!(net.canary.is_zero());
    let second = &config.second_path;
    assert_eq!((second.mode, second.mail, second.sms, second.levels), (Mode::Observe, false, false, 3));
    assert_eq!((second.after.as_secs(), second.unanswered.as_secs()), (45, 300));
    assert!(config.monitors.is_empty() && config.mail_rules.is_empty() && config.mail_services.is_empty());
    assert!(config.people.is_empty());
}

#[test]
fn sections_with_dots_are_written_in_any_of_tomls_ways() {
    for text in [
        "[mail.smtp]\nlisten = \"127.0.0.1:26\"\n[mail.imap]\nport = 143",
        "[mail]\nsmtp.listen = \"127.0.0.1:26\"\nimap = { port = 143 }",
        "mail.smtp.listen = \"127.0.0.1:26\"\nmail.imap.port = \"143\"",
        "mail = { smtp = { listen = \"127.0.0.1:26\" }, imap = { port = 143 } }",
        "[mail.imap]\nport = 143\n[[mail.monitor]]\nname = \"a\"\n[mail.smtp]\nlisten = \"127.0.0.1:26\"",
    ] {
        let config = loaded(text, &[]);
        assert_eq!((config.smtp.listen.port(), config.imap.port), (26, 143), "{text}");
    }
}

#[test]
fn a_variable_writes_two_lines_for_a_dot() {
    let text = "[mail.smtp]\nlisten = \"nonsense\"\nrecipients = [\"a@example.jp\"]";
    let env = [
        ("ARAYASHIKI__MAIL__SMTP__LISTEN", "127.0.0.1:25"),
        ("arayashiki__mail__smtp__recipients", "b@example.jp, @example.com"),
        ("ARAYASHIKI__SECOND_PATH__MAIL", "true"),
        ("ARAYASHIKI__MAIL__RELAY__HOST", "mail.example.jp"),
        ("ARAYASHIKI__MAIL__RELAY__FROM", "ops@example.jp"),
    ];
    let config = loaded(text, &env);
    assert_eq!(config.smtp.listen.port(), 25);
    assert_eq!(config.smtp.recipients, ["b@example.jp", "@example.com"]);
    assert!(config.second_path.mail);
}

#[test]
fn every_table_is_read_in_the_files_order() {
    let config = loaded(
        r#"
        [[customer]]
        id = "aoba"
        name = "Aoba"
        services = ["PAAA111"]
        [[mail.monitor]]
        name = "zabbix"
        reader = "zabbix"
        recipients = ["Zabbix-7F@Alerts.example.jp"]
        secret_recipient = true
        senders = ["@example.jp", "<>"]
        sources = ["192.0.2.77/24", "2001:db8::1"]
        spf = ["Example.JP"]
        dkim = ["example.jp"]
        customer = "aoba"
        service = "PAAA111"
        grace = "2m"
        zone = "UTC"
        routing_key = "r1"
        integration_email = "z@example.pagerduty.com"
        [[mail.monitor]]
        name = "jobs"
        subject = '^(?P<state>\w+) (?P<check>\S+)'
        problem = '障害|異常'
        [[mail.rule]]
        name = "weekly"
        is = "not_an_alert"
        subject = 'Weekly'
        [[mail.rule]]
        name = "jobs"
        is = "suppressed"
        monitor = "jobs"
        [[mail.service]]
        service = "PAAA111"
        [[mail.service]]
        service = "Aoba web"
        host = "web*"
        monitor = "zabbix"
        customer = "aoba"
        [[person]]
        id = "sato"
        name = "Sato Hanako"
        pagerduty = "PUSER01"
        phone = "+819012345678"
        mail = "sato@example.jp"
        webhook_url = "https://pager.example.jp/sato?key=k"
        "#,
        &[],
    );
    let [zabbix, jobs] = config.monitors.as_slice() else { panic!("{:?}", config.monitors) };
    assert_eq!(zabbix.recipients, ["zabbix-7f@alerts.example.jp"]);
    assert_eq!(
        (zabbix.senders.as_slice(), zabbix.secret_recipient),
        (["@example.jp", ""].map(str::to_owned).as_slice(), true)
    );
    assert_eq!(zabbix.sources.iter().map(ToString::to_string).collect::<Vec<_>>(), ["192.0.2.0/24", "2001:db8::1/128"]);
    assert_eq!((zabbix.spf[0].as_str(), zabbix.grace), ("example.jp", Some(Duration::from_secs(120))));
    assert_eq!(zabbix.zone, Some(jiff::tz::TimeZone::UTC));
    assert_eq!(zabbix.routing_key.as_ref().map(Secret::expose), Some("r1"));
    assert_eq!((jobs.name.as_str(), jobs.problem.as_deref(), jobs.grace), ("jobs", Some("障害|異常"), None));
    assert_eq!(config.mail_rules[0].is, RuleVerdict::NotAnAlert);
    assert_eq!(
        (config.mail_rules[1].is, config.mail_rules[1].monitor.as_deref()),
        (RuleVerdict::Suppressed, Some("jobs"))
    );
    assert_eq!(
        (config.mail_services[0].host.as_deref(), config.mail_services[1].host.as_deref()),
        (None, Some("web*"))
    );
    assert_eq!(config.people[0].webhook_url.as_ref().map(Secret::expose), Some("https://pager.example.jp/sato?key=k"));
    assert_eq!(config.people[0].phone.as_deref(), Some("+819012345678"));
}

#[test]
fn what_follows_from_other_keys_is_filled_in() {
    let folder = Folder::with(
        "[server]\npublic_url = \"https://ops.example.jp\"\n[mail.smtp]\ntls_cert = \"tls/cert.pem\"\n\
         tls_key = \"/etc/key.pem\"\n[mail.dns]\nservers = [\"192.0.2.53\", \"[2001:db8::53]:5353\"]\n\
         [evidence]\nurl = \"s3://example-evidence/a/b/\"\n",
    );
    let config = folder.load(&[]).unwrap();
    assert_eq!(config.smtp.hostname.as_deref(), Some("ops.example.jp"));
    assert_eq!(config.smtp.tls_cert, Some(folder.path("tls/cert.pem")));
    assert_eq!(config.smtp.tls_key, Some(PathBuf::from("/etc/key.pem")));
    assert_eq!(config.secret_files, [PathBuf::from("/etc/key.pem"), folder.path("data/evidence.key")]);
    assert_eq!(
        config.dns.servers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["192.0.2.53:53", "[2001:db8::53]:5353"]
    );
    let s3 = EvidencePlace::S3 { bucket: "example-evidence".to_owned(), prefix: "a/b".to_owned() };
    assert_eq!(config.evidence.url, s3);
}

#[test]
fn an_address_without_a_name_is_no_name_to_greet_with() {
    for url in ["http://127.0.0.1:8080", "https://[2001:db8::1]"] {
        assert_eq!(loaded(&format!("[server]\npublic_url = \"{url}\""), &[]).smtp.hostname, None, "{url}");
    }
    let text = "[server]\npublic_url = \"https://ops.example.jp\"\n[mail.smtp]\nhostname = \"MX.example.jp\"";
    assert_eq!(loaded(text, &[]).smtp.hostname.as_deref(), Some("mx.example.jp"));
}

#[test]
fn sizes_take_decimal_and_binary_units() {
    for (text, bytes) in
        [("40MB", 40_000_000), ("1 MiB", 1 << 20), ("512kb", 512_000), ("200000B", 200_000), ("1GB", 1_000_000_000)]
    {
        assert_eq!(loaded(&format!("[mail.smtp]\nmax_size = \"{text}\""), &[]).smtp.max_size, bytes, "{text}");
    }
}

/// The lines that this text is refused with, each without its place.
fn refusals(text: &str) -> Vec<String> {
    let error = Folder::with(text).error(&[]);
    error.lines().map(|line| line.split_once(": ").unwrap().1.to_owned()).collect()
}

fn refused(text: &str, told: &[&str]) {
    let lines = refusals(text);
    assert_eq!(lines.len(), told.len(), "{text}: {lines:#?}");
    for (line, told) in lines.iter().zip(told) {
        assert!(line.contains(told), "{text}: {line}");
    }
}

#[test]
fn every_kind_of_the_net_refuses_what_it_can_not_use() {
    for (text, told) in [
        ("[mail.smtp]\nmax_size = \"40\"", "[mail.smtp] max_size: \"40\" is no size; write a whole number with kB, MB"),
        ("[mail.smtp]\nmax_size = \"4 megs\"", "is no size"),
        ("[mail.smtp]\nmax_size = \"99999999999999999999GB\"", "is no size"),
        ("[mail.smtp]\nmax_size = \"1kB\"", "\"1kB\" does not fit; write a size from \"100kB\" to \"1GB\""),
        (
            "[mail.smtp]\nrecipients = [\"alerts\"]",
            "[mail.smtp] recipients: is no mail address; write \"alerts@example.jp\"",
        ),
        ("[mail.smtp]\nrecipients = [\"@\"]", "is no mail address"),
        ("[mail.smtp]\nrecipients = \"a@example.jp\"", "is a text, but a list is wanted"),
        (
            "[mail.smtp]\nnetworks = [\"192.0.2.0/33\"]",
            "\"192.0.2.0/33\" is no network; write it such as \"192.0.2.0/24\"",
        ),
        ("[mail.smtp]\nnetworks = [\"mail.example.jp\"]", "is no network"),
        ("[mail.smtp]\nhostname = \"https://a.example.jp\"", "is no host; write its name alone"),
        ("[mail.smtp]\ntls = \"yes\"", "write \"offer\" or \"require\""),
        ("[mail.smtp]\nrate = \"many\"", "write a whole number from 0 to 100000000"),
        ("[mail.imap]\nport = 0", "\"0\" does not fit; write a port from 1 to 65535"),
        ("[mail.imap]\nport = 65536", "write a port"),
        ("[mail.imap]\nrecipient_header = \"to\"", "write \"none\" or \"delivered-to\" or \"x-original-to\""),
        ("[mail.imap]\ndone = \"delete\"", "write \"nothing\" or \"flag\" or \"move\""),
        ("[mail.imap]\npoll = \"1s\"", "is under 5s"),
        ("[mail.imap]\nca = \"certs/\"", "\"certs/\" is no file; write a path"),
        ("[mail.ses]\ntopics = [\"arn:aws:s3:::bucket\"]", "is no topic's ARN; write it such as \"arn:aws:sns:"),
        ("[mail.ses]\nregion = \"Tokyo\"", "\"Tokyo\" is no region"),
        ("[mail.dns]\nservers = [\"dns.example.jp\"]", "\"dns.example.jp\" is no name server; write its IP address"),
        ("[slack]\nwebhook_url = \"hooks.example.jp/T0\"", "[slack] webhook_url: is no web address"),
        ("[evidence]\nurl = \"data/evidence\"", "is neither a folder nor a bucket; write \"file:data/evidence\""),
        ("[evidence]\nurl = \"file:\"", "names no folder"),
        ("[evidence]\nurl = \"s3:///x\"", "names no bucket"),
        ("[evidence]\nkey_file = \"\"", "\"\" is no file"),
        ("[safety_net]\nmode = \"on\"", "write \"observe\" or \"post\" or \"page\""),
        ("[safety_net]\nuntrusted = \"observe\"", "write \"post\" or \"page\""),
        ("[safety_net]\ncanary = \"5s\"", "write a duration from \"1m\" to \"7d\", or \"0s\" for never"),
        ("[second_path]\nmail = \"yes\"", "[second_path] mail: \"yes\" is not known here; write \"true\" or \"false\""),
        ("[second_path]\nmail = 1", "is a whole number, but true or false is wanted"),
        ("[[person]]\nid = \"a\"\nname = \"A\"\nphone = \"090-1234-5678\"", "[[person]] phone: is no phone number"),
        ("[[mail.monitor]]\nname = \"a\"\nsenders = [\"a b\"]", "or \"<>\" for the null sender"),
        ("[[mail.monitor]]\nname = \"a\"\nreader = \"zabix\"", "\"zabix\" is no reader; did you mean \"zabbix\"?"),
        ("[[mail.monitor]]\nname = \"a\"\nreader = \"x\"", "\"x\" is no reader; there are "),
        ("[[mail.monitor]]\nname = \"a\"\nspf = [\"@example.jp\"]", "\"@example.jp\" is no domain"),
        ("[[mail.monitor]]\nname = \"a\"\nproblem = 'x'\ntime_format = \"%!\"", "\"%!\" is no form of time; write it"),
        ("[[mail.monitor]]\nname = \"a\"\nproblem = 'x'\ntime_format = \"iso\"", "is no form of time"),
        ("[[mail.monitor]]\nname = \"a\"\nzone = \"Tokio\"", "is no time zone known here"),
        ("[[mail.rule]]\nname = \"a\"\nis = \"ignored\"\nhost = 'x'", "write \"not_an_alert\" or \"suppressed\""),
    ] {
        refused(text, &[told]);
    }
}

#[test]
fn a_pattern_that_does_not_compile_is_told_with_its_place_in_it() {
    let rule = |pattern: &str| format!("[[mail.rule]]\nname = \"a\"\nis = \"suppressed\"\nsubject = '{pattern}'");
    for (pattern, told) in [
        ("a(b", "[[mail.rule]] subject: \"a(b\" is no pattern: unclosed group, at character 2 (\"(b\"); mend it"),
        ("障害[", "\"障害[\" is no pattern: unclosed character class, at character 3 (\"[\")"),
        ("(?P<a", "is no pattern: unclosed capture group name, at character"),
        ("\\p{Nope}", "is no pattern: Unicode property not found, at character 1"),
        ("((a{1000}){1000}){1000}", "write it simpler"),
    ] {
        refused(&rule(pattern), &[told]);
    }
    let unknown = "[[mail.monitor]]\nname = \"a\"\nsubject = '(?P<machine>\\w+)'";
    refused(
        unknown,
        &[
            "[[mail.monitor]] subject: \"(?P<machine>\\\\w+)\" can't be used: the group machine is unknown; there are host",
        ],
    );
    // What came from elsewhere is not repeated.
    let hidden = "[[mail.rule]]\nname = \"a\"\nis = \"suppressed\"\nsubject = { env = \"HIDDEN\" }";
    let error = Folder::with(hidden).error(&[("HIDDEN", "s3cret(")]);
    assert!(
        error.contains("the value is no pattern: unclosed group, at character 7;") && !error.contains("s3cret"),
        "{error}"
    );
}

#[test]
fn what_is_lacking_between_keys_is_told_with_all_else() {
    let monitor = "[[mail.monitor]]\nname = \"zabbix\"\nrecipients = [\"z@example.jp\"]\n";
    for (text, told) in [
        (
            "[mail.smtp]\ntls_cert = \"a\"",
            vec!["[mail.smtp] tls_cert: needs [mail.smtp] tls_key as well, which is not set"],
        ),
        ("[mail.smtp]\ntls_key = \"a\"", vec!["[mail.smtp] tls_key: needs [mail.smtp] tls_cert as well"]),
        ("[mail.smtp]\ntls = \"require\"", vec!["tls: needs [mail.smtp] tls_cert", "tls: needs [mail.smtp] tls_key"]),
        ("[mail.imap]\nhost = \"a\"", vec!["host: needs [mail.imap] password", "host: needs [mail.imap] user"]),
        ("[mail.imap]\nhost = \"a\"\nuser = \"u\"\npassword = 1", vec!["password: is a whole number, but a text"]),
        ("[mail.ses]\naccess_key_id = \"a\"", vec!["needs [mail.ses] secret_access_key"]),
        ("[mail.relay]\nhost = \"a\"", vec!["needs [mail.relay] from"]),
        ("[mail.relay]\nuser = \"a\"", vec!["needs [mail.relay] password"]),
        ("[second_path]\nmail = true", vec!["[second_path] mail: needs [mail.relay] host as well"]),
        (
            "[second_path]\nsms = true\nsns_region = \"ap-northeast-1\"",
            vec!["sns_access_key_id", "sns_secret_access_key"],
        ),
        ("[[mail.monitor]]\nname = \"a\"\nsecret_recipient = true", vec!["needs [[mail.monitor]] recipients as well"]),
        (
            "[[mail.monitor]]\nname = \"a\"\nhost = 'x'",
            vec!["[[mail.monitor]]: has none of subject, body, problem, recovery"],
        ),
        (
            "[[mail.monitor]]\nname = \"a\"\ncustomer = \"b\"",
            vec!["customer: \"b\" is the id of no [[customer]]; write a [[customer]]"],
        ),
        ("[[mail.rule]]\nname = \"a\"\nis = \"suppressed\"", vec!["[[mail.rule]]: has none of monitor, subject"]),
        ("[[mail.rule]]\nname = \"a\"", vec!["has none of", "is: is missing; write is = "]),
        ("[[mail.service]]\nmonitor = \"\"", vec!["[[mail.service]] service: is missing"]),
        (
            "[[person]]\nid = \"a\"\nname = \"A\"\n[[person]]\nid = \"a\"\nname = \"B\"",
            vec!["[[person]] id: \"a\" is taken by"],
        ),
        (
            "[[mail.monitor]]\nname = \"a\"\n[[mail.monitor]]\nname = \"a\"",
            vec!["is taken by the [[mail.monitor]] at "],
        ),
    ] {
        refused(text, &told);
    }
    let twin = format!("{monitor}[[mail.monitor]]\nname = \"b\"\nrecipients = [\"b@example.jp\", \"Z@EXAMPLE.jp\"]");
    refused(
        &twin,
        &[
            "[[mail.monitor]] recipients: \"Z@EXAMPLE.jp\" is taken by the [[mail.monitor]] at arayashiki.toml:3; take it out",
        ],
    );
    let near = format!("{monitor}[[mail.service]]\nservice = \"PAAA111\"\nmonitor = \"zabix\"");
    refused(
        &near,
        &["[[mail.service]] monitor: \"zabix\" is the name of no [[mail.monitor]]; did you mean \"zabbix\"?"],
    );
}

#[test]
fn unknown_parts_of_names_with_dots_are_told_whole() {
    for (text, told) in [
        ("[maill.smtp]\nlisten = \"x\"", "[maill.smtp]: unknown section; did you mean [mail.smtp]?"),
        ("[mail.smpt]\nlisten = \"x\"", "[mail.smpt]: unknown section; did you mean [mail.smtp]?"),
        ("[[mail.monitors]]\nname = \"a\"", "mail.monitors: unknown section; did you mean [[mail.monitor]]?"),
        (
            "[mail.monitor]\nname = \"a\"",
            "[mail.monitor]: each [[mail.monitor]] is a table of its own; write [[mail.monitor]]",
        ),
        ("[[mail.smtp]]\nlisten = \"x\"", "mail.smtp: stands once only; write [mail.smtp] in single brackets"),
        ("[mail]\nsmtp = \"x\"", "mail.smtp: is a section; write [mail.smtp] and its keys below"),
        ("[mail]\nlisten = \"x\"", "listen: stands outside any section; did you mean to put it under [mail.smtp]?"),
        ("mail = \"x\"", "mail: only begins names such as [mail.smtp]."),
        ("[[mail]]\nsmtp = \"x\"", "mail: only begins names such as [mail.smtp]."),
        ("[\"mail.smtp\"]\nlisten = \"x\"", "[\"mail.smtp\"]: unknown section; did you mean [mail.smtp]?"),
        ("[mail.smtp.tls]\ncert = \"x\"", "[mail.smtp] tls: is a table, but a value is wanted"),
        ("[mail.smtp]\nlissten = \"x\"", "[mail.smtp] lissten: unknown key; did you mean \"listen\"?"),
        (
            "[[mail.monitor]]\nname = \"a\"\nfolder = 1",
            "[[mail.monitor]] folder: unknown key; [[mail.monitor]] has name, ",
        ),
        (
            "[[person]]\nid = \"a\"\nname = \"A\"\ntopics = 1",
            "[[person]] topics: unknown here; did you mean to put it under [mail.ses]?",
        ),
    ] {
        refused(text, &[told]);
    }
    let told = |name: &str| Folder::with("").error(&[(name, "x")]);
    assert!(told("ARAYASHIKI__MAIL__SMPT__LISTEN").contains("did you mean ARAYASHIKI__MAIL__SMTP__LISTEN?"));
    assert!(told("ARAYASHIKI__MAIL__MONITOR__NAME").contains("[[mail.monitor]] can't be set by a variable; write"));
    assert!(told("ARAYASHIKI__MAIL_SMTP__LISTEN").contains("did you mean ARAYASHIKI__MAIL__SMTP__LISTEN?"));
}

#[test]
fn a_net_that_can_not_do_what_it_says_is_warned_of() {
    let all = "[pagerduty]\nwebhook_secrets = [\"s\"]\ntoken = \"t\"\nunconfigured_routing_key = \"r\"\n\
               [slack]\nwebhook_url = \"https://hooks.example.jp/T0\"\n";
    let quiet = "[pagerduty]\nwebhook_secrets = [\"s\"]\n";
    let monitor = "[[mail.monitor]]\nname = \"a\"\nreader = \"zabbix\"\nspf = [\"example.jp\"]\n";
    let smtp = "[mail.smtp]\nrecipients = [\"@alerts.example.jp\"]\n";
    let mailbox = "[mail.imap]\nhost = \"127.0.0.1\"\nuser = \"u\"\npassword = \"p\"\n";
    let secret = "[[mail.monitor]]\nname = \"a\"\nrecipients = [\"a-7f@example.jp\"]\nsecret_recipient = true\n";
    let second = "[second_path]\nmode = \"page\"\n";
    let (sato, mori) = (
        "[[person]]\nid = \"sato\"\nname = \"Sato\"\n",
        "[[person]]\nid = \"mori\"\nname = \"Mori\"\nphone = \"+819012345678\"\n",
    );
    let relay = "[mail.relay]\nhost = \"mail.example.jp\"\nfrom = \"ops@example.jp\"\n";
    let cases = [
        (quiet, "[safety_net]\nmode = \"page\"".to_owned(), vec!["[safety_net] mode is \"page\" but", "[safety_net] mode tells"]),
        (quiet, "[safety_net]\nmode = \"post\"".to_owned(), vec!["[safety_net] mode tells Slack but"]),
        (quiet, "[safety_net]\nsilence = \"post\"".to_owned(), vec!["[safety_net] silence tells Slack but"]),
        (all, "[safety_net]\nmode = \"page\"\nsilence = \"post\"".to_owned(), vec![]),
        (all, "[safety_net]\ncanary = \"1h\"".to_owned(), vec!["[safety_net] canary is set but no", "[safety_net] canary is set but [mail.relay] has no host"]),
        (all, format!("[safety_net]\ncanary = \"1h\"\n{relay}{smtp}{monitor}routing_key = \"k\""), vec![]),
        (all, "[evidence]\nurl = \"s3://bucket\"".to_owned(), vec!["[evidence] url is a bucket, which"]),
        (all, second.to_owned(), vec!["[second_path] mode is \"page\" but there is no way"]),
        (quiet, format!("{second}webhook_url = \"https://p.example.jp\""), vec!["[second_path] webhook_url is set but there is no [[person]]", "[second_path] mode is \"page\" but [pagerduty] token"]),
        (all, format!("{relay}{second}mail = true\n{sato}mail = \"s@example.jp\"\n{mori}"), vec!["[second_path] mode is \"page\" but [[person]] mori can be reached by no way"]),
        (all, format!("{relay}{second}mail = true\n{sato}mail = \"s@example.jp\"\n{mori}webhook_url = \"https://p.example.jp\""), vec![]),
        (all, format!("{relay}{second}mail = true"), vec!["[second_path] mail is true but no [[person]]"]),
        (all, format!("{second}sms = true\nsns_region = \"a-1\"\nsns_access_key_id = \"a\"\nsns_secret_access_key = \"b\""), vec!["[second_path] sms is true but"]),
        (all, format!("{second}webhook_url = \"http://p.example.jp\"\n{sato}"), vec!["[second_path] webhook_url is http://"]),
        (all, format!("{relay}user = \"u\"\npassword = \"p\"\ntls = \"none\""), vec!["[mail.relay] tls is \"none\""]),
        (all, "[mail.imap]\nhost = \"127.0.0.1\"\nuser = \"u\"\npassword = \"p\"\ntls = \"none\"".to_owned(), vec![]),
        (all, "[mail.imap]\nhost = \"m.example.jp\"\nuser = \"u\"\npassword = \"p\"\ndone = \"move\"\ndone_mailbox = \"INBOX\"".to_owned(), vec!["[mail.imap] done_mailbox is"]),
        (all, monitor.to_owned(), vec!["[[mail.monitor]] is written but no mail can come"]),
        (all, format!("{mailbox}{secret}"), vec!["[[mail.monitor]] a: secret_recipient proves nothing of mails in a mailbox"]),
        (all, format!("{mailbox}recipient_header = \"delivered-to\"\n{secret}"), vec![]),
        (all, format!("{mailbox}{secret}dkim = [\"example.jp\"]"), vec![]),
        (all, format!("{smtp}{monitor}"), vec![]),
        (all, format!("{smtp}{monitor}recipients = [\"a@alerts.example.jp\"]"), vec![]),
        (all, format!("{smtp}{monitor}recipients = [\"a@example.jp\"]"), vec!["[[mail.monitor]] a: [mail.smtp] recipients lacks"]),
        (all, format!("{smtp}[[mail.monitor]]\nname = \"a\""), vec!["[[mail.monitor]] a: nothing tells its mails"]),
        (all, format!("{smtp}[[mail.monitor]]\nname = \"a\"\nreader = \"cron\""), vec!["[[mail.monitor]] a: nothing proves its sender"]),
        (all, format!("{smtp}lmtp_listen = \"127.0.0.1:2525\""), vec!["[mail.smtp] lmtp_listen is taken"]),
        (all, format!("{smtp}listen = \"127.0.0.1:8080\""), vec!["[mail.smtp] listen is taken"]),
    ];
    for (head, text, told) in cases {
        let warnings = loaded(&format!("{head}{text}"), &[]).warnings();
        assert_eq!(warnings.len(), told.len(), "{text}: {warnings:#?}");
        assert!(warnings.iter().zip(&told).all(|(warning, told)| warning.starts_with(told)), "{text}: {warnings:#?}");
    }
}
