//! `demo`: the whole system in one process with nothing to configure. The simulated account is real to the rest: it is
//! reached over sockets, with a token, and signs its webhooks.

mod bridges;
mod hosts;
mod monitors;

use super::{Failure, account, say, serve};
use crate::config::{self, Config};
use crate::{log, server};
use clap::Args;
use model::Scope;
use model::person::Role;
use sandbox::pagerduty::{self, Info, Options, Story};
use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use store::accounts::{self, Account};
use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

/// One of the simulated account's people, so that the demo can act there in somebody's own name.
const EMAIL: &str = "sato.hanako@example.com";
const DATABASE: &str = "arayashiki.db";
const HISTORY_DAYS: u32 = 365;
/// The simulated account allows more than the real one, so that a year of history is there within a minute.
const CALLS_PER_MINUTE: u32 = 12_000;

#[derive(Debug, Args)]
pub struct Demo {
    /// Port of the pages; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Keep everything in this folder, its configuration included; otherwise a temporary one.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How many times faster than life the night goes.
    #[arg(long, default_value_t = 20.0)]
    speed: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub async fn run(asked: &Demo, json: bool) -> Result<(), Failure> {
    let (folder, is_temporary) = folder(asked.data.as_deref())?;
    let lock = serve::sole::hold_file(&folder.join(DATABASE))?;
    let listener = serve::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, asked.port))).await?;
    let address = listener.local_addr().map_err(|e| Failure::Failed(e.to_string()))?;
    let url = format!("http://{address}");
    let account = pagerduty::start(Options {
        webhook_url: Some(format!("{url}/webhooks/pagerduty")),
        seed: asked.seed,
        story: Story::Night,
        speed: asked.speed,
        retry_ms: 1_000,
        history_days: HISTORY_DAYS,
        requests_per_minute: CALLS_PER_MINUTE,
        ..Options::default()
    })
    .await
    .map_err(|error| Failure::Failed(error.to_string()))?;
    let started = |error: sandbox::StartError| Failure::Failed(error.to_string());
    let slack = sandbox::slack::start(sandbox::slack::Options::default()).await.map_err(started)?;
    let phone = sandbox::phone::start(sandbox::phone::Options::default()).await.map_err(started)?;
    let bridges = bridges::Outside::start(&folder, &url).await.map_err(started)?;
    let world = hosts::Outside::start(&folder, asked.seed, &account).await?;
    let smtp = free_address()?;
    let net = monitors::configuration(account.info(), smtp, &slack.info().webhook_url, &phone.info().webhook_url);
    let service = account.info().services.keys().find(|name| name.ends_with("EC site")).cloned().unwrap_or_default();
    let tables = net + &bridges.configuration(&service) + world.configuration();
    let config = configure(&folder, address, &url, account.info(), &tables)?;
    log::start(&config.log);
    let doors = serve::Doors::open(&config).await?;
    let running = serve::start(&config, lock, listener, Some(doors))?;
    world.trust(&running.shared.store).await?;
    let (password, token) = people(&running.shared.store).await?;
    announce(&url, &password, &token, json, asked.data.as_deref());
    let stop = CancellationToken::new();
    tokio::join!(monitors::play(&account, smtp, stop.clone()), bridges.play(stop.clone()), async {
        server::asked_to_stop().await;
        stop.cancel();
    });
    account.stop().await;
    slack.stop().await;
    phone.stop().await;
    bridges.stop().await;
    world.stop().await;
    running.stop().await;
    if is_temporary {
        let _ = std::fs::remove_dir_all(&folder);
    }
    Ok(())
}

/// An address that nobody listens on just now; the door for mail takes it a moment later.
fn free_address() -> Result<SocketAddr, Failure> {
    let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    taken.map_err(|error| Failure::Failed(format!("no port is free for the demo's mail: {error}")))
}

fn folder(asked: Option<&Path>) -> Result<(PathBuf, bool), Failure> {
    let (folder, is_temporary) = match asked {
        Some(folder) => (folder.to_path_buf(), false),
        None => {
            let (name, _) = web::auth::new_secret();
            (std::env::temp_dir().join(format!("arayashiki-demo-{}", &name[..8])), true)
        }
    };
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::Failed(format!("can't make the folder {}: {error}", folder.display())))?;
    Ok((folder, is_temporary))
}

/// Writes the configuration as a person would and reads it as always.
fn configure(folder: &Path, address: SocketAddr, url: &str, info: &Info, net: &str) -> Result<Config, Failure> {
    let file = folder.join("arayashiki.toml");
    let routing_key = info.routing_keys.get(&info.unconfigured).cloned().unwrap_or_default();
    let mut text = format!(
        "# Written by `arayashiki demo`; the account in it is simulated.\n\
         [server]\nlisten = \"{address}\"\npublic_url = \"{url}\"\n\n\
         [store]\nurl = \"sqlite:{DATABASE}\"\n\n\
         [pagerduty]\napi_url = \"{}\"\nevents_url = \"{}\"\ntoken = \"{}\"\nfrom = \"{}\"\n\
         webhook_secrets = [\"{}\"]\nwebhook_subscriptions = [\"{}\"]\nunconfigured_routing_key = \"{routing_key}\"\n\
         first_sight = \"{HISTORY_DAYS}d\"\npoll = \"10s\"\n\n[webhook_guard]\nmode = \"post\"\nlook = \"20s\"\n\n\
         [seats]\nprice = \"6000\"\n\n[link_note]\nmode = \"post\"\n\n[intake_guard]\nmode = \"page\"\n\n[log]\nfilter = \"warn\"\n",
        info.url, info.url, info.token, info.from, info.webhook_secret, info.webhook_subscription
    );
    for customer in &info.customers {
        let _ = write!(
            text,
            "\n[[customer]]\nid = \"{}\"\nname = \"{}\"\nteams = [\"{}\"]\n",
            customer.id, customer.name, customer.team
        );
    }
    text.push_str(net);
    std::fs::write(&file, text).map_err(|error| Failure::Failed(format!("can't write {}: {error}", file.display())))?;
    let config = config::load(Some(&file), std::iter::empty()).map_err(|error| Failure::Wrong(error.to_string()))?;
    Ok(Config { is_demo: true, ..config })
}

/// A person and a program who may see and do everything.
async fn people(store: &Store) -> Result<(String, String), Failure> {
    let (secret, _) = web::auth::new_secret();
    let password: String = secret.chars().take(16).collect();
    let hash = web::auth::hash_password(&password).map_err(|error| Failure::Failed(error.to_string()))?;
    store.write("demo", move |tx| Box::pin(add_person(tx, hash))).await?;
    let token = account::create_token(store, "demo".into(), Role::Admin, Scope::All).await?;
    Ok((password, token))
}

/// The same folder may be used again: the person stays, the password is the new one.
async fn add_person(tx: &mut store::Tx, hash: String) -> Result<(), StoreError> {
    if let Some(known) = accounts::by_email(tx, EMAIL).await? {
        return accounts::set_password(tx, &known.id, &hash).await;
    }
    let account = Account {
        id: "demo".into(),
        email: EMAIL.into(),
        name: "Sato Hanako".into(),
        role: Role::Admin,
        scope: Scope::All,
        password: Some(hash),
        language: None,
        time_zone: None,
        created_at: tx.now(),
        disabled_at: None,
    };
    accounts::add(tx, &account).await
}

fn announce(url: &str, password: &str, token: &str, json: bool, data: Option<&Path>) {
    if json {
        say(serde_json::json!({ "url": url, "email": EMAIL, "password": password, "token": token }));
        return;
    }
    say(format_args!("Arayashiki demo: three customers, a noisy night. It plays until you press Ctrl-C.\n"));
    say(format_args!("  open       {url}"));
    say(format_args!("  e-mail     {EMAIL}"));
    say(format_args!("  password   {password}"));
    say(format_args!("  API token  {token}\n"));
    say(format_args!("What to look at (the same, in Japanese as well, under {url}/help#demo):"));
    for (minute, path, what) in monitors::SIGHTS.iter().chain(&bridges::SIGHTS).chain(&hosts::SIGHTS) {
        say(format_args!("  {minute:<11} {url}{path}\n              {what}"));
    }
    say("");
    say(format_args!("  curl -H 'Authorization: Bearer {token}' {url}/api/v1/account"));
    if let Some(data) = data {
        say(format_args!("\n  kept in    {}", data.display()));
    }
}
