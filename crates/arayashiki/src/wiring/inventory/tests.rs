//! The inventory from real files: patterns, folders, what is missing, whose passphrase opens what.

use super::*;
use duties::inventory::Weight;
use model::host::Login;

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn config(&self) -> Config {
        config::load(Some(&self.0.path().join("arayashiki.toml")), []).unwrap()
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }
}

const CONFIG: &str = r#"
[inventory]
ssh_config = ["ssh_config"]
ansible = ["inventory", "other/*.yml"]
ec2 = ["gone.json"]
customers = ["group:web=example-bank", "extra=example-bank"]
leave_out = ["github.com"]
[ssh]
user = "diag"
key_file = "keys/all"
key_passphrase = "not a real one"
[[customer]]
id = "example-bank"
name = "Example Bank"
services = ["P1"]
[[bastion]]
name = "edge"
address = "192.0.2.10:2222"
key_file = "keys/edge"
certificate_file = "keys/edge.pub"
[[host]]
name = "db-1"
address = "[2001:db8::5]:22"
via = "edge"
customer = "example-bank"
match = ["DB primary"]
tags = ["role=db"]
"#;

fn folder() -> Folder {
    Folder::with(&[
        ("arayashiki.toml", CONFIG),
        ("ssh_config", "Include conf.d/*.conf\nHost edge-user\n  ProxyJump edge\nHost github.com\n  User git\n"),
        ("conf.d/a.conf", "Host extra\n  HostName 10.0.0.7\n"),
        ("conf.d/.hidden.conf", "Host hidden\n"),
        ("inventory/hosts", "[web]\nweb-1 ansible_host=10.0.1.1\n"),
        ("inventory/group_vars/web.yml", "arayashiki_bastion: edge\n"),
        ("other/x.yml", "all:\n  hosts:\n    db-1:\n"),
    ])
}

#[test]
fn every_source_is_read_with_what_stands_beside_it() {
    let folder = folder();
    let (inventory, complaints) = inventory(&folder.config(), &Live::default());
    let names: Vec<&str> = inventory.hosts().map(|host| host.name.as_str()).collect();
    assert_eq!(names, ["db-1", "edge-user", "extra", "web-1"]);
    let web = inventory.host("web-1").unwrap();
    assert_eq!((web.via.as_slice(), web.customer.as_deref()), (&["edge".to_owned()][..], Some("example-bank")));
    assert_eq!(inventory.host("extra").unwrap().customer.as_deref(), Some("example-bank"));
    let edge = inventory.way(web)[0];
    assert_eq!((edge.at.address.as_str(), edge.at.port, edge.at.user.as_str()), ("192.0.2.10", 2222, "diag"));
    let key = Login::Key { file: folder.path("keys/edge"), certificate: Some(folder.path("keys/edge.pub")) };
    assert_eq!(edge.at.logins[0], key);
    let db = inventory.host("db-1").unwrap();
    assert_eq!(
        (db.at.address.as_str(), db.matches[0].as_str(), db.tags["role"].as_str()),
        ("2001:db8::5", "DB primary", "db")
    );
    let told: Vec<String> = complaints.iter().map(ToString::to_string).collect();
    assert_eq!(complaints.iter().filter(|complaint| complaint.weight == Weight::Error).count(), 1, "{told:?}");
    assert!(told.iter().any(|line| line.ends_with("gone.json: there is no such file; mend the path, or take it out")));
    assert!(told.iter().any(|line| line.contains("db-1 is at [[host]] db-1 too, which rules")), "{told:?}");
}

#[test]
fn a_passphrase_goes_with_its_keys_file_and_is_not_shown() {
    let folder = folder();
    let config = folder.config();
    let known = passphrases(&config);
    assert_eq!(
        known.keys().map(|path| path.to_string_lossy().into_owned()).collect::<Vec<_>>(),
        [folder.path("keys/all")]
    );
    assert_eq!(known.values().next().unwrap().expose(), "not a real one");
    assert!(!format!("{:?}{:?}", config.ssh, inventory(&config, &Live::default())).contains("not a real one"));
}

#[test]
fn patterns_are_taken_step_by_step() {
    let folder = Folder::with(&[("a/1/x", "1"), ("a/2/x", "2"), ("a/2/y", "3"), ("a/z", "4"), ("a/.h/x", "5")]);
    let of = |pattern: &str| -> Vec<String> {
        let files = files::fetch(&folder.path(pattern)).unwrap();
        files.into_iter().map(|file| file.text).collect()
    };
    assert_eq!(
        (of("a/*/x"), of("a/?/*"), of("a/*")),
        (vec!["1".into(), "2".into()], vec!["1".into(), "2".into(), "3".into()], vec!["4".into()])
    );
    assert_eq!((of("a/.*/x"), of("gone/*"), of("a/z/*"), of("a")), (vec!["5".to_owned()], vec![], vec![], vec![]));
}
