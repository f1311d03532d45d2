//! THE table of keys: section, key, type, kind, default and one line of why. It makes the sections' structs, tells
//! known keys from unknown ones and holds `arayashiki.example.toml` to the code. A new key is one line here and the
//! same line there.

use super::kinds::{
    self, Anchor, CalendarUse, Diagnosis, Done, EvidencePlace, HolidayBase, Language, LogFormat, MailTls, Mode,
    RecipientHeader, RuleVerdict, SpoolPlace, SshAddress, StartTls, StoreUrl, Urgencies,
};
use super::resolve::Resolver;
use super::secret::Secret;
use super::settings::{Key, Section, Settings, settings};
use duties::calendar::Lead;
use duties::inventory::draft::Belonging;
use duties::reminders::{Incidents as RemindedIncidents, Quiet, Target};
use duties::tickets::{HoursOf, Kind as Happening, When};
use ipnet::IpNet;
use jiff::civil::Date;
use model::hours::{Break, Observed, Week, YearSpan, Zone};
use model::mail::Severity;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Every key of every section.
pub fn all() -> impl Iterator<Item = &'static Key> {
    SECTIONS.iter().flat_map(|section| section.keys)
}

pub fn section(path: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.path == path).copied()
}

settings! {
    ["server"] server: Server "Where it listens and how it speaks." {
        listen: SocketAddr = kinds::ADDRESS, "127.0.0.1:8080", "Address and port of the pages and the API, and of the webhooks unless webhook_listen is set.";
        webhook_listen: Option<SocketAddr> = kinds::ADDRESS_OR_NONE, "", "When set, /webhooks/* is served at this address and nowhere else, so that only webhooks face the internet.";
        public_url: Option<String> = kinds::URL_OR_NONE, "", "The address people open, such as https://ops.example.jp: without it notes and mails carry no links.";
        time_zone: jiff::tz::TimeZone = kinds::ZONE, "Asia/Tokyo", "IANA time zone that times are shown in; they are stored in UTC.";
        language: Language = kinds::LANGUAGE, "ja", "Language of pages and texts until a person picks their own: ja or en.";
        hours: Option<String> = kinds::SLUG_OR_NONE, "", "Name of the [[hours]] that hold for whoever has none of their own, by a group or by the customer; empty: nobody says when such a person is at work.";
        in_flight: usize = kinds::count::<1, 65_536>(), "1024", "Webhooks being received at once; beyond that the answer is 503 with Retry-After, and PagerDuty sends again.";
        farewell: Duration = kinds::duration::<0, { kinds::HOUR_S }>(), "1s", "At a stop /readyz says so for this long before the sockets close, so that a load balancer looks elsewhere first.";
    }
    ["store"] store: StoreSettings "Where everything is kept." {
        url: StoreUrl = kinds::STORE, "sqlite:data/arayashiki.db", "sqlite:FILE, its path relative to this file's folder, or postgres://user@host/database for several machines.";
        readers: usize = kinds::count::<1, 256>(), "4", "Connections that read at once; writing is one more.";
        spool: SpoolPlace = kinds::SPOOL, "data/spool.db", "File that keeps webhooks while PostgreSQL is away; off where this machine's disk is not kept. SQLite needs none.";
    }
    ["pagerduty"] pagerduty: PagerDuty "The PagerDuty account beside which it stands." {
        api_url: String = kinds::URL, "https://api.pagerduty.com", "REST API; https://api.eu.pagerduty.com for an account in the EU region.";
        events_url: String = kinds::URL_OR_DERIVED, "", "Events API v2; empty follows api_url's region.";
        token: Option<Secret> = kinds::SECRET, "", "Secret. REST API key; without it only webhooks are mirrored, and nothing is looked up or written.";
        from: Option<String> = kinds::EMAIL_OR_NONE, "", "Mail address of the PagerDuty user that writes are made as; an account-level key needs one.";
        webhook_secrets: Vec<Secret> = kinds::SECRETS, "", "Secrets. They sign the webhooks, several during a rotation; without one every webhook is refused.";
        action_secrets: Vec<Secret> = kinds::SECRET_SEGMENTS, "", "Secrets. Last part of the address of buttons in PagerDuty, /webhooks/pagerduty/action/…, several during a rotation; none: no button is heard.";
        webhook_subscriptions: Vec<String> = kinds::NAMES, "", "Ids of the webhook subscriptions that are ours; more are learned from deliveries with a valid signature.";
        unconfigured_routing_key: Option<Secret> = kinds::SECRET, "", "Secret. Events v2 integration key of the service that Arayashiki's own alarms go to.";
        first_sight: Duration = kinds::duration::<0, { kinds::LONGEST_S }>(), "30d", "How far back the very first start looks for incidents.";
        poll: Duration = kinds::duration_or_never::<1, { kinds::DAY_S }>(), "60s", "How often the account's log is read, which repairs what webhooks did not tell and does without them; 0s: never.";
        sweep: Duration = kinds::duration::<1, { 7 * kinds::DAY_S }>(), "1h", "How often all open incidents are listed and compared with the mirror.";
        reference: Duration = kinds::duration::<1, { 7 * kinds::DAY_S }>(), "30m", "How often services, people, teams, policies, schedules, priorities and maintenance windows are read.";
    }
    ["link_note"] link_note: LinkNote "A note in PagerDuty that leads here." {
        mode: Mode = kinds::OBSERVE_OR_POST, "observe", "observe shows what it would do; post adds one note with the page's address to each new incident.";
    }
    ["intake_guard"] intake_guard: IntakeGuard "An alarm when PagerDuty's webhooks stop being believed." {
        mode: Mode = kinds::OBSERVE_OR_PAGE, "observe", "observe shows what it would do; page pages through unconfigured_routing_key when a webhook's signature fails.";
    }
    ["webhook_guard"] webhook_guard: WebhookGuard "A webhook subscription that PagerDuty switched off, that is gone or silent." {
        mode: Mode = kinds::OBSERVE_OR_POST, "observe", "observe shows what is wrong and what it would do; post switches a subscription on again that PagerDuty gave up on.";
        look: Duration = kinds::duration::<1, { kinds::DAY_S }>(), "60s", "How often PagerDuty's list of subscriptions is read.";
        late: Duration = kinds::duration::<1, { kinds::DAY_S }>(), "5m", "How late a webhook may be before the change counts as not told; three such changes, or one three times as old, mean silence.";
    }
    ["seats"] seats: Seats "What people's places in PagerDuty cost, for the page of seats." {
        price: Option<i64> = kinds::PRICE, "", "Price of one PagerDuty user and month, such as 6000 or 41.50; without it the page counts people and no money.";
        currency: String = kinds::CURRENCY, "JPY", "The price's currency, three letters.";
    }
    ["work"] work: Work "How jobs are done." {
        lease: Duration = kinds::duration::<1, { kinds::HOUR_S }>(), "30s", "How long a worker may hold a job; after a crash somebody else takes it when this is over.";
        settle: Duration = kinds::duration::<1, { kinds::HOUR_S }>(), "10s", "How long PagerDuty may need to show an effect; only then is one of unknown outcome looked up.";
        stop: Duration = kinds::duration::<0, { kinds::HOUR_S }>(), "20s", "At a stop, how long jobs in hand may take to end; the next worker looks up what was cut off.";
    }
    ["log"] log: Log "What it tells about itself, on standard error." {
        filter: String = kinds::LOG_FILTER, "info", "error, warn, info, debug or trace, also by part: info,engine=debug.";
        format: LogFormat = kinds::LOG_FORMAT, "text", "text for people, json for a log collector.";
    }
    ["mail.smtp"] smtp: Smtp "Mail that monitors send straight to us, by SMTP or LMTP." {
        listen: SocketAddr = kinds::ADDRESS, "127.0.0.1:2525", "Address and port for SMTP; opened only when recipients are set.";
        lmtp_listen: Option<SocketAddr> = kinds::ADDRESS_OR_NONE, "", "Address and port for LMTP, for a mail server in front such as Postfix; opened only when recipients are set.";
        hostname: Option<String> = kinds::HOST_OR_NONE, "", "The name that it greets with; empty takes public_url's host, else the machine's name.";
        recipients: Vec<String> = kinds::MAILBOXES, "", "Addresses that mail is taken for, or @example.jp for a whole domain; all else is refused, and nothing is ever passed on.";
        max_size: u64 = kinds::size::<100_000, 1_000_000_000>(), "40MB", "The largest mail that is taken; it is kept as it came.";
        tls_cert: Option<PathBuf> = kinds::FILE_OR_NONE, "", "PEM file with the certificate and its chain; with it and tls_key STARTTLS is offered.";
        tls_key: Option<PathBuf> = kinds::FILE_OR_NONE, "", "PEM file with the certificate's private key; readable to the service alone.";
        tls: StartTls = kinds::STARTTLS, "offer", "offer takes mail without TLS as well, since many monitors can't do better; require refuses it.";
        networks: Vec<IpNet> = kinds::NETWORKS, "", "Networks that may connect, such as 192.0.2.0/24; empty lets everybody try.";
        connections: usize = kinds::count::<1, 65_536>(), "256", "Connections at once; beyond that the answer is 421, and the sender tries again.";
        per_address: usize = kinds::count::<1, 65_536>(), "64", "Connections at once from one address, so that one sender leaves room for the others.";
        rate: usize = kinds::count::<0, 100_000_000>(), "30000", "Mails a minute from one address; beyond that the answer is 450, and the sender tries again; 0: no limit.";
    }
    ["mail.imap"] imap: Imap "Mail that lies in a mailbox." {
        host: Option<String> = kinds::HOST_OR_NONE, "", "The mail server; empty: no mailbox is read.";
        port: u16 = kinds::PORT, "993", "993 for implicit TLS, 143 for STARTTLS.";
        user: Option<String> = kinds::NAME_OR_NONE, "", "Who signs in there.";
        password: Option<Secret> = kinds::SECRET, "", "Secret. What the user signs in with.";
        tls: MailTls = kinds::MAIL_TLS, "implicit", "implicit, starttls, or none on a way that nobody can read.";
        ca: Option<PathBuf> = kinds::FILE_OR_NONE, "", "PEM file with the authority of the server's certificate; empty takes the public ones.";
        mailbox: String = kinds::NAME, "INBOX", "The folder that is read; what lies there at the first look is a baseline and alarms nobody.";
        done: Done = kinds::DONE, "flag", "What becomes of a mail once it is kept: nothing, flag marks it as seen, move puts it into done_mailbox.";
        done_mailbox: String = kinds::NAME, "Arayashiki", "The folder for done = \"move\"; made if it is not there.";
        recipient_header: RecipientHeader = kinds::RECIPIENT_HEADER, "none", "delivered-to or x-original-to: the header that this server puts above its own Received line; what it names counts as the recipient, so that secret_recipient holds here too.";
        poll: Duration = kinds::duration::<5, { kinds::HOUR_S }>(), "60s", "How often it is looked at beside IDLE, which may fall silent.";
    }
    ["mail.ses"] ses: Ses "Mail that Amazon SES receives and passes on through SNS, to /webhooks/sns." {
        topics: Vec<String> = kinds::TOPICS, "", "ARNs of the topics that are ours; subscriptions of others are neither confirmed nor believed.";
        region: Option<String> = kinds::REGION_OR_NONE, "", "Region of the bucket that mails lie in; empty takes the topic's.";
        access_key_id: Option<String> = kinds::NAME_OR_NONE, "", "Access key that may read that bucket; not needed when SNS carries whole mails.";
        secret_access_key: Option<Secret> = kinds::SECRET, "", "Secret. Belongs to access_key_id.";
        s3_url: Option<String> = kinds::URL_OR_NONE, "", "Another S3 than Amazon's, such as https://s3.example.jp; empty follows the region.";
        sns_url: Option<String> = kinds::URL_OR_NONE, "", "Another SNS than Amazon's, for trying things: only its addresses are believed then.";
    }
    ["mail.relay"] relay: Relay "The server that takes the mails that we send." {
        host: Option<String> = kinds::HOST_OR_NONE, "", "The mail server; empty: no mail is sent.";
        port: u16 = kinds::PORT, "587", "587 for STARTTLS, 465 for implicit TLS.";
        user: Option<String> = kinds::NAME_OR_NONE, "", "Who signs in there; empty sends without signing in.";
        password: Option<Secret> = kinds::SECRET, "", "Secret. What the user signs in with.";
        tls: MailTls = kinds::MAIL_TLS, "starttls", "starttls, implicit, or none on a way that nobody can read.";
        ca: Option<PathBuf> = kinds::FILE_OR_NONE, "", "PEM file with the authority of the server's certificate; empty takes the public ones.";
        from: Option<String> = kinds::EMAIL_OR_NONE, "", "Address that our mails come from; what comes back from it is never taken for an alert.";
    }
    ["mail.dns"] dns: Dns "Where SPF and DKIM records are asked for." {
        servers: Vec<SocketAddr> = kinds::SERVERS, "", "Name servers by IP address; empty asks the system's.";
    }
    ["slack"] slack: Slack "Where people are told." {
        bot_token: Option<Secret> = kinds::SECRET, "", "Secret. The app's own token, xoxb-…: messages that follow what they are about, with threads and buttons.";
        signing_secret: Option<Secret> = kinds::SECRET, "", "Secret. Signs what Slack sends to /webhooks/slack/interactions and /webhooks/slack/commands; without it nothing that is pressed is believed.";
        old_signing_secret: Option<Secret> = kinds::SECRET, "", "Secret. The one before, while it is being replaced.";
        app_token: Option<Secret> = kinds::SECRET, "", "Secret. Token of Socket Mode, xapp-…, for installations that Slack can't reach; signing_secret is not needed then.";
        webhook_url: Option<Secret> = kinds::SECRET_URL, "", "Secret. Address of an incoming webhook, where there is no bot_token: what is posted by it is neither changed nor found again, and has no buttons.";
        api_url: String = kinds::URL, "https://slack.com/api", "Slack's Web API.";
        incidents: Mode = kinds::OBSERVE_OR_POST, "observe", "observe shows what it would do; post gives each new incident a message that follows it.";
        urgency: Urgencies = kinds::URGENCIES, "high", "high: incidents of high urgency get a message; all: those of low urgency as well.";
        templates: Option<PathBuf> = kinds::FILE_OR_NONE, "", "Folder with your own wording, such as incident.ja.txt; `arayashiki message preview` shows each message.";
    }
    ["slack.channels"] slack_channels: SlackChannels "Which channel hears what; by its id, such as C0123456789, under the channel's details in Slack." {
        alerts: Option<String> = kinds::NAME_OR_NONE, "", "Incidents, and what the safety net has to tell; what has no channel of its own goes there.";
        handover: Option<String> = kinds::NAME_OR_NONE, "", "Hand-overs.";
        tickets: Option<String> = kinds::NAME_OR_NONE, "", "Tickets that nobody watches.";
        calendar: Option<String> = kinds::NAME_OR_NONE, "", "Events whose time has come.";
    }
    ["evidence"] evidence: Evidence "Where originals and what hosts answered are kept." {
        url: EvidencePlace = kinds::EVIDENCE, "file:data/evidence", "file:FOLDER, relative to this file's folder, or s3://bucket/prefix.";
        key_file: PathBuf = kinds::FILE, "data/evidence.key", "File with the key that seals them, made at the first start; without it no original can be opened, so keep a copy elsewhere.";
        retention: Option<Duration> = kinds::RETENTION, "5y", "How long what hosts answered is kept, such as 90d or 5y; forever: always. That something was asked, and its digest, is kept for ever.";
        anchors: Vec<Anchor> = kinds::ANCHORS, "", "Where the head of the record is made known outside of this machine, so that nobody can cut it unseen: slack (or slack:CHANNEL), mail:ADDRESS, s3://bucket/prefix with Object Lock; two of them are best.";
        anchor_every: Duration = kinds::duration::<60, { 31 * kinds::DAY_S }>(), "1d", "How often, if anything was entered since.";
        anchor_region: Option<String> = kinds::REGION_OR_NONE, "", "Region of the bucket that anchors name.";
        anchor_access_key_id: Option<String> = kinds::NAME_OR_NONE, "", "Access key that may put objects with a retention into that bucket, and nothing else.";
        anchor_secret_access_key: Option<Secret> = kinds::SECRET, "", "Secret. Belongs to anchor_access_key_id.";
        anchor_s3_url: Option<String> = kinds::URL_OR_NONE, "", "Another S3 than Amazon's, such as https://s3.example.jp; empty follows the region.";
    }
    ["inventory"] inventory: InventorySources "Where hosts are known from, besides [[host]]; a host that two of these know is taken from the first." {
        ssh_config: Vec<String> = kinds::PATHS, "", "OpenSSH configurations: each name that a Host line writes out is a host; ~ is the service's own home.";
        ansible: Vec<String> = kinds::PATHS, "", "Ansible inventories, INI or YAML, a file, a folder or a pattern such as inventory/*.yml; group_vars and host_vars beside them count.";
        ec2: Vec<String> = kinds::PATHS, "", "Files that `aws ec2 describe-instances` wrote: what runs is a host by its tags Name, arayashiki:customer, :bastion, :user, :port and :match.";
        ec2_regions: Vec<String> = kinds::LIVE_REGIONS, "", "Regions of which EC2 itself is asked every five minutes, such as ap-northeast-1; needs ec2:DescribeInstances, and a program built with `--features aws`.";
        ec2_url: Option<String> = kinds::URL_OR_NONE, "", "Where EC2 answers, such as a VPC endpoint without private DNS; empty: at Amazon's own address of each region.";
        ec2_kept: Option<PathBuf> = kinds::FILE_OR_NONE, "data/ec2", "Folder where EC2's last answer for each region is kept for the next start; empty: nowhere.";
        customers: Vec<Belonging> = kinds::BELONGINGS, "", "Whose the hosts of these sources are that don't say it themselves: group: and an Ansible group's name, or a pattern of host names, then = and the customer's id.";
        leave_out: Vec<String> = kinds::GLOBS, "", "Patterns of names that are no hosts of ours, such as github.com.";
        max_hosts: usize = kinds::count::<1, 100>(), "5", "Hosts that are visited for one incident at most, the surest first.";
    }
    ["ssh"] ssh: Ssh "How hosts are visited. An unknown host key is never accepted." {
        known_hosts: Option<PathBuf> = kinds::FILE_OR_NONE, "", "File of trusted host keys in OpenSSH's form, @cert-authority and @revoked too, besides those that `arayashiki host trust` pins.";
        user: Option<String> = kinds::NAME_OR_NONE, "", "Who signs in where a host or bastion names nobody.";
        key_file: Option<PathBuf> = kinds::FILE_OR_NONE, "", "Private key of whoever signs in where a host or bastion has none of its own.";
        key_passphrase: Option<Secret> = kinds::SECRET, "", "Secret. What key_file is encrypted with.";
        certificate_file: Option<PathBuf> = kinds::FILE_OR_NONE, "", "OpenSSH certificate of key_file, where it is not beside it as KEY-cert.pub.";
        agent: Option<String> = kinds::AGENT_OR_NONE, "", "Socket of an SSH agent that is asked after the key, or SSH_AUTH_SOCK for the environment's.";
        connect: Duration = kinds::duration::<1, { kinds::HOUR_S }>(), "10s", "How long each hop may take until somebody is signed in there.";
        step: Duration = kinds::duration::<1, { kinds::HOUR_S }>(), "60s", "How long one step may take at most, whatever its runbook says.";
        total: Duration = kinds::duration::<1, { kinds::DAY_S }>(), "10m", "How long all steps of a run on one host may take at most.";
        output: u64 = kinds::size::<1_000, 10_000_000_000>(), "100MB", "How much one step may answer; beyond that it is stopped, and what came is kept.";
        per_bastion: usize = kinds::count::<1, 10_000>(), "64", "Runs at once through one bastion.";
        per_host: usize = kinds::count::<1, 100>(), "4", "Runs at once on one host.";
        keepalive: Duration = kinds::duration::<1, { kinds::HOUR_S }>(), "15s", "After so long without a byte the other side is asked whether it is still there.";
    }
    ["runbooks"] runbooks: Runbooks "What is run on hosts." {
        dir: PathBuf = kinds::FOLDER, "runbooks", "Folder of your own runbooks, YAML files that are read anew when they change; those that ship are there without it.";
    }
    ["diagnose"] diagnose: Diagnose "The hosts of an incident are looked at when it begins." {
        mode: Diagnosis = kinds::DIAGNOSIS, "observe", "observe shows which hosts it would visit and what it would ask there; run does it.";
    }
    ["safety_net"] safety_net: SafetyNet "Every alert mail is balanced by an incident." {
        mode: Mode = kinds::MODE, "observe", "observe shows what is missing; post tells Slack as well; page registers it in PagerDuty through unconfigured_routing_key.";
        grace: Duration = kinds::duration::<1, { kinds::HOUR_S }>(), "60s", "How long after a mail its incident may take to be seen.";
        window: Duration = kinds::duration::<1, { kinds::DAY_S }>(), "15m", "How far apart a mail and an alert may be that are matched by likeness.";
        storm: usize = kinds::count::<2, 100_000>(), "20", "Missing in a minute from one monitor; beyond that they become one incident with a list.";
        untrusted: Mode = kinds::POST_OR_PAGE, "post", "What a problem mail may do whose sender is not proven: post or page. Its recovery never resolves anything.";
        per_sender: usize = kinds::count::<1, 1_000_000>(), "600", "Mails of one sender in an hour that may register, so that a mail loop ends.";
        canary: Duration = kinds::duration_or_never::<60, { 7 * kinds::DAY_S }>(), "0s", "How often each monitor's route is tried with a test alert; 0s: never.";
        silence: Mode = kinds::OBSERVE_OR_POST, "observe", "observe shows monitors that fell silent against their rhythm; post tells Slack as well.";
    }
    ["second_path"] second_path: SecondPath "How people are paged while PagerDuty does not." {
        mode: Mode = kinds::OBSERVE_OR_PAGE, "observe", "observe shows whom it would page; page does, by every way below that is set.";
        webhook_url: Option<Secret> = kinds::SECRET_URL, "", "Secret. Address that each page is sent to as JSON, for a pager of another make; a person's own goes before it.";
        webhook_secret: Option<Secret> = kinds::SECRET, "", "Secret. Signs those pages, so that the other side can tell them from anybody's.";
        mail: bool = kinds::FLAG, "false", "Pages by mail to the person's address, through [mail.relay].";
        sms: bool = kinds::FLAG, "false", "Pages by SMS to the person's phone, through Amazon SNS.";
        sns_url: Option<String> = kinds::URL_OR_NONE, "", "Another SNS than Amazon's, for trying things; empty follows the region.";
        sns_region: Option<String> = kinds::REGION_OR_NONE, "", "Region that SMS are sent from.";
        sns_access_key_id: Option<String> = kinds::NAME_OR_NONE, "", "Access key that may publish SMS.";
        sns_secret_access_key: Option<Secret> = kinds::SECRET, "", "Secret. Belongs to sns_access_key_id.";
        policy: Option<String> = kinds::NAME_OR_NONE, "", "The escalation policy whose people are paged, by id or exact name; empty: whoever is on call at that level.";
        after: Duration = kinds::duration::<1, { kinds::HOUR_S }>(), "45s", "How long what we registered may take to be seen open with somebody assigned, before people are paged this way.";
        unanswered: Duration = kinds::duration::<30, { kinds::DAY_S }>(), "5m", "How long a person may take to answer before the next level is paged.";
        levels: usize = kinds::count::<1, 20>(), "3", "Levels of the escalation policy that are paged at most.";
    }
    ["backlog"] backlog: Backlog "Tickets in Backlog that nobody watches; which ones, [[backlog.rule]] says." {
        mode: Mode = kinds::MODE, "observe", "observe shows whom it would call; post tells Slack; page raises an incident in PagerDuty as well.";
        poll: Duration = kinds::duration_or_never::<1, { kinds::DAY_S }>(), "60s", "How often each space is asked for what is new, which repairs what webhooks did not tell and does without them; 0s: never.";
        routing_key: Option<Secret> = kinds::SECRET, "", "Secret. Events v2 integration key of the service that tickets are raised on; empty takes unconfigured_routing_key.";
        done_statuses: Vec<String> = kinds::NAMES, "処理済み,完了,Resolved,Closed,3,4", "Statuses that mean that a ticket is done, by name or number.";
        pause_most: Duration = kinds::duration::<0, { kinds::DAY_S }>(), "90m", "A break or a gap between two spans of hours up to so long is no absence.";
    }
    ["google_calendar"] google_calendar: GoogleCalendar "Calendars whose events are promises, or tell who is away; which ones, [[calendar]] says." {
        mode: Mode = kinds::MODE, "observe", "observe shows whom it would call; post tells Slack; page raises an incident in PagerDuty as well.";
        key_file: Option<PathBuf> = kinds::FILE_OR_NONE, "", "JSON key of the service account that calendars are shared with; not needed for ICS addresses.";
        delegate: Option<String> = kinds::EMAIL_OR_NONE, "", "User of the Workspace whom the service account stands for, where an administrator has delegated that to it.";
        api_url: String = kinds::URL, "https://www.googleapis.com/calendar/v3", "Google's API.";
        token_url: Option<String> = kinds::URL_OR_NONE, "", "Another place to ask for tokens than the key file names, for trying things.";
        poll: Duration = kinds::duration::<1, { kinds::DAY_S }>(), "60s", "How often each calendar is asked for what is new; where Google tells of changes, no oftener than every five minutes.";
        push: bool = kinds::FLAG, "true", "true: Google is asked to tell of changes at /webhooks/google-calendar, where public_url is an https:// address.";
        routing_key: Option<Secret> = kinds::SECRET, "", "Secret. Events v2 integration key of the service that events are raised on; empty takes unconfigured_routing_key.";
    }
    ["reminders"] reminders: Reminders "Who is reminded of tickets, events and incidents, until somebody acts." {
        every: Duration = kinds::duration::<60, { kinds::DAY_S }>(), "15m", "How often.";
        first_after: Duration = kinds::duration::<0, { kinds::DAY_S }>(), "15m", "How long after the first message the first reminder comes.";
        circle: Vec<Target> = kinds::TARGETS, "on-call,registrant,channel", "Whom, from the nearest outwards: on-call, registrant, channel, group:ID, person:ID; whoever was reminded goes on being so.";
        grow_after: usize = kinds::count::<0, 1_000>(), "2", "After so many reminders the circle grows by one; 0: all of it at once.";
        incidents: RemindedIncidents = kinds::REMINDED_INCIDENTS, "high", "high: people are reminded of incidents of high urgency that have a message and that nobody has acknowledged; all: of those of low urgency as well; off: of tickets and events alone.";
        quiet: Quiet = kinds::QUIET, "", "When reminders wait: a span such as 22:00-07:00, or the name of [[hours]] outside of which it is quiet.";
        urgent_ignores_quiet: bool = kinds::FLAG, "true", "true: what pages people, and incidents of high urgency, remind in quiet hours as well.";
        most: usize = kinds::count::<0, 10_000>(), "12", "After so many it is reported that nobody acted; 0: it goes on for ever.";
    }
    [["customer"]] customers: Customer (model::customer::Customer) by id "Whose an incident is: the first that matches, in this order, has it. What matches none is nobody's, and seen by those who may see everything." {
        id: String = kinds::SLUG, required, "Short name in addresses and commands: a-z, 0-9 and \"-\"; keep it for ever.";
        name: String = kinds::NAME, required, "The name that people read.";
        services: Vec<String> = kinds::NAMES, "", "PagerDuty services that are this customer's, by id or exact name.";
        teams: Vec<String> = kinds::NAMES, "", "PagerDuty teams that are this customer's, by id or exact name.";
        service_contains: Vec<String> = kinds::NAMES, "", "Texts: a service whose name contains one is this customer's.";
        slack_channel: Option<String> = kinds::NAME_OR_NONE, "", "Id of the Slack channel that hears of this customer's incidents, tickets and events, in place of those of [slack.channels].";
        hours: Option<String> = kinds::SLUG_OR_NONE, "", "Name of the [[hours]] in which this customer is served.";
        days: BTreeMap<Date, String> = kinds::DAYS, "", "Days that this customer keeps besides the holidays of those hours.";
        share: Share = kinds::SHARE, "digest", "What may leave to PagerDuty's notes and to Slack of what its hosts answered: none, digest for the findings in short, full for the answers too.";
    }
    [["bastion"]] bastions: BastionRow by name "A machine that leads to others, by SSH." {
        name: String = kinds::HOST_NAME, required, "The name that hosts call it by: letters, digits, \".\", \"-\" and \"_\".";
        address: SshAddress = kinds::SSH_ADDRESS, required, "Where it is, host or host:port; 22 without one.";
        user: Option<String> = kinds::NAME_OR_NONE, "", "Who signs in there; empty takes that of [ssh].";
        key_file: Option<PathBuf> = kinds::FILE_OR_NONE, "", "Private key of its own; empty takes that of [ssh].";
        key_passphrase: Option<Secret> = kinds::SECRET, "", "Secret. What key_file is encrypted with.";
        certificate_file: Option<PathBuf> = kinds::FILE_OR_NONE, "", "OpenSSH certificate of key_file, where it is not beside it as KEY-cert.pub.";
        agent: Option<String> = kinds::AGENT_OR_NONE, "", "Socket of an SSH agent, or SSH_AUTH_SOCK; empty takes that of [ssh].";
        via: Option<String> = kinds::HOST_NAME_OR_NONE, "", "The bastion before it, by its name.";
    }
    [["host"]] hosts: HostRow by name "A machine that may be visited when an incident names it." {
        name: String = kinds::HOST_NAME, required, "The name that alerts call it by, with or without its domain.";
        address: Option<SshAddress> = kinds::SSH_ADDRESS_OR_NONE, "", "Where it is as seen from its bastion, host or host:port; empty takes the name.";
        user: Option<String> = kinds::NAME_OR_NONE, "", "Who signs in there; empty takes that of [ssh].";
        key_file: Option<PathBuf> = kinds::FILE_OR_NONE, "", "Private key of its own; empty takes that of [ssh].";
        key_passphrase: Option<Secret> = kinds::SECRET, "", "Secret. What key_file is encrypted with.";
        certificate_file: Option<PathBuf> = kinds::FILE_OR_NONE, "", "OpenSSH certificate of key_file, where it is not beside it as KEY-cert.pub.";
        agent: Option<String> = kinds::AGENT_OR_NONE, "", "Socket of an SSH agent, or SSH_AUTH_SOCK; empty takes that of [ssh].";
        via: Option<String> = kinds::HOST_NAME_OR_NONE, "", "The bastion that leads to it, by its name; those before that one come with it.";
        customer: Option<String> = kinds::SLUG_OR_NONE, "", "The id of the customer whose it is; where there are customers, a host of nobody is never visited.";
        matches as "match": Vec<String> = kinds::NAMES, "", "Texts in an incident that mean this host as well, such as a name of the monitor's own.";
        tags: BTreeMap<String, String> = kinds::TAGS, "", "What it is, for runbooks to choose by, such as role=db.";
    }
    [["redaction.rule"]] redaction_rules: RedactionRule by name "What is hidden in all that hosts answer, besides what is known without it." {
        name: String = kinds::SLUG, required, "Short name that is shown in its place, [redacted:NAME].";
        pattern: String = kinds::PATTERN, required, "Pattern of what is hidden: its first group, if it has one, else all that it meets.";
    }
    [["mail.monitor"]] monitors: Monitor by name "A monitor whose mails are expected: how they are known, believed and read." {
        name: String = kinds::SLUG, required, "Short name in the ledger and in keys: a-z, 0-9 and \"-\"; keep it for ever.";
        reader: Option<String> = kinds::READER_OR_NONE, "", "The built-in reader, such as zabbix; empty takes the one that knows the mail, or the patterns below.";
        recipients: Vec<String> = kinds::MAILBOXES, "", "Addresses that its mails come to, or @example.jp for a domain's; each belongs to one monitor.";
        senders: Vec<String> = kinds::SENDERS, "", "Addresses that its mails come from, or @example.jp for a domain's; they tell whose a mail is and prove nothing.";
        secret_recipient: bool = kinds::FLAG, "false", "true: nobody else knows the recipient's address, so that whoever writes to it is believed.";
        sources: Vec<IpNet> = kinds::NETWORKS, "", "Networks whose machines are believed, such as 192.0.2.25; of use where the monitor connects to us itself.";
        spf: Vec<String> = kinds::DOMAINS, "", "Domains: a mail that SPF allows one of them for is believed.";
        dkim: Vec<String> = kinds::DOMAINS, "", "Domains: a mail with a DKIM signature of one of them that holds is believed.";
        service: Option<String> = kinds::NAME_OR_NONE, "", "PagerDuty service that its alerts belong to, by id or exact name, where no [[mail.service]] says otherwise.";
        customer: Option<String> = kinds::SLUG_OR_NONE, "", "The id of the customer whose monitor it is.";
        grace: Option<Duration> = kinds::duration_or_none::<1, { kinds::HOUR_S }>(), "", "Its own grace time; empty takes that of [safety_net].";
        zone: Option<jiff::tz::TimeZone> = kinds::ZONE_OR_NONE, "", "IANA time zone of the dates in its mails that name none; empty takes time_zone of [server].";
        routing_key: Option<Secret> = kinds::SECRET, "", "Secret. Events v2 integration key that this monitor's own alerts use, for its canary.";
        integration_email: Option<String> = kinds::EMAIL_OR_NONE, "", "Address of the PagerDuty integration that its mails should reach as well.";
        subject: Option<String> = kinds::GROUPS_OR_NONE, "", "Pattern for the subject, with groups such as (?P<host>[a-z0-9]+): host, check, severity, state, key, time.";
        body: Option<String> = kinds::GROUPS_OR_NONE, "", "Pattern for the body, with the same groups.";
        problem: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern: a mail that has it says that something is wrong.";
        recovery: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern: a mail that has it says that it is over; looked for before problem.";
        update: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern: a mail that has it brings news that ask for nothing.";
        ignore: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern: a mail that has it is a test or a notice.";
        host: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern whose first group, or all of it, is the host.";
        check: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern whose first group, or all of it, is the check.";
        severity: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern whose first group, or all of it, is the severity.";
        key: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern whose first group, or all of it, is the same for a problem, its repeats and its recovery.";
        time: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern whose first group, or all of it, is when it happened.";
        time_format: Option<String> = kinds::TIME_FORMAT_OR_NONE, "", "How that time is written, such as %Y/%m/%d %H:%M:%S; empty tries the usual forms.";
    }
    [["mail.rule"]] mail_rules: MailRule by name "Mails that need no incident. All that is given must match; the first rule that matches is named in the ledger." {
        name: String = kinds::SLUG, required, "Short name in the ledger: a-z, 0-9 and \"-\".";
        is: RuleVerdict = kinds::VERDICT, required, "not_an_alert for what is none, such as a weekly report; suppressed for an alert that is meant to have no incident.";
        monitor: Option<String> = kinds::SLUG_OR_NONE, "", "The name of the monitor whose mails are meant; empty: anybody's.";
        subject: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern that the subject has.";
        body: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern that the body has.";
        sender: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern that the sender's address has.";
        host: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern that the host has.";
        check: Option<String> = kinds::PATTERN_OR_NONE, "", "Pattern that the check has.";
    }
    [["mail.service"]] mail_services: MailService "Which PagerDuty service an alert belongs to. All that is given must match; the first that matches has it." {
        service: String = kinds::NAME, required, "The PagerDuty service, by id or exact name.";
        monitor: Option<String> = kinds::SLUG_OR_NONE, "", "The name of the monitor whose alerts are meant; empty: any.";
        host: Option<String> = kinds::GLOB_OR_NONE, "", "The host, with * for any characters and ? for one, such as web*; empty: any.";
        check: Option<String> = kinds::GLOB_OR_NONE, "", "The check, in the same way; empty: any.";
        customer: Option<String> = kinds::SLUG_OR_NONE, "", "The id of the customer whose the alert is then.";
    }
    [["person"]] people: Person by id "Somebody of ours: how they are paged by the second path, and who they are elsewhere." {
        id: String = kinds::SLUG, required, "Short name: a-z, 0-9 and \"-\"; keep it for ever.";
        name: String = kinds::NAME, required, "The name that people read.";
        pagerduty: Option<String> = kinds::NAME_OR_NONE, "", "PagerDuty user, by id or mail address; it tells when this person is on call.";
        mail: Option<String> = kinds::EMAIL_OR_NONE, "", "Address that pages by mail go to.";
        phone: Option<String> = kinds::PHONE_OR_NONE, "", "Number that pages by SMS go to, with the country: +819012345678.";
        webhook_url: Option<Secret> = kinds::SECRET_URL, "", "Secret. Address that this person's pages are sent to, in place of that of [second_path].";
        slack: Option<String> = kinds::NAME_OR_NONE, "", "Their member id in Slack, such as U0123456789, under their profile; reminders name them by it.";
        backlog: Vec<String> = kinds::NAMES, "", "Their accounts in Backlog: number, user id, mail address or the exact name, after the space's name and \"/\" where it is one space's alone; mail counts as well.";
        calendar: Option<String> = kinds::EMAIL_OR_NONE, "", "Mail address that they have in calendars, by which entries of a shared calendar of leave are theirs; empty takes mail.";
        hours: Option<String> = kinds::SLUG_OR_NONE, "", "Name of their [[hours]]; empty takes those of their first group that has some, then the customer's, then those of [server].";
        leave_ics_url: Option<Secret> = kinds::CALENDAR_URL, "", "Secret. ICS address of a calendar all of whose entries mean that they are away.";
    }
    [["group"]] groups: Group by id "People who do something together, such as the desk." {
        id: String = kinds::SLUG, required, "Short name: a-z, 0-9 and \"-\"; keep it for ever.";
        name: String = kinds::NAME, required, "The name that people read.";
        members: Vec<String> = kinds::SLUGS, "", "The ids of its persons.";
        hours: Option<String> = kinds::SLUG_OR_NONE, "", "Name of its [[hours]], which its members have who have none of their own.";
        backlog: Vec<String> = kinds::NAMES, "", "Accounts in Backlog that nobody owns alone, written as those of a person: a ticket that one of them is assigned to has nobody.";
        slack: Option<String> = kinds::NAME_OR_NONE, "", "Id of its user group in Slack, such as S0123456789, which tickets of this group and reminders name; empty: reminders name each member by their own slack.";
    }
    [["hours"]] hours: Hours by name "When people are at work: a pattern that persons, groups and customers have by its name." {
        name: String = kinds::SLUG, required, "Short name: a-z, 0-9 and \"-\".";
        zone: Option<Zone> = kinds::HOURS_ZONE_OR_NONE, "", "IANA time zone; empty takes time_zone of [server].";
        week: Week = kinds::WEEK, required, "Days and hours, a line each; a span may go on after midnight, as in sat 22:00-07:00; always and never are lines too.";
        breaks: Vec<Break> = kinds::BREAKS, "", "What is no work although the week has it, with the name that people read.";
        holidays: Observed = kinds::OBSERVED, "japan", "Which holidays are kept: japan for the public ones, computed; none; or the name of a [[holidays]].";
        closed: Vec<YearSpan> = kinds::CLOSED, "", "What is closed every year, from a day to a day, with the name that people read.";
    }
    [["holidays"]] holidays: Holidays by name "A list of holidays; what stands further down here rules over what stands above it." {
        name: String = kinds::HOLIDAYS_NAME, required, "Short name that [[hours]] choose it by; japan takes the place of the computed list.";
        based_on: HolidayBase = kinds::HOLIDAY_BASE, "japan", "japan begins with the public holidays of Japan, computed; none with no holiday.";
        file: Option<PathBuf> = kinds::FILE_OR_NONE, "", "CSV file as the Cabinet Office of Japan publishes it, syukujitsu.csv; it rules over the years that it has.";
        ics_url: Option<Secret> = kinds::CALENDAR_URL, "", "Secret. ICS address of a calendar whose whole-day entries are holidays.";
        add: BTreeMap<Date, String> = kinds::DAYS, "", "Days that are holidays as well, each with its name.";
        remove: BTreeSet<Date> = kinds::DATES, "", "Days that are none although one of the above says so.";
    }
    [["backlog.space"]] spaces: Space by name "A space of Backlog that is watched, by api_key or by OAuth (client_id, client_secret, refresh_token)." {
        name: String = kinds::SLUG, required, "Short name in every ticket's id: a-z, 0-9 and \"-\"; keep it for ever.";
        url: String = kinds::URL, required, "Where people open it, such as https://example.backlog.com.";
        api_key: Option<Secret> = kinds::SECRET, "", "Secret. API key of the user that reads tickets and writes our comments; best one of its own.";
        account: Option<String> = kinds::NAME_OR_NONE, "", "Another account that we write by, such as a former key's, by number, user id, mail address or exact name: what it wrote is ours and calls nobody. The key's own is known by itself.";
        client_id: Option<String> = kinds::NAME_OR_NONE, "", "The OAuth app's client id.";
        client_secret: Option<Secret> = kinds::SECRET, "", "Secret. The OAuth app's client secret.";
        refresh_token: Option<Secret> = kinds::SECRET, "", "Secret. The refresh token of the first sign-in; the ones that follow are kept in the store.";
        webhook_secret: Option<Secret> = kinds::SECRET_SEGMENT, "", "Secret. Last part of the webhook's address, /webhooks/backlog/…; empty: only the poll tells what is new.";
        projects: Vec<String> = kinds::NAMES, "", "Keys of the projects that are watched; empty: all that the key may see.";
        customer: Option<String> = kinds::SLUG_OR_NONE, "", "The id of the customer whose its tickets are.";
        customers: Vec<(String, String)> = kinds::PROJECTS_OF_CUSTOMERS, "", "Whose the tickets of a project are, where that is not the space's customer: the project's key, = and the customer's id.";
        staff: Vec<String> = kinds::STAFF, "", "Mail domains of our side; whoever is neither of these nor among persons and groups is the customer's side.";
    }
    [["backlog.rule"]] ticket_rules: TicketRule by name "Which tickets are somebody's case. All that is given must match; the first rule that matches says what follows." {
        name: String = kinds::NAME, required, "Shown in every message.";
        when: When = kinds::WHEN, "any", "unassigned; group_account: the assignee is a group's; off_hours: the assignee is one of us and not at work; assignee_unknown; any.";
        spaces: Vec<String> = kinds::SLUGS, "", "Names of spaces; empty: any.";
        projects: Vec<String> = kinds::NAMES, "", "Keys of projects.";
        kinds: Vec<String> = kinds::NAMES, "", "Issue types, by name.";
        categories: Vec<String> = kinds::NAMES, "", "Categories, by name.";
        priorities: Vec<String> = kinds::NAMES, "", "Priorities, by name or number: 2 is high, 3 normal, 4 low.";
        keywords: Vec<String> = kinds::NAMES, "", "Words in the title, the text or the comment, whatever their width and case.";
        customers: Vec<String> = kinds::SLUGS, "", "Ids of customers.";
        by: Vec<String> = kinds::NAMES, "", "Who created the ticket: user id, name, mail address, or @example.com for a domain.";
        happenings: Vec<Happening> = kinds::HAPPENINGS, "", "What the customer's side did: created, commented, reopened, assigned; empty: any of them.";
        while_off: Option<String> = kinds::SLUG_OR_NONE, "", "Only while this group is not at work, by its id.";
        done: Option<bool> = kinds::IS_DONE, "any", "open: only tickets that are open; done: only those that are done; any.";
        waits_minutes: usize = kinds::count::<0, 100_000>(), "0", "Above 0 the rule asks for no happening: it matches once the customer's side has waited so many working minutes for an answer of ours.";
        waits_of: HoursOf = kinds::HOURS_OF, "customer", "Whose working minutes: customer for the ticket's own, group:ID or person:ID.";
        ignore: bool = kinds::FLAG, "false", "true: what this matches is nobody's case, and no later rule is asked.";
        mode: Option<Mode> = kinds::MODE_OR_NONE, "", "How far this rule goes, at most as far as [backlog] mode; empty: as far.";
        severity: Option<Severity> = kinds::SEVERITY_OR_NONE, "", "info, warning, error or critical; empty follows the ticket's priority.";
        channel: Option<String> = kinds::NAME_OR_NONE, "", "Id of the Slack channel that hears of it, in place of tickets of [slack.channels].";
        tells_customer: bool = kinds::FLAG, "false", "true: once somebody is really paged (mode page), a comment tells the customer's side that the desk was called.";
    }
    [["calendar"]] calendars: Calendar by name "A calendar that is read, by google_id or by ics_url." {
        name: String = kinds::SLUG, required, "Short name in every event's id: a-z, 0-9 and \"-\"; keep it for ever.";
        google_id: Option<String> = kinds::NAME_OR_NONE, "", "Google's id of the calendar, under its settings; it has to be shared with the service account of key_file.";
        ics_url: Option<Secret> = kinds::CALENDAR_URL, "", "Secret. Any calendar's ICS address; Google calls it the secret address in iCal format.";
        what: CalendarUse = kinds::CALENDAR_USE, "events", "events: promises and maintenance, by [[calendar.rule]]; leave: who is away; holidays: days of a list of holidays.";
        customer: Option<String> = kinds::SLUG_OR_NONE, "", "The id of the customer whose its events are.";
        person: Option<String> = kinds::SLUG_OR_NONE, "", "For leave: whose all its entries are, by id; empty: of whoever entered it or is invited, by their calendar address.";
        list: Option<String> = kinds::SLUG_OR_NONE, "", "For holidays: the name of the [[holidays]] that its whole-day entries belong to.";
    }
    [["calendar.rule"]] calendar_rules: CalendarRule by name "Which events call somebody, and when. All that is given must match; the first rule that matches says what follows. Rules stand below the calendars." {
        name: String = kinds::NAME, required, "Shown in every message.";
        calendars: Vec<String> = kinds::SLUGS, "", "Names of calendars; empty: any.";
        keywords: Vec<String> = kinds::NAMES, "", "Words in the title, the text or the place, whatever their width and case.";
        colours: Vec<String> = kinds::NAMES, "", "Colours, by Google's name or number, or categories of an ICS calendar.";
        attendees: Vec<String> = kinds::NAMES, "", "Who is invited and has not declined: mail address, name, or @example.com for a domain.";
        registrants: Vec<String> = kinds::NAMES, "", "Who entered it, written the same way.";
        ignore: bool = kinds::FLAG, "false", "true: what this matches is nobody's case, and no later rule is asked.";
        maintenance: Vec<String> = kinds::NAMES, "", "PagerDuty services that are worked on while it lasts, by id or exact name, or customer:ID for all of a customer: a maintenance window is opened for them, and nobody is called.";
        leads: Vec<Lead> = kinds::LEADS, "10m", "How long before its start people hear of it: 10m, 2h, 1d, or 1d 18:00 for a time of the day before; the latest calls, earlier ones are posted.";
        all_day_leads: Vec<Lead> = kinds::LEADS, "0d 09:00", "The same for events of whole days.";
        grace: Duration = kinds::duration::<0, { 7 * kinds::DAY_S }>(), "60m", "So long after its end somebody may still act, before it is reported that nobody did.";
        mode: Option<Mode> = kinds::MODE_OR_NONE, "", "How far this rule goes, at most as far as [google_calendar] mode; empty: as far.";
        severity: Option<Severity> = kinds::SEVERITY_OR_NONE, "", "info, warning, error or critical, which PagerDuty maps to an urgency; empty: error.";
        channel: Option<String> = kinds::NAME_OR_NONE, "", "Id of the Slack channel that hears of it, in place of calendar of [slack.channels].";
    }
}
