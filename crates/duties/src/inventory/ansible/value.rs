//! The value of a variable, as far as it matters here: a text, a list of texts, or something that can't be used.

use super::super::complaint::quoted;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub content: Content,
    pub place: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Text(String),
    List(Vec<String>),
    /// Encrypted by ansible-vault.
    Vault,
    /// A mapping, or a list of such.
    Other,
}

pub type Variables = BTreeMap<String, Value>;

pub fn is_vault(text: &str) -> bool {
    text.trim_start().starts_with("$ANSIBLE_VAULT;")
}

impl Content {
    pub fn of_text(text: &str) -> Self {
        if is_vault(text) { Self::Vault } else { Self::Text(text.to_owned()) }
    }
}

/// How often a variable may name another.
const MOST_STEPS: usize = 8;

/// Variables by name, those of the host itself included.
pub struct Scope<'a> {
    pub variables: &'a Variables,
    pub host: &'a str,
}

/// A text and where it stands.
pub struct Found<'a> {
    pub text: String,
    pub place: &'a str,
}

/// Why a variable can't be used: where, what is so, what to do.
#[derive(Debug)]
pub struct Unusable {
    pub place: String,
    pub says: String,
    pub remedy: String,
}

impl<'a> Scope<'a> {
    /// The first of these variables that is set.
    pub fn text(&self, names: &[&str]) -> Result<Option<Found<'a>>, Unusable> {
        let Some((name, value)) = self.first(names) else { return Ok(None) };
        let filled = |text: &str| self.filled(text, MOST_STEPS).map_err(|says| unusable(value, name, &says));
        let text = match &value.content {
            Content::Text(text) => filled(text)?,
            Content::List(items) => filled(&items.join(" "))?,
            Content::Vault => return Err(vault(value, name)),
            Content::Other => return Err(unusable(value, name, "is no text")),
        };
        Ok(Some(Found { text, place: &value.place }).filter(|found| !found.text.is_empty()))
    }

    /// A list, or a text with commas.
    pub fn list(&self, name: &str) -> Result<Vec<String>, Unusable> {
        let Some((_, value)) = self.first(&[name]) else { return Ok(Vec::new()) };
        let items = match &value.content {
            Content::Text(text) => text.split(',').map(str::to_owned).collect(),
            Content::List(items) => items.clone(),
            Content::Vault => return Err(vault(value, name)),
            Content::Other => return Err(unusable(value, name, "is no list of texts")),
        };
        let filled = items.iter().map(|text| self.filled(text.trim(), MOST_STEPS));
        let filled: Result<Vec<String>, String> = filled.collect();
        let filled = filled.map_err(|says| unusable(value, name, &says))?;
        Ok(filled.into_iter().filter(|text| !text.is_empty()).collect())
    }

    fn first<'n>(&self, names: &[&'n str]) -> Option<(&'n str, &'a Value)> {
        names.iter().find_map(|name| Some((*name, self.variables.get(*name)?)))
    }

    /// With each `{{ name }}` filled in.
    fn filled(&self, text: &str, steps: usize) -> Result<String, String> {
        let Some((before, rest)) = text.split_once("{{") else {
            return if text.contains("{%") { Err(beyond(text)) } else { Ok(text.to_owned()) };
        };
        let (name, after) = rest.split_once("}}").ok_or_else(|| beyond(text))?;
        let value = match (name.trim(), steps) {
            ("inventory_hostname", _) => self.host.to_owned(),
            ("inventory_hostname_short", _) => self.host.split('.').next().unwrap_or_default().to_owned(),
            (name, 1..) => match self.variables.get(name).map(|value| &value.content) {
                Some(Content::Text(inner)) => self.filled(inner, steps - 1)?,
                Some(Content::Vault) => return Err(format!("hangs on {name}, which is encrypted by ansible-vault")),
                _ => return Err(beyond(text)),
            },
            _ => return Err(beyond(text)),
        };
        Ok(format!("{before}{value}{}", self.filled(after, steps)?))
    }
}

fn beyond(text: &str) -> String {
    format!("is a template that is not filled in here, {}", quoted(text))
}

fn unusable(value: &Value, name: &str, says: &str) -> Unusable {
    let remedy = "write the value itself, or name the file that `ansible-inventory --list --yaml` gives";
    Unusable { place: value.place.clone(), says: format!("{name} {says}"), remedy: remedy.to_owned() }
}

fn vault(value: &Value, name: &str) -> Unusable {
    let says = format!("{name} is encrypted by ansible-vault, which is not opened");
    Unusable {
        place: value.place.clone(),
        says,
        remedy: "write it in the clear: where a host is and who signs in is no secret".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_variables_are_filled_in_and_nothing_else() {
        let value = |content| Value { content, place: "f:1".into() };
        let text = |text: &str| value(Content::of_text(text));
        let variables: Variables = [
            ("address".to_owned(), text("{{ prefix }}.{{inventory_hostname_short}}")),
            ("prefix".to_owned(), text("10")),
            ("ring".to_owned(), text("{{ ring }}")),
            ("secret".to_owned(), text("$ANSIBLE_VAULT;1.1;AES256\n3839")),
            ("on_secret".to_owned(), text("{{ secret }}")),
            ("filter".to_owned(), text("{{ prefix | upper }}")),
            ("tags".to_owned(), text("role=db, {{ prefix }},")),
            ("odd".to_owned(), value(Content::Other)),
        ]
        .into();
        let scope = Scope { variables: &variables, host: "web-1.example.jp" };
        let of = |name: &str| scope.text(&[name]).map(|found| found.map(|found| found.text)).map_err(|bad| bad.says);
        assert_eq!(of("address"), Ok(Some("10.web-1".into())));
        assert_eq!(of("nothing"), Ok(None));
        for (name, says) in
            [("ring", "template"), ("secret", "vault"), ("on_secret", "vault"), ("filter", "upper"), ("odd", "no text")]
        {
            assert!(of(name).unwrap_err().contains(says), "{name}: {:?}", of(name));
        }
        assert_eq!(scope.list("tags").unwrap(), ["role=db", "10"]);
        assert!(scope.list("odd").is_err() && scope.list("secret").is_err());
    }
}
