//! Addresses of machines and of the web. Never resolves a name.

use crate::config::raw::Text;
use crate::config::secret::Secret;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const DNS_PORT: u16 = 53;

pub fn address(text: &Text) -> Result<SocketAddr, String> {
    let form = "write an IP address and a port, such as \"127.0.0.1:8080\", \"0.0.0.0:8080\" or \"[::1]:8080\"";
    text.text.parse().map_err(|_| format!("{} is no address to listen on; {form}", text.named()))
}

/// The name or address of a machine alone: ports and schemes have keys of their own.
pub fn host(text: &Text) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if text.text.parse::<IpAddr>().is_ok() || text.text.chars().all(is_plain) {
        return Ok(text.text.to_ascii_lowercase());
    }
    Err(format!("{} is no host; write its name alone, such as \"mail.example.jp\"", text.named()))
}

pub fn port(text: &Text) -> Result<u16, String> {
    let number = text.text.trim().parse::<u16>().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("{} does not fit; write a port from 1 to 65535", text.named()))
}

pub fn name_server(text: &Text) -> Result<SocketAddr, String> {
    let bare = text.text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, DNS_PORT));
    bare.or_else(|_| text.text.parse()).map_err(|_| {
        let form = "write its IP address, such as \"192.0.2.53\" or \"192.0.2.53:5353\"";
        format!("{} is no name server; {form}", text.named())
    })
}

/// A network, or one address alone.
pub fn network(text: &Text) -> Result<IpNet, String> {
    let bare = text.text.parse::<IpAddr>().map(IpNet::from);
    bare.or_else(|_| text.text.parse::<IpNet>()).map(|net| net.trunc()).map_err(|_| {
        let form = "write it such as \"192.0.2.0/24\", \"2001:db8::/32\" or \"192.0.2.25\"";
        format!("{} is no network; {form}", text.named())
    })
}

/// The address without a slash at its end, so that a path can be put behind it.
pub fn base_url(text: &Text) -> Result<String, String> {
    let form = "write it such as \"https://ops.example.jp\"";
    let url = web_url(text, form)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("carries a user or a password, which would show in links and logs; {form}"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("carries a \"?\" or \"#\" part, but paths are put behind it; {form}"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

pub fn secret_url(text: &Text) -> Result<Secret, String> {
    let secret = super::words::secret(text)?;
    web_url(text, "copy it again as it was given, from https:// to its end")?;
    Ok(secret)
}

fn web_url(text: &Text, form: &str) -> Result<url::Url, String> {
    // The text is never repeated: an address may carry a password.
    let url = url::Url::parse(&text.text).map_err(|e| format!("is no web address ({e}); {form}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(format!("is no http:// or https:// address; {form}"));
    }
    Ok(url)
}
