//! Inventories in Ansible's INI: groups, their children and variables, hosts with variables on their line.

use super::super::complaint::quoted;
use super::super::{Complaint, File, shell_words};
use super::book::{At, Book};
use super::value::{Content, Value, Variables};

/// What the lines below a header are.
enum Part {
    Hosts(String),
    Variables(String),
    Children(String),
    /// Below a header that can't be read.
    Nothing,
}

pub fn read(file: &File, book: &mut Book, complaints: &mut Vec<Complaint>) {
    let mut part = Part::Hosts("ungrouped".to_owned());
    for (at, line) in file.text.trim_start_matches('\u{feff}').lines().enumerate() {
        let at = At { file: &file.path, line: at + 1 };
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let read = match header(line) {
            Some(header) => opened(header, book, at).map(|new| part = new),
            None => of_part(line, &part, book, at),
        };
        if let Err(complaint) = read {
            if header(line).is_some() {
                part = Part::Nothing;
            }
            complaints.push(complaint);
        }
    }
}

/// What stands between the brackets, if the line is a header and no host by an address.
fn header(line: &str) -> Option<&str> {
    let bare = line.split_once('#').map_or(line, |(line, _)| line).trim_end();
    let inside = bare.strip_prefix('[')?.strip_suffix(']')?;
    (inside.parse::<core::net::Ipv6Addr>().is_err()).then_some(inside)
}

fn opened(header: &str, book: &mut Book, at: At<'_>) -> Result<Part, Complaint> {
    let (name, kind) = header.split_once(':').unwrap_or((header, ""));
    let name = name.trim().to_owned();
    if name.is_empty() || name.contains(char::is_whitespace) {
        let says = format!("[{header}] names no group, so that what stands below is not read");
        return Err(Complaint::error(at.place(), says, "write a header such as [web]"));
    }
    book.group(&name, at);
    match kind.trim() {
        "" => Ok(Part::Hosts(name)),
        "vars" => Ok(Part::Variables(name)),
        "children" => Ok(Part::Children(name)),
        other => {
            let says = format!("{} is neither vars nor children, so that what stands below is not read", quoted(other));
            Err(Complaint::error(at.place(), says, "write [group], [group:vars] or [group:children]"))
        }
    }
}

fn of_part(line: &str, part: &Part, book: &mut Book, at: At<'_>) -> Result<(), Complaint> {
    match part {
        Part::Hosts(group) => host(line, group, book, at),
        Part::Variables(group) => {
            let (name, value) = line.split_once('=').ok_or_else(|| {
                Complaint::error(at.place(), format!("{} sets no variable", quoted(line)), "write name=value")
            })?;
            let value = Value { content: Content::of_text(unquoted(value.trim())), place: at.place() };
            book.group(group, at).variables.insert(name.trim().to_owned(), value);
            Ok(())
        }
        Part::Children(group) => {
            let child = line.split_once('#').map_or(line, |(line, _)| line).trim();
            book.group(group, at).children.insert(child.to_owned());
            Ok(())
        }
        Part::Nothing => Ok(()),
    }
}

fn host(line: &str, group: &str, book: &mut Book, at: At<'_>) -> Result<(), Complaint> {
    let words = shell_words::split(line).ok_or_else(|| {
        let says = format!("the quotes of {} never end, so that the line is not read", quoted(line));
        Complaint::error(at.place(), says, "end them")
    })?;
    let mut words = words.into_iter();
    let Some(name) = words.next() else { return Ok(()) };
    let mut variables = Variables::new();
    for word in words {
        let (name, value) = word.split_once('=').ok_or_else(|| {
            let says = format!("{} sets no variable, so that the line is not read", quoted(&word));
            Complaint::error(at.place(), says, "write name=value, or a host to a line")
        })?;
        variables.insert(name.to_owned(), Value { content: Content::of_text(value), place: at.place() });
    }
    book.add(&name, group, &variables, at)
}

/// A value below `[group:vars]` is read as Python would: a text may stand in quotes.
fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote))
            && !inside.contains(quote)
        {
            return inside;
        }
    }
    text
}
