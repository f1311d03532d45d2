//! What monitors write by default, one function a monitor. Subjects and lines follow the tools' own templates; all names in them are
//! invented. Where a tool's default could not be confirmed the form is a likely one, marked so.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde_json::json;

use super::{Alert, Kind, Language, State};

/// A mail's words before they are put into a charset.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    pub subject: String,
    pub lines: Vec<String>,
}

impl Written {
    fn new(subject: String, lines: Vec<String>) -> Self {
        Self { subject, lines }
    }

    pub(super) fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }
}

/// What every format needs.
struct Facts<'a> {
    own: &'a Alert,
    is_problem: bool,
    is_ja: bool,
    at: Timestamp,
}

impl Facts<'_> {
    /// In the account's zone, which is Japan's.
    fn time(&self, format: &str) -> String {
        let zone = TimeZone::fixed(Offset::constant(9));
        self.at.to_zoned(zone).strftime(format).to_string()
    }

    fn choose<'b>(&self, problem: &'b str, recovery: &'b str) -> &'b str {
        if self.is_problem { problem } else { recovery }
    }

    /// The service state of the Nagios family.
    fn level(&self) -> &'static str {
        match (self.is_problem, self.own.severity.as_str()) {
            (false, _) => "OK",
            (true, "warning") => "WARNING",
            (true, "info") => "UNKNOWN",
            (true, _) => "CRITICAL",
        }
    }

    /// The check's output.
    fn output(&self) -> String {
        let Alert { check, value, .. } = self.own;
        match (self.is_problem, self.is_ja) {
            (true, false) => format!("{} - {check} is {value} (threshold 90)", self.level()),
            (true, true) => format!("{} - {check} が閾値を超過しました (現在値 {value} / 閾値 90)", self.level()),
            (false, false) => format!("OK - {check} is back to normal"),
            (false, true) => format!("OK - {check} は正常に復旧しました"),
        }
    }
}

pub(super) fn write(alert: &Alert, language: Language, at: Timestamp) -> Written {
    let is_problem = alert.state == State::Problem;
    let facts = Facts { own: alert, is_problem, is_ja: language == Language::Ja, at };
    match alert.kind {
        Kind::Zabbix => zabbix(&facts),
        Kind::Nagios => nagios(&facts),
        Kind::Icinga => icinga(&facts),
        Kind::Munin => munin(&facts),
        Kind::Cloudwatch => cloudwatch(&facts),
        Kind::Rds => rds(&facts),
        Kind::Alertmanager => alertmanager(&facts),
        Kind::Grafana => grafana(&facts),
        Kind::Mackerel => mackerel(&facts),
        Kind::Datadog => datadog(&facts),
        Kind::NewRelic => new_relic(&facts),
        Kind::UptimeRobot => uptime_robot(&facts),
        Kind::Monit => monit(&facts),
        Kind::Cron => cron(&facts),
        Kind::Smartd => smartd(&facts),
    }
}

/// The message templates of 5.0 and later; teams in Japan often put their own words before the name.
fn zabbix(f: &Facts<'_>) -> Written {
    let Alert { host, check, value, number, .. } = f.own;
    let severity = match f.own.severity.as_str() {
        "critical" => "Disaster",
        "error" => "High",
        "warning" => "Warning",
        _ => "Information",
    };
    let subject = match (f.is_ja, f.is_problem) {
        (false, true) => format!("Problem: {check}"),
        (false, false) => format!("Resolved in 5m 0s: {check}"),
        (true, true) => format!("[障害] {check} ({host})"),
        (true, false) => format!("[復旧] {check} ({host})"),
    };
    let when = f.time("%H:%M:%S on %Y.%m.%d");
    let first = if f.is_problem {
        format!("Problem started at {when}")
    } else {
        format!("Problem has been resolved at {when}")
    };
    let mut lines = vec![first, format!("Problem name: {check}")];
    if !f.is_problem {
        lines.push("Problem duration: 5m 0s".into());
    }
    lines.extend([format!("Host: {host}"), format!("Severity: {severity}")]);
    if f.is_problem {
        lines.push(format!("Operational data: {value}"));
    }
    lines.push(format!("Original problem ID: {number}"));
    lines.push(format!("https://zabbix.example.jp/tr_events.php?triggerid=20111&eventid={number}"));
    Written::new(subject, lines)
}

fn nagios(f: &Facts<'_>) -> Written {
    let Alert { host, check, .. } = f.own;
    let kind = f.choose("PROBLEM", "RECOVERY");
    let lines = vec![
        "***** Nagios *****".into(),
        String::new(),
        format!("Notification Type: {kind}"),
        String::new(),
        format!("Service: {check}"),
        format!("Host: {host}"),
        "Address: 192.0.2.11".into(),
        format!("State: {}", f.level()),
        String::new(),
        format!("Date/Time: {}", f.time("%a %b %-d %H:%M:%S JST %Y")),
        String::new(),
        "Additional Info:".into(),
        String::new(),
        f.output(),
    ];
    Written::new(format!("** {kind} Service Alert: {host}/{check} is {} **", f.level()), lines)
}

fn icinga(f: &Facts<'_>) -> Written {
    let Alert { host, check, .. } = f.own;
    let kind = f.choose("PROBLEM", "RECOVERY");
    let level = f.level();
    let lines = vec![
        "***** Service Monitoring on icinga01.example.jp *****".into(),
        String::new(),
        format!("{check} on {host} is {level}!"),
        String::new(),
        format!("Info:    {}", f.output()),
        String::new(),
        format!("When:    {}", f.time("%Y-%m-%d %H:%M:%S %z")),
        format!("Service: {check}"),
        format!("Host:    {host}"),
        "IPv4:    192.0.2.11".into(),
        String::new(),
        format!("https://icinga.example.jp/icingadb/service?name={check}&host.name={host}"),
    ];
    Written::new(format!("[{kind}] {check} on {host} is {level}!"), lines)
}

fn munin(f: &Facts<'_>) -> Written {
    let Alert { host, check, value, .. } = f.own;
    let line = match f.level() {
        "OK" => format!("\tOKs: {check} is 40."),
        "WARNING" => format!("\tWARNINGs: {check} is {value} (outside range [:80])."),
        "UNKNOWN" => format!("\tUNKNOWNs: {check} is unknown."),
        _ => format!("\tCRITICALs: {check} is {value} (outside range [:90])."),
    };
    let lines = vec![format!("example.jp :: {host} :: {check}"), line];
    Written::new(format!("Munin notification {host}"), lines)
}

fn cloudwatch(f: &Facts<'_>) -> Written {
    let Alert { host, check, value, .. } = f.own;
    let name = format!("{host}-{check}").replace(' ', "-");
    let (now, before) = if f.is_problem { ("ALARM", "OK") } else { ("OK", "ALARM") };
    let at = f.at.strftime("%A %d %B, %Y %H:%M:%S UTC").to_string();
    let arn = format!("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:{name}");
    let description = if f.is_ja { format!("{host} の {check} を監視") } else { format!("{check} of {host}") };
    let reason = format!(
        "Threshold Crossed: 1 out of the last 1 datapoints [{value}] was {} the threshold (90.0).",
        f.choose("greater than", "not greater than")
    );
    let lines = vec![
        format!("You are receiving this email because your Amazon CloudWatch Alarm \"{name}\" in the Asia Pacific (Tokyo) region has entered the {now} state, because \"{reason}\" at \"{at}\"."),
        String::new(),
        "View this alarm in the AWS Management Console:".into(),
        format!("https://ap-northeast-1.console.aws.amazon.com/cloudwatch/deeplink.js?region=ap-northeast-1#alarmsV2:alarm/{name}"),
        String::new(),
        "Alarm Details:".into(),
        format!("- Name:                       {name}"),
        format!("- Description:                {description}"),
        format!("- State Change:               {before} -> {now}"),
        format!("- Reason for State Change:    {reason}"),
        format!("- Timestamp:                  {at}"),
        "- AWS Account:                111122223333".into(),
        format!("- Alarm Arn:                  {arn}"),
        String::new(),
        "Threshold:".into(),
        "- The alarm is in the ALARM state when the metric is GreaterThanThreshold 90.0 for at least 1 of the last 1 period(s) of 60 seconds.".into(),
        String::new(),
        "Monitored Metric:".into(),
        "- MetricNamespace:                     AWS/EC2".into(),
        format!("- MetricName:                          {check}"),
        format!("- Dimensions:                          [InstanceId = {host}]"),
        "- Period:                              60 seconds".into(),
        "- Statistic:                           Average".into(),
        String::new(),
        "--".into(),
        "If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:".into(),
        "https://sns.ap-northeast-1.amazonaws.com/unsubscribe.html?SubscriptionArn=arn:aws:sns:ap-northeast-1:111122223333:alarms".into(),
    ];
    Written::new(format!("{now}: \"{name}\" in Asia Pacific (Tokyo)"), lines)
}

/// An event with blanks in its keys; it has no recovery of its own.
fn rds(f: &Facts<'_>) -> Written {
    let Alert { host, check, .. } = f.own;
    let message = json!({
        "Event Source": "db-instance", "Event Time": f.at.strftime("%Y-%m-%d %H:%M:%S.000").to_string(),
        "Identifier Link": format!("https://console.aws.amazon.com/rds/home?region=ap-northeast-1#dbinstance:id={host}"),
        "Source ID": host, "Source ARN": format!("arn:aws:rds:ap-northeast-1:111122223333:db:{host}"),
        "Event ID": "http://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html#RDS-EVENT-0013",
        "Event Message": check,
    });
    Written::new("RDS Notification Message".into(), vec![message.to_string()])
}

/// Grouped by alertname and instance, whose values the subject has before the rest in parentheses.
fn alertmanager(f: &Facts<'_>) -> Written {
    let Alert { host, check, severity, .. } = f.own;
    let state = f.choose("[FIRING:1]", "[RESOLVED]");
    let name: String = check.split_whitespace().collect();
    let lines = vec![
        format!("1 alert for alertname={name} instance={host}"),
        String::new(),
        format!("[{}]", f.choose("1 Firing", "1 Resolved")),
        "Labels".into(),
        format!("alertname = {name}"),
        format!("instance = {host}:9100"),
        format!("severity = {severity}"),
        "Annotations".into(),
        format!("summary = {}", f.output()),
        "Source: https://prometheus.example.jp/graph?g0.expr=up".into(),
    ];
    Written::new(format!("{state} {name} {host}:9100 ({severity})"), lines)
}

/// A likely form, grouped by alertname and instance.
fn grafana(f: &Facts<'_>) -> Written {
    let Alert { host, check, severity, value, .. } = f.own;
    let lines = vec![
        format!("**{}**", f.choose("Firing", "Resolved")),
        String::new(),
        format!("Value: A={value}"),
        "Labels:".into(),
        format!(" - alertname = {check}"),
        format!(" - instance = {host}"),
        format!(" - severity = {severity}"),
        "Annotations:".into(),
        format!(" - summary = {}", f.output()),
        "Source: https://grafana.example.jp/alerting/grafana/abc/view".into(),
    ];
    Written::new(format!("{} {check} {host} ({severity})", f.choose("[FIRING:1]", "[RESOLVED]")), lines)
}

/// A likely form after the chat notice.
fn mackerel(f: &Facts<'_>) -> Written {
    let Alert { host, check, number, value, .. } = f.own;
    let level = f.level();
    let lines = vec![
        format!("[Mackerel] {level}: {check} at {host} (working)"),
        String::new(),
        format!("Host: {host}"),
        "Service: app".into(),
        format!("Monitor: {check}"),
        format!("Value: {value}"),
        format!("https://mackerel.io/orgs/example/alerts/{number}"),
    ];
    Written::new(format!("[Mackerel] {level}: {check} at {host} (example)"), lines)
}

fn datadog(f: &Facts<'_>) -> Written {
    let Alert { host, check, number, .. } = f.own;
    let state = f.choose("Triggered", "Recovered");
    let lines = vec![
        format!("[{state} on {{host:{host}}}] {check}"),
        String::new(),
        f.output(),
        String::new(),
        format!("Monitor Status: https://app.datadoghq.com/monitors/{number}?group=host%3A{host}"),
        format!("Tags: host:{host}, monitor"),
    ];
    Written::new(format!("[P1] [{state} on {{host:{host}}}] {check}"), lines)
}

/// A likely form.
fn new_relic(f: &Facts<'_>) -> Written {
    let Alert { host, check, number, .. } = f.own;
    let lines = vec![
        format!("Issue {}", f.choose("activated", "closed")),
        format!("Priority: {}", f.choose("CRITICAL", "CRITICAL")),
        format!("State: {}", f.choose("ACTIVATED", "CLOSED")),
        format!("{check} query result is > 90.0 on '{host}'"),
        "Policy: Golden Signals".into(),
        format!("Condition: {check}"),
        format!("Impacted entity: {host}"),
        format!(
            "https://radar-api.service.newrelic.com/accounts/1/issues/00000000-0000-4000-8000-{number:012}?notifier=EMAIL"
        ),
    ];
    let state = f.choose("Activated", "Closed");
    Written::new(format!("[{state}] {check} query result is > 90.0 on '{host}'"), lines)
}

fn uptime_robot(f: &Facts<'_>) -> Written {
    let Alert { host, check, .. } = f.own;
    let state = f.choose("DOWN", "UP");
    let lines = vec![
        "Hi,".into(),
        String::new(),
        format!(
            "The monitor {host} {check} (https://{host}.example.jp/) is currently {state} (Reason: {}).",
            f.choose("HTTP 503 - Service Unavailable", "HTTP 200 - OK")
        ),
        String::new(),
        format!("Event timestamp: {}", f.time("%Y-%m-%d %H:%M:%S (GMT+9)")),
    ];
    Written::new(format!("Monitor is {state}: {host} {check}"), lines)
}

fn monit(f: &Facts<'_>) -> Written {
    let Alert { host, check, .. } = f.own;
    let state = f.choose("Resource limit matched", "Resource limit succeeded");
    let lines = vec![
        format!("{state} Service {check}"),
        String::new(),
        format!("\tDate:        {}", f.time("%a, %d %b %Y %H:%M:%S")),
        "\tAction:      alert".into(),
        format!("\tHost:        {host}"),
        format!("\tDescription: {}", f.output()),
        String::new(),
        "Your faithful employee,".into(),
        "Monit".into(),
    ];
    Written::new(format!("monit alert --  {state} {check} on {host}"), lines)
}

/// The output of a job; it never tells that the next run went well.
fn cron(f: &Facts<'_>) -> Written {
    let Alert { host, check, .. } = f.own;
    let failed = if f.is_ja { "バックアップに失敗しました" } else { "backup failed" };
    let lines =
        vec![format!("{failed}: {check}"), "rsync error: error in socket IO (code 10)".into(), format!("host {host}")];
    Written::new(format!("Cron <root@{host}> /usr/local/bin/nightly {check}"), lines)
}

fn smartd(f: &Facts<'_>) -> Written {
    let Alert { host, check, value, .. } = f.own;
    let lines = vec![
        "This message was generated by the smartd daemon running on:".into(),
        String::new(),
        format!("   host name:  {host}"),
        "   DNS domain: example.jp".into(),
        String::new(),
        "The following warning/error was logged by the smartd daemon:".into(),
        String::new(),
        format!("Device: /dev/sda [SAT], {value} Currently unreadable (pending) sectors ({check})"),
    ];
    Written::new(format!("SMART error (CurrentPendingSector) detected on host: {host}"), lines)
}
