//! The demo's monitors: alert mails of three customers, a service that somebody switched off, a storm, a time without
//! PagerDuty. They only send; what the safety net makes of it is not known here.

use sandbox::monitors::{Alert, Charset, Kind, Language, Net, Route, Sender, Sending, State, Style};
use sandbox::pagerduty::{Info, Sandbox};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Where the demo's mails go: an address that only this monitor knows proves it.
const ZABBIX: &str = "zabbix-4c1f9a@net.example.jp";
const NAGIOS: &str = "nagios-b72e01@net.example.jp";
const CLOUDWATCH: &str = "cloudwatch-9d3c55@net.example.jp";
const EDGE: &str = "nagios-edge-51d0ce@net.example.jp";
const BATCH: &str = "batch@net.example.jp";
const STORM_HOSTS: u64 = 40;
const OUTAGE_S: f64 = 75.0;

/// What `round` makes to be seen: when after the start, where, and what. The page Help says the same.
pub const SIGHTS: [(&str, &str, &str); 5] = [
    (
        "1st minute",
        "/safety-net?host=backup01",
        "an alert that PagerDuty took and made nothing of: its mail says why, and who changed the setting",
    ),
    ("2nd minute", "/safety-net?monitor=nagios-edge", "a storm: 40 hosts and one incident"),
    (
        "3rd minute",
        "/safety-net/outages",
        "PagerDuty rejects everything for 75 s: who is paged instead, and the report when it is over",
    ),
    ("all along", "/safety-net?monitor=zabbix-hoshino", "Japanese mails, also in ISO-2022-JP, read and matched"),
    ("all along", "/safety-net/ledger", "the ledger: every mail in one place"),
];

/// Services of the simulated account, by what they are for here.
struct Cast {
    zabbix: (String, String),
    nagios: (String, String),
    cloudwatch: (String, String),
    switched_off: (String, String),
}

impl Cast {
    fn of(info: &Info) -> Option<Self> {
        let of = |name: &str| {
            let id = info.services.get(name)?;
            Some((id.clone(), info.routing_keys.get(id)?.clone()))
        };
        Some(Self {
            zabbix: of("Hoshino Foods / EC site")?,
            nagios: of("Minato Pay / 決済API")?,
            cloudwatch: of("Kitakaze / 倉庫WMS")?,
            switched_off: of("Hoshino Foods / Backup")?,
        })
    }
}

/// The part of the configuration that a person would write for these monitors.
pub fn configuration(info: &Info, smtp: SocketAddr, slack: &str, phone: &str) -> String {
    let Some(cast) = Cast::of(info) else { return String::new() };
    let mut text = format!(
        "\n[mail.smtp]\nlisten = \"{smtp}\"\nrecipients = [\"@net.example.jp\"]\n\n\
         [mail.relay]\nhost = \"{}\"\nport = {}\ntls = \"none\"\nfrom = \"arayashiki@net.example.jp\"\n\n\
         [slack]\nwebhook_url = \"{slack}\"\n\n\
         [safety_net]\nmode = \"page\"\ngrace = \"10s\"\ncanary = \"5m\"\nsilence = \"post\"\n\n\
         [second_path]\nmode = \"page\"\nwebhook_url = \"{phone}\"\nafter = \"20s\"\nunanswered = \"60s\"\n\n\
         [[person]]\nid = \"sato\"\nname = \"Sato Hanako\"\npagerduty = \"sato.hanako@example.com\"\nbacklog = [\"sato\"]\n\n\
         [[person]]\nid = \"tanaka\"\nname = \"Tanaka Ken\"\npagerduty = \"tanaka.ken@example.com\"\n",
        smtp.ip(),
        smtp.port(),
    );
    for (name, reader, recipient, (service, key)) in [
        ("zabbix-hoshino", "zabbix", ZABBIX, &cast.zabbix),
        ("nagios-minato", "nagios", NAGIOS, &cast.nagios),
        ("cloudwatch-kitakaze", "cloudwatch", CLOUDWATCH, &cast.cloudwatch),
    ] {
        let _ = write!(
            text,
            "\n[[mail.monitor]]\nname = \"{name}\"\nreader = \"{reader}\"\nrecipients = [\"{recipient}\"]\n\
             secret_recipient = true\nservice = \"{service}\"\nrouting_key = \"{key}\"\n"
        );
    }
    let _ = write!(
        text,
        "\n[[mail.monitor]]\nname = \"nagios-edge\"\nreader = \"nagios\"\nrecipients = [\"{EDGE}\"]\nsecret_recipient = true\n"
    );
    let _ = write!(
        text,
        "\n[[mail.service]]\nmonitor = \"zabbix-hoshino\"\nhost = \"backup*\"\nservice = \"{}\"\n\n\
         [[mail.rule]]\nname = \"weekly-report\"\nis = \"not_an_alert\"\nsubject = \"(?i)weekly report|週次レポート\"\n",
        cast.switched_off.0
    );
    text
}

/// Sends until told to stop.
pub async fn play(account: &Sandbox, smtp: SocketAddr, stop: CancellationToken) {
    let (Ok(sender), Some(cast)) = (Sender::new(), Cast::of(account.info())) else { return };
    let desk = Desk { sender, account, net: smtp.to_string(), cast };
    let story = async {
        pause(8).await;
        let mut round = 0;
        loop {
            desk.round(round).await;
            round += 1;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = story => {}
    }
}

async fn pause(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

struct Desk<'a> {
    sender: Sender,
    account: &'a Sandbox,
    net: String,
    cast: Cast,
}

impl Desk<'_> {
    async fn round(&self, round: u64) {
        let base = 40_000 + round * 1_000;
        self.usual(base).await;
        self.switched_off(base + 100, round == 0).await;
        pause(20).await;
        self.usual(base + 200).await;
        self.storm(base + 300).await;
        pause(45).await;
        self.report().await;
        self.outage(base + 500).await;
        // So long that it is over, and its report is there, before the next one.
        pause(300).await;
    }

    /// Alerts that PagerDuty gets as well: each mail finds its incident, and most are over soon.
    async fn usual(&self, number: u64) {
        let japanese = Style { language: Language::Ja, charset: Charset::Iso2022Jp, ..Style::default() };
        for (n, (host, check)) in [("db01", "ディスク使用率90%超過"), ("web03", "メモリ不足")].iter().enumerate()
        {
            let number = number + n as u64;
            self.send(alert(Kind::Zabbix, host, check, number), japanese, &self.cast.zabbix, ZABBIX).await;
            pause(6).await;
        }
        self.send(alert(Kind::Nagios, "pay-app02", "HTTP", number + 10), Style::default(), &self.cast.nagios, NAGIOS)
            .await;
        pause(6).await;
        let lag = alert(Kind::Cloudwatch, "kitakaze-queue", "queue-lag", number + 11);
        self.send(lag, Style::default(), &self.cast.cloudwatch, CLOUDWATCH).await;
        pause(12).await;
        let over = Alert { state: State::Recovery, ..alert(Kind::Nagios, "pay-app02", "HTTP", number + 10) };
        self.send(over, Style::default(), &self.cast.nagios, NAGIOS).await;
    }

    /// Somebody switched the service off: PagerDuty takes the event and makes nothing of it.
    async fn switched_off(&self, number: u64, is_first: bool) {
        if is_first {
            let body = serde_json::json!({
                "service": self.cast.switched_off.0, "status": "disabled", "by": "Watanabe Emi",
            });
            if let Err(error) = self.account.control("service", &body) {
                tracing::warn!(error, "the demo's service could not be switched off");
            }
        }
        let japanese = Style { language: Language::Ja, ..Style::default() };
        let failed = alert(Kind::Zabbix, "backup01", "バックアップ失敗", number);
        self.send(failed, japanese, &self.cast.switched_off, ZABBIX).await;
    }

    /// A switch fails, and everything behind it with it; its monitor was never set to tell PagerDuty.
    async fn storm(&self, number: u64) {
        for n in 0..STORM_HOSTS {
            let host = format!("edge{:02}", n + 1);
            let lost = alert(Kind::Nagios, &host, "PING", number + n);
            let sending = Sending {
                net: Some(Net { smtp: self.net.clone(), to: EDGE.into() }),
                ..Sending::new(lost, Route::Nowhere)
            };
            drop(self.sender.send(&sending).await);
        }
    }

    async fn report(&self) {
        let raw = "From: report@example.jp\r\nTo: batch@net.example.jp\r\nSubject: Weekly report\r\n\
                   Message-ID: <weekly@example.jp>\r\n\r\nEverything was quiet.\r\n";
        drop(self.sender.letter(&self.net, ("report@example.jp", BATCH), raw.as_bytes()).await);
    }

    /// PagerDuty rejects everything for a while; alerts go on.
    async fn outage(&self, number: u64) {
        let phases = serde_json::json!({
            "phases": [{
                "seconds": OUTAGE_S,
                "events": {"reject": 1.0, "with": {"503": 3, "429": 1}},
                "rest": {"fail": 0.8, "with": {"503": 1}},
            }]
        });
        if let Err(error) = self.account.control("disaster", &phases) {
            tracing::warn!(error, "the demo's outage could not begin");
        }
        for n in 0..4 {
            let host = format!("app{:02}", n + 1);
            let down = alert(Kind::Zabbix, &host, "応答なし", number + n);
            let japanese = Style { language: Language::Ja, ..Style::default() };
            self.send(down, japanese, &self.cast.zabbix, ZABBIX).await;
            pause(8).await;
        }
    }

    async fn send(&self, alert: Alert, style: Style, (_, key): &(String, String), to: &str) {
        let route = Route::Event { events_url: self.account.info().events_url.clone(), routing_key: key.clone() };
        let net = Some(Net { smtp: self.net.clone(), to: to.to_owned() });
        drop(self.sender.send(&Sending { style, net, ..Sending::new(alert, route) }).await);
    }
}

fn alert(kind: Kind, host: &str, check: &str, number: u64) -> Alert {
    Alert { kind, host: host.into(), check: check.into(), number, severity: "critical".into(), ..Alert::default() }
}
