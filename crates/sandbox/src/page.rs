//! The frame of the smaller systems' pages: plain HTML for people who watch a demo, without scripts. Everything that is not markup of
//! ours goes through `text`.

const STYLE: &str = "
:root{color-scheme:light dark;--line:#8884;--dim:#667;--mark:#4a7}
@media(prefers-color-scheme:dark){:root{--dim:#99a}}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem}
header{border-bottom:3px solid var(--mark);margin-bottom:1rem}h1{font-size:1.2rem;margin:.2rem 0}h2{font-size:1rem;margin:.1rem 0}
article{border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem;margin:.6rem 0;overflow-wrap:anywhere}
.dim{color:var(--dim);font-size:.85rem}.tag{border:1px solid;border-radius:1rem;padding:0 .5rem;font-size:.8rem;white-space:nowrap}
.said{border-left:3px solid var(--line);margin:.4rem 0;padding-left:.6rem;white-space:pre-wrap}.gone{text-decoration:line-through}
form{display:flex;flex-wrap:wrap;gap:.4rem;margin-top:.5rem}input,select,button{font:inherit}input[name=content]{flex:1 1 14rem}";

/// A whole page; `title` says that this is a simulation, `body` is markup.
pub(crate) fn page(title: &str, body: &str) -> String {
    let title = text(title);
    format!(
        "<!doctype html><html lang=\"ja\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body><header><h1>{title}</h1></header><main>{body}</main></body></html>"
    )
}

/// Text as text, in an element or in a quoted attribute.
pub(crate) fn text(of: &str) -> String {
    let mut out = String::with_capacity(of.len());
    for c in of.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\n' => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_becomes_markup() {
        assert_eq!(text("<b a='\"'>&\u{1}\n"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;\u{FFFD}\n");
        assert!(page("<script>", "").contains("<h1>&lt;script&gt;</h1>"));
    }
}
