//! `test`, `expr`, `seq`.

use super::Call;

pub(super) fn test(call: &mut Call<'_, '_>) -> i32 {
    let mut args = call.args[1..].to_vec();
    if call.args[0] == "[" && args.pop().as_deref() != Some("]") {
        call.error("sh: [: missing ]");
        return 2;
    }
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match either(call, &words) {
        Ok(is_so) => i32::from(!is_so),
        Err(says) => {
            call.error(&format!("sh: {}: {says}", call.args[0]));
            2
        }
    }
}

fn either(call: &Call<'_, '_>, words: &[&str]) -> Result<bool, String> {
    for (joint, is_or) in [("-o", true), ("-a", false)] {
        // With three words the middle one is an operator, and the outer ones are words.
        if words.len() > 3
            && let Some(at) = words.iter().position(|w| *w == joint)
        {
            let (left, right) = (either(call, &words[..at])?, either(call, &words[at + 1..])?);
            return Ok(if is_or { left || right } else { left && right });
        }
    }
    match words {
        [] => Ok(false),
        ["!", rest @ ..] if !rest.is_empty() => Ok(!either(call, rest)?),
        ["(", inner @ .., ")"] => either(call, inner),
        [one] => Ok(!one.is_empty()),
        [op, one] => unary(call, op, one),
        [left, op, right] => binary(left, op, right),
        _ => Err("unexpected operator".into()),
    }
}

fn unary(call: &Call<'_, '_>, op: &str, word: &str) -> Result<bool, String> {
    let entry = || call.disk.entry(&call.disk.absolute(&call.cwd, word));
    let is_device = word.starts_with("/dev/null");
    Ok(match op {
        "-n" => !word.is_empty(),
        "-z" => word.is_empty(),
        "-e" => is_device || entry().is_some(),
        "-f" => entry().is_some_and(|e| !e.is_folder),
        "-d" => entry().is_some_and(|e| e.is_folder),
        "-r" => is_device || entry().is_some_and(|e| call.disk.may_read(&e, &call.user)),
        "-s" => entry().is_some_and(|e| e.size > 0 || e.path.starts_with("/proc/")),
        "-x" => entry().is_some_and(|e| e.is_folder || e.mode & 0o111 != 0) || is_program(call, word),
        "-w" => is_device || entry().is_some_and(|e| call.is_root() || e.mode & 0o002 != 0),
        "-c" => is_device,
        "-S" => word.ends_with(".sock"),
        "-L" | "-h" | "-b" | "-p" | "-t" | "-u" | "-g" | "-k" => false,
        _ => return Err(format!("{op}: unexpected operator")),
    })
}

fn is_program(call: &Call<'_, '_>, path: &str) -> bool {
    path.starts_with('/') && super::named(call.machine, path).is_some()
}

fn binary(left: &str, op: &str, right: &str) -> Result<bool, String> {
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| format!("Illegal number: {text}"));
    let compare = |wanted: fn(&i64, &i64) -> bool| Ok(wanted(&number(left)?, &number(right)?));
    match op {
        "=" | "==" => Ok(left == right),
        "!=" => Ok(left != right),
        "<" => Ok(left < right),
        ">" => Ok(left > right),
        "-eq" => compare(i64::eq),
        "-ne" => compare(i64::ne),
        "-lt" => compare(i64::lt),
        "-le" => compare(i64::le),
        "-gt" => compare(i64::gt),
        "-ge" => compare(i64::ge),
        "-nt" | "-ot" | "-ef" => Ok(false),
        "-a" => Ok(!left.is_empty() && !right.is_empty()),
        "-o" => Ok(!left.is_empty() || !right.is_empty()),
        _ => Err(format!("{op}: unexpected operator")),
    }
}

pub(super) fn expr(call: &mut Call<'_, '_>) -> i32 {
    let words: Vec<&str> = call.args[1..].iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<i64>().ok();
    let value = match words.as_slice() {
        ["length", text] => text.chars().count().to_string(),
        [one] => (*one).to_owned(),
        [left, op, right] => match (number(left), *op, number(right)) {
            (Some(_), "/" | "%", Some(0)) => {
                call.complain("division by zero");
                return 2;
            }
            (Some(l), "+", Some(r)) => (l + r).to_string(),
            (Some(l), "-", Some(r)) => (l - r).to_string(),
            (Some(l), "*", Some(r)) => (l * r).to_string(),
            (Some(l), "/", Some(r)) => (l / r).to_string(),
            (Some(l), "%", Some(r)) => (l % r).to_string(),
            (Some(l), "<", Some(r)) => i64::from(l < r).to_string(),
            (Some(l), ">", Some(r)) => i64::from(l > r).to_string(),
            (_, "=", _) => i64::from(left == right).to_string(),
            (_, "!=", _) => i64::from(left != right).to_string(),
            (_, ":", _) => match regex::Regex::new(&format!("^(?:{})", super::grep::extended(right))) {
                Ok(own) => own.captures(left).map_or_else(
                    || "0".to_owned(),
                    |c| c.get(1).map_or_else(|| c[0].chars().count().to_string(), |m| m.as_str().to_owned()),
                ),
                Err(_) => String::new(),
            },
            _ => {
                call.complain("syntax error");
                return 2;
            }
        },
        _ => {
            call.complain("syntax error");
            return 2;
        }
    };
    let status = i32::from(value.is_empty() || value == "0");
    call.line(value);
    status
}

pub(super) fn seq(call: &mut Call<'_, '_>) -> i32 {
    let numbers: Vec<i64> = call.args[1..].iter().filter_map(|n| n.parse().ok()).collect();
    let (from, step, to) = match numbers.as_slice() {
        [to] => (1, 1, *to),
        [from, to] => (*from, 1, *to),
        [from, step, to] => (*from, *step, *to),
        _ => (1, 1, 0),
    };
    let mut at = from;
    for _ in 0..100_000 {
        if step == 0 || (step > 0 && at > to) || (step < 0 && at < to) {
            break;
        }
        call.line(at.to_string());
        at += step;
    }
    0
}
