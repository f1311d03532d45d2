//! The simulated workspace's page: what is said stands there as text, buttons work as plain forms, pictures are shown.

mod workspace;

use reqwest::redirect::Policy;
use serde_json::json;
use workspace::{App, Workspace};

#[tokio::test]
async fn messages_stand_there_and_nothing_foreign_runs() {
    let own = Workspace::quick().await;
    let ts = own.with_button("fallback").await;
    own.api("chat.postMessage", json!({ "channel": "alerts", "thread_ts": ts, "text": "in the thread" })).await;
    own.post(&own.alerts(), "<script>alert(1)</script> \"><img src=x onerror=alert(2)> <javascript:alert(3)|click>")
        .await;
    own.post(&own.alerts(), "&lt;b&gt;bold&lt;/b&gt; *障害* <https://ops.example.jp/?a=1&amp;b=2|open>").await;
    let page = own.page("/").await;
    for part in [
        "simulated Slack",
        "<b>disk full</b> on web01",
        "action=\"/_control/press\"",
        "1 reply",
        "in the thread",
        "&lt;b&gt;bold&lt;/b&gt; <b>障害</b>",
        "href=\"https://ops.example.jp/?a=1&amp;b=2\"",
        "href=\"/channel/general?as=",
    ] {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
    for part in ["<script", "<img src=x", "javascript:", "<b>bold"] {
        assert!(!page.contains(part), "{part} got through: {page}");
    }
    let reply = own.http.get(&own.slack.info().url).send().await.expect("an answer");
    assert!(reply.headers()["content-security-policy"].to_str().expect("a text").starts_with("default-src 'none'"));
}

#[tokio::test]
async fn a_button_is_a_form_that_leads_back() {
    let app = App::new([]).await;
    let own = Workspace::quick().await;
    own.control("set", json!({ "interactions_url": app.url, "commands_url": app.url })).await;
    let ts = own.with_button("disk full").await;
    let browser = reqwest::Client::builder().redirect(Policy::none()).build().expect("a client");
    let send = async |path: &str, fields: &[(&str, &str)]| {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = browser.post(format!("{}/_control/{path}", own.slack.info().url)).body(body);
        request.header("content-type", "application/x-www-form-urlencoded").send().await.expect("an answer")
    };
    let (user, channel, back) = (own.user("mei"), own.alerts(), "/channel/alerts?as=x");
    let who = [("user", user.as_str()), ("channel", channel.as_str()), ("back", back)];
    let press = [who.as_slice(), &[("ts", ts.as_str()), ("action_id", "ack"), ("block_id", "inc:4711")]].concat();
    let reply = send("press", &press).await;
    assert_eq!((reply.status().as_u16(), reply.headers()["location"].to_str().ok()), (303, Some(back)));
    assert_eq!(app.all()[0].payload()["user"]["id"], json!(user));
    let line = [who.as_slice(), &[("text", "/arayashiki on call")]].concat();
    assert_eq!(send("type", &line).await.status(), 303);
    let fields = app.all()[1].fields();
    assert_eq!((fields["command"].as_str(), fields["text"].as_str()), ("/arayashiki", "on call"));
    let line = [who.as_slice(), &[("text", "hello all")]].concat();
    assert_eq!(send("type", &line).await.status(), 303);
    assert!(own.page("/channel/alerts").await.contains("hello all"));
    let gone = [who.as_slice(), &[("ts", ts.as_str()), ("action_id", "nothing")]].concat();
    let reply = send("press", &gone).await;
    assert_eq!(reply.status(), 400);
    assert!(reply.text().await.expect("a text").contains("no message in alerts"));
    let elsewhere = [("user", user.as_str()), ("channel", channel.as_str()), ("back", "//evil.example"), ("text", "x")];
    assert_eq!(send("type", &elsewhere).await.status(), 200, "it leads nowhere else");
}

#[tokio::test]
async fn every_kind_of_block_is_drawn() {
    let own = Workspace::quick().await;
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let mrkdwn = |text: &str| json!({ "type": "mrkdwn", "text": text });
    let option = json!({ "text": plain("one hour"), "value": "60" });
    let blocks = json!([
        { "type": "header", "text": plain("Header <here>") },
        { "type": "section", "fields": [mrkdwn("*Host*\nweb01"), mrkdwn("*Since*\n`10:30`")], "accessory": { "type": "button", "action_id": "see", "text": plain("See"), "url": "https://ops.example.jp/1" } },
        { "type": "divider" },
        { "type": "context", "elements": [mrkdwn("_faint_"), { "type": "image", "image_url": "https://img.example/x.png", "alt_text": "logo" }] },
        { "type": "image", "image_url": "https://img.example/g.png", "alt_text": "a graph", "title": plain("Graph") },
        { "type": "markdown", "text": "some text" },
        { "type": "actions", "elements": [{ "type": "static_select", "action_id": "snooze", "placeholder": plain("Snooze"), "options": [option] }] },
    ]);
    let told = own.api("chat.postMessage", json!({ "channel": "alerts", "text": "x", "blocks": blocks, "attachments": [{ "title": "old", "text": "style" }] })).await;
    assert_eq!(told["ok"], true, "{told}");
    let page = own.page("/").await;
    for part in [
        "<h2>Header &lt;here&gt;</h2>",
        "<code>10:30</code>",
        "<hr>",
        "<i>faint</i>",
        "🖼 a graph",
        "some text",
        "one hour</option>",
        "style",
    ] {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
    assert!(!page.contains("<img"), "nothing is loaded from elsewhere");
}
