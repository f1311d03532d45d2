//! From what holds for a name to a host or a bastion. A name that hangs on something refused is left out, and so is
//! whatever is reached by it.

use super::super::complaint::quoted;
use super::super::draft::{Agent, Key};
use super::super::jump::{self, Jump};
use super::super::{Complaint, Draft, Drafts, Surroundings, is_name, jump::port_of, pattern};
use super::evaluate::{Refused, Said, Settings, settings};
use super::tree::{Tree, What};
use model::host::Origin;
use std::collections::{BTreeMap, BTreeSet};

/// Names with where they first stand.
type Named = Vec<(String, Origin)>;

pub fn all(tree: &Tree, around: &Surroundings, complaints: &mut Vec<Complaint>) -> Drafts {
    let mut aliases = Named::new();
    written_out(tree, &mut aliases);
    let mut read: BTreeMap<String, Result<Draft, Refused>> = BTreeMap::new();
    let mut waiting = aliases.clone();
    let mut hops: Vec<String> = Vec::new();
    while let Some((name, origin)) = waiting.pop() {
        if read.contains_key(&name) {
            continue;
        }
        let made = draft(tree, &name, &origin, around, complaints);
        for hop in made.iter().flat_map(|draft| &draft.via) {
            hops.push(hop.host.clone());
            waiting.push((hop.host.clone(), origin.clone()));
        }
        read.insert(name, made);
    }
    let mut found = Drafts::default();
    for (name, origin) in &aliases {
        match whole(&read, name) {
            Ok(draft) => found.hosts.push(Draft { origin: origin.clone(), ..draft.clone() }),
            Err(refused) => complaints.push(left_out(name, &refused)),
        }
    }
    hops.sort();
    hops.dedup();
    found.bastions = hops.iter().filter_map(|name| whole(&read, name).ok().cloned()).collect();
    found
}

fn left_out(name: &str, refused: &Refused) -> Complaint {
    Complaint::error(&refused.place, format!("{name} is left out: {}", refused.says), &refused.remedy)
}

/// The names that `Host` lines write out.
fn written_out(tree: &Tree, found: &mut Named) {
    for item in &tree.items {
        match &item.what {
            What::Host(patterns) => {
                let origin = Origin::SshConfig { file: tree.path.clone(), line: item.line };
                for name in patterns.iter().filter(|name| pattern::is_literal(name) && is_name(name)) {
                    if found.iter().all(|(known, _)| known != name) {
                        found.push((name.clone(), origin.clone()));
                    }
                }
            }
            What::Include(trees) => trees.iter().for_each(|tree| written_out(tree, found)),
            What::Match(_) | What::Set(..) => {}
        }
    }
}

/// A name, if all that it is reached by can be read too. A ring is found elsewhere.
fn whole<'a>(read: &'a BTreeMap<String, Result<Draft, Refused>>, name: &str) -> Result<&'a Draft, Refused> {
    let lost = || Refused { place: name.to_owned(), says: "it can't be read".into(), remedy: "mend it".into() };
    let draft = read.get(name).ok_or_else(lost)?.as_ref().map_err(Clone::clone)?;
    let mut waiting: Vec<&String> = draft.via.iter().map(|hop| &hop.host).collect();
    let mut seen = BTreeSet::new();
    while let Some(hop) = waiting.pop() {
        if !seen.insert(hop) {
            continue;
        }
        match read.get(hop) {
            Some(Ok(bastion)) => waiting.extend(bastion.via.iter().map(|hop| &hop.host)),
            Some(Err(refused)) => {
                return Err(Refused { says: format!("{hop} before it: {}", refused.says), ..refused.clone() });
            }
            None => {}
        }
    }
    Ok(draft)
}

fn draft(
    tree: &Tree,
    alias: &str,
    origin: &Origin,
    around: &Surroundings,
    complaints: &mut Vec<Complaint>,
) -> Result<Draft, Refused> {
    let said = settings(tree, alias);
    if let Some(refused) = said.refused.first() {
        return Err(refused.clone());
    }
    Ok(Draft {
        address: said.get("hostname").map(|said| address(said, alias)).transpose()?,
        port: said.get("port").map(port).transpose()?,
        user: said.get("user").map(|said| user(said, alias)).transpose()?,
        keys: keys(&said, alias, around, complaints),
        agent: agent(&said, around, complaints),
        key_names: said.get("hostkeyalias").map(|said| said.word().replace("%h", alias)).into_iter().collect(),
        via: way(&said)?,
        ..Draft::new(alias, origin.clone())
    })
}

fn refused(said: &Said, says: String, remedy: impl Into<String>) -> Refused {
    Refused { place: said.place.clone(), says, remedy: remedy.into() }
}

fn address(said: &Said, alias: &str) -> Result<String, Refused> {
    let text = said.word().replace("%%", "\0").replace("%h", alias).replace('\0', "%");
    if is_name(&text) || text.parse::<core::net::IpAddr>().is_ok() {
        return Ok(text);
    }
    Err(refused(said, format!("HostName {} is no address", quoted(said.word())), "write a name or an IP address"))
}

fn port(said: &Said) -> Result<u16, Refused> {
    let wrong = || refused(said, format!("Port {} is none", quoted(said.word())), "write a number from 1 to 65535");
    port_of(said.word()).ok_or_else(wrong)
}

fn user(said: &Said, alias: &str) -> Result<String, Refused> {
    let text = said.word().replace("%h", alias);
    if !text.is_empty() && !text.contains(['%', '$']) {
        return Ok(text);
    }
    Err(refused(said, format!("User {} can't be filled in", quoted(said.word())), "write the name of the account"))
}

fn way(said: &Settings) -> Result<Vec<Jump>, Refused> {
    if let Some(command) = said.get("proxycommand").filter(|said| !said.rest.eq_ignore_ascii_case("none")) {
        let remedy = match jump::of_command(&command.rest) {
            Some(hop) => format!("write ProxyJump {} in its place, which is the same", hop.name()),
            None => "write ProxyJump with the bastions in its place".to_owned(),
        };
        return Err(refused(command, "ProxyCommand would run a program here, which is not done".into(), remedy));
    }
    let Some(jumps) = said.get("proxyjump") else { return Ok(Vec::new()) };
    jump::chain(jumps.word()).map_err(|what| refused(jumps, what, "mend ProxyJump"))
}

/// Files of keys, each with its certificate if one is named for it.
fn keys(said: &Settings, alias: &str, around: &Surroundings, complaints: &mut Vec<Complaint>) -> Vec<Key> {
    let mut paths = |list: &[Said]| -> Vec<String> {
        let named = list.iter().filter(|said| !said.word().eq_ignore_ascii_case("none"));
        named.filter_map(|said| path(said, alias, around, complaints)).collect()
    };
    let mut certificates = paths(&said.certificates);
    let mut keys = Vec::new();
    for file in paths(&said.identities) {
        // OpenSSH finds out which belongs to which by looking into them; here their names tell, else their order.
        let own = certificates.iter().position(|certificate| certificate.starts_with(&file));
        let certificate = own.or((!certificates.is_empty()).then_some(0)).map(|at| certificates.remove(at));
        keys.push(Key { file, certificate });
    }
    keys
}

fn path(said: &Said, alias: &str, around: &Surroundings, complaints: &mut Vec<Complaint>) -> Option<String> {
    let home = around.home.as_deref();
    let text = said.word().replace("%h", alias);
    let text = home.map_or_else(|| text.clone(), |home| text.replace("%d", home).replace("${HOME}", home));
    let whole = around.expand(&text).filter(|text| text.starts_with('/') && !text.contains(['%', '$']));
    if whole.is_none() {
        let says = format!("the file {} can't be found, so that this key is not used", quoted(said.word()));
        complaints.push(Complaint::note(&said.place, says, "write its path from / on"));
    }
    whole
}

fn agent(said: &Settings, around: &Surroundings, complaints: &mut Vec<Complaint>) -> Agent {
    let only_files = said.get("identitiesonly").is_some_and(|said| said.word().eq_ignore_ascii_case("yes"));
    let Some(named) = said.get("identityagent") else {
        return if only_files { Agent::Off } else { Agent::Unsaid };
    };
    let socket = match named.word() {
        _ if only_files && !said.identities.is_empty() => return Agent::Off,
        none if none.eq_ignore_ascii_case("none") => return Agent::Off,
        "SSH_AUTH_SOCK" | "$SSH_AUTH_SOCK" | "${SSH_AUTH_SOCK}" => around.agent.clone(),
        path => around.expand(path).filter(|path| path.starts_with('/') && !path.contains(['%', '$'])),
    };
    socket.map_or_else(
        || {
            let says = format!("the agent {} can't be found, so that it is not used", quoted(named.word()));
            complaints.push(Complaint::note(&named.place, says, "write its socket's path from / on"));
            Agent::Unsaid
        },
        Agent::Socket,
    )
}
