//! Tables for spreadsheets (RFC 4180), for the pages' files and the command line's alike. A file begins with `MARK`; what a
//! spreadsheet would take for a formula is made text, since titles are written by whoever may open an incident.

/// Excel takes a file for UTF-8 only if it begins so.
pub const MARK: &str = "\u{FEFF}";

/// Cells of one line, with its end.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

/// A formula gets a quote before it. No table of ours can hold a zero byte.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = text.replace('\0', "");
    let text = if is_formula { format!("'{text}") } else { text };
    let is_plain = !text.contains(['"', ',', '\n', '\r', '\'']) && text.trim_matches(' ').len() == text.len();
    if is_plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_needed_and_never_formulas() {
        assert_eq!(cell("plain 障害"), "plain 障害");
        assert_eq!(cell("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
        assert_eq!(cell(" edge"), "\" edge\"");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(cell(formula), format!("\"'{formula}\""));
        }
    }

    #[test]
    fn a_line_has_every_cell_and_an_end() {
        let cells = ["障害", "a,b", "say \"no\"", "two\nlines", "", "=1+1"];
        assert_eq!(line(cells), "障害,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",,\"'=1+1\"\r\n");
    }
}
