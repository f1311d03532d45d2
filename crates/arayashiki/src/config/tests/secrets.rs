//! No secret is ever shown: not by Debug, not in an error of whatever kind, not in a warning.

use super::*;

const TOKEN: &str = "u+S3cr3tT0ken-x";

#[test]
fn debug_of_a_whole_configuration_shows_no_secret() {
    let text = format!(
        "[store]\nurl = \"postgres://ara:{TOKEN}@db/ara\"\n[pagerduty]\ntoken = \"{TOKEN}\"\n\
         webhook_secrets = [\"{TOKEN}\"]\nunconfigured_routing_key = \"{TOKEN}\"\n\
         [mail.imap]\npassword = \"{TOKEN}\"\n[slack]\nwebhook_url = \"https://hooks.example.jp/{TOKEN}\"\n\
         [[mail.monitor]]\nname = \"a\"\nrouting_key = \"{TOKEN}\"\n\
         [[person]]\nid = \"a\"\nname = \"A\"\nwebhook_url = \"http://pager.example.jp/{TOKEN}\"\n"
    );
    let config = loaded(&text, &[]);
    let shown = format!("{config:?} {:?}", config.warnings());
    assert!(!shown.contains(TOKEN), "{shown}");
    assert_eq!(shown.matches("Secret(…)").count(), 8, "{shown}");
}

/// Each is refused; `@` stands for the token.
const BROKEN: &[&str] = &[
    "token = @",
    "token = \"@",
    "token = '@",
    "token = \"\"\"@",
    "token \"@\"",
    "token = \"@\" \"@\"",
    "token = \"@\\q\"",
    "\"@\"",
    "@ = ",
    "token = [\"@\"",
    "token = { env = \"@\"",
    "webhook_secrets = [\"@\" \"@\"]",
    "webhook_secrets =\n\"@\",\n]",
    "webhook_subscriptions = [\n\"a\"\ntoken = \"@\"",
    "from = \"\"\"\ntoken = \"@\"",
    "token = \"@\"\ntoken = \"@\"",
    // TOML, but not what is wanted
    "token = \"@ \"",
    "token = \"@\\n\"",
    "token = [\"@\"]",
    "token = { env = \"@\" }",
    "token = { file = \"@\" }",
    "token = { value = \"@\" }",
    "webhook_secrets = \"@\"",
    "webhook_secrets = [\"@\", \"@ \", \"\"]",
    "webhook_secrets = [[\"@\"]]",
    "from = \"@\"",
    "api_url = \"https://user:@@host\"",
    "events_url = \"@\"",
    "[store]\nurl = \"postgres://ara:@@\"",
    "[store]\nurl = \"mysql://ara:@@db/ara\"",
    "[store]\nurl = \"postgres://ara:@@db:port/ara\"",
    "[server]\nlisten = { env = \"HIDDEN\" }",
    "[server]\ntime_zone = { env = \"HIDDEN\" }",
    "[server]\nlanguage = { file = \"hidden.txt\" }",
    "[server]\nin_flight = { env = \"HIDDEN\" }",
    "first_sight = { env = \"HIDDEN\" }",
    "[log]\nfilter = { env = \"HIDDEN_FILTER\" }",
    "[mail.imap]\npassword = [\"@\"]",
    "[mail.relay]\npassword = \"@\n",
    "[mail.relay]\nuser = \"a\"\npassword = { file = \"@\" }",
    "[mail.smtp]\nrecipients = [\"@\"]",
    "[slack]\nwebhook_url = \"@\"",
    "[slack]\nwebhook_url = \"hooks://example.jp/@\"",
    "[second_path]\nwebhook_url = \"https://:@\"",
    "[evidence]\nurl = \"gs://@@bucket\"",
    "[[person]]\nid = \"a\"\nname = \"A\"\nwebhook_url = \"@\"",
    "[[mail.monitor]]\nname = \"a\"\nrouting_key = \" @\"",
    "[[mail.monitor]]\nname = \"a\"\ncustomer = { env = \"HIDDEN\" }",
    "[[mail.rule]]\nname = \"a\"\nis = \"suppressed\"\nbody = { env = \"HIDDEN\" }\nhost = '('",
    "[[customer]]\nname = \"A\"\nid = { env = \"HIDDEN\" }",
];

#[test]
fn no_error_repeats_a_secret() {
    let hidden_filter = format!("{TOKEN}=={TOKEN}");
    for line in BROKEN {
        let folder = Folder::with(&format!("[pagerduty]\n{}\n", line.replace('@', TOKEN)));
        folder.write("hidden.txt", TOKEN.as_bytes());
        let error = folder.load(&[("HIDDEN", TOKEN), ("HIDDEN_FILTER", &hidden_filter)]).expect_err(line);
        for shown in [format!("{error}"), format!("{error:?}"), format!("{error:#?}")] {
            assert!(!shown.contains("S3cr3t"), "{line}: {shown}");
        }
    }
}

/// Whatever slip of a key or two befalls a file, none of its errors shows five characters of the token in a row.
#[test]
fn no_slip_of_the_keyboard_makes_an_error_show_a_secret() {
    let good = format!(
        "[server]\nlanguage = \"ja\"\n[pagerduty]\nfrom = \"a@b\"\ntoken = \"{TOKEN}\"\n\
         webhook_secrets = [\n \"{TOKEN}\",\n \"{TOKEN}\",\n]\n[log]\nfilter = \"info\"\n\
         [mail.relay]\nuser = \"a\"\npassword = \"{TOKEN}\"\n[[mail.monitor]]\nname = \"a\"\nsecret_recipient = false\n\
         routing_key = \"{TOKEN}\"\nproblem = 'x'\n"
    );
    let mut refused = 0;
    for at in 0..good.len() {
        let (head, tail) = good.split_at(at);
        let inserted = ["\"", "'", "[", "]", "{", "=", "\n", "#", ",", "\"\"\"", "\"\n\"", "\" = "];
        let mut slips: Vec<String> = inserted.iter().map(|slip| format!("{head}{slip}{tail}")).collect();
        slips.push(format!("{head}{}", &tail[1..]));
        slips.push(head.to_owned());
        for text in slips {
            let file = read::File { path: PathBuf::from("arayashiki.toml"), text };
            let Err(error) = resolve(Some(&file), &BTreeMap::new()) else { continue };
            refused += 1;
            let shown = error.to_string();
            let leak = TOKEN.as_bytes().windows(5).find(|part| shown.contains(std::str::from_utf8(part).unwrap()));
            assert!(leak.is_none(), "{}\n{shown}", file.text);
        }
    }
    assert!(refused > 1_000, "only {refused} of the slips were refused");
}

#[test]
fn no_error_of_a_variable_repeats_a_secret() {
    for name in ["PAGERDUTY__TOKEN", "PAGERDUTY__WEBHOOK_SECRETS", "PAGERDUTY__UNCONFIGURED_ROUTING_KEY", "STORE__URL"]
    {
        let variable = format!("ARAYASHIKI__{name}");
        let error = Folder::with("").error(&[(&variable, &format!("{TOKEN}\u{7} x"))]);
        assert!(error.contains(&variable) && !error.contains("S3cr3t"), "{error}");
    }
    let unknown = Folder::with("").error(&[("ARAYASHIKI__PAGERDUTY__TOKN", TOKEN)]);
    assert!(unknown.contains("ARAYASHIKI__PAGERDUTY__TOKEN?") && !unknown.contains("S3cr3t"), "{unknown}");
}

#[test]
fn a_secret_that_would_never_match_is_refused_with_its_key_and_line() {
    let error = Folder::with("[pagerduty]\ntoken = \"a\"\nwebhook_secrets = [\"ok\", \"\"]\n").error(&[]);
    assert!(error.starts_with("arayashiki.toml:3: [pagerduty] webhook_secrets: holds an empty secret; "), "{error}");
    let folder = Folder::with("[pagerduty]\ntoken = { file = \"./token\" }\n");
    assert!(folder.error(&[]).contains(":2: [pagerduty] token: can't read the file "), "{}", folder.error(&[]));
    folder.write("token", b"two lines\nof it\n");
    assert!(folder.error(&[]).contains("[pagerduty] token: holds a space at an end or a line break"));
    folder.write("token", &vec![b'x'; 70_000]);
    assert!(folder.error(&[]).contains("is over 64 KiB"));
    folder.write("token", b"\xff\xfe");
    assert!(folder.error(&[]).contains("is not UTF-8 text"));
    folder.write("token", b"one\n");
    assert_eq!(folder.load(&[]).unwrap().pagerduty.token.unwrap().expose(), "one");
}
