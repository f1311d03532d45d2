//! PagerDuty's connector against hand-made fixtures, tiny servers and the sandbox.

mod acts;
mod causes;
mod custom_action;
mod end_to_end;
mod facts;
mod inbound;
mod notes;
mod openapi;
mod reads;
mod reference;
mod token;
mod windows;
mod writes;

use super::{Client, Events, Setup};
use crate::Secret;
use crate::testing::Server;

const TOKEN: &str = "y_made-up-token-0001";
const ROUTING_KEY: &str = "made0up0routing0key0000000000001";

fn setup(server: &Server) -> Setup {
    let mut setup = Setup::new(server.url.clone(), Secret::new(TOKEN));
    setup.from = Some("bot@northwind.example".to_owned());
    setup
}

fn client(server: &Server) -> Client {
    Client::new(&setup(server)).unwrap()
}

fn events(server: &Server) -> Events {
    Events::new(&setup(server), Secret::new(ROUTING_KEY)).unwrap()
}

#[test]
fn events_live_in_the_region_of_the_api() {
    for (api, events) in [
        ("https://api.pagerduty.com", "https://events.pagerduty.com"),
        ("https://api.eu.pagerduty.com", "https://events.eu.pagerduty.com"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
    ] {
        assert_eq!(Setup::new(api, Secret::new("t")).events_url(), events);
    }
    let mut own = Setup::new("https://api.pagerduty.com", Secret::new("t"));
    for url in ["https://events.example.net", "https://events.example.net/v2/enqueue"] {
        own.events_url = Some(url.to_owned());
        assert_eq!(own.events_url(), "https://events.example.net");
    }
}

#[test]
fn a_token_with_a_line_break_is_refused_without_being_shown() {
    let error = Client::new(&Setup::new("https://api.pagerduty.com", Secret::new("abc\nsecret-part"))).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret-part"));
}
