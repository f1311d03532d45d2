//! How far a mail's sender is believed: the monitor's own rule, or nobody. Never asks DNS: what SPF and DKIM said comes in.

use super::Monitor;
use super::letter::is_within;
use model::mail::{Authentication, Envelope, Trust};

/// Nobody said where a mail was delivered: a mailbox without a header for it, or somebody who tries a mail.
pub const NO_RECIPIENT: &str =
    "its recipient is not known, so the secret address can't be judged (delivered to that, it would be believed)";

/// The verdict, and why, in words.
pub fn judge(monitor: Option<&Monitor>, envelope: &Envelope, asked: Option<&Authentication>) -> (Trust, String) {
    let Some(monitor) = monitor else {
        return (Trust::Untrusted, "no monitor is configured that this mail is of".into());
    };
    if !has_rule(monitor) {
        let why = format!("the monitor {} has no sender rule (secret recipient, source, SPF or DKIM)", monitor.name);
        return (Trust::Untrusted, why);
    }
    if let Some(why) = by_envelope(monitor, envelope) {
        return (Trust::Trusted, why);
    }
    let given = [asked, envelope.checked.as_ref()];
    if let Some(why) = given.into_iter().flatten().find_map(|given| by_authentication(monitor, given)) {
        return (Trust::Trusted, why);
    }
    let wants_more = !(monitor.spf.is_empty() && monitor.dkim.is_empty());
    if wants_more && given.into_iter().all(|given| given.is_none()) {
        return (Trust::Waiting, "SPF and DKIM have not been asked yet".into());
    }
    (Trust::Untrusted, refusal(monitor, envelope, given.into_iter().flatten()))
}

const fn has_rule(monitor: &Monitor) -> bool {
    let has_dns = !monitor.spf.is_empty() || !monitor.dkim.is_empty();
    monitor.is_secret_recipient || !monitor.sources.is_empty() || has_dns
}

fn by_envelope(monitor: &Monitor, envelope: &Envelope) -> Option<String> {
    // A whole domain is no secret.
    let is_secret = |recipient: &str| {
        monitor.recipients.iter().any(|known| !known.starts_with('@') && known.eq_ignore_ascii_case(recipient.trim()))
    };
    if monitor.is_secret_recipient && envelope.recipients.iter().any(|recipient| is_secret(recipient)) {
        return Some("it was sent to the monitor's secret address".into());
    }
    let peer = envelope.peer.as_deref()?;
    let network = monitor.sources.iter().find(|network| network.contains(peer))?;
    Some(format!("{peer} handed it over, which is in {network}"))
}

fn by_authentication(monitor: &Monitor, given: &Authentication) -> Option<String> {
    let believed = |domain: &str, list: &[String]| list.iter().any(|of| is_within(domain, of));
    if let Some(domain) = given.spf.as_deref().filter(|domain| believed(domain, &monitor.spf)) {
        return Some(format!("SPF allows the peer for {domain}"));
    }
    let domain = given.dkim.iter().find(|domain| believed(domain, &monitor.dkim))?;
    Some(format!("it is signed by {domain} (DKIM)"))
}

fn refusal<'a>(monitor: &Monitor, envelope: &Envelope, given: impl Iterator<Item = &'a Authentication>) -> String {
    let mut why = Vec::new();
    if monitor.is_secret_recipient {
        why.push(if envelope.recipients.is_empty() {
            NO_RECIPIENT.to_owned()
        } else {
            "it was not sent to the secret address".to_owned()
        });
    }
    if !monitor.sources.is_empty() {
        why.push(match envelope.peer.as_deref() {
            Some(peer) => format!("{peer} is in none of the sources"),
            None => "nobody knows the address that handed it over".to_owned(),
        });
    }
    if !monitor.spf.is_empty() || !monitor.dkim.is_empty() {
        why.push("neither SPF nor DKIM holds for a domain of the rule".to_owned());
    }
    for given in given {
        why.extend(given.why.iter().take(4).cloned());
        why.extend(given.is_incomplete.then(|| "DNS did not answer all".to_owned()));
    }
    why.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::mail::Door;

    fn envelope(recipient: &str, peer: Option<&str>) -> Envelope {
        Envelope {
            door: Door::Smtp,
            from: Some("zabbix@example.jp".into()),
            recipients: vec![recipient.into()],
            peer: peer.map(str::to_owned),
            helo: None,
            tls: false,
            checked: None,
            place: None,
        }
    }

    fn monitor() -> Monitor {
        Monitor {
            name: "zabbix-a".into(),
            recipients: vec!["k3-secret@alerts.example.jp".into(), "@example.com".into()],
            ..Monitor::default()
        }
    }

    #[test]
    fn nobody_is_believed_without_a_rule() {
        let plain = envelope("k3-secret@alerts.example.jp", Some("203.0.113.9"));
        assert_eq!(judge(None, &plain, None).0, Trust::Untrusted);
        let (trust, why) = judge(Some(&monitor()), &plain, None);
        assert_eq!(trust, Trust::Untrusted);
        assert!(why.contains("zabbix-a") && why.contains("no sender rule"), "{why}");
    }

    #[test]
    fn the_secret_address_or_the_source_is_believed() {
        let secret = Monitor { is_secret_recipient: true, ..monitor() };
        let trust = |monitor: &Monitor, recipient: &str, peer| judge(Some(monitor), &envelope(recipient, peer), None).0;
        assert_eq!(trust(&secret, "K3-Secret@alerts.example.jp", None), Trust::Trusted);
        assert_eq!(trust(&secret, "other@example.com", None), Trust::Untrusted, "a domain is no secret");
        let source = Monitor { sources: vec!["203.0.113.0/24".parse().unwrap()], ..monitor() };
        assert_eq!(trust(&source, "a@example.jp", Some("203.0.113.9")), Trust::Trusted);
        assert_eq!(trust(&source, "a@example.jp", Some("198.51.100.9")), Trust::Untrusted);
        assert_eq!(trust(&source, "a@example.jp", None), Trust::Untrusted);
    }

    #[test]
    fn an_unknown_recipient_is_no_wrong_one() {
        let secret = Monitor { is_secret_recipient: true, ..monitor() };
        let unknown = Envelope { recipients: Vec::new(), ..envelope("", None) };
        let (trust, why) = judge(Some(&secret), &unknown, None);
        assert_eq!((trust, why.as_str()), (Trust::Untrusted, NO_RECIPIENT));
        let (_, why) = judge(Some(&secret), &envelope("other@example.com", None), None);
        assert_eq!(why, "it was not sent to the secret address");
    }

    #[test]
    fn spf_and_dkim_are_waited_for_and_then_believed_for_their_domain_and_below() {
        let rule = Monitor { spf: vec!["example.jp".into()], dkim: vec!["amazonses.com".into()], ..monitor() };
        let of = |asked: Option<&Authentication>| judge(Some(&rule), &envelope("a@example.jp", None), asked).0;
        assert_eq!(of(None), Trust::Waiting);
        let given = |spf: Option<&str>, dkim: &[&str]| Authentication {
            spf: spf.map(str::to_owned),
            dkim: dkim.iter().map(|d| (*d).to_owned()).collect(),
            ..Authentication::default()
        };
        assert_eq!(of(Some(&given(Some("mail.example.jp"), &[]))), Trust::Trusted);
        assert_eq!(of(Some(&given(Some("badexample.jp"), &["example.jp"]))), Trust::Untrusted);
        assert_eq!(of(Some(&given(None, &["example.net", "ap-northeast-1.amazonses.com"]))), Trust::Trusted);
        let checked = Envelope { checked: Some(given(Some("example.jp"), &[])), ..envelope("a@example.jp", None) };
        assert_eq!(judge(Some(&rule), &checked, None).0, Trust::Trusted, "what the door checked counts");
    }
}
