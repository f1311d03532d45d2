//! `awk`, as far as the programs of a runbook go: patterns, fields, arrays, the usual statements and functions; no user-made functions, no
//! files and no pipes of its own.

mod lex;
mod parse;
mod run;
mod value;

use super::Call;

pub(super) use value::shown;

pub(super) fn awk(call: &mut Call<'_, '_>) -> i32 {
    let options = super::options::Options::read(&call.args[1..], &["-F", "-v", "-f"]);
    let Some((text, files)) = options.operands().split_first() else {
        call.error("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]");
        return 2;
    };
    let program = match lex::tokens(text).and_then(parse::program) {
        Ok(program) => program,
        Err(says) => {
            call.complain(&format!("syntax error: {says}"));
            return 2;
        }
    };
    let mut engine = run::Engine::new();
    if let Some(separator) = options.value("-F") {
        engine.set_text("FS", &super::print::unescaped(separator));
    }
    for (name, value) in options.values("-v").iter().filter_map(|own| own.split_once('=')) {
        engine.set_text(name, &super::print::unescaped(value));
    }
    for (name, value) in call.environment.clone() {
        engine.set_environment(&name, &value);
    }
    let mut is_good = true;
    let input: Vec<(String, String)> = if program.reads_input() {
        let (texts, all_read) = call.texts(files);
        is_good = all_read;
        texts.into_iter().map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).into_owned())).collect()
    } else {
        Vec::new()
    };
    let outcome = engine.run(&program, &input);
    call.say(std::mem::take(&mut engine.out));
    match outcome {
        Ok(0) => {
            if is_good {
                0
            } else {
                2
            }
        }
        Ok(status) => status,
        Err(says) => {
            call.complain(&says);
            2
        }
    }
}
