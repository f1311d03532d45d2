//! The simulated Backlog from outside: what its API says and refuses, what its webhooks tell, what a judge reads of it.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{Answer, Receiver, send};
use reqwest::Method;
use sandbox::backlog::{Options, PerMinute, Sandbox, Settings, start};
use serde_json::{Value, json};

struct Space {
    sandbox: Sandbox,
    http: reqwest::Client,
}

impl Space {
    async fn new(options: Options) -> Self {
        let sandbox = start(options).await.expect("it starts");
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).redirect(reqwest::redirect::Policy::none());
        Self { sandbox, http: http.build().expect("a client") }
    }

    async fn told_to(receiver: &Receiver) -> Self {
        Self::new(Options { webhook_urls: vec![receiver.url.clone()], ..Options::default() }).await
    }

    fn key(&self) -> &str {
        &self.sandbox.info().api_key
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.sandbox.info().url))
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[]).await
    }

    async fn call(&self, method: Method, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut request = self.request(method.clone(), &format!("/api/v2/{path}")).query(&[("apiKey", self.key())]);
        if method != Method::GET {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        send(request).await.expect("an answer")
    }

    fn does(&self, what: &str, body: &Value) -> Value {
        self.sandbox.control(what, body).expect("it is done")
    }

    async fn settle(&self) {
        assert!(self.sandbox.settle(20_000).await, "webhooks are still on their way");
    }
}

fn said(answer: &Answer) -> (u16, u64) {
    (answer.status.as_u16(), answer.body["errors"][0]["code"].as_u64().unwrap_or(0))
}

fn hooks(receiver: &Receiver) -> Vec<Value> {
    receiver.all().iter().map(|d| serde_json::from_slice(&d.body).expect("JSON")).collect()
}

fn ids(list: &Value, name: &str) -> Vec<u64> {
    list.as_array().expect("a list").iter().map(|i| i[name].as_u64().expect("a number")).collect()
}

#[tokio::test]
async fn everything_that_is_read_is_there() {
    let space = Space::new(Options::default()).await;
    for (path, pointer, expected) in [
        ("space", "/timezone", json!("Asia/Tokyo")),
        ("users/myself", "/userId", json!("arayashiki")),
        ("users/104", "/name", json!("運用デスク")),
        ("users", "/5/userId", json!("kobayashi")),
        ("teams?order=asc", "/0/members/0/userId", json!("sato")),
        ("groups", "/0/name", json!("さくら物流")),
        ("projects", "/0/projectKey", json!("MINATO")),
        ("projects/MINATO/users", "/4/userId", json!("tanaka")),
        ("projects/12/issueTypes", "/0/name", json!("障害")),
        ("projects/MINATO/categories", "/1/name", json!("ネットワーク")),
        ("projects/MINATO/statuses", "/2/name", json!("お客様確認待ち")),
        ("projects/SAKURA/statuses", "/3/id", json!(4)),
        ("priorities", "/0/name", json!("高")),
        ("statuses", "/1/name", json!("処理中")),
        ("issues/MINATO-1", "/assignee/userId", json!("sato")),
        ("issues/MINATO-1/comments?order=asc", "/0/changeLog/0/newValue", json!("処理中")),
        ("issues/MINATO-1/comments/count", "/count", json!(2)),
        ("space/activities", "/0/content/key_id", json!(3)),
        ("projects/MINATO/activities?order=asc&count=1", "/0/type", json!(1)),
        ("users/102/activities", "/0/content/changes/0/field_text", json!("status")),
        ("rateLimit", "/rateLimit/update/remaining", json!(150)),
    ] {
        let answer = space.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert_eq!(answer.body.pointer(pointer), Some(&expected), "{path}: {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/json;charset=utf-8");
    }
}

#[tokio::test]
async fn refusals_have_backlogs_numbers() {
    let space = Space::new(Options::default()).await;
    let comment = |text: &'static str| vec![("content", text)];
    for (method, path, form, expected) in [
        ("GET", "issues/MINATO-99", vec![], (404, 6)),
        ("GET", "projects/NONE", vec![], (404, 6)),
        ("GET", "nothing", vec![], (404, 6)),
        ("GET", "issues?count=101", vec![], (400, 7)),
        ("GET", "issues?count=0", vec![], (400, 7)),
        ("GET", "issues?updatedSince=2026-05-01T00:00:00Z", vec![], (400, 7)),
        ("GET", "issues?sort=colour", vec![], (400, 7)),
        ("GET", "issues?projectId[]=x", vec![], (400, 7)),
        ("POST", "issues", vec![("projectId", "11")], (400, 7)),
        ("POST", "issues/MINATO-1/comments", comment(""), (400, 7)),
        ("PATCH", "issues/MINATO-1", vec![("assigneeId", "106")], (400, 7)),
        ("PATCH", "issues/MINATO-1", vec![("statusId", "77")], (400, 7)),
        ("PATCH", "issues/MINATO-1", vec![("statusId", "2")], (400, 7)),
        ("PATCH", "issues/MINATO-1/comments/1", comment("x"), (404, 6)),
        ("POST", "projects/MINATO/webhooks", vec![("name", "x"), ("hookUrl", "ftp://x")], (400, 7)),
    ] {
        let answer = space.call(method.parse().expect("a method"), path, &form).await;
        assert_eq!(said(&answer), expected, "{method} {path}: {}", answer.body);
    }
    let bad = send(space.request(Method::GET, "/api/v2/space?apiKey=wrong")).await.expect("an answer");
    assert_eq!(said(&bad), (401, 11));
    let own = &space.sandbox.info().users["sato"].api_key;
    let member = send(space.request(Method::GET, &format!("/api/v2/projects/MINATO/webhooks?apiKey={own}"))).await;
    assert_eq!(said(&member.expect("an answer")), (403, 5));
    space.does("member", &json!({ "user": "arayashiki", "project": "MINATO", "member": false }));
    assert_eq!(said(&space.get("issues/MINATO-1").await), (404, 6));
    assert_eq!(space.get("issues/count").await.body["count"], 3);
    assert!(space.sandbox.effects().is_empty(), "nothing was written: {:?}", space.sandbox.effects());
}

#[tokio::test]
async fn a_space_full_of_tickets_is_paged_and_polled_by_the_day() {
    let start = "2026-05-10T03:00:00Z".parse().expect("an instant");
    let space = Space::new(Options { old_tickets: 230, start: Some(start), ..Options::default() }).await;
    let mut seen: Vec<u64> = Vec::new();
    loop {
        let page = space.get(&format!("issues?count=100&sort=updated&order=asc&offset={}", seen.len())).await.body;
        let own = ids(&page, "id");
        seen.extend(&own);
        if own.len() < 100 {
            break;
        }
    }
    assert_eq!(seen.len(), 236);
    assert_eq!(space.get("issues/count").await.body["count"], 236);
    assert_eq!(space.get("issues").await.body.as_array().map(Vec::len), Some(20));
    for (filter, count) in [
        ("projectId[]=11", 118),
        ("projectId[]=11&projectId[]=12", 236),
        ("assigneeId[]=104", 60),
        ("keyword=証明書", 1),
        ("keyword=古いログ", 1),
        ("priorityId[]=2&statusId[]=2", 2),
        ("updatedSince=2026-05-09&updatedUntil=2026-05-09", 2),
        ("updatedSince=2026-05-10", 2),
        ("dueDateSince=2026-01-01", 0),
        ("hasDueDate=false&categoryId[]=115", 2),
    ] {
        assert_eq!(space.get(&format!("issues/count?{filter}")).await.body["count"], count, "{filter}");
    }
    // A comment at 00:30 in Tokyo is of the new day there and of the old one in UTC.
    space.does("advance", &json!({ "to": "2026-05-11T00:30:00+09:00" }));
    space.does("comment", &json!({ "as": "tanaka", "ticket": "MINATO-3", "content": "いかがでしょうか" }));
    for (zone, count) in [("Asia/Tokyo", 1), ("UTC", 0)] {
        space.does("settings", &json!({ "date_zone": zone }));
        assert_eq!(space.get("issues/count?updatedSince=2026-05-11").await.body["count"], count, "{zone}");
    }
}

#[tokio::test]
async fn what_is_written_is_on_disk_before_it_is_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("backlog.jsonl");
    let space = Space::new(Options { log: Some(log.clone()), ..Options::default() }).await;
    let made = [("projectId", "11"), ("summary", "db01 応答なし"), ("issueTypeId", "111"), ("priorityId", "2")];
    let made = space.call(Method::POST, "issues", &[&made[..], &[("assigneeId", "104")]].concat()).await;
    assert_eq!((made.status.as_u16(), &made.body["issueKey"]), (201, &json!("MINATO-4")));
    assert_eq!(made.body["assignee"]["name"], "運用デスク");
    let comment = space.call(Method::POST, "issues/MINATO-4/comments", &[("content", "当番を呼びました")]).await;
    assert_eq!((comment.status.as_u16(), &comment.body["content"]), (201, &json!("当番を呼びました")));
    let patch = [("assigneeId", "103"), ("statusId", "301"), ("dueDate", "2026-05-12")];
    let patched = space.call(Method::PATCH, "issues/MINATO-4", &patch).await;
    assert_eq!(patched.body["dueDate"], "2026-05-12T00:00:00Z");
    let cleared = space.call(Method::PATCH, "issues/MINATO-4", &[("assigneeId", ""), ("dueDate", "")]).await;
    assert_eq!((&cleared.body["assignee"], &cleared.body["dueDate"]), (&Value::Null, &Value::Null));
    let comments = space.get("issues/MINATO-4/comments?order=asc").await.body;
    let fields = |n: usize| {
        let log = comments[n]["changeLog"].as_array().expect("a list").clone();
        log.into_iter()
            .map(|c| (c["field"].clone(), c["originalValue"].clone(), c["newValue"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!((&comments[0]["content"], &comments[1]["content"]), (&json!("当番を呼びました"), &Value::Null));
    assert_eq!(
        fields(1),
        [
            (json!("assigner"), json!("運用デスク"), json!("鈴木一郎")),
            (json!("status"), json!("未対応"), json!("お客様確認待ち")),
            (json!("limitDate"), Value::Null, json!("2026-05-12")),
        ]
    );
    let written = std::fs::read_to_string(&log).expect("the log");
    let lines: Vec<Value> = written.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    let kinds: Vec<&str> = lines.iter().filter_map(|l| l["kind"].as_str()).collect();
    assert_eq!(kinds, ["backlog.created", "backlog.commented", "backlog.updated", "backlog.updated"]);
    assert_eq!(lines[1]["detail"]["content"], "当番を呼びました");
    assert_eq!(space.sandbox.comments()[0]["ticket"], "MINATO-4");
    assert!(!written.contains(space.key()), "no key in the log");
}

#[tokio::test]
async fn a_reply_that_is_missing_leaves_the_comment() {
    let space = Space::new(Options::default()).await;
    let faults = json!({ "faults": [
        { "path": "/api/v2/issues/MINATO-1/comments", "method": "POST", "do": { "cut": "after" } },
        { "path": "/api/v2/issues/MINATO-1/comments", "method": "POST", "nth": 2, "do": { "status": 500 } },
    ] });
    let control = space.http.post(format!("{}/faults", space.sandbox.info().control_url)).json(&faults);
    assert_eq!(send(control).await.expect("an answer").status, 200);
    assert_eq!(space.get("issues/MINATO-1/comments/count").await.body["count"], 2, "reading is not disturbed");
    let post = || {
        let request = space.request(Method::POST, "/api/v2/issues/MINATO-1/comments").query(&[("apiKey", space.key())]);
        request.header("content-type", "application/x-www-form-urlencoded").body("content=1")
    };
    assert!(send(post()).await.is_err());
    assert_eq!(send(post()).await.expect("an answer").status, 500);
    assert_eq!(space.get("issues/MINATO-1/comments/count").await.body["count"], 3);
    assert_eq!(space.sandbox.comments().len(), 1);
}

#[tokio::test]
async fn a_user_has_so_many_requests_a_minute() {
    let per_minute = PerMinute { read: 2, update: 1, ..PerMinute::default() };
    let settings = Settings { per_minute, ..Settings::default() };
    let space = Space::new(Options { settings, ..Options::default() }).await;
    let first = space.get("space").await;
    assert_eq!(
        (first.headers["x-ratelimit-limit"].as_str(), first.headers["x-ratelimit-remaining"].as_str()),
        ("2", "1")
    );
    assert_eq!(space.get("space").await.status, 200);
    let refused = space.get("space").await;
    assert_eq!(said(&refused), (429, 13));
    assert_eq!(refused.headers["x-ratelimit-remaining"], "0");
    assert!(refused.headers["x-ratelimit-reset"].parse::<i64>().is_ok());
    assert_eq!(space.get("issues?keyword=web01").await.status, 200, "a search counts elsewhere");
    let comment = |n| space.call(Method::POST, "issues/MINATO-1/comments", n);
    assert_eq!(comment(&[("content", "1")]).await.status, 201);
    assert_eq!(said(&comment(&[("content", "2")]).await), (429, 13));
    let own = &space.sandbox.info().users["sato"].api_key;
    let other = send(space.request(Method::GET, &format!("/api/v2/space?apiKey={own}"))).await.expect("an answer");
    assert_eq!(other.status, 200, "another user has his own");
    space.does("advance", &json!({ "seconds": 60 }));
    assert_eq!(space.get("space").await.status, 200);
    space.does("exhaust", &json!({ "kind": "read" }));
    assert_eq!(said(&space.get("space").await), (429, 13));
}

#[tokio::test]
async fn tokens_come_by_code_and_by_refresh_and_end() {
    let settings = Settings { token_ttl_s: 600, ..Settings::default() };
    let space = Space::new(Options { settings, ..Options::default() }).await;
    let oauth = space.sandbox.info().oauth.clone();
    let token = async |form: &[(&str, &str)]| {
        let own = [("client_id", oauth.client_id.as_str()), ("client_secret", &oauth.client_secret)];
        let pairs = form.iter().chain(own.iter().filter(|(n, _)| !form.iter().any(|(f, _)| f == n)));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        send(space.http.post(&oauth.token_url).body(body)).await.expect("an answer")
    };
    let with = async |token: &Value| {
        let request = space.request(Method::GET, "/api/v2/users/myself");
        send(request.bearer_auth(token.as_str().expect("a token"))).await.expect("an answer")
    };
    let first = token(&[("grant_type", "refresh_token"), ("refresh_token", &oauth.refresh_token)]).await.body;
    assert_eq!((&first["token_type"], &first["expires_in"]), (&json!("Bearer"), &json!(600)));
    assert_eq!(with(&first["access_token"]).await.body["userId"], "arayashiki");
    space.does("advance", &json!({ "seconds": 600 }));
    let ended = with(&first["access_token"]).await;
    assert_eq!((ended.status.as_u16(), &ended.body), (401, &Value::Null));
    assert!(ended.headers["www-authenticate"].contains("expired"), "{:?}", ended.headers);
    let consent = format!(
        "{}?response_type=code&client_id={}&redirect_uri=https%3A%2F%2Fops.example.jp%2Fback&state=s1",
        oauth.authorize_url, oauth.client_id
    );
    let back = send(space.http.get(consent)).await.expect("an answer");
    let back = url::Url::parse(&back.headers["location"]).expect("an address");
    let code = back.query_pairs().find(|(n, _)| n == "code").map(|(_, v)| v.into_owned()).expect("a code");
    let by_code = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "https://ops.example.jp/back"),
    ];
    let second = token(&by_code).await.body;
    assert_eq!(with(&second["access_token"]).await.status, 200);
    assert_eq!(token(&by_code).await.body["error"], "invalid_grant", "a code is good once");
    assert_eq!(token(&[("grant_type", "refresh_token"), ("refresh_token", "x")]).await.body["error"], "invalid_grant");
    assert_eq!(token(&[("grant_type", "password")]).await.body["error"], "unsupported_grant_type");
    assert_eq!(token(&[("grant_type", "refresh_token"), ("client_secret", "x")]).await.body["error"], "invalid_client");
    space.does("expire_tokens", &json!({}));
    assert_eq!(with(&second["access_token"]).await.status, 401);
    let new = space.does("revoke", &json!({}))["refresh_token"].as_str().expect("a token").to_owned();
    assert_eq!(token(&[("grant_type", "refresh_token"), ("refresh_token", &oauth.refresh_token)]).await.status, 400);
    space.does("settings", &json!({ "refresh_once": true }));
    let again = [("grant_type", "refresh_token"), ("refresh_token", new.as_str())];
    assert_eq!((token(&again).await.status.as_u16(), token(&again).await.status.as_u16()), (200, 400));
}

#[tokio::test]
async fn what_people_do_is_told_in_the_recorded_shape() {
    let receiver = Receiver::new(&[]).await;
    let space = Space::told_to(&receiver).await;
    let made = space.does("create", &json!({ "as": "tanaka", "project": "MINATO", "summary": "web02 停止", "description": "至急", "type": "障害", "priority": "高", "category": "サーバー" }));
    assert_eq!(made["ticket"], "MINATO-4");
    space.does("assign", &json!({ "as": "sato", "ticket": "MINATO-4", "to": "desk" }));
    space.does("comment", &json!({ "as": "tanaka", "ticket": "MINATO-4", "content": "まだですか" }));
    space.does("status", &json!({ "as": "suzuki", "ticket": "MINATO-4", "status": "完了", "comment": "直りました" }));
    space.does("reopen", &json!({ "as": "tanaka", "ticket": "MINATO-4" }));
    space.does("notify", &json!({ "as": "tanaka", "ticket": "MINATO-4", "users": ["suzuki"] }));
    space.does("bulk", &json!({ "as": "suzuki", "tickets": ["MINATO-1", "MINATO-4"], "status": "完了" }));
    space.does("delete", &json!({ "as": "suzuki", "ticket": "MINATO-4" }));
    space.settle().await;
    let told = hooks(&receiver);
    assert_eq!(ids(&json!(told), "type"), [1, 2, 3, 2, 2, 17, 14, 4]);
    let first = &told[0];
    assert_eq!((&first["project"]["projectKey"], &first["content"]["key_id"]), (&json!("MINATO"), &json!(4)));
    assert_eq!(first["content"]["resolution"], json!({ "name": "", "id": null }));
    assert_eq!((&first["content"]["dueDate"], &first["content"]["assignee"]), (&json!(""), &Value::Null));
    assert_eq!((&first["createdUser"]["mailAddress"], &first["createdUser"]["userId"]), (&Value::Null, &Value::Null));
    assert_eq!(first["createdUser"]["id"], 105);
    let assigned = json!([{ "field": "assigner", "old_value": "", "new_value": "運用デスク", "type": "standard" }]);
    assert_eq!((&told[1]["content"]["changes"], &told[1]["content"]["comment"]["content"]), (&assigned, &json!("")));
    assert_eq!(told[2]["content"]["comment"]["content"], "まだですか");
    let closed = json!([{ "field": "status", "old_value": "1", "new_value": "4", "type": "standard" }]);
    assert_eq!(
        (&told[3]["content"]["changes"], &told[3]["content"]["comment"]["content"]),
        (&closed, &json!("直りました"))
    );
    assert_eq!(told[6]["content"]["link"][0]["key_id"], 1);
    assert_eq!(told[6]["content"]["changes"][0], json!({ "field": "status", "new_value": "4", "type": "standard" }));
    assert_eq!(told[7]["content"].as_object().map(|o| o.len()), Some(2));
    // The same is found by polling.
    let first_id = made["activity_id"].as_u64().expect("a number");
    let polled = space.get(&format!("space/activities?minId={first_id}&order=asc&count=100")).await.body;
    assert_eq!(ids(&polled, "id"), ids(&json!(told), "id"));
    assert_eq!(polled[0]["content"].get("assignee"), None, "activities hold less than webhooks");
    let some = space.get("space/activities?activityTypeId[]=4&activityTypeId[]=14").await.body;
    assert_eq!(ids(&some, "type"), [4, 14]);
    assert_eq!(said(&space.get("issues/MINATO-4").await), (404, 6));
    assert_eq!(space.sandbox.tickets().iter().filter(|t| t["deleted"] == true).count(), 1);
}

#[tokio::test]
async fn webhooks_are_lost_doubled_held_and_late() {
    let receiver = Receiver::new(&[]).await;
    let space = Space::told_to(&receiver).await;
    let comment =
        |n: u32| space.does("comment", &json!({ "as": "tanaka", "ticket": "MINATO-1", "content": n.to_string() }));
    let seen = || {
        hooks(&receiver)
            .iter()
            .map(|h| h["content"]["comment"]["content"].as_str().expect("a text").to_owned())
            .collect::<Vec<_>>()
    };
    space.does("mischief", &json!({ "lose": 1 }));
    comment(1);
    space.does("mischief", &json!({ "duplicate": 1 }));
    comment(2);
    space.settle().await;
    assert_eq!(seen(), ["2", "2"]);
    space.does("mischief", &json!({ "hold": true }));
    (3..6).for_each(|n| drop(comment(n)));
    space.settle().await;
    assert_eq!(seen().len(), 2, "held ones wait");
    let released = space.does("release", &json!({ "order": "reversed" }));
    assert_eq!(released["released"].as_array().map(Vec::len), Some(3));
    comment(6);
    space.settle().await;
    assert_eq!(seen()[2..], ["5", "4", "3", "6"]);
    space.does("mischief", &json!({ "delay": 1, "delay_ms": 1 }));
    comment(7);
    space.settle().await;
    assert_eq!(seen().last().map(String::as_str), Some("7"));
    let states: Vec<Value> = space.sandbox.deliveries().iter().map(|d| d["state"].clone()).collect();
    assert_eq!(states.iter().filter(|s| **s == "lost").count(), 1);
    assert_eq!(states.iter().filter(|s| **s == "delivered").count(), 6);
    assert!(space.sandbox.control("mischief", &json!({ "eat": 1 })).is_err());
}

#[tokio::test]
async fn a_webhook_that_fails_is_not_tried_again_and_each_has_its_own_wishes() {
    let (all, some) = (Receiver::new(&[500]).await, Receiver::new(&[]).await);
    let space = Space::told_to(&all).await;
    let form =
        [("name", "comments"), ("hookUrl", some.url.as_str()), ("allEvent", "false"), ("activityTypeIds[]", "3")];
    let made = space.call(Method::POST, "projects/MINATO/webhooks", &form).await;
    assert_eq!((made.status.as_u16(), &made.body["activityTypeIds"]), (201, &json!([3])));
    space.does("assign", &json!({ "as": "sato", "ticket": "MINATO-1", "to": null }));
    space.does("comment", &json!({ "as": "sato", "ticket": "MINATO-1", "content": "x" }));
    space.does("comment", &json!({ "as": "sato", "ticket": "SAKURA-1", "content": "y" }));
    space.settle().await;
    assert_eq!((all.all().len(), some.all().len()), (3, 1));
    assert_eq!(space.sandbox.deliveries()[0]["state"], "failed");
    let id = &made.body["id"];
    let path = format!("projects/MINATO/webhooks/{id}");
    let changed = space.call(Method::PATCH, &path, &[("allEvent", "true"), ("name", "all")]).await;
    assert_eq!((&changed.body["allEvent"], &changed.body["name"]), (&json!(true), &json!("all")));
    assert_eq!(space.get("projects/MINATO/webhooks").await.body.as_array().map(Vec::len), Some(2));
    assert_eq!(space.call(Method::DELETE, &path, &[]).await.status, 200);
    assert_eq!(said(&space.get(&path).await), (404, 6));
    let kinds: Vec<Value> = space.sandbox.effects().iter().map(|e| e["kind"].clone()).collect();
    assert_eq!(kinds, ["backlog.webhook_created", "backlog.webhook_changed", "backlog.webhook_deleted"]);
    assert!(!json!(space.sandbox.effects()).to_string().contains("/hook"), "an address is a secret");
}

#[tokio::test]
async fn the_page_shows_text_as_text_and_its_buttons_work() {
    let space = Space::new(Options::default()).await;
    space.does("create", &json!({ "as": "tanaka", "project": "MINATO", "summary": "<script>alert(1)</script>", "description": "a&b \"<b>" }));
    let page = space.request(Method::GET, "/").send().await.expect("an answer").text().await.expect("a text");
    assert!(page.contains("simulated Backlog") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("<script>") && !page.contains("<b>"));
    let press = async |body: &'static str, site: &str| {
        let request = space.request(Method::POST, "/act").header("sec-fetch-site", site).body(body);
        send(request).await.expect("an answer").status.as_u16()
    };
    let take = "as=suzuki&ticket=MINATO-4&what=take&content=%E8%A6%8B%E3%81%BE%E3%81%99";
    assert_eq!(press(take, "cross-site").await, 403);
    assert_eq!(press(take, "same-origin").await, 303);
    let ticket = space.get("issues/MINATO-4").await.body;
    assert_eq!(ticket["assignee"]["userId"], "suzuki");
    let view =
        space.request(Method::GET, "/view/MINATO-4").send().await.expect("an answer").text().await.expect("a text");
    assert!(view.contains("見ます") && !view.contains("MINATO-3"));
    assert!(space.sandbox.effects().is_empty(), "what people do is life, no effect");
}
