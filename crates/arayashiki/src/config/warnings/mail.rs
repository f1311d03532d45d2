//! Settings of the safety net that are each right and together not what was meant.

use super::{goes_in_the_clear, is_here};
use crate::config::keys::{Config, Monitor, Person, Smtp};
use crate::config::kinds::{Done, EvidencePlace, MailTls, Mode, RecipientHeader};
use crate::config::secret::Secret;

/// Whether this build can keep originals in a bucket.
const KEEPS_IN_S3: bool = false;

pub fn of_safety_net(config: &Config, found: &mut Vec<String>) {
    let net = &config.safety_net;
    let mut say = |is: bool, text: &str| found.extend(is.then(|| text.to_owned()));
    say(
        net.mode == Mode::Page && config.pagerduty.unconfigured_routing_key.is_none(),
        "[safety_net] mode is \"page\" but [pagerduty] unconfigured_routing_key is empty: nothing that is missing can be \
         registered; put an Events v2 integration key there",
    );
    say(
        net.mode != Mode::Observe && !crate::wiring::slack::is_set(config),
        "[safety_net] mode tells Slack but [slack] has neither a bot_token nor a webhook_url: nobody hears of what is missing; \
         set one",
    );
    say(
        net.silence != Mode::Observe && !crate::wiring::slack::is_set(config),
        "[safety_net] silence tells Slack but [slack] has neither a bot_token nor a webhook_url: nobody hears of it; set one",
    );
    say(
        !net.canary.is_zero() && config.monitors.iter().all(|monitor| monitor.routing_key.is_none()),
        "[safety_net] canary is set but no [[mail.monitor]] has a routing_key: no route can be tried; give one to each \
         monitor whose way matters",
    );
    say(
        !net.canary.is_zero() && (config.relay.host.is_none() || config.relay.from.is_none()),
        "[safety_net] canary is set but [mail.relay] has no host or no from: no test mail can go out, so that no route is \
         tested; set both",
    );
    say(
        matches!(config.evidence.url, EvidencePlace::S3 { .. }) && !KEEPS_IN_S3,
        "[evidence] url is a bucket, which this build can't write to: no original would be kept; take a build with S3, or \
         write \"file:data/evidence\"",
    );
}

pub fn of_second_path(config: &Config, found: &mut Vec<String>) {
    let path = &config.second_path;
    if path.mode != Mode::Page {
        return;
    }
    let has_address = path.webhook_url.is_some() || config.people.iter().any(|person| person.webhook_url.is_some());
    let mut say = |is: bool, text: &str| found.extend(is.then(|| text.to_owned()));
    say(
        !has_address && !path.mail && !path.sms,
        "[second_path] mode is \"page\" but there is no way to page by; set webhook_url, mail or sms",
    );
    say(
        path.mail && config.people.iter().all(|person| person.mail.is_none()),
        "[second_path] mail is true but no [[person]] has a mail address: nobody can be paged by it; write one for each \
         who is on call",
    );
    say(
        path.sms && config.people.iter().all(|person| person.phone.is_none()),
        "[second_path] sms is true but no [[person]] has a phone: nobody can be paged by it; write one for each who is on \
         call",
    );
    say(
        has_address && config.people.is_empty(),
        "[second_path] webhook_url is set but there is no [[person]]: nobody can be paged by it; write one for each who is on \
         call",
    );
    let has_way = |person: &&Person| {
        path.webhook_url.is_some()
            || person.webhook_url.is_some()
            || (path.mail && person.mail.is_some())
            || (path.sms && person.phone.is_some())
    };
    let (reached, unreached): (Vec<&Person>, Vec<&Person>) = config.people.iter().partition(has_way);
    let names: Vec<&str> = unreached.iter().map(|person| person.id.as_str()).collect();
    say(
        !reached.is_empty() && !unreached.is_empty(),
        &format!(
            "[second_path] mode is \"page\" but [[person]] {} can be reached by no way that is set: others are paged \
             instead; write a mail address, a phone or a webhook_url",
            names.join(", ")
        ),
    );
    say(
        config.pagerduty.token.is_none(),
        "[second_path] mode is \"page\" but [pagerduty] token is empty: nobody knows who is on call; put a REST API key \
         there",
    );
}

/// What travels readable to everybody on the way.
pub fn of_the_way(config: &Config, found: &mut Vec<String>) {
    let addresses: [(&str, &Option<Secret>); 2] =
        [("[slack]", &config.slack.webhook_url), ("[second_path]", &config.second_path.webhook_url)];
    for (section, address) in addresses {
        if address.as_ref().is_some_and(|address| goes_in_the_clear(address.expose())) {
            found.push(format!(
                "{section} webhook_url is http://: what is told there would travel readable to everybody on the way; use \
                 https://"
            ));
        }
    }
    let servers = [
        ("[mail.imap]", &config.imap.host, config.imap.tls, config.imap.password.is_some()),
        ("[mail.relay]", &config.relay.host, config.relay.tls, config.relay.password.is_some()),
    ];
    for (section, host, tls, has_password) in servers {
        let is_away = host.as_deref().is_some_and(|host| !is_here(host));
        if is_away && tls == MailTls::None && has_password {
            found.push(format!(
                "{section} tls is \"none\": the password would travel readable to everybody on the way; use \"starttls\" or \
                 \"implicit\""
            ));
        }
    }
}

pub fn of_doors(config: &Config, found: &mut Vec<String>) {
    let (smtp, imap) = (&config.smtp, &config.imap);
    let takes = !smtp.recipients.is_empty();
    let fetches = imap.host.is_some() || !config.ses.topics.is_empty();
    if !config.monitors.is_empty() && !takes && !fetches {
        found.push(
            "[[mail.monitor]] is written but no mail can come; set [mail.smtp] recipients, [mail.imap] host or [mail.ses] \
             topics"
                .to_owned(),
        );
    }
    if imap.host.is_some() && imap.done == Done::Move && imap.done_mailbox == imap.mailbox {
        found.push(
            "[mail.imap] done_mailbox is the mailbox that is read: a mail that is done would come again; name another"
                .to_owned(),
        );
    }
    if takes {
        of_sockets(config, found);
    }
    for monitor in &config.monitors {
        if takes && !fetches {
            found.extend(refused(smtp, monitor));
        }
        found.extend(nameless(monitor).or_else(|| unproven(monitor)).or_else(|| untold(config, monitor)));
    }
}

fn of_sockets(config: &Config, found: &mut Vec<String>) {
    let taken = [Some(config.server.listen), config.server.webhook_listen, Some(config.smtp.listen)];
    let ours = [("listen", Some(config.smtp.listen), 2), ("lmtp_listen", config.smtp.lmtp_listen, 3)];
    for (key, address, before) in ours {
        if address.is_some_and(|address| address.port() != 0)
            && taken.iter().take(before).any(|other| *other == address)
        {
            found.push(format!(
                "[mail.smtp] {key} is taken by another key: the second can't be opened; take another port"
            ));
        }
    }
}

/// A recipient that the only open door turns away. It is not repeated, since it may be a secret.
fn refused(smtp: &Smtp, monitor: &Monitor) -> Option<String> {
    let takes = |address: &str| {
        let domain = address.rfind('@').map_or("", |at| &address[at..]);
        smtp.recipients.iter().any(|known| known == address || known == domain)
    };
    let is_refused = monitor.recipients.iter().any(|address| !takes(address));
    is_refused.then(|| {
        format!(
            "[[mail.monitor]] {}: [mail.smtp] recipients lacks one of its recipients, whose mails would be refused; add it \
             there",
            monitor.name
        )
    })
}

/// Its mails are known by their addresses, or else by being of its reader's kind.
fn nameless(monitor: &Monitor) -> Option<String> {
    let is_known = !monitor.recipients.is_empty() || !monitor.senders.is_empty() || monitor.reader.is_some();
    (!is_known).then(|| {
        format!(
            "[[mail.monitor]] {}: nothing tells its mails, so that it will never have one; set recipients, senders or \
             reader",
            monitor.name
        )
    })
}

/// Only an envelope tells the recipient, or a header that the mailbox's own server wrote.
fn untold(config: &Config, monitor: &Monitor) -> Option<String> {
    let tells = !config.smtp.recipients.is_empty()
        || !config.ses.topics.is_empty()
        || config.imap.recipient_header != RecipientHeader::None;
    let proves_else = !monitor.sources.is_empty() || !monitor.spf.is_empty() || !monitor.dkim.is_empty();
    (monitor.secret_recipient && config.imap.host.is_some() && !tells && !proves_else).then(|| {
        format!(
            "[[mail.monitor]] {}: secret_recipient proves nothing of mails in a mailbox, where the recipient is not known; \
             set [mail.imap] recipient_header, spf or dkim",
            monitor.name
        )
    })
}

fn unproven(monitor: &Monitor) -> Option<String> {
    let proves =
        monitor.secret_recipient || !monitor.sources.is_empty() || !monitor.spf.is_empty() || !monitor.dkim.is_empty();
    (!proves).then(|| {
        format!(
            "[[mail.monitor]] {}: nothing proves its sender, so that its recoveries resolve nothing; set secret_recipient, \
             sources, spf or dkim",
            monitor.name
        )
    })
}
