//! Asks EC2 again and again, all regions side by side, and keeps what it says.

use super::{Live, place};
use crate::cli::Failure;
use crate::config::Config;
use connectors::ec2::{Ec2, Ec2Settings, Keys};
use connectors::{Call, Class, Kind};
use duties::inventory::ec2_live::{self, Trouble};
use engine::hosts::Follow;
use futures_util::future::join_all;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(300);
/// After a failure, so that whoever mends it sees it mended.
const AGAIN: Duration = Duration::from_secs(60);

struct Region {
    name: String,
    ec2: Ec2,
}

pub fn follow(live: &Live, config: &Config) -> Result<Option<Follow>, Failure> {
    let regions = Arc::new(regions(config)?);
    if regions.is_empty() {
        return Ok(None);
    }
    let (live, config) = (live.clone(), Arc::new(config.clone()));
    Ok(Some(Arc::new(move |stop| {
        let (live, config, regions) = (live.clone(), config.clone(), regions.clone());
        Box::pin(async move {
            join_all(regions.iter().map(|region| keep_asking(&live, &config, region, &stop))).await;
        })
    })))
}

pub async fn once(live: &Live, config: &Config) -> Result<(), Failure> {
    let regions = regions(config)?;
    join_all(regions.iter().map(|region| ask(live, config, region))).await;
    Ok(())
}

fn regions(config: &Config) -> Result<Vec<Region>, Failure> {
    let sources = &config.inventory;
    let open = |name: &String| {
        let settings = Ec2Settings { region: name.clone(), endpoint: sources.ec2_url.clone(), keys: Keys::Found };
        let ec2 = Ec2::new(&settings).map_err(|error| Failure::Wrong(format!("[inventory] ec2_url: {error}")))?;
        Ok(Region { name: name.clone(), ec2 })
    };
    sources.ec2_regions.iter().map(open).collect()
}

async fn keep_asking(live: &Live, config: &Config, region: &Region, stop: &CancellationToken) {
    let mut last = None;
    loop {
        let asked = tokio::select! {
            () = stop.cancelled() => return,
            asked = ask(live, config, region) => asked,
        };
        if let Some(path) = place(config, &region.name)
            && let Some(text) = live.kept(config, &region.name)
            && let Err(error) = write(&path, &text)
        {
            tracing::warn!(%error, path = %path.display(), "what EC2 said can't be kept for the next start; it counts until then");
        }
        tell(region, last.as_ref(), asked.as_ref());
        let pause = match &asked {
            Some(trouble) if trouble.kind != Kind::Limited => AGAIN,
            _ => EVERY,
        };
        last = asked;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Once a change: the page and the command line tell of it for as long as it lasts.
fn tell(region: &Region, last: Option<&connectors::ec2::Trouble>, now: Option<&connectors::ec2::Trouble>) {
    match (last, now) {
        (last, Some(now)) if last.is_none_or(|last| last.says != now.says) => {
            tracing::warn!(region = region.name, "{now}; what was known of its hosts stays");
        }
        (Some(_), None) => tracing::info!(region = region.name, "EC2 is read again"),
        _ => {}
    }
}

async fn ask(live: &Live, config: &Config, region: &Region) -> Option<connectors::ec2::Trouble> {
    let now = store::Clock::default().now();
    let said = region.ec2.running(&Call::new(Class::Bulk, now)).await;
    let json = |answer| serde_json::to_value(answer).map_err(|error| error.to_string());
    let (text, trouble) = match said.map(json) {
        Ok(Ok(answer)) => (ec2_live::taken(answer, now), None),
        Ok(Err(why)) => {
            let trouble = connectors::ec2::Trouble::new(Kind::Unreadable, why, "tell the makers of this program");
            (failed(live, config, region, &trouble), Some(trouble))
        }
        Err(trouble) => (failed(live, config, region, &trouble), Some(trouble)),
    };
    live.keep(&region.name, text);
    trouble
}

fn failed(live: &Live, config: &Config, region: &Region, trouble: &connectors::ec2::Trouble) -> String {
    let (says, remedy) = (trouble.says.clone(), trouble.remedy.clone());
    ec2_live::failed(live.kept(config, &region.name).as_deref(), &Trouble { says, remedy })
}

/// Whole or not at all: another process may be reading it. Names of hosts are nobody else's business.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let new = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o640).open(&new)?;
    file.write_all(text.as_bytes())?;
    std::fs::rename(&new, path)
}

#[cfg(test)]
mod tests;
