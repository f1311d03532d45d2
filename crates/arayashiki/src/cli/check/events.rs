//! Events v2, through which alarms page. Whether its host answers is asked without sending an event: that would page.

use super::PATIENCE;
use super::line::{Line, State};
use crate::config::{Config, Mode};
use connectors::http::{Http, Request, Settings};
use http::{HeaderMap, Method};

const WHAT: &str = "events";
const WAY_OUT: &str = "let this machine reach it; a firewall may be in the way";
const LIMITS: Settings = Settings { connect_timeout_ms: 5_000, call_timeout_ms: 8_000, max_response_bytes: 1 << 20 };

pub async fn look(config: &Config) -> Vec<Line> {
    if config.pagerduty.unconfigured_routing_key.is_none() {
        let text = "no Events v2 key is set ([pagerduty] unconfigured_routing_key)";
        return vec![match config.intake_guard.mode {
            Mode::Page => Line::fail(
                WHAT,
                format!("{text}, so that [intake_guard] mode = \"page\" can page nobody"),
                "make an Events API v2 integration on the service that should page you, and put its key there",
            ),
            _ => {
                Line::ok(WHAT, format!("{text}: nobody is paged when webhooks stop being believed, the pages show it"))
            }
        }];
    }
    let url = &config.pagerduty.events_url;
    let asked = tokio::time::timeout(PATIENCE, answers(url)).await;
    vec![match asked {
        Ok(Ok(())) => {
            Line::ok(WHAT, format!("a key is set and {url} answers (no event was sent, so the key is not tried)"))
        }
        Ok(Err(error)) => Line::told(WHAT, State::Fail, &error).or_do(WAY_OUT),
        Err(_) => Line::fail(WHAT, format!("{url} did not answer within 10 s"), WAY_OUT),
    }]
}

/// An answer of any kind shows that the way is open, unless it is that of somebody in between.
pub(super) async fn answers(url: &str) -> Result<(), String> {
    let http = Http::new(url, LIMITS).map_err(|error| error.to_string())?;
    let request = Request { method: Method::GET, path: &[], query: &[], headers: HeaderMap::new(), body: None };
    match http.send(request).await {
        Err(error) if error.status.is_none_or(|status| (300..400).contains(&status)) => Err(error.text),
        Ok(answer) if answer.status == 407 => Err(format!("a proxy on the way to {url} wants a sign-in (407)")),
        _ => Ok(()),
    }
}
