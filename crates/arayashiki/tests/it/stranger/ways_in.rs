//! The one-time link of the first start, the first account, signing in and out through the pages.

use super::browser::Browser;
use super::fresh;
use crate::outside::wait;
use crate::world::{Arms, Site};

const EMAIL: &str = "sato@example.jp";
const PASSWORD: &str = "a long night at the desk";

/// The link that the first start printed, as a path.
fn link(site: &Site) -> String {
    wait::until("the link of the first start", || {
        let said = site.said();
        let at = said.find("/setup/")?;
        let end = said[at..].find(char::is_whitespace)?;
        Some(said[at..at + end].to_owned())
    })
}

fn first_account(site: &Site) -> (Browser, String) {
    let link = link(site);
    let mut browser = Browser::new(site.address);
    let page = browser.get(&link);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("password_again"), "no form");
    let fields = [("email", EMAIL), ("name", "佐藤 花子"), ("password", PASSWORD), ("password_again", PASSWORD)];
    let made = browser.post(&link, &fields);
    assert!((300..400).contains(&made.status), "{} {}", made.status, made.text());
    (browser, link)
}

#[test]
fn the_first_start_prints_a_link_that_makes_the_first_account_once() {
    let mut site = fresh();
    site.start(&Arms::default());
    let (_, link) = first_account(&site);
    let mut other = Browser::new(site.address);
    let again = other.get(&link);
    assert!(!again.text().contains("password_again"), "the link still offers its form");
    let stolen = [("email", "thief@example.jp"), ("name", "T"), ("password", PASSWORD), ("password_again", PASSWORD)];
    other.post(&link, &stolen);
    let users = site.command(&["user", "list", "--json"]);
    let users = crate::outside::process::out(&users);
    assert!(users.contains(EMAIL) && !users.contains("thief"), "{users}");
    let wrong = other.get("/setup/nonsense");
    assert!(!wrong.text().contains("password_again"), "any link offers the form");
    // With an account there, later starts print none.
    site.stop();
    let before = site.said().matches("/setup/").count();
    site.start(&Arms::default());
    wait::until("the pages", || (site.get("/sign-in").ok()?.status == 200).then_some(()));
    site.stop();
    assert_eq!(site.said().matches("/setup/").count(), before);
}

#[test]
fn a_person_signs_in_through_the_page_and_out_again() {
    let mut site = fresh();
    site.start(&Arms::default());
    let stranger = Browser::new(site.address).get("/incidents");
    assert!((300..400).contains(&stranger.status), "{}", stranger.status);
    assert!(stranger.header("location").is_some_and(|to| to.contains("/sign-in")), "{:?}", stranger.headers);
    first_account(&site);
    let mut browser = Browser::new(site.address);
    let page = browser.get("/sign-in").text();
    for field in ["name=\"email\"", "name=\"password\"", "action=\"/sign-in\""] {
        assert!(page.contains(field), "no {field}");
    }
    let refused = browser.sign_in(EMAIL, "not the password");
    assert!((400..500).contains(&refused.status) && !browser.has_cookie("arayashiki_session"), "{}", refused.status);
    let entered = browser.sign_in(EMAIL, PASSWORD);
    assert!((300..400).contains(&entered.status), "{}", entered.text());
    assert!(browser.has_cookie("arayashiki_session"));
    for path in ["/", "/incidents", "/signals", "/jobs", "/account", "/people", "/audit", "/help"] {
        assert_eq!(browser.get(path).status, 200, "{path}");
    }
    browser.post("/sign-out", &[]);
    assert_ne!(browser.get("/incidents").status, 200);
}

#[test]
fn a_stranger_sees_nothing_but_the_ways_in() {
    let mut site = fresh();
    site.start(&Arms::default());
    for path in ["/", "/incidents", "/incidents/Q1", "/signals", "/signals/1", "/jobs", "/account", "/people", "/audit"]
    {
        let answer = site.get(path).unwrap();
        assert!((300..400).contains(&answer.status), "{path}: {}", answer.status);
    }
    for path in ["account", "incidents", "inbox", "inbox/1", "jobs", "audit"] {
        let answer = site.get(&format!("/api/v1/{path}")).unwrap();
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
    }
    for path in ["/healthz", "/readyz", "/sign-in"] {
        assert_eq!(site.get(path).unwrap().status, 200, "{path}");
    }
}
