//! What keys about hosts hold: names, addresses, places, tags, whose hosts are. Looks at no file and resolves no name.

use super::mail;
use super::places::{self, EvidencePlace};
use crate::config::raw::Text;
use duties::inventory::draft::{Belonging, Selection};
use duties::inventory::{is_name, jump};
use std::path::PathBuf;

/// Whether the hosts of an incident are visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// Shows what it would do.
    Observe,
    Run,
}

/// Where the head of the record is made known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anchor {
    /// In a channel; that of alerts when none is named.
    Slack(Option<String>),
    /// To an address.
    Mail(String),
    /// In a bucket with Object Lock.
    S3 { bucket: String, prefix: String },
}

pub fn anchor(text: &Text) -> Result<Anchor, String> {
    let wrong = || {
        let form = "write \"slack\", \"slack:C0123456789\", \"mail:auditor@example.jp\" or \"s3://bucket/prefix\"";
        format!("{} is no place outside; {form}", text.named())
    };
    let said = text.text.trim();
    if said.starts_with("s3://") {
        return match places::evidence(text) {
            Ok(EvidencePlace::S3 { bucket, prefix }) => Ok(Anchor::S3 { bucket, prefix }),
            _ => Err(wrong()),
        };
    }
    match said.split_once(':') {
        None if said == "slack" => Ok(Anchor::Slack(None)),
        Some(("slack", channel)) if !channel.is_empty() => Ok(Anchor::Slack(Some(channel.to_owned()))),
        Some(("mail", address)) => {
            mail::is_address(address).then(|| Anchor::Mail(address.to_owned())).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

/// Where SSH answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshAddress {
    pub host: String,
    pub port: Option<u16>,
}

pub fn host_name(text: &Text) -> Result<String, String> {
    if is_name(&text.text) {
        return Ok(text.text.clone());
    }
    Err(format!(
        "{} is no name of a host; write letters, digits, \".\", \"-\" and \"_\", such as \"web-1\"",
        text.named()
    ))
}

pub fn ssh_address(text: &Text) -> Result<SshAddress, String> {
    let wrong = || {
        let form =
            "write a name or an IP address, such as \"10.0.0.5\", \"web-1.example.jp:2222\" or \"[2001:db8::5]:22\"";
        format!("{} is no address; {form}", text.named())
    };
    let (host, port) = jump::host_and_port(text.text.trim()).ok_or_else(wrong)?;
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    if !is_address && (!is_name(host) || host.starts_with('-')) {
        return Err(wrong());
    }
    Ok(SshAddress { host: host.to_owned(), port })
}

/// A file, a folder or a pattern of files; `~` is left for whoever opens it.
pub fn path(text: &Text) -> Result<String, String> {
    let path = text.text.trim();
    if path.is_empty() || path.contains("://") || path.contains('\0') {
        return Err(format!("{} is no file; write a path or a pattern such as \"inventory/*.yml\"", text.named()));
    }
    if path.starts_with("~/") {
        return Ok(path.to_owned());
    }
    Ok(text.folder.join(path).to_string_lossy().into_owned())
}

pub fn folder(text: &Text) -> Result<PathBuf, String> {
    let path = text.text.trim().trim_end_matches('/');
    if path.is_empty() || path.contains("://") || path.contains('\0') {
        return Err(format!("{} is no folder; write a path such as \"runbooks\"", text.named()));
    }
    Ok(text.folder.join(path))
}

/// The environment's agent by the name of its variable, or a socket.
pub fn agent(text: &Text) -> Result<String, String> {
    if text.text == "SSH_AUTH_SOCK" { Ok(text.text.clone()) } else { path(text) }
}

/// `group:web=example-bank` or `web-*=example-bank`.
pub fn belonging(text: &Text) -> Result<Belonging, String> {
    let wrong = || {
        let form = "write \"group:\" and an Ansible group's name, or a pattern of host names, then \"=\" and the customer's id, \
                    such as \"group:web=example-bank\" or \"shop-*=example-shop\"";
        format!("{} says of no hosts whose they are; {form}", text.named())
    };
    let (hosts, customer) = text.text.split_once('=').ok_or_else(wrong)?;
    let (hosts, customer) = (hosts.trim(), customer.trim().to_owned());
    let of = match hosts.strip_prefix("group:").map(str::trim) {
        Some(group) => Selection::Group(group.to_owned()),
        None => Selection::Names(hosts.to_owned()),
    };
    if customer.is_empty() || matches!(&of, Selection::Group(name) | Selection::Names(name) if name.is_empty()) {
        return Err(wrong());
    }
    Ok(Belonging { of, customer })
}

/// `role=db`; a word alone is a tag without a value.
pub fn tag(text: &Text) -> Result<(String, String), String> {
    let (name, value) = text.text.split_once('=').unwrap_or((&text.text, ""));
    match name.trim() {
        "" => Err(format!("{} is no tag; write it such as \"role=db\"", text.named())),
        name => Ok((name.to_owned(), value.trim().to_owned())),
    }
}
