//! Hosts, bastions, how they are visited and what becomes of what they answer: what the keys become, and how a slip reads.

use super::super::kinds::{Anchor, Diagnosis, SshAddress};
use super::*;
use duties::inventory::draft::Selection;
use model::customer::Share;

const HOSTS: &str = r#"
[inventory]
ssh_config = ["~/.ssh/config", "ssh/config"]
ansible = ["inventory/*.yml"]
customers = ["group:web = example-bank", "shop-*=example-bank"]
leave_out = ["github.com"]

[ssh]
user = "diag"
key_file = "keys/all"
key_passphrase = { env = "PASSPHRASE" }
agent = "SSH_AUTH_SOCK"
output = "1GB"

[evidence]
retention = "90d"
anchors = ["slack", "mail:auditor@example.jp"]

[diagnose]
mode = "run"

[[customer]]
id = "example-bank"
name = "Example Bank"
services = ["PABC123"]
share = "none"

[[bastion]]
name = "edge"
address = "192.0.2.10:2222"

[[host]]
name = "web-1"
address = "[2001:db8::5]:22"
via = "edge"
customer = "example-bank"
match = ["ECフロント"]
tags = ["role=web", "critical"]

[[host]]
name = "db.example.jp"

[[redaction.rule]]
name = "member-number"
pattern = '会員番号[:：](\d{8})'
"#;

const ENV: [(&str, &str); 1] = [("PASSPHRASE", "sesame")];

#[test]
fn hosts_and_how_they_are_visited_are_read() {
    let folder = Folder::with(HOSTS);
    let config = folder.load(&ENV).unwrap();
    let in_folder = |name: &str| folder.path(name).to_string_lossy().into_owned();
    assert_eq!(config.inventory.ssh_config, ["~/.ssh/config".to_owned(), in_folder("ssh/config")]);
    assert_eq!(config.inventory.ansible, [in_folder("inventory/*.yml")]);
    assert_eq!(config.inventory.customers[0].of, Selection::Group("web".into()));
    assert_eq!(config.inventory.customers[1].of, Selection::Names("shop-*".into()));
    assert_eq!((config.inventory.max_hosts, config.ssh.output), (5, 1_000_000_000));
    assert_eq!((config.ssh.agent.as_deref(), config.ssh.per_bastion), (Some("SSH_AUTH_SOCK"), 64));
    assert_eq!(config.ssh.key_passphrase.as_ref().map(Secret::expose), Some("sesame"));
    assert_eq!(config.evidence.retention, Some(Duration::from_secs(90 * 86_400)));
    assert_eq!(
        (&config.evidence.anchors[..], config.diagnose.mode),
        (&[Anchor::Slack(None), Anchor::Mail("auditor@example.jp".into())][..], Diagnosis::Run)
    );
    assert_eq!(config.customers[0].share, Share::None);
    let host = &config.hosts[0];
    assert_eq!(host.address, Some(SshAddress { host: "2001:db8::5".into(), port: Some(22) }));
    assert_eq!(
        (host.matches[0].as_str(), host.tags["role"].as_str(), host.tags["critical"].as_str()),
        ("ECフロント", "web", "")
    );
    assert_eq!((&config.hosts[1].address, config.bastions[0].address.port), (&None, Some(2222)));
    assert_eq!(config.redaction_rules[0].name, "member-number");
    assert!(config.secret_files.contains(&folder.path("keys/all")), "others must not read a key");
    assert!(!format!("{config:?}").contains("sesame"));
}

#[test]
fn what_is_kept_is_kept_for_years_unless_said_otherwise() {
    let of = |text: &str| loaded(&format!("[evidence]\nretention = \"{text}\""), &[]).evidence.retention;
    assert_eq!(loaded("", &[]).evidence.retention, Some(Duration::from_secs(5 * 365 * 86_400)));
    assert_eq!((of("1d"), of("forever")), (Some(Duration::from_secs(86_400)), None));
    assert_eq!(loaded("", &[]).diagnose.mode, Diagnosis::Observe);
}

#[test]
fn a_region_is_asked_only_by_a_program_that_can() {
    let text = "[inventory]\nec2_regions = [\"ap-northeast-1\"]\n";
    if cfg!(feature = "aws") {
        assert_eq!(loaded(text, &[]).inventory.ec2_regions, ["ap-northeast-1"]);
        let error = Folder::with(&text.replace("ap-northeast-1", "../x")).error(&[]);
        assert!(error.contains("[inventory] ec2_regions: \"../x\" is no region"), "{error}");
        return;
    }
    let error = Folder::with(text).error(&[]);
    for told in [
        "arayashiki.toml:2",
        "ec2_regions: \"ap-northeast-1\" can't be asked",
        "--features aws",
        "[inventory] ec2 names",
    ] {
        assert!(error.contains(told), "{told}: {error}");
    }
}

#[test]
fn each_slip_about_hosts_is_told_where_it_stands_and_with_what_works() {
    for (from, to, told) in [
        ("match = [", "matches = [", "[[host]] matches: unknown key; did you mean \"match\"?"),
        ("match = [\"ECフロント\"]", "match = \"x\"", "[[host]] match: is a text, but a list is wanted"),
        (
            "\"192.0.2.10:2222\"",
            "\"192.0.2.10:\"",
            "[[bastion]] address: \"192.0.2.10:\" is no address; write a name or an IP address",
        ),
        ("\"192.0.2.10:2222\"", "\"-oProxyCommand=x\"", "[[bastion]] address: \"-oProxyCommand=x\" is no address"),
        ("name = \"web-1\"", "name = \"web 1\"", "[[host]] name: \"web 1\" is no name of a host"),
        ("name = \"db.example.jp\"", "name = \"WEB-1\"", "is taken by the [[host]] at"),
        (
            "customer = \"example-bank\"",
            "customer = \"example-bnak\"",
            "[[host]] customer: \"example-bnak\" is the id of no [[customer]]; did you mean \"example-bank\"?",
        ),
        ("shop-*=example-bank", "shop-*=shop", "[inventory] customers: \"shop\" is the id of no [[customer]]"),
        (
            "shop-*=example-bank",
            "shop-*",
            "[inventory] customers: \"shop-*\" says of no hosts whose they are; write \"group:\"",
        ),
        (
            "share = \"none\"",
            "share = \"all\"",
            "[[customer]] share: \"all\" is not known here; write \"none\" or \"digest\" or \"full\"",
        ),
        (
            "mode = \"run\"",
            "mode = \"page\"",
            "[diagnose] mode: \"page\" is not known here; write \"observe\" or \"run\"",
        ),
        ("\"90d\"", "\"90m\"", "[evidence] retention: \"90m\" is no such time; write \"90d\", \"5y\" or \"forever\""),
        ("\"90d\"", "\"0y\"", "[evidence] retention: \"0y\" is no such time"),
        (
            "\"mail:auditor@example.jp\"]",
            "\"fax\"]",
            "[evidence] anchors: \"fax\" is no place outside; write \"slack\"",
        ),
        (
            "\"mail:auditor@example.jp\"]",
            "\"mail:auditor\"]",
            "[evidence] anchors: \"mail:auditor\" is no place outside",
        ),
        ("key_file = \"keys/all\"\n", "", "[ssh] key_passphrase: needs [ssh] key_file as well"),
        ("\"1GB\"", "\"1B\"", "[ssh] output: \"1B\" does not fit"),
        ("(\\d{8})", "(\\d{8}", "[[redaction.rule]] pattern: "),
        ("tags = [\"role=web\"", "tags = [\"=web\"", "[[host]] tags: \"=web\" is no tag"),
        ("\"inventory/*.yml\"", "\"\"", "[inventory] ansible: \"\" is no file"),
        ("[diagnose]", "[diagnosis]", "unknown section; did you mean [diagnose]?"),
    ] {
        assert!(HOSTS.contains(from), "{from}");
        let error = Folder::with(&HOSTS.replacen(from, to, 1)).error(&ENV);
        assert!(error.contains(told), "{to}: {error}");
    }
}
