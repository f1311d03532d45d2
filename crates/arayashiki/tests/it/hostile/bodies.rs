//! Bodies and headers of every bad kind, each with the status that is promised for it.

use super::{OURS, SECRET, counts, say, server, still_answers};
use crate::outside::http::{Answer, Connection, Request};
use crate::outside::signing::{PATH, delivery, signature, triggered, unsigned};
use crate::outside::wait;
use crate::world::Site;

const MIB: usize = 1 << 20;

fn status(site: &Site, request: &Request<'_>) -> u16 {
    request.send(site.address).unwrap().status
}

/// An event with an id of its own, padded to a size.
fn padded(incident: &str, bytes: usize) -> Vec<u8> {
    let mut body = triggered(incident);
    body.resize(bytes, b' ');
    body
}

fn without_header<'a>(mut request: Request<'a>, name: &str) -> Request<'a> {
    request.headers.retain(|(known, _)| known != name);
    request
}

#[test]
fn a_signature_that_is_not_ours_is_refused_and_leaves_no_row() {
    let site = server();
    let before = counts(&site);
    let body = || triggered("QFORGED");
    assert_eq!(status(&site, &unsigned(body())), 401, "no signature");
    assert_eq!(status(&site, &delivery("another secret", body())), 401, "another secret");
    for forged in ["", "v1=", "v1=zz", "v2=00", "v1=00,v1=11", "garbage", &"v1=".repeat(2_000)] {
        assert_eq!(status(&site, &unsigned(body()).with("x-pagerduty-signature", forged)), 401, "{forged:.20}");
    }
    let of_another_body = signature(SECRET, b"something else");
    assert_eq!(status(&site, &unsigned(body()).with("x-pagerduty-signature", of_another_body)), 401, "another body");
    let twice = unsigned(body()).with("x-pagerduty-signature", "v1=00");
    let twice = twice.with("x-pagerduty-signature", signature(SECRET, &body()));
    assert_eq!(status(&site, &twice), 401, "only the first of two headers counts");
    assert_eq!(counts(&site), before);
    still_answers(&site, "QFINE");
}

#[test]
fn a_wrong_signature_on_a_subscription_of_ours_makes_pagerduty_keep_the_event() {
    let site = server();
    let forged = without_header(delivery("another secret", triggered("QKEPT")), "x-webhook-subscription");
    let answer = forged.with("x-webhook-subscription", OURS).send(site.address).unwrap();
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.header("retry-after").is_some());
    assert!(site.webhook_rows().unwrap().is_empty());
    still_answers(&site, "QFINE");
}

#[test]
fn what_is_authentic_is_kept_whatever_it_says() {
    let site = server();
    let deep = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    let unknown = br#"{"event":{"id":"01NEW","event_type":"incident.teleported","resource_type":"incident","occurred_at":"2026-05-01T00:00:00Z","data":{"id":"QNEW"}}}"#;
    let nul = String::from_utf8(triggered("QNUL")).unwrap().replace("trouble QNUL", "tro\\u0000uble");
    let kept: [(&str, Vec<u8>); 9] = [
        ("nothing", Vec::new()),
        ("no JSON", b"hello there".to_vec()),
        ("no UTF-8", vec![0xff, 0xfe, 0x80, 0x00, 0xc3]),
        ("JSON that is no event", b"[1,2,3]".to_vec()),
        ("10,000 levels", deep(10_000)),
        ("an unknown type", unknown.to_vec()),
        ("U+0000 in a text", nul.into_bytes()),
        ("a raw zero byte", b"{\"event\":\"\0\"}".to_vec()),
        ("exactly 1 MiB", padded("QLARGE", MIB)),
    ];
    let promised = kept.len();
    for (what, body) in kept {
        assert_eq!(status(&site, &delivery(SECRET, body)), 202, "{what}");
    }
    wait::until("everything to be read", || (site.account().ok()?["waiting"] == 0).then_some(()));
    let rows = site.all("inbox?source=pagerduty").unwrap();
    assert_eq!(rows.len(), promised);
    let unreadable = rows.iter().filter(|row| row["state"] == "unreadable");
    let reasons: Vec<&str> = unreadable.filter_map(|row| row["note"].as_str()).collect();
    assert_eq!(reasons.len(), 6, "{reasons:?}");
    assert!(reasons.iter().all(|reason| reason.len() > 10), "{reasons:?}");
    for incident in ["QNUL", "QLARGE"] {
        assert!(site.api(&format!("incidents/{incident}")).is_ok(), "{incident} was not read");
    }
    assert_eq!(site.account().unwrap()["lost"], 0);
    still_answers(&site, "QFINE");
}

#[test]
fn what_is_too_large_is_refused_without_being_read_to_its_end() {
    let site = server();
    let before = counts(&site);
    for bytes in [MIB + 1, 5 * MIB] {
        assert_eq!(early_answer(&site, delivery(SECRET, padded("QHUGE", bytes))), 413, "{bytes} announced");
        let chunked = delivery(SECRET, padded("QHUGE", bytes)).with("transfer-encoding", "chunked");
        assert_eq!(early_answer(&site, in_chunks(chunked, 64 << 10)), 413, "{bytes} in chunks");
    }
    assert_eq!(counts(&site), before);
    let whole = delivery(SECRET, padded("QCHUNKS", MIB)).with("transfer-encoding", "chunked");
    assert_eq!(early_answer(&site, in_chunks(whole, 10_000)), 202, "exactly 1 MiB in chunks");
    still_answers(&site, "QFINE");
}

/// The body as chunks; the head already says so.
fn in_chunks(mut request: Request<'_>, bytes: usize) -> Request<'_> {
    let mut coded = Vec::new();
    for chunk in request.body.chunks(bytes) {
        coded.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        coded.extend_from_slice(chunk);
        coded.extend_from_slice(b"\r\n");
    }
    coded.extend_from_slice(b"0\r\n\r\n");
    request.body = coded;
    request
}

/// The answer may come, and the connection end, before everything was sent.
fn early_answer(site: &Site, request: Request<'_>) -> u16 {
    let mut connection = Connection::open(site.address).unwrap();
    connection.write(request.head().as_bytes()).unwrap();
    for part in request.body.chunks(64 << 10) {
        if connection.write(part).is_err() {
            break;
        }
    }
    connection.answer().map_or(0, |answer: Answer| answer.status)
}

#[test]
fn a_body_that_is_cut_is_never_taken() {
    let site = server();
    let before = counts(&site);
    let request = delivery(SECRET, triggered("QCUT"));
    for share in [0, 1, 50, 99] {
        let mut connection = Connection::open(site.address).unwrap();
        connection.write(request.head().as_bytes()).unwrap();
        connection.write(&request.body[..request.body.len() * share / 100]).unwrap();
        connection.finish_writing().unwrap();
        let status = connection.answer().map_or(0, |answer| answer.status);
        assert!(status == 0 || status >= 400 && status != 408, "{share} % of a body: {status}");
    }
    assert_eq!(counts(&site), before);
    still_answers(&site, "QFINE");
}

#[test]
fn headers_of_every_bad_kind_are_refused_or_ignored() {
    let site = server();
    let before = counts(&site);
    let bomb = format!("POST {PATH} HTTP/1.1\r\nhost: test\r\n{}\r\n", "x-bomb: 1\r\n".repeat(20_000));
    let long = format!("POST {PATH} HTTP/1.1\r\nhost: test\r\nx-long: {}\r\n\r\n", "a".repeat(2 * MIB));
    let two_lengths =
        format!("POST {PATH} HTTP/1.1\r\nhost: test\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\nabcde");
    let smuggled = format!(
        "POST {PATH} HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    );
    let no_http = "\0\0\0GET nonsense\r\n\r\n".to_owned();
    for (what, text) in [
        ("a bomb", bomb),
        ("a long one", long),
        ("two lengths", two_lengths),
        ("two codings", smuggled),
        ("no HTTP", no_http),
    ] {
        let status = say(&site, text.as_bytes()).map_or(0, |answer| answer.status);
        assert!(status == 0 || (400..500).contains(&status), "{what}: {status}");
    }
    assert_eq!(counts(&site), before);
    let duplicated = delivery(SECRET, triggered("QTWICE")).with("x-webhook-id", "a").with("x-webhook-id", "b");
    assert_eq!(status(&site, &duplicated), 202);
    assert_eq!(status(&site, &Request::new("GET", PATH)), 405);
    still_answers(&site, "QFINE");
}
