//! Ansible inventories, INI and YAML, with the `group_vars` and `host_vars` beside them, as a list of hosts. No template is
//! filled in beyond the names of other variables, no vault is opened, no program is run: a host that needs that is left out
//! and told.

mod arguments;
mod book;
mod depth;
mod draft;
mod ini;
mod range;
mod value;
mod variables;
mod yaml;

use super::complaint::quoted;
use super::{Complaint, Drafts, Fetch, File, MOST_BYTES, Surroundings};
use book::Book;

/// Reads the files of one inventory: their groups are one, as Ansible has it.
pub fn read(files: &[File], fetch: &Fetch<'_>, around: &Surroundings, complaints: &mut Vec<Complaint>) -> Drafts {
    let mut book = Book::default();
    for file in files {
        match kind(file) {
            Ok(Kind::Ini) => ini::read(file, &mut book, complaints),
            Ok(Kind::Yaml) => yaml::read(file, &mut book, complaints),
            Err(complaint) => complaints.push(complaint),
        }
    }
    book.settle(complaints);
    let beside = variables::beside(files, &book, fetch, complaints);
    let hosts = draft::all(&book, &beside, around, complaints);
    Drafts { hosts, bastions: Vec::new() }
}

enum Kind {
    Ini,
    Yaml,
}

const DUMP: &str = "write it out by `ansible-inventory --list --yaml --output hosts.yml` and name that file";

fn kind(file: &File) -> Result<Kind, Complaint> {
    let text = file.text.trim_start_matches('\u{feff}');
    if file.text.len() > MOST_BYTES {
        let says = "is over 8 MiB, so that nothing of it is read";
        return Err(Complaint::error(&file.path, says, "name a file that is an inventory"));
    }
    if value::is_vault(text) {
        return Err(Complaint::error(&file.path, "is encrypted by ansible-vault, which is not opened", DUMP));
    }
    if text.starts_with("#!") {
        return Err(Complaint::error(&file.path, "is a program, and none is run", DUMP));
    }
    let is_said = [".yml", ".yaml", ".json"].iter().any(|end| file.path.ends_with(end));
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    let first = first.unwrap_or_default();
    let looks = first == "---" || first.starts_with('{') || (first.ends_with(':') && !first.contains(['[', '=']));
    Ok(if is_said || looks { Kind::Yaml } else { Kind::Ini })
}

/// A name of a group as complaints show it.
fn shown(group: &str) -> String {
    format!("the group {}", quoted(group))
}
