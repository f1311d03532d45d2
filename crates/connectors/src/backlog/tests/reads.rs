//! People, teams, projects, statuses, lists of tickets.

use super::{ISSUE, KEY, client, rows, settings};
use crate::Kind;
use crate::backlog::{Client, ListTickets, Sort, tickets_from_list};
use crate::testing::{Server, call, reply};
use serde_json::json;

#[tokio::test]
async fn the_key_goes_out_in_the_query_whatever_form_the_address_has() {
    let server = Server::always(200, r#"{"id":7,"userId":null,"name":"佐藤花子","mailAddress":""}"#).await;
    for url in [server.url.clone(), format!("{}/", server.url), format!("{}/api/v2/", server.url)] {
        let me = Client::new(&settings(&url)).unwrap().myself(&call()).await.unwrap();
        assert_eq!((me.id, me.login, me.mail), (7, None, None));
    }
    for heard in server.heard() {
        assert_eq!(heard.path, "/api/v2/users/myself");
        assert_eq!(heard.query("apiKey"), [KEY]);
    }
}

#[tokio::test]
async fn teams_are_asked_for_by_their_old_name_where_the_new_one_is_unknown() {
    let server = Server::start(|heard| match heard.path.as_str() {
        "/api/v2/groups" => {
            reply(200, r#"[{"id":3,"name":"一次対応","members":[{"id":7,"name":"佐藤花子"},{"id":null}]}]"#)
        }
        _ => reply(404, r#"{"errors":[{"message":"No such resource","code":6}]}"#),
    })
    .await;
    let teams = client(&server).teams(&call()).await.unwrap();
    assert_eq!((teams.len(), teams[0].name.as_str(), teams[0].members.len()), (1, "一次対応", 1));
}

#[tokio::test]
async fn teams_are_paged_and_a_list_that_pages_nothing_ends() {
    let server = Server::start(|heard| {
        let from: i64 = heard.query("offset")[0].parse().unwrap();
        reply(200, rows(from, 1, (130 - from).min(100), |id| json!({"id":id,"name":null,"members":null})))
    })
    .await;
    assert_eq!(client(&server).teams(&call()).await.unwrap().len(), 130);
    let same = Server::start(|_| reply(200, rows(0, 1, 100, |id| json!({"id":id})))).await;
    assert_eq!(client(&same).teams(&call()).await.unwrap().len(), 100);
}

#[tokio::test]
async fn projects_and_their_statuses() {
    let server = Server::start(|heard| match heard.path.as_str() {
        "/api/v2/projects" => reply(
            200,
            r#"[{"id":10,"projectKey":"OPS","name":"運用","archived":true},{"id":11,"projectKey":"WEB","name":null}]"#,
        ),
        _ => reply(200, r##"[{"id":1,"name":"未対応","color":"#ed8077"},{"id":900,"name":"業者待ち"}]"##),
    })
    .await;
    let client = client(&server);
    let projects = client.projects(&call()).await.unwrap();
    let seen: Vec<_> = projects.iter().map(|p| (p.id, p.key.as_str(), p.is_archived)).collect();
    assert_eq!(seen, [(10, "OPS", true), (11, "WEB", false)]);
    let statuses = client.statuses(&call(), "OPS").await.unwrap();
    assert_eq!(statuses.iter().map(|s| s.id).collect::<Vec<_>>(), [1, 900]);
    assert_eq!(client.statuses(&call(), "../users").await.unwrap_err().kind, Kind::BadRequest);
}

#[tokio::test]
async fn tickets_are_listed_in_pages_of_a_hundred() {
    let server = Server::start(|_| {
        let issue = |id: i64| {
            let mut one: serde_json::Value = serde_json::from_str(ISSUE).unwrap();
            one["id"] = json!(id);
            one
        };
        reply(200, rows(1, 1, 100, issue))
    })
    .await;
    let list = ListTickets {
        projects: vec![10, 11],
        statuses: vec![1, 2],
        updated_since: Some(jiff::civil::date(2026, 5, 1)),
        offset: 200,
        ..ListTickets::default()
    };
    let page = client(&server).list_tickets(&call(), &list).await.unwrap();
    assert_eq!((page.tickets.len(), page.more, page.next_offset), (100, true, 300));
    assert_eq!(page.tickets, tickets_from_list("main", &server.url, &page.raw).unwrap());
    let heard = &server.heard()[0];
    for (name, expected) in [
        ("projectId[]", vec!["10", "11"]),
        ("statusId[]", vec!["1", "2"]),
        ("updatedSince", vec!["2026-05-01"]),
        ("sort", vec!["updated"]),
        ("order", vec!["asc"]),
        ("offset", vec!["200"]),
        ("count", vec!["100"]),
    ] {
        assert_eq!(heard.query(name), expected, "{name}");
    }
    let few = ListTickets { sort: Sort::Created, count: 500, ..ListTickets::default() };
    client(&server).list_tickets(&call(), &few).await.unwrap();
    assert_eq!((server.heard()[1].query("sort"), server.heard()[1].query("count")), (vec!["created"], vec!["100"]));
}

#[tokio::test]
async fn a_page_for_people_is_no_list() {
    let server = Server::always(200, "<html>sign in</html>").await;
    let client = client(&server);
    assert_eq!(client.list_tickets(&call(), &ListTickets::default()).await.unwrap_err().kind, Kind::InTheWay);
    assert_eq!(client.ticket(&call(), "OPS-1").await.unwrap_err().kind, Kind::InTheWay);
}
