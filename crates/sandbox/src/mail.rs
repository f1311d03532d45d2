//! A mail as the simulated systems read it: addresses, subject, text, links. The decoding is a library's; nothing here decides
//! what becomes of a mail.

use mail_parser::{HeaderValue, Message, MessageParser};

/// What is shown of one mail.
#[derive(Debug, Clone, Default)]
pub(crate) struct Read {
    /// Addresses of `From`, bare.
    pub from: Vec<String>,
    /// Addresses of `To`, `Cc` and `Delivered-To`, bare.
    pub to: Vec<String>,
    pub subject: String,
    /// The text part, or the HTML without its tags.
    pub text: String,
    pub is_html: bool,
    pub message_id: Option<String>,
    /// As they stand in the mail, unfolded and not decoded.
    pub headers: Vec<(String, String)>,
}

impl Read {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Reads whatever it can; bytes that are no mail give an empty one.
pub(crate) fn read(raw: &[u8]) -> Read {
    let Some(message) = MessageParser::default().parse(raw) else { return Read::default() };
    let mut to = addresses(&message, "To");
    to.extend(addresses(&message, "Cc"));
    to.extend(addresses(&message, "Delivered-To"));
    Read {
        from: addresses(&message, "From"),
        to,
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).map(|text| text.into_owned()).unwrap_or_default(),
        is_html: message.text_body.first().is_some_and(|part| message.html_body.contains(part)) && is_html(&message),
        message_id: message.message_id().map(str::to_owned),
        headers: message.headers_raw().map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect(),
    }
}

fn is_html(message: &Message<'_>) -> bool {
    message.part(message.text_body.first().copied().unwrap_or_default()).is_some_and(|part| part.is_text_html())
}

fn addresses(message: &Message<'_>, name: &str) -> Vec<String> {
    let list = match message.header(name.to_owned()) {
        Some(HeaderValue::Address(list)) => list.iter().filter_map(|a| a.address.as_deref()).map(bare).collect(),
        Some(HeaderValue::Text(text)) => vec![bare(text)],
        Some(HeaderValue::TextList(all)) => all.iter().map(|text| bare(text)).collect(),
        _ => Vec::new(),
    };
    list.into_iter().filter(|address| address.contains('@')).collect()
}

/// An address without name and brackets, in lower case.
pub(crate) fn bare(address: &str) -> String {
    let inner = address.rsplit_once('<').map_or(address, |(_, rest)| rest.split('>').next().unwrap_or_default());
    inner.trim().to_lowercase()
}

/// Every http(s) address in a text, in order.
pub(crate) fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("http") {
        let rest = &text[at..];
        if !(rest.starts_with("http://") || rest.starts_with("https://")) {
            continue;
        }
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"'()「」、。\\|".contains(c)).unwrap_or(rest.len());
        let link = rest[..end].trim_end_matches(['.', ',', ';']).to_owned();
        if !found.contains(&link) {
            found.push(link);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_japanese_mail_is_read() {
        let raw = b"From: Zabbix <zabbix@example.jp>\r\nTo: ops@example.pagerduty.com\r\nSubject: =?iso-2022-jp?b?GyRCJUclIyU5JS8+YzMyGyhCICh3ZWIwMSk=?=\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B%G%#%9%/\x1b(B http://example.jp/a.\r\n";
        let mail = read(raw);
        assert_eq!(mail.subject, "ディスク障害 (web01)");
        assert_eq!(mail.from, ["zabbix@example.jp"]);
        assert_eq!(mail.to, ["ops@example.pagerduty.com"]);
        assert!(mail.text.starts_with("ディスク"), "{}", mail.text);
        assert_eq!(links(&mail.text), ["http://example.jp/a"]);
        assert!(!mail.is_html);
    }

    #[test]
    fn bytes_that_are_no_mail_do_no_harm() {
        for raw in [&b""[..], b"\0\xff\xfe", b"no header at all", b"Subject:\r\n\r\n"] {
            read(raw);
        }
    }
}
