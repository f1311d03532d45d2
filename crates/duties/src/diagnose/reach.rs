//! What a host is asked to see whether it can be reached, and what its answer means.

use crate::say::{Language, say};
use model::Micros;
use model::message::Message;

/// The state of a host that was reached.
pub const REACHED: &str = "reached";

/// Reads the clock, whether sudo works without a password, and what system it is; changes nothing.
pub const COMMAND: &str = "sh -c 'date +%s.%N; if sudo -n true 2>/dev/null; then echo sudo yes; else echo sudo no; fi; \
     . /etc/os-release 2>/dev/null; echo \"system ${PRETTY_NAME:-$(uname -s)} $(uname -r)\"'";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub elapsed_ms: u64,
    pub host_key: String,
    pub said: Option<Said>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Its clock less ours; to the second where it tells no more.
    pub clock_offset_ms: Option<i64>,
    /// yes or no.
    pub sudo: Option<String>,
    pub system: Option<String>,
}

/// Reads the answer; `at` is when its first byte came.
pub fn said(text: &str, at: Micros) -> Said {
    let after = |word: &str| text.lines().find_map(|line| line.strip_prefix(word)).map(str::trim);
    Said {
        clock_offset_ms: text.lines().next().and_then(instant).map(|theirs| theirs.since(at) / 1_000),
        sudo: after("sudo ").filter(|said| matches!(*said, "yes" | "no")).map(str::to_owned),
        system: after("system ").filter(|said| !said.is_empty()).map(|said| model::text::cut(said, 120)),
    }
}

/// `1790000000.123456789`; busybox knows no `%N` and prints it as it stands, or nothing.
fn instant(line: &str) -> Option<Micros> {
    let (seconds, rest) = line.trim().split_once('.')?;
    let seconds: i64 = seconds.parse().ok().filter(|seconds| *seconds > 0)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).take(6).collect();
    let micros: i64 = if digits.len() == 6 { digits.parse().ok()? } else { 500_000 };
    Some(Micros(seconds.checked_mul(1_000_000)?.checked_add(micros)?))
}

/// What people are told when a host shows another key than the one that is trusted.
pub fn key_changed(language: Language, host: &str, cause: &str, public_url: &str) -> Message {
    let headline = say!(language,
        ja: "{host}: ホスト鍵が、信頼済みの鍵と一致しません", en: "{host}: its host key is not the one that is trusted", host = host);
    let next = say!(language,
        ja: "接続は中止しました。ホストの管理者に鍵の変更を確認するまで、このホストでは何も実行されません。確認できたら `arayashiki host trust {host}` を実行してください。",
        en: "Nothing was sent. Until the host's owner has confirmed the change, nothing runs there; then: `arayashiki host trust {host}`.",
        host = host);
    let message = Message::new(headline).line(cause).line(next);
    if public_url.is_empty() { message } else { message.link(host, format!("{public_url}/hosts/{host}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_tells_clock_sudo_and_system_as_far_as_it_goes() {
        let at = Micros::from_seconds(1_790_000_000);
        let whole = said("1790000002.250000000\nsudo yes\nsystem Debian GNU/Linux 12 (bookworm) 6.1.0\n", at);
        assert_eq!(whole.clock_offset_ms, Some(2_250));
        assert_eq!(whole.sudo.as_deref(), Some("yes"));
        assert_eq!(whole.system.as_deref(), Some("Debian GNU/Linux 12 (bookworm) 6.1.0"));
        let busybox = said("1789999999.%N\nsudo no\nsystem Alpine Linux v3.20 6.6\n", at);
        assert_eq!(busybox.clock_offset_ms, Some(-500), "the middle of the second that it tells");
        assert_eq!(said("", at), Said::default());
        assert_eq!(said("Welcome!\nsudo maybe\nsystem \n", at), Said::default());
    }

    #[test]
    fn a_changed_key_says_what_to_do() {
        let message = key_changed(Language::En, "web-1", "its key has changed", "https://ops.example.jp");
        assert!(message.plain().contains("arayashiki host trust web-1") && message.links.len() == 1);
        assert!(key_changed(Language::Ja, "web-1", "", "").links.is_empty());
    }
}
