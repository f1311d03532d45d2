//! The demo's tickets and calendars: what customers write in Backlog and what was promised to them. They only happen; what is made of it
//! is not known here.

use sandbox::{StartError, backlog, google};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use store::Clock;
use tokio_util::sync::CancellationToken;

/// The last part of the address that Backlog's webhooks are sent to.
const HOOK: &str = "demo-5f0c2a91d7b46e83";
/// Where promises and maintenance stand, as the simulated calendars are called.
const PROMISES: &str = "oncall-promises";
const MAINTENANCE: &str = "maintenance";

/// What is made to be seen: when after the start, where, and what. The page Help says the same.
pub const SIGHTS: [(&str, &str, &str); 2] = [
    ("1st minute", "/tickets", "tickets that nobody watches, why people were called for them and what ended it"),
    (
        "1st minute",
        "/calendar",
        "promises in a calendar: due now, still to come, and one that ended without anybody acting",
    ),
];

/// A simulated space of Backlog and simulated calendars.
pub struct Outside {
    backlog: backlog::Sandbox,
    google: google::Sandbox,
}

impl Outside {
    pub async fn start(folder: &Path, url: &str) -> Result<Self, StartError> {
        let webhook_urls = vec![format!("{url}/webhooks/backlog/{HOOK}")];
        let backlog = backlog::start(backlog::Options { webhook_urls, ..backlog::Options::default() }).await?;
        let key_file = Some(folder.join("google-key.json"));
        let google = google::start(google::Options { key_file, ..google::Options::default() }).await?;
        let outside = Self { backlog, google };
        // It has begun before anybody looks: nobody hears of it.
        outside.promise("みなと商事 定例の電話会議", -20, 60);
        Ok(outside)
    }

    /// The part of the configuration that a person would write for them.
    pub fn configuration(&self, service: &str) -> String {
        let (space, google) = (self.backlog.info(), self.google.info());
        let key_file = google.service_account.as_deref().map(Path::display).map(|path| path.to_string());
        let calendar = |name: &str| google.calendars.get(name).cloned().unwrap_or_default();
        format!(
            "\n[backlog]\nmode = \"page\"\npoll = \"20s\"\n\n\
             [[backlog.space]]\nname = \"noc\"\nurl = \"{}\"\napi_key = \"{}\"\nwebhook_secret = \"{HOOK}\"\n\
             customers = [\"MINATO=minato\", \"SAKURA=kitakaze\"]\n\n\
             [[backlog.rule]]\nname = \"担当者がいない\"\nwhen = \"unassigned\"\n\n\
             [[backlog.rule]]\nname = \"窓口のアカウントのまま\"\nwhen = \"group_account\"\n\n\
             [[backlog.rule]]\nname = \"二時間返事がない\"\nwaits_minutes = 120\nwaits_of = \"group:desk\"\n\n\
             [[person]]\nid = \"suzuki\"\nname = \"Suzuki Ichiro\"\nbacklog = [\"suzuki\"]\n\n\
             [[group]]\nid = \"desk\"\nname = \"運用デスク\"\nmembers = [\"sato\", \"suzuki\"]\nbacklog = [\"desk\"]\nhours = \"always\"\n\n\
             [[hours]]\nname = \"always\"\nweek = [\"always\"]\n\n\
             [google_calendar]\nmode = \"page\"\npoll = \"10s\"\npush = false\nkey_file = \"{}\"\napi_url = \"{}\"\ntoken_url = \"{}\"\n\n\
             [[calendar]]\nname = \"promises\"\ngoogle_id = \"{}\"\ncustomer = \"minato\"\n\n\
             [[calendar]]\nname = \"maintenance\"\ngoogle_id = \"{}\"\n\n\
             [[calendar]]\nname = \"leave\"\ngoogle_id = \"{}\"\nwhat = \"leave\"\n\n\
             [[calendar.rule]]\nname = \"メンテナンス\"\ncalendars = [\"maintenance\"]\nkeywords = [\"メンテナンス\"]\n\
             maintenance = [\"{service}\"]\n\n\
             [[calendar.rule]]\nname = \"作業の立ち会い\"\ncalendars = [\"promises\"]\nkeywords = [\"立ち会い\"]\ngrace = \"1m\"\n\n\
             [[calendar.rule]]\nname = \"お客様との約束\"\ncalendars = [\"promises\"]\nleads = [\"30m\", \"10m\"]\n",
            space.url,
            space.api_key,
            key_file.unwrap_or_default(),
            google.api_url,
            google.token_url,
            calendar(PROMISES),
            calendar(MAINTENANCE),
            calendar("leave"),
        )
    }

    /// What people do, until told to stop.
    pub async fn play(&self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.story() => {}
        }
    }

    async fn story(&self) {
        pause(15).await;
        let disk = self.ticket(&json!({
            "as": "tanaka", "project": "MINATO", "summary": "web01 のディスクが 95% です", "priority": "高",
            "description": "監視の画面で 95% を超えています。\n至急、確認をお願いします。",
        }));
        let slow = self.ticket(&json!({
            "as": "kobayashi", "project": "SAKURA", "summary": "配送管理の画面が開きません", "to": "desk",
            "description": "朝から 30 秒ほど待たされます。",
        }));
        self.promise("みなと商事へ経過を連絡（約束）", 6, 30);
        self.promise("さくら物流へ報告書を送る", 25, 30);
        // Nobody will serve it.
        self.promise("夜間作業の立ち会い", 1, 1);
        self.event(MAINTENANCE, "メンテナンス: web03 カーネル更新", 45, 60);
        pause(30).await;
        self.did("assign", &json!({ "as": "sato", "ticket": slow, "to": "sato", "comment": "確認します。" }));
        pause(20).await;
        self.did("comment", &json!({ "as": "tanaka", "ticket": disk, "content": "97% になりました。" }));
    }

    fn promise(&self, title: &str, minutes: i64, lasts: u32) {
        self.event(PROMISES, title, minutes, lasts);
    }

    /// One that begins in so many minutes.
    fn event(&self, calendar: &str, title: &str, minutes: i64, lasts: u32) {
        let start = Clock::default().now().floor_s().plus_s(minutes * 60).rfc3339();
        let body = json!({
            "calendar": calendar, "as": "suzuki@example.jp", "summary": title, "start": start, "minutes": lasts,
            "location": "運用センター", "description": "終わったら完了にしてください。", "attendees": ["sato@example.jp"],
        });
        if let Err(error) = self.google.control("event", &body) {
            tracing::warn!(error, title, "the demo's event could not be entered");
        }
    }

    fn ticket(&self, body: &Value) -> Value {
        self.did("create", body)["ticket"].take()
    }

    fn did(&self, what: &str, body: &Value) -> Value {
        self.backlog.control(what, body).unwrap_or_else(|error| {
            tracing::warn!(error, what, "the demo's customer could not do that");
            Value::Null
        })
    }

    pub async fn stop(self) {
        self.backlog.stop().await;
        self.google.stop().await;
    }
}

async fn pause(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
