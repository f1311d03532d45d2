//! A value is one argument, byte for byte, in every shell that hosts have, and nothing else ever runs.

use crate::shells::{Sh, run_step, values};
use duties::runbooks::{Runbook, Where, parse};
use model::plan::Plan;
use proptest::prelude::*;
use std::path::Path;

/// The value in every place where one may stand.
const RUNBOOK: &str = r#"
version: 1
name: echo
title: {en: Echo, ja: エコー}
when: [button]
parameters:
  p: {type: TYPE}
steps:
  - name: everywhere
    title: {en: Everywhere, ja: すべて}
    run: |
      printf -- '%s|' {{ p }}
      v={{ p }}
      printf '%s|' "$v"
      v="$(printf -- '%s' {{ p }}; echo .)"
      printf '%s|' "${v%.}"
      for v in a={{ p }}; do printf '%s|' "${v#a=}"; done
      case {{ p }} in
        'a value that nobody gives') echo no ;;
        *) printf -- '%s|' {{ p }} ;;
      esac
"#;

fn runbook(kind: &str) -> Runbook {
    parse("echo.yaml", &RUNBOOK.replace("TYPE", kind)).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn plan(kind: &str, value: &str) -> Option<Plan> {
    runbook(kind).plan(Where { host: "web-1".into(), ..Where::default() }, &values(&[("p", value)])).ok()
}

/// What would make a file if any of it ran.
fn corpus(canary: &Path) -> Vec<String> {
    let touch = format!("touch {}", canary.display());
    let shapes = [
        "'; X; '",
        "\"; X; \"",
        "`X`",
        "$(X)",
        "${IFS}X",
        "; X",
        "| X",
        "& X",
        "&& X",
        "|| X",
        "\nX\n",
        "\r\nX\r\n",
        "\\'; X; \\'",
        "'\\''; X; '\\''",
        "a' 'b'; X #",
        "$((X))",
        "<(X)",
        ">X",
        "{ X; }",
        "(X)",
        "!X",
        "!!",
        "~",
        "~root",
        "*",
        "/*",
        "?[a-z]*",
        "$HOME",
        "${PATH}",
        "$0",
        "$$",
        "#",
        "# end of step",
        "\n# end of step\nX\n",
        "-n",
        "--",
        "-e X",
        "-rf /",
        "--help",
        "%s%n%d",
        "\\",
        "\\\\",
        "\\n",
        "a\\",
        "'",
        "''",
        "\"",
        "\"\"",
        "'\"'\"'",
        " ",
        "  a  b  ",
        "\t",
        "",
        "日本語 'X'",
        "\u{202e}X\u{2028}",
        "\u{feff}",
        "é\u{301}",
        "\u{1b}[31mX\u{7}",
        "{{ p }}",
        "{{p}}",
        "${p:-$(X)}",
        "$'\\n'",
        "a\u{7f}b",
        "\n\n\n",
    ];
    let mut all: Vec<String> = shapes.iter().map(|shape| shape.replace('X', &touch)).collect();
    all.push(format!("{}'; {touch}; '", "x".repeat(3_000)));
    all
}

fn holds(sh: &Sh, plan: &Plan, value: &str, canary: &Path) {
    for step in &plan.steps {
        let done = run_step(sh, step);
        assert_eq!(
            (done.status, done.text()),
            (0, format!("{value}|").repeat(5)),
            "{}, {} as {}: {}",
            sh.name,
            step.name,
            step.stdin.as_deref().unwrap(),
            done.err
        );
        assert!(done.err.is_empty(), "{}: {}", sh.name, done.err);
    }
    assert!(!canary.exists(), "{}: {value:?} was run", sh.name);
}

#[test]
fn no_value_of_the_corpus_is_anything_but_one_argument() {
    let folder = tempfile::tempdir().unwrap();
    let canary = folder.path().join("canary");
    for sh in Sh::all() {
        for value in corpus(&canary) {
            holds(&sh, &plan("text", &value).unwrap(), &value, &canary);
        }
    }
}

#[test]
fn what_the_other_types_take_is_one_argument_too() {
    let folder = tempfile::tempdir().unwrap();
    let canary = folder.path().join("canary");
    let sh = Sh::all().remove(0);
    let kinds = ["word", "path", "host", "unit", "duration", "number", "choice, choices: [a b, '$(id)', -x]"];
    let mut taken = 0;
    for kind in kinds {
        let values = corpus(&canary).into_iter().chain(["$(id)", "/a;b", "-5", "-x", "x@y", "90s"].map(str::to_owned));
        for value in values {
            let Some(plan) = plan(kind, &value) else { continue };
            taken += 1;
            holds(&sh, &plan, &value, &canary);
        }
    }
    assert!(taken > 10, "{taken}");
}

#[test]
fn a_nul_is_refused_by_every_type() {
    for kind in ["text", "word", "path", "host", "unit"] {
        assert!(plan(kind, "/a\0b").is_none(), "{kind}");
    }
}

/// Without a -- before it, a value with a leading dash would be an option.
#[test]
fn a_leading_dash_makes_no_option() {
    let text = RUNBOOK.replace("printf -- ", "printf ").replace("TYPE", "text");
    let runbook = parse("echo.yaml", &text).unwrap();
    let at = || Where { host: "web-1".into(), ..Where::default() };
    let refused = runbook.plan(at(), &values(&[("p", "-v")])).unwrap_err();
    assert!(refused.iter().any(|r| r.to_string().contains("would be an option")), "{refused:?}");
    assert!(runbook.plan(at(), &values(&[("p", "v")])).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_one_argument(
        value in prop_oneof![
            "[^\0]{0,40}",
            "['\"`$(){};&|<>\\\\\n\r\t !*?~#a-]{0,24}",
            "(\\PC|[\u{1}-\u{1f}]){0,24}",
        ],
        nth in 0usize..8,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let shells = Sh::all();
        let sh = &shells[nth % shells.len()];
        let plan = plan("text", &value).unwrap();
        holds(sh, &plan, &value, &folder.path().join("canary"));
    }
}
