//! The built-in readers, one file a monitor. A reader claims a mail only when it is surely its monitor's: a test reads the whole
//! corpus with all of them. Never guesses; the last one, `unknown`, does that for what nobody claims.

pub mod alertmanager;
pub mod aws;
pub mod aws_autoscaling;
pub mod aws_health;
pub mod aws_rds;
pub mod betterstack;
pub mod cloudwatch;
pub mod cron;
pub mod datadog;
pub mod grafana;
pub mod icinga2;
pub mod mackerel;
pub mod monit;
pub mod munin;
pub mod nagios;
pub mod newrelic;
pub mod patterns;
pub mod pingdom;
pub mod smartd;
pub mod statuscake;
pub mod unknown;
pub mod uptimerobot;
pub mod zabbix;

use super::draft::Draft;
use super::letter::Letter;
use jiff::tz::TimeZone;

/// A kind of monitor whose mails are known.
pub struct Reader {
    pub name: &'static str,
    pub read: fn(&Letter, &TimeZone) -> Option<Draft>,
}

pub const ALL: [Reader; 20] = [
    Reader { name: "zabbix", read: zabbix::read },
    Reader { name: "nagios", read: nagios::read },
    Reader { name: "icinga2", read: icinga2::read },
    Reader { name: "cloudwatch", read: cloudwatch::read },
    Reader { name: "aws_health", read: aws_health::read },
    Reader { name: "aws_rds", read: aws_rds::read },
    Reader { name: "aws_autoscaling", read: aws_autoscaling::read },
    Reader { name: "mackerel", read: mackerel::read },
    Reader { name: "datadog", read: datadog::read },
    Reader { name: "newrelic", read: newrelic::read },
    Reader { name: "alertmanager", read: alertmanager::read },
    Reader { name: "grafana", read: grafana::read },
    Reader { name: "munin", read: munin::read },
    Reader { name: "monit", read: monit::read },
    Reader { name: "uptimerobot", read: uptimerobot::read },
    Reader { name: "pingdom", read: pingdom::read },
    Reader { name: "statuscake", read: statuscake::read },
    Reader { name: "betterstack", read: betterstack::read },
    Reader { name: "cron", read: cron::read },
    Reader { name: "smartd", read: smartd::read },
];

/// What a mail without any title is called.
pub const UNKNOWN: &str = "unknown";

pub fn by_name(name: &str) -> Option<&'static Reader> {
    ALL.iter().find(|reader| reader.name == name)
}
