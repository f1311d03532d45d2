//! What is configured about mail, in the words of the duty that reads it. Opens nothing.

use crate::cli::Failure;
use crate::config::{self, Config, RuleVerdict};
use duties::mail::{self, Desk, Network, Pattern, PatternTexts, Patterns};

/// The monitors and rules that mails are read by.
pub fn desk(config: &Config) -> Result<Desk, Failure> {
    Ok(Desk {
        monitors: config.monitors.iter().map(monitor).collect::<Result<_, _>>()?,
        rules: config.mail_rules.iter().map(rule).collect::<Result<_, _>>()?,
        own_senders: config.relay.from.iter().map(|from| from.to_lowercase()).collect(),
        zone: config.server.time_zone.clone(),
    })
}

fn monitor(monitor: &config::Monitor) -> Result<mail::Monitor, Failure> {
    let label = format!("[[mail.monitor]] {}", monitor.name);
    let networks = monitor.sources.iter().map(|source| source.to_string().parse::<Network>());
    Ok(mail::Monitor {
        name: monitor.name.clone(),
        reader: monitor.reader.clone(),
        patterns: patterns(&label, monitor)?,
        recipients: monitor.recipients.clone(),
        senders: monitor.senders.clone(),
        is_secret_recipient: monitor.secret_recipient,
        sources: networks.collect::<Result<_, _>>().map_err(|bad| wrong(&label, &bad))?,
        spf: monitor.spf.clone(),
        dkim: monitor.dkim.clone(),
        customer: monitor.customer.clone(),
        service: monitor.service.clone(),
        grace_s: monitor.grace.map(|grace| i64::try_from(grace.as_secs()).unwrap_or(i64::MAX)),
        zone: monitor.zone.clone(),
    })
}

/// None for a monitor that has none.
fn patterns(label: &str, monitor: &config::Monitor) -> Result<Option<Patterns>, Failure> {
    let texts = PatternTexts {
        subject: monitor.subject.clone(),
        body: monitor.body.clone(),
        problem: monitor.problem.clone(),
        recovery: monitor.recovery.clone(),
        update: monitor.update.clone(),
        notice: monitor.ignore.clone(),
        host: monitor.host.clone(),
        check: monitor.check.clone(),
        severity: monitor.severity.clone(),
        key: monitor.key.clone(),
        time: monitor.time.clone(),
        time_format: monitor.time_format.clone(),
    };
    if texts == PatternTexts::default() {
        return Ok(None);
    }
    Patterns::parse(label, &texts).map(Some).map_err(|bad| wrong(label, &bad))
}

fn rule(rule: &config::MailRule) -> Result<mail::Rule, Failure> {
    let label = format!("[[mail.rule]] {}", rule.name);
    let pattern = |key: &str, text: &Option<String>| {
        let read = text.as_ref().map(|text| Pattern::new(&format!("{label} {key}"), text));
        read.transpose().map_err(|bad| wrong(&label, &bad))
    };
    Ok(mail::Rule {
        name: rule.name.clone(),
        monitor: rule.monitor.clone(),
        subject: pattern("subject", &rule.subject)?,
        body: pattern("body", &rule.body)?,
        sender: pattern("sender", &rule.sender)?,
        host: pattern("host", &rule.host)?,
        check: pattern("check", &rule.check)?,
        verdict: match rule.is {
            RuleVerdict::NotAnAlert => mail::RuleVerdict::NotAnAlert,
            RuleVerdict::Suppressed => mail::RuleVerdict::Suppressed,
        },
    })
}

/// The configuration's own check finds these first, with file and line.
fn wrong(label: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::Wrong(format!("{label}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk_of(text: &str) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("arayashiki.toml");
        std::fs::write(&file, text).unwrap();
        desk(&config::load(Some(&file), []).unwrap()).unwrap()
    }

    #[test]
    fn all_that_is_configured_reaches_the_reader() {
        let desk = desk_of(
            "[server]\ntime_zone = \"UTC\"\n[mail.relay]\nfrom = \"Arayashiki@example.jp\"\n\
             [[mail.monitor]]\nname = \"a\"\nreader = \"zabbix\"\nrecipients = [\"A@example.jp\"]\nsenders = [\"<>\"]\n\
             secret_recipient = true\nsources = [\"192.0.2.0/24\"]\nspf = [\"example.jp\"]\ndkim = [\"example.com\"]\n\
             grace = \"2m\"\nzone = \"Asia/Tokyo\"\nservice = \"PAAA111\"\n\
             [[mail.monitor]]\nname = \"b\"\nignore = 'test'\nproblem = 'x'\n\
             [[mail.rule]]\nname = \"r\"\nis = \"suppressed\"\nmonitor = \"a\"\nsender = '^root@'\nhost = '^db'\n",
        );
        assert_eq!(desk.zone, jiff::tz::TimeZone::UTC);
        assert_eq!(desk.own_senders, ["arayashiki@example.jp"]);
        let [a, b] = desk.monitors.as_slice() else { panic!("{:?}", desk.monitors) };
        assert_eq!((a.name.as_str(), a.reader.as_deref(), a.grace_s), ("a", Some("zabbix"), Some(120)));
        assert_eq!(
            (a.recipients.as_slice(), a.senders.as_slice()),
            (["a@example.jp".to_owned()].as_slice(), [String::new()].as_slice())
        );
        assert!(a.is_secret_recipient && a.patterns.is_none() && b.patterns.is_some() && !b.is_secret_recipient);
        assert!(a.sources[0].contains("192.0.2.9") && !a.sources[0].contains("198.51.100.9"));
        assert_eq!(
            (a.spf[0].as_str(), a.dkim[0].as_str(), a.service.as_deref()),
            ("example.jp", "example.com", Some("PAAA111"))
        );
        assert_eq!(a.zone.as_ref().and_then(jiff::tz::TimeZone::iana_name), Some("Asia/Tokyo"));
        let [rule] = desk.rules.as_slice() else { panic!("{:?}", desk.rules) };
        assert_eq!(
            (rule.name.as_str(), rule.monitor.as_deref(), rule.verdict),
            ("r", Some("a"), mail::RuleVerdict::Suppressed)
        );
        let holds = |pattern: &Option<Pattern>, text| pattern.as_ref().is_some_and(|pattern| pattern.is_match(text));
        assert!(holds(&rule.sender, "root@example.jp") && holds(&rule.host, "db01") && rule.subject.is_none());
    }
}
