//! Ansible inventories in both forms: groups, ranges, whose variable rules, bastions, and what can't be honoured.

use super::super::ansible;
use super::*;
use model::host::{Host, Login};

fn read(files: &[(&str, &str)]) -> (Inventory, Vec<String>) {
    let mut complaints = Vec::new();
    let inventories: Vec<File> =
        files.iter().filter(|(path, _)| !path.contains("_vars/")).map(|(path, text)| file(path, text)).collect();
    let drafts = ansible::read(&inventories, &fetch(files), &around(), &mut complaints);
    let customers = ["bank".to_owned(), "shop".to_owned()].into();
    let sources = Sources { others: vec![drafts], defaults: defaults(), customers, ..Sources::default() };
    let (inventory, more) = inventory(sources);
    complaints.extend(more);
    (inventory, lines(&complaints))
}

fn host<'a>(inventory: &'a Inventory, name: &str) -> &'a Host {
    inventory.host(name).unwrap_or_else(|| panic!("{name} of {:?}", names(inventory)))
}

const INI: &str = r#"
mail ansible_host=192.0.2.9 # nobody's group
[web]
web[01:02].example.jp ansible_port=2222
web-9 ansible_host=10.0.0.9 ansible_user="ops" arayashiki_match='EC front,  shop'
[db]
db-a:2201
[2001:db8::7]:22
[site:children]
web
db
[site:vars]
ansible_user=site
ansible_ssh_common_args='-o ProxyJump=jump@192.0.2.1:22 -o ControlPersist=60s'
arayashiki_customer = bank
[web:vars]
ansible_user='web user'
[all:vars]
ansible_user=everybody
ansible_ssh_private_key_file=keys/all
"#;

#[test]
fn an_ini_inventory_with_ranges_children_and_variables() {
    let (inventory, told) = read(&[("inv/hosts", INI)]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("! inv/hosts:8: \"2001:db8::7\" can't be a host's name"), "{told:?}");
    assert_eq!(names(&inventory), ["db-a", "mail", "web-9", "web01.example.jp", "web02.example.jp"]);
    let web = host(&inventory, "web02.example.jp");
    assert_eq!((web.at.address.as_str(), web.at.port, web.at.user.as_str()), ("web02.example.jp", 2222, "web user"));
    assert_eq!(web.via, ["jump@192.0.2.1:22"]);
    assert_eq!(web.at.logins, [Login::Key { file: "inv/keys/all".into(), certificate: None }]);
    assert_eq!(web.groups.iter().map(String::as_str).collect::<Vec<_>>(), ["all", "site", "web"]);
    assert_eq!(web.origin, Origin::Ansible { file: "inv/hosts".into(), line: 4, group: "web".into() });
    assert_eq!(host(&inventory, "web-9").matches, ["EC front", "shop"]);
    assert_eq!(
        (host(&inventory, "web-9").at.user.as_str(), host(&inventory, "db-a").at.user.as_str()),
        ("ops", "site")
    );
    assert_eq!((host(&inventory, "db-a").at.port, host(&inventory, "db-a").customer.as_deref()), (2201, Some("bank")));
    let mail = host(&inventory, "mail");
    assert_eq!((mail.at.user.as_str(), mail.via.len(), mail.customer.as_deref()), ("everybody", 0, None));
}

const YAML: &str = r#"
all:
  vars: { ansible_user: everybody }
  children:
    web:
      hosts:
        web[1:2]:
        web3: { ansible_host: 10.0.0.3, ansible_port: 022, arayashiki_match: [EC, "front shop"] }
      vars:
        ansible_host: "10.0.0.{{ index | default(1) }}"
    ungrouped:
      hosts:
        lone:
          ansible_host: "{{ prefix }}.9"
          prefix: 10.0.0
          arayashiki_customer: shop
          arayashiki_tags: "role=db, env=prod"
        box: { ansible_connection: local }
        vaulted:
          ansible_host: !vault |
            $ANSIBLE_VAULT;1.1;AES256
            38393031
          ansible_password: !vault |
            $ANSIBLE_VAULT;1.1;AES256
            38393031
        named: { ansible_user: on, ansible_host: 192.0.2.1, ansible_password: x }
"#;

#[test]
fn a_yaml_inventory_keeps_each_values_line() {
    let (inventory, told) = read(&[("hosts.yml", YAML)]);
    assert_eq!(names(&inventory), ["lone", "named", "web3"]);
    let web = host(&inventory, "web3");
    assert_eq!((web.at.address.as_str(), web.at.port), ("10.0.0.3", 22));
    assert_eq!(web.matches, ["EC", "front shop"]);
    let lone = host(&inventory, "lone");
    assert_eq!(
        (lone.at.address.as_str(), lone.customer.as_deref(), lone.tags["env"].as_str()),
        ("10.0.0.9", Some("shop"), "prod")
    );
    assert_eq!(host(&inventory, "named").at.user, "on", "a word is a word");
    let starts = [
        "- hosts.yml:18: box is left out: it is reached by \"local\"",
        "! hosts.yml:10: web1 is left out: ansible_host is a template that is not filled in here",
        "! hosts.yml:10: web2 is left out",
        "! hosts.yml:20: vaulted is left out: ansible_host is encrypted by ansible-vault, which is not opened",
        "- hosts.yml:26: ansible_password is not used",
        "- hosts.yml:23: ansible_password is not used",
    ];
    for start in starts {
        assert!(told.iter().any(|line| line.starts_with(start)), "{start}\n{told:#?}");
    }
    assert_eq!(told.len(), starts.len(), "{told:#?}");
}

#[test]
fn files_beside_the_inventory_rule_over_it_and_hosts_over_groups() {
    let files = [
        ("inv/01", "[web]\nw1 ansible_port=1\nw2\n[all:vars]\nansible_user=ini\nansible_port=2\n"),
        ("inv/02", "[top:children]\nweb\n[top:vars]\narayashiki_customer=bank\n"),
        ("inv/group_vars/all.yml", "ansible_user: all_file\nansible_host: 10.9.9.9\n"),
        ("inv/group_vars/web/10-main.yml", "---\nansible_user: web_file\n"),
        ("inv/group_vars/web/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n3839\n"),
        ("inv/group_vars/other.yml", "ansible_user: nobody\n"),
        ("inv/host_vars/w2.json", "{\"ansible_port\": 3, \"ansible_host\": \"10.0.0.2\"}"),
        ("inv/host_vars/.w2.yml", "ansible_port: 9\n"),
        ("inv/host_vars/w1", "ansible_port: 7\n"),
    ];
    let (inventory, told) = read(&files);
    assert_eq!(
        told,
        [
            "- inv/group_vars/web/vault.yml: is encrypted by ansible-vault, so that none of its variables are known; nothing is to do unless a host needs one of them, which is told then"
        ]
    );
    let of = |name: &str| {
        let host = host(&inventory, name);
        (host.at.address.as_str(), host.at.port, host.at.user.as_str(), host.customer.as_deref())
    };
    assert_eq!(of("w1"), ("10.9.9.9", 7, "web_file", Some("bank")));
    assert_eq!(of("w2"), ("10.0.0.2", 3, "web_file", Some("bank")));
}

#[test]
fn a_childs_variable_rules_over_its_parents_and_rings_are_cut() {
    let text = "[a]\nh ansible_host=10.0.0.1\n[b:children]\na\n[c:children]\nb\nnowhere\n[a:children]\nc\n\
                [a:vars]\nansible_user=a\n[b:vars]\nansible_user=b\nansible_port=5\n[c:vars]\nansible_port=6\nansible_group_priority=9\n";
    let (inventory, told) = read(&[("hosts", text)]);
    assert_eq!((host(&inventory, "h").at.user.as_str(), host(&inventory, "h").at.port), ("a", 5));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter().any(|line| line.contains("which is no group"))
            && told.iter().any(|line| line.contains("are in a ring"))
    );
}

#[test]
fn bastions_by_name_have_to_be_there_and_options_that_run_programs_are_refused() {
    let text = "[w]\na arayashiki_bastion=gone\nb ansible_ssh_common_args='-o ProxyCommand=\"ssh -W %h:%p -q gw\"'\n\
                c ansible_ssh_extra_args='-o StrictHostKeyChecking=no -J gw'\nd ansible_port=x\ne arayashiki_customer=bnak\nf ansible_ssh_private_key_file=~else/k\n\
                gw ansible_host=192.0.2.1 ansible_user=jump ansible_ssh_common_args='-J gw'\n";
    let (inventory, told) = read(&[("hosts", text)]);
    assert_eq!(names(&inventory), ["c"]);
    assert_eq!(inventory.way(host(&inventory, "c"))[0].at.address, "192.0.2.1", "the name is that of a host");
    let starts = [
        "! hosts:2: a is left out: there is no bastion \"gone\"; write a [[bastion]] of that name",
        "! hosts:3: b is left out: ansible_ssh_common_args: ProxyCommand would run a program here, which is not done; write -J gw in its place",
        "- hosts:4: ansible_ssh_extra_args: a host key that nobody has pinned",
        "! hosts:5: d is left out: its port \"x\"",
        "! hosts:6: e would be \"bnak\"'s, whom no [[customer]] names, so it is left out; did you mean \"bank\"?",
        "! hosts:7: f is left out: nobody knows what ~ is",
        "! hosts:8: gw is left out: its way leads over itself",
    ];
    for start in starts {
        assert!(told.iter().any(|line| line.starts_with(start)), "{start}\n{told:#?}");
    }
    assert_eq!(told.len(), starts.len(), "{told:#?}");
}

#[test]
fn what_is_no_inventory_is_told_with_its_line() {
    for (path, text, expected) in [
        ("h.yml", "all:\n  hosts:\n\t- x\n", "is no YAML"),
        ("h.yml", "- a\n- b\n", "at its top there are no groups"),
        ("h.yml", "all:\n  host:\n    a:\n", "h.yml:2: \"host\" is neither hosts, vars nor children"),
        ("h.json", "{\"_meta\": {\"hostvars\": {}}}", "another form"),
        ("hosts", "#!/usr/bin/env python3\n", "is a program"),
        ("hosts", "$ANSIBLE_VAULT;1.1;AES256\n38", "encrypted"),
        ("hosts", "[a:var]\nx=1\n", "hosts:1: \"var\" is neither vars nor children"),
        ("hosts", "[ ]\nx\n", "names no group"),
        ("hosts", "[a]\nx y\n", "hosts:2: \"y\" sets no variable"),
        ("hosts", "[a]\nx y='\n", "never end"),
        ("hosts", "[a]\nx[1:\n", "its range never ends"),
        ("hosts", "[a:vars]\nx\n", "sets no variable"),
    ] {
        let (inventory, told) = read(&[(path, text)]);
        assert_eq!(names(&inventory), [""; 0], "{text}");
        assert!(told.len() == 1 && told[0].contains(expected), "{text}: {told:?}");
    }
    assert!(read(&[("h.yml", "")]).1.is_empty() && read(&[("h", "---\nall:\n")]).1.is_empty());
}
