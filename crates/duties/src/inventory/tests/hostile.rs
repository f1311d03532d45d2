//! Files that nobody wrote in good faith: no reader panics, hangs or grows without bound.

use super::super::facts::Facts;
use super::super::find::find;
use super::super::{ansible, ec2, ssh_config};
use super::*;
use proptest::prelude::*;

fn read_all(text: &str) {
    let mut complaints = Vec::new();
    let around = around();
    let files = [("/srv/f", text), ("/srv/group_vars/all", text)];
    let none = fetch(&files);
    let mut drafts = vec![ssh_config::read(&file("/srv/f", text), &none, &around, &mut complaints)];
    for path in ["/srv/f.ini", "/srv/f.yml"] {
        drafts.push(ansible::read(&[file(path, text)], &none, &around, &mut complaints));
    }
    drafts.push(ec2::read(&file("/srv/f.json", text), &mut complaints));
    let sources = Sources { others: drafts, defaults: defaults(), ..Sources::default() };
    let (inventory, more) = inventory(sources);
    complaints.extend(more);
    assert!(complaints.iter().all(|complaint| !complaint.to_string().contains('\n')), "{complaints:?}");
    let facts = Facts { title: text.into(), details: vec![serde_json::json!({ "host": text })], ..Facts::default() };
    let _ = find(&inventory, &facts, 5).lines(crate::say::Language::Ja);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read_or_told(text in "\\PC{0,200}") {
        read_all(&text);
    }

    #[test]
    fn any_lines_of_likely_words_are_read_or_told(
        lines in prop::collection::vec(
            "(Host|Match|Include|ProxyJump|HostName|\\[a(:vars|:children)?\\]|all:|  hosts:|    x:|- &a|\\*a|<<: \\*a)( [a-z*!%{}\\[\\]:,@'\"=-]{0,12}){0,3}",
            0..12,
        ),
    ) {
        read_all(&lines.join("\n"));
    }
}

#[test]
fn bombs_are_told() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let items = vec![format!("*a{}", n - 1); 9].join(", ");
        bomb.push_str(&format!("a{n}: &a{n} [{items}]\n"));
    }
    let mut complaints = Vec::new();
    ansible::read(&[file("h.yml", &bomb)], &fetch(&[]), &around(), &mut complaints);
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(complaints[0].says.starts_with("is no YAML"), "{complaints:?}");
    for text in ["[".repeat(100_000), "{a: ".repeat(50_000), "\"".repeat(100_000), "Match host ".repeat(20_000)] {
        read_all(&text);
    }
    let lines: String = (0..30_000)
        .map(|n| {
            format!(
                "[g{n}:children]
g{}
",
                n + 1
            )
        })
        .collect();
    let mut complaints = Vec::new();
    ansible::read(&[file("hosts", &lines)], &fetch(&[]), &around(), &mut complaints);
    assert_eq!(complaints.len(), 1, "the last child is no group");
}
