//! Inventories in YAML, and files of variables, which may be JSON too. Every value keeps the line it stands at.

use super::super::complaint::quoted;
use super::super::{Complaint, File};
use super::book::{At, Book};
use super::value::{Content, Value, Variables};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;

/// Groups within groups, and lists within mappings, at most.
const MOST_DEPTH: usize = 64;

#[derive(Debug)]
pub enum Node {
    Nothing,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Spanned<String>, Node)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

/// A scalar, as its text.
macro_rules! scalars {
    ($($name:ident: $type:ty),+) => {
        $(fn $name<E>(self, value: $type) -> Result<Node, E> {
            Ok(Node::Text(value.to_string()))
        })+
    };
}

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list or a mapping")
    }

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Nothing)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Node, D::Error> {
        from.deserialize_any(Self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element()? {
            found.push(item);
        }
        Ok(Node::List(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut found = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            found.push(entry);
        }
        Ok(Node::Map(found))
    }
}

pub fn parse(file: &File) -> Result<Node, Complaint> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: MOST_DEPTH },
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    };
    if file.text.trim().is_empty() {
        return Ok(Node::Nothing);
    }
    serde_saphyr::from_str_with_options::<Node>(&file.text, options).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        let says = format!("is no YAML that can be read, so that nothing of it is: {}", first_line(&error.to_string()));
        Complaint::error(format!("{}:{line}", file.path), says, "mend that line")
    })
}

fn first_line(text: &str) -> String {
    model::text::cut(text.lines().next().unwrap_or_default(), 200)
}

pub fn read(file: &File, book: &mut Book, complaints: &mut Vec<Complaint>) {
    match parse(file) {
        Ok(Node::Map(groups)) if groups.iter().any(|(name, _)| name.value == "_meta") => {
            let says = "is an answer of an inventory program, which is another form";
            complaints.push(Complaint::error(&file.path, says, super::DUMP));
        }
        Ok(Node::Map(groups)) => {
            let mut reader = Groups { file: &file.path, book, complaints };
            groups.iter().for_each(|(name, node)| reader.group(name, node));
        }
        Ok(Node::Nothing) => {}
        Ok(_) => {
            let says = "is no inventory: at its top there are no groups";
            complaints.push(Complaint::error(&file.path, says, "write groups such as all: and hosts: below"));
        }
        Err(complaint) => complaints.push(complaint),
    }
}

struct Groups<'a> {
    file: &'a str,
    book: &'a mut Book,
    complaints: &'a mut Vec<Complaint>,
}

impl Groups<'_> {
    fn group(&mut self, name: &Spanned<String>, node: &Node) {
        let at = At { file: self.file, line: line(name) };
        self.book.group(&name.value, at);
        match node {
            Node::Map(parts) => parts.iter().for_each(|(part, inside)| self.part(&name.value, part, inside)),
            Node::Nothing => {}
            Node::Text(_) | Node::List(_) => {
                self.complain(name, "is no group: it has neither hosts, vars nor children")
            }
        }
    }

    fn part(&mut self, group: &str, part: &Spanned<String>, inside: &Node) {
        let at = At { file: self.file, line: line(part) };
        match (part.value.as_str(), inside) {
            (_, Node::Nothing) => {}
            ("hosts", Node::Map(hosts)) => hosts.iter().for_each(|(name, node)| self.host(group, name, node)),
            ("vars", Node::Map(entries)) => {
                let variables = variables(self.file, entries);
                self.book.group(group, at).variables.extend(variables);
            }
            ("children", Node::Map(children)) => {
                for (name, node) in children {
                    self.book.group(group, at).children.insert(name.value.clone());
                    self.group(name, node);
                }
            }
            ("hosts", Node::Text(name)) => self.add(group, name, &Variables::new(), at),
            ("hosts" | "vars" | "children", _) => self.complain(part, "is no mapping, so that it is not read"),
            _ => self.complain(part, "is neither hosts, vars nor children, so that it is not read"),
        }
    }

    fn host(&mut self, group: &str, name: &Spanned<String>, node: &Node) {
        let at = At { file: self.file, line: line(name) };
        match node {
            Node::Nothing => self.add(group, &name.value, &Variables::new(), at),
            Node::Map(entries) => self.add(group, &name.value, &variables(self.file, entries), at),
            Node::Text(_) | Node::List(_) => {
                self.complain(name, "has no variables but something else, so that it is left out")
            }
        }
    }

    fn add(&mut self, group: &str, name: &str, variables: &Variables, at: At<'_>) {
        let added = self.book.add(name, group, variables, at);
        self.complaints.extend(added.err());
    }

    fn complain(&mut self, word: &Spanned<String>, says: &str) {
        let place = format!("{}:{}", self.file, line(word));
        let remedy = "write hosts:, vars: or children: below a group, and names below these";
        self.complaints.push(Complaint::error(place, format!("{} {says}", quoted(&word.value)), remedy));
    }
}

fn line(word: &Spanned<String>) -> usize {
    usize::try_from(word.referenced.line()).unwrap_or(0)
}

/// The variables of a mapping.
pub fn variables(file: &str, entries: &[(Spanned<String>, Node)]) -> Variables {
    let one = |(name, node): &(Spanned<String>, Node)| {
        let value = Value { content: content(node), place: format!("{file}:{}", line(name)) };
        (name.value.clone(), value)
    };
    entries.iter().map(one).collect()
}

fn content(node: &Node) -> Content {
    match node {
        Node::Nothing => Content::Text(String::new()),
        Node::Text(text) => Content::of_text(text),
        Node::List(items) => {
            let text = |item: &Node| if let Node::Text(text) = item { Some(text.clone()) } else { None };
            items.iter().map(text).collect::<Option<Vec<String>>>().map_or(Content::Other, Content::List)
        }
        Node::Map(_) => Content::Other,
    }
}
