//! HTML in which nothing stands unescaped that is not written here: what is raw has to be a constant, everything else is text.

use super::text::{Bit, bits};
use super::world::World;

#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    pub(super) fn raw(&mut self, constant: &'static str) {
        self.0.push_str(constant);
    }

    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
    }

    pub(super) fn open(&mut self, tag: &'static str, attributes: &[(&'static str, &str)]) {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
    }

    pub(super) fn close(&mut self, tag: &'static str) {
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
    }

    /// An element with text in it.
    pub(super) fn of(&mut self, tag: &'static str, attributes: &[(&'static str, &str)], text: &str) {
        self.open(tag, attributes);
        self.text(text);
        self.close(tag);
    }

    pub(super) fn hidden(&mut self, name: &str, value: &str) {
        self.open("input", &[("type", "hidden"), ("name", name), ("value", value)]);
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }

    /// Slack's markup as people see it.
    pub(super) fn mrkdwn(&mut self, world: &World, text: &str) {
        let mut rest = text;
        while let Some(open) = rest.find("```") {
            let Some(close) = rest[open + 3..].find("```") else { break };
            self.inline(world, &rest[..open], 0);
            self.of("pre", &[], &super::text::plain(rest[open + 3..open + 3 + close].trim_matches('\n')));
            rest = &rest[open + close + 6..];
        }
        self.inline(world, rest, 0);
    }

    /// Deeper than anybody writes, it is plain text.
    fn inline(&mut self, world: &World, text: &str, depth: u8) {
        let mut rest = text;
        let mut before = ' ';
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| "<`*_~:\n".contains(*c)) {
            self.text(&super::text::plain(&rest[..at]));
            before = rest[..at].chars().next_back().unwrap_or(before);
            let from = &rest[at..];
            let length = match c {
                '\n' => self.newline(),
                '<' => self.bracket(world, from),
                ':' => self.emoji(from),
                _ if before.is_alphanumeric() || depth > 3 => None,
                mark => self.marked(world, from, mark, depth),
            };
            if length.is_none() {
                self.text(c.encode_utf8(&mut [0; 4]));
            }
            before = c;
            rest = &from[length.unwrap_or(c.len_utf8())..];
        }
        self.text(&super::text::plain(rest));
    }

    fn newline(&mut self) -> Option<usize> {
        self.raw("<br>");
        Some(1)
    }

    fn bracket(&mut self, world: &World, from: &str) -> Option<usize> {
        let close = from.find('>')?;
        for bit in bits(&from[..=close]) {
            match bit {
                Bit::Text(text) => self.text(&text),
                Bit::User(id) => {
                    let id = id.split('|').next().unwrap_or_default();
                    let name = world.user(id).map_or(id, |u| &u.name);
                    self.of("span", &[("class", "ping")], &format!("@{name}"));
                }
                Bit::Channel(id) => {
                    let name = world.channels.iter().find(|c| c.id == id).map_or(id.as_str(), |c| &c.name);
                    self.of("span", &[("class", "ping")], &format!("#{name}"));
                }
                // Of a user group Slack shows the name, which nobody here knows.
                Bit::Special(what) => {
                    let who = what.strip_prefix("subteam^").unwrap_or(&what);
                    self.of("span", &[("class", "ping all")], &format!("@{who}"));
                }
                Bit::Link { to, label } => self.link(&to, &label),
            }
        }
        Some(close + 1)
    }

    /// An address of the web or of mail; another one is shown as text.
    pub(super) fn link(&mut self, to: &str, label: &str) {
        let is_safe = ["http://", "https://", "mailto:"].iter().any(|start| to.to_ascii_lowercase().starts_with(start));
        if is_safe {
            self.of("a", &[("href", to), ("rel", "noopener noreferrer nofollow")], label);
        } else {
            self.text(label);
        }
    }

    fn emoji(&mut self, from: &str) -> Option<usize> {
        let end = from[1..].find(':')? + 1;
        let shown = match &from[1..end] {
            "rotating_light" => "🚨",
            "white_check_mark" => "✅",
            "warning" => "⚠️",
            "bell" => "🔔",
            "no_bell" => "🔕",
            "eyes" => "👀",
            "red_circle" => "🔴",
            "large_orange_circle" => "🟠",
            "large_yellow_circle" => "🟡",
            "large_green_circle" => "🟢",
            "fire" => "🔥",
            "zzz" => "💤",
            "memo" => "📝",
            "mega" | "loudspeaker" => "📣",
            "calendar" | "date" => "📅",
            "ticket" => "🎫",
            "hourglass_flowing_sand" => "⏳",
            "bust_in_silhouette" => "👤",
            _ => return None,
        };
        self.raw(shown);
        Some(end + 1)
    }

    fn marked(&mut self, world: &World, from: &str, mark: char, depth: u8) -> Option<usize> {
        let line = from[1..].split('\n').next().unwrap_or_default();
        let ends = line.match_indices(mark).map(|(at, _)| at);
        let is_end = |at: &usize| *at > 0 && line[at + 1..].chars().next().is_none_or(|c| !c.is_alphanumeric());
        let end = ends.into_iter().find(is_end)?;
        let inner = &line[..end];
        if inner.starts_with(' ') || inner.ends_with(' ') {
            return None;
        }
        let tag = match mark {
            '*' => "b",
            '_' => "i",
            '~' => "s",
            _ => "code",
        };
        self.open(tag, &[]);
        if tag == "code" {
            self.text(&super::text::plain(inner))
        } else {
            self.inline(world, inner, depth + 1)
        }
        self.close(tag);
        Some(end + 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::{Options, make};

    fn shown(text: &str) -> String {
        let world = make::world(&Options::default(), crate::dice::Dice::new(1), "T1".into(), "http://127.0.0.1:1");
        let mut html = Html::default();
        html.mrkdwn(&world, text);
        html.into_string()
    }

    #[test]
    fn markup_is_shown_and_nothing_gets_through() {
        for (text, html) in [
            ("*P1* disk_full_now", "<b>P1</b> disk_full_now"),
            (
                "*<https://a.example/?x=1&amp;y|web>*",
                "<b><a href=\"https://a.example/?x=1&amp;y\" rel=\"noopener noreferrer nofollow\">web</a></b>",
            ),
            (
                "<!subteam^S0123456789> <!here>",
                "<span class=\"ping all\">@S0123456789</span> <span class=\"ping all\">@here</span>",
            ),
            ("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("<script>alert(1)</script>", "scriptalert(1)/script"),
            ("<javascript:alert(1)|x>", "x"),
            (
                "<https://a.example/\" onmouseover=\"x|y>",
                "<a href=\"https://a.example/&quot; onmouseover=&quot;x\" rel=\"noopener noreferrer nofollow\">y</a>",
            ),
            ("<!here> <@U9>", "<span class=\"ping all\">@here</span> <span class=\"ping\">@U9</span>"),
            ("`a*b*` :warning: 10:30:00", "<code>a*b*</code> ⚠️ 10:30:00"),
            ("a\n```x < *y*```", "a<br><pre>x &lt; *y*</pre>"),
            ("障害*中*です *", "障害*中*です *"),
            ("&amp;lt;", "&amp;lt;"),
        ] {
            assert_eq!(shown(text), html, "{text}");
        }
    }

    #[test]
    fn much_nesting_ends() {
        let deep = format!("{}x{}", "*_~".repeat(200), "~_*".repeat(200));
        assert!(shown(&deep).contains('x'));
    }
}
