//! Ranges in names of hosts, such as `web[01:10]`, `db-[a:c]` and `n[0:20:5]`: both ends included.

/// More hosts than one line means.
const MOST: usize = 10_000;

/// The names that a pattern writes; an error says what is wrong.
pub fn expand(pattern: &str) -> Result<Vec<String>, String> {
    let Some((before, rest)) = pattern.split_once('[') else { return Ok(vec![pattern.to_owned()]) };
    let (range, after) = rest.split_once(']').ok_or("its range never ends")?;
    let steps = steps(range).ok_or_else(|| format!("[{range}] is no range"))?;
    let rest = expand(after)?;
    if steps.len().saturating_mul(rest.len()) > MOST {
        return Err(format!("it writes over {MOST} names"));
    }
    Ok(steps.iter().flat_map(|step| rest.iter().map(move |rest| format!("{before}{step}{rest}"))).collect())
}

fn steps(range: &str) -> Option<Vec<String>> {
    let mut parts = range.split(':');
    let (from, to, step) = (parts.next()?, parts.next()?, parts.next().unwrap_or("1"));
    let step: usize = step.parse().ok().filter(|step| *step > 0 && parts.next().is_none())?;
    let (mut a, mut b) = (from.chars(), to.chars());
    if let (Some(from), None, Some(to), None) = (a.next(), a.next(), b.next(), b.next())
        && from.is_ascii_alphabetic()
        && to.is_ascii_alphabetic()
    {
        return (from <= to).then(|| (from..=to).step_by(step).map(String::from).collect());
    }
    let is_number = |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(to) || !(is_number(from) || from.is_empty()) {
        return None;
    }
    // As wide as its beginning is written, where that begins with a zero.
    let width = if from.starts_with('0') { from.len() } else { 0 };
    let (from, to): (usize, usize) = (if from.is_empty() { 0 } else { from.parse().ok()? }, to.parse().ok()?);
    let count = (to + 1).checked_sub(from)?.div_ceil(step);
    (count > 0 && count <= MOST).then(|| (from..=to).step_by(step).map(|n| format!("{n:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_meant_and_zeros_are_kept() {
        let of = |pattern: &str| expand(pattern).map(|names| names.join(" "));
        assert_eq!(of("web[08:10]"), Ok("web08 web09 web10".into()));
        assert_eq!(of("db-[a:c].jp"), Ok("db-a.jp db-b.jp db-c.jp".into()));
        assert_eq!(of("n[0:20:10]"), Ok("n0 n10 n20".into()));
        assert_eq!(of("r[1:2]n[1:2]"), Ok("r1n1 r1n2 r2n1 r2n2".into()));
        assert_eq!(of("n[:2]"), Ok("n0 n1 n2".into()));
        assert_eq!(of("plain"), Ok("plain".into()));
        for bad in ["n[1:", "n[1]", "n[5:1]", "n[1:2:0]", "n[a:10]", "n[0:99999][0:99]", "n[0:9999999999]", "n[z:a]"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
