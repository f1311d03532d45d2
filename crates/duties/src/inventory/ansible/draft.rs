//! From a host's variables to where it is and how one gets there. What can't be honoured leaves it out, with the place of
//! the variable that is at fault.

use super::super::complaint::quoted;
use super::super::draft::Key;
use super::super::jump::{Jump, port_of};
use super::super::{Complaint, Draft, Surroundings};
use super::arguments::{self, Arguments};
use super::book::{Book, Entry};
use super::depth::Order;
use super::value::{Found, Scope, Unusable, Variables};
use super::variables::Beside;
use model::host::Origin;
use std::collections::BTreeMap;

/// Ways to a host that are SSH.
const BY_SSH: [&str; 6] = ["ssh", "smart", "paramiko", "paramiko_ssh", "libssh", ""];

pub fn all(book: &Book, beside: &Beside, around: &Surroundings, complaints: &mut Vec<Complaint>) -> Vec<Draft> {
    let order = Order::new(book, complaints);
    let mut found = Vec::new();
    for (name, entry) in &book.hosts {
        let groups = order.groups(name);
        let variables = laid(book, beside, &groups, name, entry);
        let scope = Scope { variables: &variables, host: name };
        let reader = Reader { scope, entry, name, around };
        match reader.draft(&groups, complaints) {
            Ok(draft) => found.extend(draft),
            Err(why) => {
                let says = format!("{name} is left out: {}", why.says);
                complaints.push(Complaint::error(why.place, says, why.remedy));
            }
        }
    }
    found
}

/// From what rules least to what rules most: the groups of the inventory, their files with `all` first, the host's line, its
/// files.
fn laid(book: &Book, beside: &Beside, groups: &[&str], name: &str, entry: &Entry) -> Variables {
    let mut laid = Variables::new();
    let of_inventory = groups.iter().filter_map(|group| Some(&book.groups.get(*group)?.variables));
    let of_files = groups.iter().filter_map(|group| beside.of_groups.get(*group));
    for variables in of_inventory.chain(of_files).chain([&entry.variables]).chain(beside.of_hosts.get(name)) {
        laid.extend(variables.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    laid
}

struct Reader<'a> {
    scope: Scope<'a>,
    entry: &'a Entry,
    name: &'a str,
    around: &'a Surroundings,
}

impl Reader<'_> {
    /// `None` for a host that is not reached by SSH.
    fn draft(&self, groups: &[&str], complaints: &mut Vec<Complaint>) -> Result<Option<Draft>, Unusable> {
        if let Some(other) = self.other_way()? {
            complaints.push(other);
            return Ok(None);
        }
        let said = self.arguments(complaints)?;
        self.password(complaints);
        let Entry { file, line, group, .. } = self.entry.clone();
        let bastions = self.scope.list("arayashiki_bastion")?;
        let named: Vec<Jump> = bastions.into_iter().map(Jump::named).collect();
        Ok(Some(Draft {
            address: self.text(&["ansible_host", "ansible_ssh_host"])?,
            port: self.port()?.or(said.port),
            user: self.text(&["ansible_user", "ansible_ssh_user"])?.or(said.user),
            keys: self.keys(&said.keys)?,
            via: if named.is_empty() { said.via.unwrap_or_default() } else { named },
            customer: self.text(&["arayashiki_customer"])?,
            matches: self.scope.list("arayashiki_match")?,
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            tags: self.tags()?,
            ..Draft::new(self.name, Origin::Ansible { file, line, group })
        }))
    }

    fn text(&self, names: &[&str]) -> Result<Option<String>, Unusable> {
        Ok(self.scope.text(names)?.map(|found| found.text.trim().to_owned()))
    }

    fn other_way(&self) -> Result<Option<Complaint>, Unusable> {
        let Some(found) = self.scope.text(&["ansible_connection"])? else { return Ok(None) };
        let way = found.text.rsplit('.').next().unwrap_or_default().to_owned();
        if BY_SSH.contains(&way.as_str()) {
            return Ok(None);
        }
        let says = format!("{} is left out: it is reached by {}, not by SSH", self.name, quoted(&found.text));
        let remedy = "nothing is to do, unless it should be visited: give it ansible_connection=ssh then";
        Ok(Some(Complaint::note(found.place, says, remedy)))
    }

    fn arguments(&self, complaints: &mut Vec<Complaint>) -> Result<Arguments, Unusable> {
        let mut whole = Arguments::default();
        for name in ["ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"] {
            let Some(Found { text, place }) = self.scope.text(&[name])? else { continue };
            let said = arguments::read(&text).map_err(|refused| Unusable {
                place: place.to_owned(),
                says: format!("{name}: {}", refused.says),
                remedy: refused.remedy,
            })?;
            complaints.extend(
                said.notes.iter().map(|(says, remedy)| Complaint::note(place, format!("{name}: {says}"), remedy)),
            );
            whole.via = whole.via.or(said.via);
            whole.user = whole.user.or(said.user);
            whole.port = whole.port.or(said.port);
            whole.keys.extend(said.keys);
        }
        Ok(whole)
    }

    fn password(&self, complaints: &mut Vec<Complaint>) {
        for name in ["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"] {
            if let Some(value) = self.scope.variables.get(name) {
                let says = format!("{name} is not used: nobody signs in by a password here");
                complaints.push(Complaint::note(&value.place, says, "let a key sign in, and name it"));
            }
        }
    }

    fn port(&self) -> Result<Option<u16>, Unusable> {
        let Some(found) = self.scope.text(&["ansible_port", "ansible_ssh_port"])? else { return Ok(None) };
        port_of(found.text.trim()).map(Some).ok_or_else(|| Unusable {
            place: found.place.to_owned(),
            says: format!("its port {} is none", quoted(&found.text)),
            remedy: "write a number from 1 to 65535".to_owned(),
        })
    }

    fn keys(&self, others: &[String]) -> Result<Vec<Key>, Unusable> {
        let own = self.scope.text(&["ansible_ssh_private_key_file", "ansible_private_key_file"])?;
        let place =
            own.as_ref().map_or_else(|| format!("{}:{}", self.entry.file, self.entry.line), |own| own.place.to_owned());
        let files = own.map(|own| own.text).into_iter().chain(others.iter().cloned());
        files
            .map(|file| {
                let whole = self.around.expand(&file).ok_or_else(|| Unusable {
                    place: place.clone(),
                    says: format!("nobody knows what ~ is in {}", quoted(&file)),
                    remedy: "write the path of the key from / on".to_owned(),
                })?;
                Ok(Key { file: self.beside(&whole), certificate: None })
            })
            .collect()
    }

    /// A relative path starts from the inventory's folder.
    fn beside(&self, path: &str) -> String {
        match self.entry.file.rsplit_once('/') {
            Some((folder, _)) if !path.starts_with('/') => format!("{folder}/{path}"),
            _ => path.to_owned(),
        }
    }

    fn tags(&self) -> Result<BTreeMap<String, String>, Unusable> {
        let parts = self.scope.list("arayashiki_tags")?;
        let parted = parts.iter().map(|part| part.split_once('=').unwrap_or((part.as_str(), "")));
        Ok(parted.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect())
    }
}
