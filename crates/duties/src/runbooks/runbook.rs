//! What a runbook says, after it has been read and found right.

use super::exec::Sudo;
use super::parameter::Parameter;
use super::when::When;
use model::plan::{Class, Expect, Limits, OnFailure, Shows, Words};

#[derive(Clone, Debug, PartialEq)]
pub struct Runbook {
    /// Its file's name, as it was given to us.
    pub file: String,
    pub name: String,
    pub title: Words,
    pub description: Option<Words>,
    /// The strongest of its steps'.
    pub class: Class,
    pub when: Vec<When>,
    pub target: Target,
    pub parameters: Vec<Parameter>,
    pub steps: Vec<Step>,
    /// Of all steps together.
    pub limits: Limits,
    /// SHA-256 of the file, byte for byte.
    pub digest: String,
}

/// What a runbook is run on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    #[default]
    Host,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub name: String,
    pub title: Words,
    pub class: Class,
    /// The script, before its parameters have values.
    pub run: String,
    pub needs: Vec<String>,
    pub sudo: Sudo,
    pub expect: Vec<Expect>,
    pub limits: Limits,
    pub on_failure: OnFailure,
    pub shows: Shows,
}

impl Runbook {
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}
