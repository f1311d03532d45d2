//! Tokens and webhooks of chat and mail. Patterns and hints only.

use super::super::check;
use super::{Shape, checked, token};

pub(super) const SHAPES: &[Shape] = &[
    token(
        "slack-token",
        &["xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xoxc-", "xoxd-", "xoxe."],
        r"\bxox[abceoprsd](?:\.xox[bp])?-[A-Za-z0-9%/+=-]{10,}",
    ),
    token("slack-token", &["xapp-", "xwfp-"], r"\bx(?:app|wfp)-[0-9A-Za-z-]{20,}"),
    token(
        "slack-webhook",
        &["hooks.slack.com/"],
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_+-]{16,})",
    ),
    token(
        "teams-webhook",
        &["webhook.office.com/", "outlook.office.com/webhook"],
        r"(?:webhook\.office\.com/webhookb2|outlook\.office\.com/webhook)/([A-Za-z0-9@/-]{20,})",
    ),
    token("discord-webhook", &["/api/webhooks/"], r"discord(?:app)?\.com/api/webhooks/(\d{10,}/[A-Za-z0-9_-]{20,})"),
    checked(
        "discord-token",
        &["discord", "bot "],
        r#"(?i)(?:discord\w*["']?\s*[=:]\s*["']?|\bbot )([MNO][A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,})"#,
        check::is_random,
    ),
    token("telegram-token", &[":AA"], r"(?:\b|bot)([0-9]{8,10}:AA[A-Za-z0-9_-]{32,34})"),
    token(
        "line-token",
        &["notify-bot.line", "line_notify", "line_channel"],
        r#"(?i)line_(?:notify|channel)\w*["']?\s*[=:]\s*["']?([A-Za-z0-9+/=]{32,})"#,
    ),
    token("sendgrid-key", &["SG."], r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}"),
    token(
        "twilio-key",
        &[
            "SK0", "SK1", "SK2", "SK3", "SK4", "SK5", "SK6", "SK7", "SK8", "SK9", "SKa", "SKb", "SKc", "SKd", "SKe",
            "SKf",
        ],
        r"\bSK[0-9a-f]{32}\b",
    ),
    token("mailgun-key", &["key-"], r"\bkey-[0-9a-f]{32}\b"),
    token("mailgun-key", &["mailgun"], r#"(?i)mailgun\S*["']?\s*[=:]\s*["']?([0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})"#),
    token("mailchimp-key", &["-us"], r"\b[0-9a-f]{32}-us[0-9]{1,2}\b"),
    checked(
        "mandrill-key",
        &["mandrill", "=md-", "\"md-", " md-", "'md-"],
        r"\bmd-[A-Za-z0-9_-]{22}\b",
        check::is_random,
    ),
    token("brevo-key", &["xkeysib-", "xsmtpsib-"], r"\bx(?:key|smtp)sib-[0-9a-f]{40,}-[A-Za-z0-9]{12,}"),
    checked(
        "resend-key",
        &["=re_", "\"re_", "'re_", ": re_", "bearer re_"],
        r"\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}\b",
        check::is_random,
    ),
    token(
        "smtp-login",
        &["auth plain", "auth login", "auth=plain"],
        r"(?i)\bauth[ =](?:plain|login)\s+([A-Za-z0-9+/]{8,}={0,2})",
    ),
    token("imap-login", &[" login "], r#"(?i)\b[a-z]{0,3}[0-9]{1,6} login (?:"[^"]+"|[^\s"]+) ("[^"]+"|\S+)"#),
    token("mail-login", &["pass "], r"(?:^|[>:] ?|C: )(?:PASS) (\S+)\s*$"),
];
