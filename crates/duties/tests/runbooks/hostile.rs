//! Whatever stands in a file: no panic, no blow-up, and a place for what is wrong.

use duties::runbooks::{lint, set};
use proptest::prelude::*;

const GOOD: &str = include_str!("../../../../runbooks/linux.yaml");

fn told(text: &str) -> Vec<String> {
    lint("x.yaml", text).problems.iter().map(ToString::to_string).collect()
}

#[test]
fn what_would_grow_is_refused() {
    let bomb = "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n";
    let deep = "[".repeat(5_000);
    let deep_map: String = (0..200).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    let wide = format!("steps: [{}]", "1,".repeat(60_000));
    let large = format!("name: {}", "x".repeat(300_000));
    let script = format!(
        "version: 1\nname: a\ntitle: {{en: A, ja: A}}\nwhen: [button]\nsteps:\n  - name: a\n    title: {{en: A, ja: A}}\n    run: \"{}\"\n",
        "${".repeat(20_000)
    );
    let shell = script.replace("${", "$(");
    for (text, says) in [
        (bomb, "anchors and aliases"),
        ("<<: {a: b}\n", "no key \"<<\""),
        ("a: !!binary x\n", "tags"),
        ("a: 1\n---\na: 2\n", "second document"),
        ("", "empty"),
        ("\0", "NUL"),
        (&deep, ""),
        (&deep_map, "deep"),
        (&wide, "values"),
        (&large, "bytes"),
        (&script, "nested too deeply"),
        (&shell, "nested too deeply"),
        ("- a\n- b\n", "a list"),
        ("just text", "a single value"),
    ] {
        let told = told(text);
        assert!(told.iter().any(|line| line.contains(says) && line.starts_with("x.yaml:")), "{says}: {told:?}");
        assert!(lint("x.yaml", text).runbook.is_none());
    }
}

#[test]
fn one_bad_file_leaves_the_others() {
    let (set, problems) = set([("a.yaml", "]["), ("b.yaml", GOOD), ("c.yaml", GOOD)]);
    assert!(set.get("linux").is_some_and(|runbook| runbook.file == "b.yaml"));
    assert!(problems.iter().any(|p| p.file == "a.yaml"));
    assert!(problems.iter().any(|p| p.file == "c.yaml" && p.says.contains("b.yaml has a runbook called linux")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        told(&text);
    }

    #[test]
    fn no_yaml_makes_it_panic(text in "[-:,\\[\\]{}&*!|>'\"%@`#?~a-c \n\t0-9.]{0,200}") {
        told(&text);
    }

    /// A good file, one piece cut out or another put in.
    #[test]
    fn no_damage_to_a_good_one_makes_it_panic(at in 0..GOOD.len(), length in 0usize..200, put in "[-:,\\[\\]{}&*!|>'\"$()\\\\`#a \n]{0,12}") {
        let mut bytes = GOOD.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, put.bytes());
        told(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_script_makes_it_panic(run in "[-:,\\[\\]{}&*!|<>'\"$()\\\\`#;a-c= \n]{0,120}") {
        let indented = run.replace('\n', "\n      ");
        let text = format!("version: 1\nname: a\ntitle: {{en: A, ja: A}}\nwhen: [button]\nparameters: {{a: {{type: text}}}}\nsteps:\n  - name: a\n    title: {{en: A, ja: A}}\n    run: |\n      {indented}\n");
        told(&text);
    }
}
