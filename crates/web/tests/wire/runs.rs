//! Runs, hosts and runbooks from outside: what is asked for goes in once with its audit row, an incident leads to its own customer's
//! hosts alone, and what hosts say is never taken for a page.

use crate::bed::{Answer, Bed, as_who};
use crate::hosted::{bed, end, refused, run, stands_beside, visit};
use axum::http::{Request, StatusCode};
use duties::safety_net::desk::{Act, Said};
use evidence::Evidence;
use model::Scope;
use model::incident::Status;
use model::person::Role;
use store::{hosts, inbox, runs};

const NONCE: &str = "nonce=0123456789abcdef";

async fn decided(bed: &Bed) -> Vec<Said> {
    let rows = bed.store.read(|tx| Box::pin(inbox::waiting(tx, 100, 0, 1))).await.unwrap();
    let desk = rows.into_iter().filter(|row| row.source == "desk");
    desk.map(|row| serde_json::from_slice(&row.raw).unwrap()).collect()
}

async fn acts(bed: &Bed) -> Vec<(String, String)> {
    bed.audit().await.into_iter().map(|entry| (entry.action, entry.subject)).collect()
}

#[tokio::test]
async fn what_is_asked_for_is_a_signal_with_its_audit_row_and_a_second_press_is_nothing() {
    let bed = bed().await;
    bed.incident("Q1", 7, "disk of web-1", Some("aoba"), Status::Triggered).await;
    let hana = bed.person("hana", Role::Responder, Scope::All).await;
    let form = format!("{NONCE}&host=web-1&runbook=linux&incident=7&p%2Flinux%2Fpath=%2Fvar&p%2Fown%2Fpath=x");
    for _ in 0..2 {
        let answer = bed.post("/runs", &hana, &form).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/incidents/7?asked=run#evidence"));
    }
    let parameters = [("path".to_owned(), "/var".to_owned())].into();
    let run = Act::Run {
        host: "web-1".into(),
        runbook: "linux".into(),
        parameters,
        incident: Some("Q1".into()),
        digest: Some("digest-of-linux".into()),
    };
    assert_eq!(decided(&bed).await, [Said { by: "hana".into(), account: "id-hana".into(), act: run }]);
    assert_eq!(acts(&bed).await, [("host.run".to_owned(), "host/web-1".to_owned())]);
    bed.post("/incidents/Q1/diagnose", &hana, NONCE).await;
    bed.post("/hosts/web-1/test", &hana, NONCE).await;
    let said: Vec<Act> = decided(&bed).await.into_iter().map(|said| said.act).collect();
    assert_eq!(said[1..], [Act::Diagnose { incident: "Q1".into() }, Act::TestHost { host: "web-1".into() }]);
    let page = bed.get("/incidents/Q1?asked=run&lang=en", &hana).await.body;
    assert!(page.contains("It was asked for and begins within a second or two"));
    for bad in ["", "nonce=short"] {
        assert_eq!(bed.post("/hosts/web-1/test", &hana, bad).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    let cross = Request::post("/hosts/web-1/test")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example");
    let cross = cross.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(bed.send(as_who(cross, &hana), NONCE.to_owned()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(decided(&bed).await.len(), 3);
}

#[tokio::test]
async fn an_incident_leads_to_its_own_customers_hosts_alone_and_a_refusal_has_words() {
    let bed = bed().await;
    bed.incident("QA", 7, "x", Some("aoba"), Status::Triggered).await;
    bed.incident("QN", 8, "x", None, Status::Triggered).await;
    let hana = bed.person("hana", Role::Responder, Scope::All).await;
    for (host, runbook, incident, code) in [
        ("db-9", "linux", "QA", "another-customer"),
        ("web-1", "linux", "QN", "incident-of-nobody"),
        ("lone", "linux", "QA", "host-of-nobody"),
        ("web-1", "none", "QA", "no-runbook"),
        ("web-1", "restart", "QA", "changes"),
    ] {
        let form = format!("{NONCE}&host={host}&runbook={runbook}&incident={incident}");
        let answer = bed.post("/runs", &hana, &form).await;
        assert_eq!(answer.location(), format!("/incidents/{incident}?refused={code}#evidence"));
        let page = bed.get(&format!("/incidents/{incident}?refused={code}&lang=en"), &hana).await.body;
        assert!(page.contains("Nothing was run: "), "{code}");
    }
    let odd = bed.get("/incidents/QA?refused=%3Cb%3Ehello&asked=hello", &hana).await.body;
    assert!(
        !odd.contains("&gt;hello") && !odd.contains("<b>hello") && !odd.contains("&#62;hello"),
        "what is no code of ours is nothing"
    );
    let token = bed.token("t", Role::Responder, Scope::All).await;
    let body = r#"{"host":"db-9","runbook":"linux","incident":"QA","nonce":"0123456789"}"#;
    let answer = bed.send(as_who(Request::post("/api/v1/runs"), &token), body.to_owned()).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.json()["detail"].as_str().unwrap().contains("another customer's"));
    let body = r#"{"host":"web-1","runbook":"linux","digest":"an older one","nonce":"0123456789"}"#;
    let answer = bed.send(as_who(Request::post("/api/v1/runs"), &token), body.to_owned()).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.json()["detail"].as_str().unwrap().contains("another than the one that was shown"));
    let form = format!("{NONCE}&host=web-1&runbook=linux&incident=QA&seen%2Flinux=an-older-one");
    assert_eq!(bed.post("/runs", &hana, &form).await.location(), "/incidents/QA?refused=changed#evidence");
    assert!(decided(&bed).await.is_empty() && bed.audit().await.is_empty(), "nothing was taken on");
    let page = bed.get("/incidents/QA", &hana).await.body;
    assert!(page.contains("name=\"seen/linux\" value=\"digest-of-linux\""), "what was seen goes with the press");
    assert!(page.contains("value=\"web-1\"") && !page.contains("db-9"), "only its own are offered");
}

#[tokio::test]
async fn programs_ask_by_the_same_door() {
    let bed = bed().await;
    bed.incident("Q1", 7, "x", Some("aoba"), Status::Triggered).await;
    let id = run(&bed, "web-1", Some("aoba"), Some("Q1"), b"so far").await;
    let who = bed.token("t", Role::Responder, Scope::All).await;
    let send = async |path: &str, body: &str| bed.send(as_who(Request::post(path), &who), body.to_owned()).await;
    let wants = r#"{"host":"web-1","runbook":"own","parameters":{"path":"/"},"incident":"Q1","nonce":"0123456789"}"#;
    assert_eq!(send("/api/v1/runs", wants).await.status, StatusCode::ACCEPTED);
    assert_eq!(send("/api/v1/runs", wants).await.status, StatusCode::OK);
    for (body, status) in [
        ("{}", StatusCode::BAD_REQUEST),
        (r#"{"host":"web-1","runbook":"own","nonce":"0123456789","x":1}"#, StatusCode::BAD_REQUEST),
        (
            r#"{"host":"web-1","runbook":"own","nonce":"0123456789","parameters":{"no":"1"}}"#,
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (r#"{"host":"web-1","runbook":"restart","nonce":"0123456789"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"host":"none","runbook":"own","nonce":"0123456789"}"#, StatusCode::NOT_FOUND),
    ] {
        assert_eq!(send("/api/v1/runs", body).await.status, status, "{body}");
    }
    let nonce = r#"{"nonce":"0123456789"}"#;
    assert_eq!(send(&format!("/api/v1/runs/{id}/stop"), nonce).await.status, StatusCode::ACCEPTED);
    assert_eq!(send("/api/v1/incidents/7/diagnose", nonce).await.status, StatusCode::ACCEPTED);
    assert_eq!(send("/api/v1/hosts/web-1/test", nonce).await.status, StatusCode::ACCEPTED);
    let said = decided(&bed).await;
    assert!(said.iter().all(|said| said.account == "token:t"));
    assert_eq!(said[1].act, Act::StopRun { run: id });
    end(&bed, id, true, "{}").await;
    let late = send(&format!("/api/v1/runs/{id}/stop"), r#"{"nonce":"9876543210"}"#).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "it has ended");
}

#[tokio::test]
async fn a_list_item_has_what_the_contract_says_and_a_run_is_its_record() {
    let bed = bed().await;
    bed.incident("Q1", 7, "disk", Some("aoba"), Status::Triggered).await;
    bed.person("hana", Role::Viewer, Scope::All).await;
    let who = bed.token("t", Role::Viewer, Scope::All).await;
    let id = run(&bed, "web-1", Some("aoba"), Some("Q1"), b"load is 97\n").await;
    let live = bed.get(&format!("/api/v1/runs/{id}"), &who).await.json();
    assert_eq!((&live["state"], &live["finished_at"]), (&"running".into(), &serde_json::Value::Null));
    assert_eq!(live["steps"][0]["streams"][0]["begins"], "load is 97");
    end(&bed, id, false, "{}").await;
    let list = bed.get("/api/v1/runs?host=web-1&state=done", &who).await.json();
    let item = &list["items"][0];
    for name in ["id", "runbook", "host", "class", "state", "exit_status", "started_at", "finished_at"] {
        assert!(!item[name].is_null(), "{name}");
    }
    assert_eq!(item["exit_status"], 3);
    assert_eq!(bed.get("/api/v1/runs?state=odd", &who).await.status, StatusCode::BAD_REQUEST);
    let of_it = bed.get("/api/v1/incidents/7/runs", &who).await.json();
    assert_eq!(of_it["items"][0]["id"], id);
    let whole = bed.get(&format!("/api/v1/runs/{id}"), &who).await.json();
    let step = &whole["steps"][0];
    assert_eq!((&step["command"], &step["input"]), (&"sh -s".into(), &"echo load of web-1\n".into()));
    assert_eq!((&step["redactions"]["password"], &step["capsule"]), (&3.into(), &"capsule-1".into()));
    let page = bed.get(&format!("/runs/{id}?lang=en"), &who_page(&bed).await).await.body;
    for said in [
        "the load is 97",
        "3 secrets hidden: password 3",
        "SHA256:shown",
        "capsule-1",
        "plan-digest",
        "hana",
        "gate-1",
        "Linux of all kinds",
    ] {
        assert!(page.contains(said), "{said}");
    }
    let csv = bed.get("/runs.csv?host=web-1", &who_page(&bed).await).await.body;
    assert_eq!(csv.lines().count(), 2);
    let beside = bed.get("/api/v1/incidents/Q1/evidence", &who).await.json();
    assert_eq!((&beside["runs"][0]["id"], &beside["visit"]), (&id.into(), &serde_json::Value::Null));
}

async fn who_page(bed: &Bed) -> String {
    let name = web::auth::new_id();
    bed.person(&name, Role::Viewer, Scope::All).await
}

#[tokio::test]
async fn what_a_step_said_is_text_or_a_file_and_never_a_page() {
    let bed = bed().await;
    let who = bed.person("hana", Role::Viewer, Scope::All).await;
    let hostile = "<script>alert(1)</script>\u{1B}[31m\u{202E}x\n".as_bytes();
    let id = run(&bed, "web-1", None, None, hostile).await;
    let said = bed.get(&format!("/runs/{id}/steps/0/out"), &who).await;
    let header = |answer: &Answer, name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header(&said, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(header(&said, "x-content-type-options"), "nosniff");
    assert_eq!(said.body.as_bytes(), hostile, "byte for byte");
    let page = bed.get(&format!("/runs/{id}?lang=en"), &who).await.body;
    assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"), "{page}");
    assert!(!page.contains("<script>alert") && page.contains("␛[31m⟨U+202E⟩x"));
    let file = bed.get(&format!("/runs/{id}/steps/0/out?download=1"), &who).await;
    assert_eq!(header(&file, "content-type"), "application/octet-stream");
    assert_eq!(header(&file, "content-disposition"), format!("attachment; filename=\"web-1-{id}-0-load.out\""));
    let binary = run(&bed, "web\"-1;\r\n", None, None, b"\x7fELF\0\0<b>\xff").await;
    let said = bed.get(&format!("/runs/{binary}/steps/0/out"), &who).await;
    assert_eq!(header(&said, "content-type"), "application/octet-stream", "no text is a file, whoever asks");
    let page = bed.get(&format!("/runs/{binary}?lang=en"), &who).await.body;
    assert!(page.contains("This is no text") && page.contains("7f 45 4c 46"));
    for path in ["steps/0/both", "steps/9/out", "steps/x/out", "steps/-1/out"] {
        assert_eq!(bed.get(&format!("/runs/{id}/{path}"), &who).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(bed.get(&format!("/runs/{id}/steps/0/err"), &who).await.body, "", "it said nothing there");
}

#[tokio::test]
async fn what_lies_whole_in_the_evidence_store_is_given_whole() {
    let bed = bed().await;
    let who = bed.person("hana", Role::Viewer, Scope::All).await;
    let id = run(&bed, "web-1", None, None, b"line 0\n").await;
    let whole: String = (0..40_000).map(|n| format!("line {n}\n")).collect();
    let evidence = Evidence::open(&bed.evidence).await.unwrap();
    let mut writer = evidence.writer("output/2026/11/22/c1.out").await.unwrap();
    writer.write(whole.as_bytes()).await.unwrap();
    writer.finish().await.unwrap();
    let kept = |object: &str| format!(r#"{{"out":{{"object":"{object}","sha256":"00","bytes":{}}}}}"#, whole.len());
    end(&bed, id, true, &kept("output/2026/11/22/c1.out")).await;
    let said = bed.get(&format!("/runs/{id}/steps/0/out"), &who).await;
    assert_eq!((said.body.len(), &said.headers["x-arayashiki-kept"]), (whole.len(), &"whole".parse().unwrap()));
    let page = bed.get(&format!("/runs/{id}?lang=en"), &who).await.body;
    assert!(page.contains("All of it"));
    // Its pieces are gone by and by; its beginning is then read from where all of it lies.
    let forget = bed.store.write("test", |tx| {
        Box::pin(async move {
            let later = tx.now().plus_s(60);
            runs::forget_output(tx, later, 10).await
        })
    });
    forget.await.unwrap();
    let page = bed.get(&format!("/runs/{id}?lang=en"), &who).await.body;
    assert!(page.contains("line 0\nline 1\n"), "{page}");
    let lost = run(&bed, "web-1", None, None, b"its beginning\n").await;
    end(&bed, lost, true, &kept("output/none.out")).await;
    let said = bed.get(&format!("/runs/{lost}/steps/0/out"), &who).await;
    assert_eq!(
        (said.body.as_str(), &said.headers["x-arayashiki-kept"]),
        ("its beginning\n", &"beginning".parse().unwrap())
    );
}

#[tokio::test]
async fn a_capture_is_held_against_the_last_healthy_one() {
    let bed = bed().await;
    let who = bed.person("hana", Role::Viewer, Scope::All).await;
    let first = run(&bed, "web-1", None, None, b"/dev/sda1 41% /\nsame\n").await;
    let alone = bed.get(&format!("/runs/{first}/diff?lang=en"), &who).await.body;
    assert!(alone.contains("No earlier run on this host found nothing wrong"));
    end(&bed, first, true, "{}").await;
    let second = run(&bed, "web-1", None, None, b"/dev/sda1 97% /\nsame\n<script>new</script>\n").await;
    end(&bed, second, false, "{}").await;
    let diff = bed.get(&format!("/runs/{second}/diff?lang=en"), &who).await.body;
    assert!(diff.contains("<mark>41</mark>") && diff.contains("<mark>97</mark>"), "{diff}");
    assert!(diff.contains("1 lines came, 0 went") && !diff.contains("<script>new"));
    let page = bed.get(&format!("/runs/{second}"), &who).await.body;
    assert!(page.contains(&format!("/runs/{second}/diff?with={first}")));
    let same = bed.get(&format!("/runs/{second}/diff?with={second}"), &who).await.body;
    assert!(!same.contains("<mark>"));
    assert_eq!(bed.get(&format!("/runs/{second}/diff?with=999"), &who).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bed.get(&format!("/runs/{second}/diff?with=x"), &who).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_hosts_said_is_searched_and_the_place_is_shown() {
    let bed = bed().await;
    let who = bed.person("hana", Role::Viewer, Scope::All).await;
    let id = run(&bed, "web-1", None, None, "kernel: Out of memory <b>java</b>\n".as_bytes()).await;
    run(&bed, "db-9", None, None, b"nothing of the kind\n").await;
    let page = bed.get("/runs?text=MEMORY+java&lang=en", &who).await.body;
    assert!(page.contains("All 2 runs were looked through; 1 said it."), "{page}");
    assert!(page.contains(&format!("/runs/{id}/steps/0/out")) && !page.contains("<b>java"));
    let none = bed.get("/runs?text=nowhere&lang=en", &who).await.body;
    assert!(none.contains("0 said it") && none.contains("No run is like that"));
    let token = bed.token("t", Role::Viewer, Scope::All).await;
    let found = bed.get("/api/v1/runs?text=memory&limit=1", &token).await.json();
    assert_eq!((&found["items"][0]["id"], &found["items"][0]["hit"]["n"]), (&id.into(), &0.into()));
}

#[tokio::test]
async fn a_visit_says_what_was_found_refused_and_held_back() {
    let bed = bed().await;
    bed.incident("Q1", 7, "disk", Some("aoba"), Status::Triggered).await;
    let who = bed.person("hana", Role::Viewer, Scope::All).await;
    let before = bed.get("/incidents/Q1?lang=en", &who).await.body;
    assert!(before.contains("The hosts of this incident have not been looked for yet."));
    visit(&bed, "Q1", Some("aoba")).await;
    let page = bed.get("/incidents/Q1?lang=en", &who).await.body;
    for said in ["1 host was found", "why web-1", "why db-9", "web-77", "add it", "not approved", "The mode is observe"]
    {
        assert!(page.contains(said), "{said}");
    }
}

#[tokio::test]
async fn an_admin_approves_the_very_version_that_was_shown() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Admin, Scope::All).await;
    let own = bed.person("own", Role::Admin, Scope::Customers(vec!["aoba".into()])).await;
    let page = bed.get("/runbooks/own?lang=en", &ada).await.body;
    assert!(page.contains("Approve this version") && page.contains("Nobody has approved this version"));
    assert!(!bed.get("/runbooks/linux?lang=en", &ada).await.body.contains("Approve this version"), "it ships");
    let form = format!("{NONCE}&digest=digest-of-own");
    assert_eq!(bed.post("/runbooks/own/approve", &own, &form).await.status, StatusCode::FORBIDDEN);
    let other = format!("{NONCE}&digest=digest-of-before");
    assert_eq!(bed.post("/runbooks/own/approve", &ada, &other).await.status, StatusCode::CONFLICT);
    assert_eq!(bed.post("/runbooks/linux/approve", &ada, &form).await.status, StatusCode::CONFLICT);
    for _ in 0..2 {
        assert_eq!(bed.post("/runbooks/own/approve", &ada, &form).await.location(), "/runbooks/own?asked=approve");
    }
    let page = bed.get("/runbooks/own?lang=en", &ada).await.body;
    assert!(page.contains("ada approved this version") && page.contains("Withdraw the approval"));
    bed.post("/runbooks/own/withdraw", &ada, &form).await;
    let subject = || "runbook/own".to_owned();
    assert_eq!(acts(&bed).await, [("runbook.withdraw".into(), subject()), ("runbook.approve".into(), subject())]);
    let token = bed.token("t", Role::Admin, Scope::All).await;
    let body = r#"{"digest":"digest-of-own","nonce":"0123456789"}"#;
    let answer = bed.send(as_who(Request::post("/api/v1/runbooks/own/approve"), &token), body.to_owned()).await;
    assert_eq!((answer.status, &answer.json()["approved"]), (StatusCode::OK, &true.into()));
    let list = bed.get("/api/v1/runbooks", &token).await.json();
    let own = list["items"].as_array().unwrap().iter().find(|one| one["name"] == "own").unwrap().clone();
    assert_eq!((&own["approved"], &own["approved_by"]), (&true.into(), &"token:t".into()));
}

#[tokio::test]
async fn a_changed_key_is_told_and_nobody_sees_anothers_hosts() {
    let bed = bed().await;
    let unit = bed.store.write("test", |tx| {
        Box::pin(async move {
            for (host, customer) in [("web-1", "aoba"), ("db-9", "minato")] {
                let reach = hosts::Reach {
                    host: host.into(),
                    customer: Some(customer.into()),
                    state: "key_changed".into(),
                    clock_offset_ms: Some(1_840),
                    ..hosts::Reach::default()
                };
                hosts::reached(tx, &reach).await?;
            }
            hosts::trust(tx, "web-1", "web-1", "ssh-ed25519 AAAA", "SHA256:trusted", "id-ada").await
        })
    });
    unit.await.unwrap();
    let ada = bed.person("ada", Role::Responder, Scope::All).await;
    let all = bed.get("/hosts?lang=en", &ada).await.body;
    assert!(all.contains("Somebody may stand in between") && all.contains("+1.8") && all.contains("db-9"));
    let own = bed.person("own", Role::Responder, Scope::Customers(vec!["aoba".into()])).await;
    let part = bed.get("/hosts?lang=en", &own).await.body;
    assert!(part.contains("web-1") && !part.contains("db-9") && !part.contains("lone"));
    let host = bed.get("/hosts/web-1?lang=en", &own).await.body;
    for said in ["SHA256:trusted", "Trusted by", "ada", "arayashiki host trust web-1", "gate-1", "Test now"] {
        assert!(host.contains(said), "{said}");
    }
    assert_eq!(bed.get("/hosts/db-9", &own).await.status, StatusCode::NOT_FOUND);
    let list = bed
        .get("/api/v1/hosts", &bed.token("t", Role::Viewer, Scope::Customers(vec!["minato".into()])).await)
        .await
        .json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["reach"]["state"], "key_changed");
}

#[tokio::test]
async fn a_run_that_was_never_planned_says_why_on_its_page_and_its_hosts() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Responder, Scope::All).await;
    let why = r#"{"en":"no runbook is called gone","ja":"gone という手順書はありません"}"#;
    let id = refused(&bed, "web-1", "aoba", why).await;
    for address in [format!("/runs/{id}?lang=en"), "/hosts/web-1?lang=en".to_owned(), "/runs?lang=en".to_owned()] {
        let page = bed.get(&address, &hana).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("refused") && page.body.contains("gone"), "{address}: {}", page.body);
    }
    let page = bed.get(&format!("/runs/{id}?lang=en"), &hana).await.body;
    assert!(page.contains("no runbook is called gone") && page.contains("Nothing was sent to the host"));
    assert!(!page.contains("&#34;ja&#34;") && !page.contains("&quot;ja&quot;"), "one language at a time");
    let token = bed.token("t", Role::Viewer, Scope::All).await;
    let told = bed.send(as_who(Request::get(format!("/api/v1/runs/{id}")), &token), String::new()).await.json();
    assert_eq!(told["cause"]["ja"], "gone という手順書はありません");
}

#[tokio::test]
async fn what_another_incident_had_asked_for_a_moment_before_stands_beside_this_one_as_well() {
    let bed = bed().await;
    bed.incident("Q1", 7, "web-1 is slow", Some("aoba"), Status::Triggered).await;
    bed.incident("Q2", 8, "web-1 is slower", Some("aoba"), Status::Triggered).await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    let id = run(&bed, "web-1", Some("aoba"), Some("Q1"), b"").await;
    end(&bed, id, false, "{}").await;
    stands_beside(&bed, id, "Q2").await;
    let page = bed.get("/incidents/Q2?lang=en", &hana).await.body;
    assert!(page.contains("the load is 97") && page.contains("href=\"/incidents/Q1#evidence\""), "{page}");
    let own = bed.get("/incidents/Q1?lang=en", &hana).await.body;
    assert!(
        own.contains("the load is 97") && !own.contains("href=\"/incidents/Q1#evidence\""),
        "its own is no other's"
    );
}
