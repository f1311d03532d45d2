//! Parameters of a request, from the query and a form alike, and what is wrong with them.

use jiff::civil::Date;

use super::super::errors::Problem;
use crate::web::Ask;

#[derive(Debug)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    pub(super) fn of(ask: &Ask) -> Self {
        let is_form = ask.header("content-type").is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"));
        let form = if is_form { ask.form() } else { Vec::new() };
        Self(ask.query.iter().cloned().chain(form).collect())
    }

    /// Given, and perhaps empty.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(super) fn full(&self, name: &str) -> Option<&str> {
        self.one(name).filter(|v| !v.is_empty())
    }

    pub(super) fn needed(&self, name: &str) -> Result<&str, Problem> {
        self.full(name).ok_or_else(|| Problem::invalid(&format!("{name} is required.")))
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Problem> {
        self.full(name).map(|v| v.parse().map_err(|_| wrong(name))).transpose()
    }

    /// `name[]=…&name[]=…`
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<u64>, Problem> {
        let full = format!("{name}[]");
        let own = self.0.iter().filter(|(n, v)| *n == full && !v.is_empty());
        own.map(|(_, v)| v.parse().map_err(|_| wrong(name))).collect()
    }

    pub(super) fn has_list(&self, name: &str) -> bool {
        let full = format!("{name}[]");
        self.0.iter().any(|(n, _)| *n == full)
    }

    pub(super) fn day(&self, name: &str) -> Result<Option<Date>, Problem> {
        self.full(name).map(|v| v.parse().ok().filter(|_| v.len() == 10).ok_or_else(|| wrong(name))).transpose()
    }

    /// Not given: stays. Empty: cleared.
    pub(super) fn clearable<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Option<T>>, Problem> {
        match self.one(name) {
            None => Ok(None),
            Some("") => Ok(Some(None)),
            Some(value) => read(value).map(|v| Some(Some(v))).ok_or_else(|| wrong(name)),
        }
    }

    /// From 1 to 100, 20 without it.
    pub(super) fn count(&self) -> Result<usize, Problem> {
        let count = self.number("count")?.unwrap_or(20);
        if (1..=100).contains(&count) { Ok(count as usize) } else { Err(wrong("count")) }
    }

    /// Whether the smallest comes first.
    pub(super) fn is_ascending(&self) -> Result<bool, Problem> {
        match self.full("order") {
            None | Some("desc") => Ok(false),
            Some("asc") => Ok(true),
            Some(_) => Err(wrong("order")),
        }
    }

    /// Cuts a list, in the order of its numbers, as `minId`, `maxId`, `order` and `count` say. Both bounds are inside.
    pub(super) fn window<T>(&self, all: Vec<(u64, T)>) -> Result<Vec<T>, Problem> {
        let (min, max) = (self.number("minId")?, self.number("maxId")?);
        let within = |id: u64| min.is_none_or(|m| id >= m) && max.is_none_or(|m| id <= m);
        let mut own: Vec<(u64, T)> = all.into_iter().filter(|(id, _)| within(*id)).collect();
        own.sort_by_key(|(id, _)| *id);
        if !self.is_ascending()? {
            own.reverse();
        }
        Ok(own.into_iter().take(self.count()?).map(|(_, t)| t).collect())
    }
}

pub(super) fn wrong(name: &str) -> Problem {
    Problem::invalid(&format!("{name} is invalid."))
}
