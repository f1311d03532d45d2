//! The form by which somebody asks for a run: on which host, by which runbook, with which parameters.

use super::super::Frame;
use crate::ParameterShown;
use model::plan::Words;

#[derive(Clone, Debug, Default)]
pub struct RunForm {
    /// The person's role allows it.
    pub may: bool,
    /// New for every rendering.
    pub nonce: String,
    /// Those that may be visited for it, the likeliest first.
    pub hosts: Vec<String>,
    /// Those that look and change nothing.
    pub runbooks: Vec<RunbookChoice>,
    /// For which incident, if for one.
    pub incident: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct RunbookChoice {
    pub name: String,
    /// Of the version that is offered.
    pub digest: String,
    pub title: Words,
    pub parameters: Vec<ParameterShown>,
}

impl RunForm {
    pub const fn is_whole(&self) -> bool {
        self.may && !self.hosts.is_empty() && !self.runbooks.is_empty()
    }

    /// Why nothing is offered.
    pub fn why_not(&self, f: &Frame) -> Option<String> {
        match self {
            form if !form.may => Some(f.t("run-form-role")),
            form if form.hosts.is_empty() => {
                Some(f.t(if form.incident.is_some() { "run-form-no-host" } else { "run-form-no-hosts" }))
            }
            form if form.runbooks.is_empty() => Some(f.t("run-form-no-runbook")),
            _ => None,
        }
    }

    pub fn only_host(&self) -> Option<&String> {
        self.hosts.first().filter(|_| self.hosts.len() == 1)
    }

    pub fn only_runbook(&self) -> Option<&RunbookChoice> {
        self.runbooks.first().filter(|_| self.runbooks.len() == 1)
    }

    pub fn with_parameters(&self) -> Vec<&RunbookChoice> {
        self.runbooks.iter().filter(|runbook| !runbook.parameters.is_empty()).collect()
    }
}

impl RunbookChoice {
    pub fn label(&self, f: &Frame) -> String {
        let title = f.words(&self.title);
        if title.is_empty() { f.short(&self.name) } else { format!("{} — {title}", f.short(&self.name)) }
    }

    /// The field that says which version was offered.
    pub fn seen(&self) -> String {
        seen(&self.name)
    }

    /// What the field of a parameter is called in the form.
    pub fn field(&self, parameter: &ParameterShown) -> String {
        field(&self.name, &parameter.name)
    }
}

/// A parameter of one of several runbooks.
pub(crate) fn field(runbook: &str, parameter: &str) -> String {
    format!("p/{runbook}/{parameter}")
}

/// The version of a runbook that a form offered.
pub(crate) fn seen(runbook: &str) -> String {
    format!("seen/{runbook}")
}
