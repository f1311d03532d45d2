//! Several processes on one PostgreSQL: receivers, workers and pages apart, killed and stopped while a story goes on.
//! The simulated PagerDuty is the judge: nothing is lost and nothing done twice.

use crate::kill::finish;
use crate::outside::http::{Answer, Connection, Request};
use crate::outside::process::{err, program};
use crate::outside::{signing, wait};
use crate::spool::proxy::Proxy;
use crate::spool::{has_postgres, url_of};
use crate::story::Story;
use crate::world::database::psql;
use crate::world::{Arms, Database, SHORT, Site, World};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Past a worker's lease and the time in which its effect may still appear.
const PAST_LEASE: Duration = Duration::from_secs((SHORT.lease_s + SHORT.settle_s + 1) as u64);

#[test]
fn a_part_of_the_whole_needs_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    for role in ["ingest", "work", "web"] {
        let mut command = program();
        command.current_dir(folder.path()).args(["serve", "--role", role]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", err(&output));
        assert!(err(&output).contains("needs PostgreSQL") && err(&output).contains("leave --role out"));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "something was started or changed");
}

/// Another process on a world's database.
pub fn another(world: &World, role: &'static str) -> Site {
    let config = std::fs::read_to_string(world.site.config()).unwrap();
    let (_, config) = config.split_once("[pagerduty]").unwrap();
    let mut site = world.site.second(&format!("[pagerduty]{config}"));
    site.start(&Arms::role(role));
    site
}

/// A world whose own site shows pages alone; webhooks go to these receivers in turn.
fn world_of(receivers: usize) -> (World, Vec<Site>, Proxy) {
    let mut world = World::new(Database::Postgres, SHORT);
    world.site.start(&Arms::role("web"));
    let receivers: Vec<Site> = (0..receivers).map(|_| another(&world, "ingest")).collect();
    let balancer = Proxy::to(receivers.iter().map(|site| site.address).collect());
    let url = format!("http://{}{}", balancer.address, signing::PATH);
    world.sandbox.control("webhook", &json!({ "url": url }));
    (world, receivers, balancer)
}

#[test]
fn workers_and_receivers_that_are_killed_or_stand_still_lose_nothing_and_repeat_nothing() {
    if !has_postgres() {
        return;
    }
    let (mut world, mut receivers, _balancer) = world_of(2);
    let mut workers = [another(&world, "work"), another(&world, "work")];
    let mut story = Story::new("roles");
    story.first_half(&world.sandbox);
    workers[0].kill();
    receivers[0].kill();
    story.second_half(&world.sandbox);
    workers[0].start(&Arms::role("work"));
    receivers[0].start(&Arms::role("ingest"));
    story.next_chapter();
    story.first_half(&world.sandbox);
    // Whatever they have in hand stays there; the others take it over, and then these go on.
    workers[1].process().freeze();
    receivers[1].process().freeze();
    std::thread::sleep(PAST_LEASE);
    workers[1].process().signal("CONT");
    receivers[1].process().signal("CONT");
    finish(&world, &mut story);
    let url = url_of(&world.site);
    let roles = psql(&url, "SELECT role || count(*) FROM process WHERE stopped_at IS NULL GROUP BY role ORDER BY role");
    // The two that were killed never said goodbye.
    assert_eq!(roles.lines().collect::<Vec<_>>(), ["ingest3", "web1", "work3"]);
    workers[0].stop();
    world.site.stop();
    let stopped = psql(&url, "SELECT count(*) FROM process WHERE stopped_at IS NOT NULL");
    assert_eq!(stopped, "2");
}

#[test]
fn each_role_serves_its_own_and_turns_nothing_away_for_good() {
    if !has_postgres() {
        return;
    }
    let (world, receivers, _balancer) = world_of(1);
    let worker = another(&world, "work");
    for site in [&world.site, &receivers[0], &worker] {
        for path in ["/healthz", "/readyz", "/metrics"] {
            assert_eq!(site.get(path).unwrap().status, 200, "{path}");
        }
    }
    let webhook =
        |site: &Site| signing::deliver(site.address, &world.sandbox.secret(), signing::triggered("QROLE")).unwrap();
    assert_eq!(webhook(&receivers[0]).status, 202);
    for site in [&world.site, &worker] {
        let answer = webhook(site);
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("30")), "{}", answer.text());
    }
    assert_eq!(world.site.get("/sign-in").unwrap().status, 200);
    for site in [&receivers[0], &worker] {
        assert_eq!(site.get("/sign-in").unwrap().status, 404);
        assert_eq!(site.authorized("GET", "/api/v1/account").send(site.address).unwrap().status, 404);
    }
    wait::until("the worker to read what the receiver took", || {
        let rows = world.site.webhook_rows().ok()?;
        rows.iter().any(|(incident, _)| incident.as_deref() == Some("QROLE")).then_some(())
    });
}

#[test]
fn pages_that_are_open_learn_of_what_other_processes_do() {
    if !has_postgres() {
        return;
    }
    let (world, _receivers, _balancer) = world_of(1);
    let _worker = another(&world, "work");
    let cookie = signed_in(&world.site);
    let mut stream = TcpStream::connect(world.site.address).unwrap();
    stream.set_read_timeout(Some(wait::LONG)).unwrap();
    write!(stream, "GET /live HTTP/1.1\r\nhost: test\r\ncookie: {cookie}\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert!(lines.next().unwrap().contains("200"));
    assert!(lines.any(|line| line == ": open"), "the stream does not open");
    world.sandbox.trigger(crate::world::sandbox::SERVICES[0], "live/0");
    assert!(lines.any(|line| line == "event: changed"), "the stream ended without news");
}

/// The first account, made through its link; the session's cookie.
fn signed_in(site: &Site) -> String {
    let link = wait::until("the link of the first start", || {
        let said = site.said();
        let at = said.find("/setup/")?;
        let end = said[at..].find(char::is_whitespace)?;
        Some(said[at..at + end].to_owned())
    });
    let password = "correct-horse-battery-staple";
    let fields = format!("email=sato%40example.jp&name=Sato&password={password}&password_again={password}");
    post(site.address, &link, &fields);
    let answer = post(site.address, "/sign-in", &format!("email=sato%40example.jp&password={password}&next=/"));
    let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    let cookies: Vec<&str> = cookies.filter_map(|(_, cookie)| cookie.split(';').next()).collect();
    assert!(!cookies.is_empty(), "{} {}", answer.status, answer.text());
    cookies.join("; ")
}

fn post(to: SocketAddr, path: &str, fields: &str) -> Answer {
    let request = Request { body: fields.as_bytes().to_vec(), ..Request::new("POST", path) };
    let request = request.with("content-type", "application/x-www-form-urlencoded");
    let request = request.with("origin", format!("http://{to}")).with("sec-fetch-site", "same-origin");
    Connection::open(to).unwrap().exchange(&request.with("connection", "close")).unwrap()
}
