//! `echo` and `printf`.

use super::Call;

pub(super) fn echo(call: &mut Call<'_, '_>) -> i32 {
    let mut args = &call.args[1..];
    // dash knows only `-n`, and escapes always; the others know `-e`.
    let is_dash = !call.machine.distro.has_bash() && !call.machine.distro.is_busybox();
    let (mut ends, mut escapes) = (true, is_dash);
    while let Some((first, rest)) = args.split_first() {
        match first.as_str() {
            "-n" => ends = false,
            "-e" if !is_dash => escapes = true,
            "-ne" | "-en" if !is_dash => (ends, escapes) = (false, true),
            _ => break,
        }
        args = rest;
    }
    let mut text = args.join(" ");
    if escapes {
        text = unescaped(&text);
    }
    call.say(if ends { text + "\n" } else { text });
    0
}

/// `\n`, `\t`, `\033`, …
pub(super) fn unescaped(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while at < chars.len() {
        if chars[at] != '\\' {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        let next = chars.get(at + 1).copied();
        at += 2;
        match next {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('\\') => out.push('\\'),
            Some(c @ '0'..='7') => {
                let digits: String = chars[at - 1..]
                    .iter()
                    .take_while(|c| ('0'..='7').contains(*c))
                    .take(if c == '0' { 4 } else { 3 })
                    .collect();
                at += digits.len() - 1;
                out.extend(u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32));
            }
            Some(c) => out.extend(['\\', c]),
            None => out.push('\\'),
        }
    }
    out
}

pub(super) fn printf(call: &mut Call<'_, '_>) -> i32 {
    let args = if call.args.get(1).map(String::as_str) == Some("--") { &call.args[2..] } else { &call.args[1..] };
    let Some((format, values)) = args.split_first() else {
        call.complain("usage: printf format [arguments]");
        return 2;
    };
    let format = unescaped(format);
    let mut rest = values;
    let mut text = String::new();
    loop {
        let (piece, used) = formatted(&format, rest);
        text.push_str(&piece);
        rest = &rest[used.min(rest.len())..];
        if rest.is_empty() || used == 0 {
            break;
        }
    }
    call.say(text);
    0
}

/// One round of the format, and how many values it has taken.
pub(super) fn formatted(format: &str, values: &[String]) -> (String, usize) {
    let chars: Vec<char> = format.chars().collect();
    let (mut out, mut at, mut used) = (String::new(), 0, 0);
    while at < chars.len() {
        if chars[at] != '%' {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        if chars.get(at + 1) == Some(&'%') {
            out.push('%');
            at += 2;
            continue;
        }
        let start = at + 1;
        at = start;
        while at < chars.len() && (chars[at].is_ascii_digit() || "-+ #0.*".contains(chars[at])) {
            at += 1;
        }
        let Some(kind) = chars.get(at).copied() else { break };
        at += 1;
        let mut spec: String = chars[start..at - 1].iter().collect();
        while spec.contains('*') {
            let width = values.get(used).cloned().unwrap_or_default();
            used += 1;
            spec = spec.replacen('*', &width, 1);
        }
        let value = values.get(used).cloned().unwrap_or_default();
        used += 1;
        out.push_str(&one(&spec, kind, &value));
    }
    (out, used)
}

fn one(spec: &str, kind: char, value: &str) -> String {
    let flags: String = spec.chars().take_while(|c| "-+ #0".contains(*c)).collect();
    let (width, precision) =
        spec[flags.len()..].split_once('.').map_or((&spec[flags.len()..], None), |(w, p)| (w, Some(p)));
    let width: usize = width.parse().unwrap_or(0);
    let precision = precision.map(|p| p.parse::<usize>().unwrap_or(0));
    let number = value.trim().parse::<f64>().unwrap_or(0.0);
    let body = match kind {
        'd' | 'i' | 'u' => format!("{}", number as i64),
        'x' => format!("{:x}", number as i64),
        'X' => format!("{:X}", number as i64),
        'o' => format!("{:o}", number as i64),
        'f' | 'F' => format!("{number:.*}", precision.unwrap_or(6)),
        'e' => format!("{number:e}"),
        'g' | 'G' => super::awk::shown(number),
        'c' => value.chars().take(1).collect(),
        'b' => unescaped(value),
        _ => value.chars().take(precision.unwrap_or(usize::MAX)).collect(),
    };
    let body = if flags.contains('+') && number >= 0.0 && "dif".contains(kind) { format!("+{body}") } else { body };
    match () {
        () if flags.contains('-') => format!("{body:<width$}"),
        () if flags.contains('0') && "dixXfu".contains(kind) => format!("{body:0>width$}"),
        () => format!("{body:>width$}"),
    }
}
