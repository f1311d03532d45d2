//! What is sent to EC2, what its answers become, and what people are told when there is none.

mod moto;

use super::*;
use crate::Secret;
use crate::testing::{Server, call, nobody, reply};
use proptest::prelude::*;

const PAGE_XML: &str = include_str!("fixtures/page.xml");

pub fn settings(url: &str) -> Ec2Settings {
    let credentials = Credentials {
        access_key: "AKIDEXAMPLE".into(),
        secret_key: Secret::new("made-up-secret-key"),
        session_token: Some(Secret::new("made-up-session")),
    };
    Ec2Settings { region: "ap-northeast-1".into(), endpoint: Some(url.to_owned()), keys: Keys::Given(credentials) }
}

pub fn given(url: &str) -> Ec2 {
    Ec2::new(&settings(url)).unwrap()
}

fn page(instances: &str, token: &str) -> String {
    format!(
        "<DescribeInstancesResponse><reservationSet><item><instancesSet>{instances}</instancesSet></item></reservationSet>\
         <nextToken>{token}</nextToken></DescribeInstancesResponse>"
    )
}

#[test]
fn xml_becomes_what_the_command_line_prints() {
    let read = answer::read(PAGE_XML.as_bytes()).unwrap();
    assert_eq!(read.next_token.as_deref(), Some("eyJ2IjoiMiIsInMiOjF9+/="));
    let json = serde_json::to_value(&read.answer).unwrap();
    assert_eq!(
        json["Reservations"][0],
        serde_json::json!({ "OwnerId": "123456789012", "Instances": [
            { "InstanceId": "i-0000000a1", "State": { "Name": "running" }, "PrivateIpAddress": "10.0.0.1", "Ipv6Address": "",
              "PrivateDnsName": "ip-10-0-0-1.ap-northeast-1.compute.internal", "Placement": { "AvailabilityZone": "ap-northeast-1a" },
              "Tags": [{ "Key": "Name", "Value": "web-1" }, { "Key": "arayashiki:match", "Value": "ECフロント & shop" },
                       { "Key": "empty", "Value": "" }] },
            { "InstanceId": "i-0000000a2", "State": { "Name": "running" }, "PrivateIpAddress": "", "Ipv6Address": "2001:db8::2",
              "PrivateDnsName": "", "Placement": { "AvailabilityZone": "" }, "Tags": [] },
        ] }),
        "an instance without an id is left out"
    );
}

#[test]
fn what_is_no_answer_is_never_taken_for_an_empty_one() {
    for odd in [
        "",
        "<html><body>Sign in</body></html>",
        "{\"Reservations\": []}",
        "<DescribeInstancesResponse/>",
        "<DescribeInstancesResponse><reservationSet><item>",
        "<Response><Errors/></Response>",
        "<!DOCTYPE x [<!ENTITY e \"eeee\">]><DescribeInstancesResponse><reservationSet>&e;&e;</reservationSet></DescribeInstancesResponse>",
    ] {
        let trouble = answer::read(odd.as_bytes()).unwrap_err();
        assert_eq!(trouble.kind, Kind::Unreadable, "{odd}");
    }
    let empty = answer::read(b"<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>").unwrap();
    assert!(empty.answer.reservations.is_empty() && empty.next_token.is_none());
    let deep = "<a>".repeat(200_000);
    assert!(answer::read(page(&format!("<item>{deep}"), "").as_bytes()).is_err(), "and nothing runs out of stack");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0..PAGE_XML.len(), put in any::<u8>()) {
        let _ = answer::read(&bytes);
        let mut page = PAGE_XML.as_bytes().to_vec();
        page[cut] = put;
        let _ = answer::read(&page);
        let _ = answer::read(&page[..cut]);
    }
}

#[tokio::test]
async fn all_pages_are_asked_for_and_signed() {
    let server = Server::start(|heard| {
        let body = String::from_utf8_lossy(&heard.body);
        if body.ends_with("&NextToken=t%2B2") {
            return reply(200, page("<item><instanceId>i-2</instanceId></item>", ""));
        }
        reply(200, page("<item><instanceId>i-1</instanceId></item>", "t+2"))
    })
    .await;
    let answer = given(&server.url).running(&call()).await.unwrap();
    let ids: Vec<_> = answer.reservations.iter().flat_map(|r| &r.instances).map(|i| i.instance_id.as_str()).collect();
    assert_eq!(ids, ["i-1", "i-2"]);
    let heard = server.heard();
    assert_eq!((heard.len(), heard[0].method.as_str(), heard[0].path.as_str()), (2, "POST", "/"));
    let body = String::from_utf8_lossy(&heard[0].body).into_owned();
    assert!(body.starts_with("Action=DescribeInstances&Version=2016-11-15&") && body.ends_with("&MaxResults=1000"));
    let header = |name: &str| heard[0].headers[name].to_str().unwrap().to_owned();
    let said = header("authorization");
    assert!(said.contains(
        "/ap-northeast-1/ec2/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"
    ));
    assert_eq!((header("content-type").as_str(), header("x-amz-security-token").as_str()), (FORM, "made-up-session"));
}

#[tokio::test]
async fn a_broken_page_leaves_nothing_of_the_others_and_one_that_comes_again_ends_it() {
    let server = Server::start(|heard| match heard.body.ends_with(b"NextToken=2") {
        true => reply(503, "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>"),
        false => reply(200, page("<item><instanceId>i-1</instanceId></item>", "2")),
    })
    .await;
    assert_eq!(given(&server.url).running(&call()).await.unwrap_err().kind, Kind::Limited);
    let endless = Server::start(|_| reply(200, page("", "again"))).await;
    let trouble = given(&endless.url).running(&call()).await.unwrap_err();
    assert!(trouble.says.contains("no end") && endless.heard().len() == 2, "{trouble}");
}

#[tokio::test]
async fn refusals_name_the_key_and_the_remedy_and_no_secret() {
    for (status, code, kind, words) in [
        (403, "UnauthorizedOperation", Kind::Forbidden, "allow the key AKIDEXAMPLE ec2:DescribeInstances"),
        (403, "AccessDenied", Kind::Forbidden, "ec2:DescribeInstances"),
        (401, "AuthFailure", Kind::Auth, "AKIDEXAMPLE is not taken"),
        (403, "SignatureDoesNotMatch", Kind::Auth, "check it"),
        (400, "RequestExpired", Kind::Auth, "clock"),
        (401, "OptInRequired", Kind::Forbidden, "ap-northeast-1"),
        (503, "RequestLimitExceeded", Kind::Limited, "tried again"),
        (500, "InternalError", Kind::Server, "tried again"),
        (404, "", Kind::NotFound, "ec2_url"),
    ] {
        let body = format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>made-up-secret-key</Message></Error></Errors></Response>"
        );
        let server = Server::start(move |_| reply(status, body.clone())).await;
        let trouble = given(&server.url).running(&call()).await.unwrap_err();
        assert_eq!(trouble.kind, kind, "{trouble}");
        assert!(trouble.remedy.contains(words) && trouble.says.contains(code), "{trouble}");
        assert!(!format!("{trouble:?}{:?}", given(&server.url)).contains("made-up"), "{trouble:?}");
    }
    let away = given(&nobody().await).running(&call()).await.unwrap_err();
    assert!(away.kind == Kind::NoConnection && away.remedy.contains("way out"), "{away}");
}

#[test]
fn each_region_has_its_own_door() {
    let at = |region: &str| Ec2Settings { region: region.into(), endpoint: None, ..settings("") }.endpoint();
    assert_eq!(at("ap-northeast-1"), "https://ec2.ap-northeast-1.amazonaws.com");
    assert_eq!(at("cn-north-1"), "https://ec2.cn-north-1.amazonaws.com.cn");
}
