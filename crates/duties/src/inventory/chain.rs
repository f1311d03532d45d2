//! The way to a host: each bastion by its name or as an address, what is before it, and no ring. A host whose way is not
//! clear is left out.

use super::complaint::quoted;
use super::draft::{Agent, Defaults};
use super::join::nearest;
use super::jump::Jump;
use super::{Complaint, Draft, is_name, key};
use model::host::{Bastion, Endpoint, Login, Origin, SSH_PORT};
use std::collections::BTreeMap;

/// More hops than anybody has.
const MOST_HOPS: usize = 16;

type Drafts = BTreeMap<String, Draft>;

pub(super) struct Ways<'a> {
    hosts: &'a Drafts,
    bastions: &'a Drafts,
    defaults: &'a Defaults,
    made: BTreeMap<String, Bastion>,
}

/// What is wrong, and what to do.
struct Fault {
    says: String,
    remedy: String,
}

impl Fault {
    fn new(says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { says: says.into(), remedy: remedy.into() }
    }
}

impl<'a> Ways<'a> {
    pub fn new(hosts: &'a Drafts, bastions: &'a Drafts, defaults: &'a Defaults) -> Self {
        Self { hosts, bastions, defaults, made: BTreeMap::new() }
    }

    pub fn into_bastions(self) -> Vec<Bastion> {
        self.made.into_values().collect()
    }

    pub fn of_bastion(&mut self, draft: &Draft) -> Result<(), Complaint> {
        let made = self.bastion(&Jump::named(&draft.name), &mut Vec::new());
        made.map(drop).map_err(|fault| left_out(draft, "bastion", fault))
    }

    pub fn of_host(&mut self, draft: &Draft) -> Result<(Endpoint, Vec<String>), Complaint> {
        let at = endpoint(draft, self.defaults);
        let via = self.chain(&draft.via, &mut Vec::new());
        let both = at.and_then(|at| Ok((at, no_ring(draft, via?)?)));
        both.map_err(|fault| left_out(draft, "host", fault))
    }

    /// The names of the bastions on this way, those before its first included.
    fn chain(&mut self, jumps: &[Jump], trail: &mut Vec<String>) -> Result<Vec<String>, Fault> {
        let mut names: Vec<String> = Vec::new();
        for (at, jump) in jumps.iter().enumerate() {
            let (name, before) = self.bastion(jump, trail)?;
            // What stands before a later hop is what is written before it here.
            if at == 0 {
                names.extend(before);
            }
            if names.contains(&name) {
                names.push(name);
                return Err(ring(&names));
            }
            names.push(name);
        }
        if names.len() > MOST_HOPS {
            return Err(too_long());
        }
        Ok(names)
    }

    /// Its name, and the names of those before it.
    fn bastion(&mut self, jump: &Jump, trail: &mut Vec<String>) -> Result<(String, Vec<String>), Fault> {
        let draft = self.draft(jump)?;
        let name = draft.name.clone();
        if let Some(known) = self.made.get(&key(&name)) {
            return Ok((name, known.via.clone()));
        }
        if trail.contains(&name) {
            trail.push(name);
            return Err(ring(trail));
        }
        if trail.len() > MOST_HOPS {
            return Err(too_long());
        }
        trail.push(name.clone());
        let via = self.chain(&draft.via, trail)?;
        trail.pop();
        let at = endpoint(&draft, self.defaults)
            .map_err(|fault| Fault::new(format!("its bastion {name}: {}", fault.says), fault.remedy))?;
        let bastion = Bastion { name: name.clone(), at, via: via.clone(), origin: draft.origin.clone() };
        self.made.insert(key(&name), bastion);
        Ok((name, via))
    }

    /// What is known of the hop: a bastion, else a host that has the name, else the address that it is.
    fn draft(&self, jump: &Jump) -> Result<Draft, Fault> {
        let name = key(&jump.host);
        let is_itself = jump.user.is_none() && jump.port.is_none();
        let known = self.bastions.get(&name).cloned().or_else(|| self.hosts.get(&name).map(as_bastion));
        let mut draft = match known {
            Some(draft) => draft,
            None if jump.may_be_address => Draft::new(&jump.host, Origin::Config),
            None => return Err(self.unknown(jump)),
        };
        if !is_itself {
            draft.address = Some(draft.address.unwrap_or(draft.name));
            draft.name = jump.name();
            draft.user = jump.user.clone().or(draft.user);
            draft.port = jump.port.or(draft.port);
        }
        Ok(draft)
    }

    fn unknown(&self, jump: &Jump) -> Fault {
        let names = self.bastions.values().chain(self.hosts.values()).map(|draft| draft.name.as_str());
        let remedy = match nearest(&jump.host, names) {
            Some(near) => format!("did you mean {near:?}?"),
            None => "write a [[bastion]] of that name".to_owned(),
        };
        Fault::new(format!("there is no bastion {}", quoted(&jump.host)), remedy)
    }
}

/// A host that others are reached by. OpenSSH knows nothing of Ansible's variables, so that none of them leads to a hop.
fn as_bastion(host: &Draft) -> Draft {
    let via = if matches!(host.origin, Origin::Ansible { .. }) { Vec::new() } else { host.via.clone() };
    Draft { via, ..host.clone() }
}

fn left_out(draft: &Draft, table: &str, fault: Fault) -> Complaint {
    let says = format!("{} is left out: {}", draft.name, fault.says);
    Complaint::error(draft.place(table), says, fault.remedy)
}

fn ring(names: &[String]) -> Fault {
    Fault::new(format!("its way goes in a ring, {}", names.join(" → ")), "take one of them out of via")
}

fn too_long() -> Fault {
    Fault::new(format!("its way has over {MOST_HOPS} hops"), "take some out")
}

fn no_ring(host: &Draft, via: Vec<String>) -> Result<Vec<String>, Fault> {
    if !via.iter().any(|name| key(name) == key(&host.name)) {
        return Ok(via);
    }
    let says = "its way leads over itself".to_owned();
    Err(Fault::new(says, "say that it is reached directly: no via, or ProxyJump none in a Host block of its own above"))
}

fn endpoint(draft: &Draft, defaults: &Defaults) -> Result<Endpoint, Fault> {
    let address = draft.address.clone().unwrap_or_else(|| draft.name.clone());
    if !is_name(&address) && address.parse::<core::net::IpAddr>().is_err() {
        let says = format!("{} is no address", quoted(&address));
        return Err(Fault::new(says, "write a name or an IP address"));
    }
    let user = draft.user.clone().or_else(|| defaults.user.clone());
    let user = user.ok_or_else(|| Fault::new("nobody says who signs in", "write user for it, or in [ssh]"))?;
    let logins = logins(draft, defaults);
    if logins.is_empty() {
        return Err(Fault::new("it has neither a key nor an agent", "write key_file for it, or in [ssh]"));
    }
    Ok(Endpoint { address, port: draft.port.unwrap_or(SSH_PORT), user, logins, key_names: draft.key_names.clone() })
}

/// Its own keys, else everybody's; then the agent.
fn logins(draft: &Draft, defaults: &Defaults) -> Vec<Login> {
    let keys = if draft.keys.is_empty() { &defaults.keys } else { &draft.keys };
    let keys = keys.iter().map(|key| Login::Key { file: key.file.clone(), certificate: key.certificate.clone() });
    let agent = match &draft.agent {
        Agent::Off => None,
        Agent::Socket(socket) => Some(socket.clone()),
        Agent::Unsaid => defaults.agent.clone(),
    };
    keys.chain(agent.map(|socket| Login::Agent { socket })).collect()
}
