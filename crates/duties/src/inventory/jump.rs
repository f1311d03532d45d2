//! A bastion as it is named on the way to a host: by its name, or as OpenSSH writes one, `user@host:port` or
//! `ssh://user@host:port`. Looks nothing up.

/// One hop before the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jump {
    /// A name or an address.
    pub host: String,
    pub user: Option<String>,
    pub port: Option<u16>,
    /// As OpenSSH takes it: what is no known name is an address. Otherwise it has to be a bastion that there is.
    pub may_be_address: bool,
}

impl Jump {
    pub fn named(name: impl Into<String>) -> Self {
        Self { host: name.into(), user: None, port: None, may_be_address: false }
    }

    /// Under which a bastion is kept that was made for it.
    pub fn name(&self) -> String {
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        match self.port {
            Some(port) if self.host.contains(':') => format!("{user}[{}]:{port}", self.host),
            Some(port) => format!("{user}{}:{port}", self.host),
            None => format!("{user}{}", self.host),
        }
    }
}

/// `a,b` as OpenSSH reads ProxyJump and `-J`; empty for `none`. An error says what is wrong.
pub fn chain(text: &str) -> Result<Vec<Jump>, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Vec::new());
    }
    text.split(',').map(|hop| one(hop.trim())).collect()
}

fn one(text: &str) -> Result<Jump, String> {
    let wrong = || format!("{} is no hop; write it as user@host:port", super::complaint::quoted(text));
    let bare = text.strip_prefix("ssh://").unwrap_or(text).trim_end_matches('/');
    let (user, rest) = match bare.rsplit_once('@') {
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, bare),
    };
    let (host, port) = host_and_port(rest).ok_or_else(wrong)?;
    let is_plain = super::is_name(host) || host.parse::<core::net::IpAddr>().is_ok();
    if !is_plain
        || host.starts_with('-')
        || user.as_deref().is_some_and(|user| user.is_empty() || user.starts_with('-'))
    {
        return Err(wrong());
    }
    Ok(Jump { host: host.to_owned(), user, port, may_be_address: true })
}

/// `host`, `host:port`, `[address]:port`, or an IPv6 address alone.
pub fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        return match after.strip_prefix(':') {
            Some(port) => Some((host, Some(port_of(port)?))),
            None => after.is_empty().then_some((host, None)),
        };
    }
    match text.split_once(':') {
        Some((_, rest)) if rest.contains(':') => Some((text, None)),
        Some((host, port)) => Some((host, Some(port_of(port)?))),
        None => Some((text, None)),
    }
}

pub(super) fn port_of(text: &str) -> Option<u16> {
    text.parse::<u16>().ok().filter(|port| *port > 0)
}

/// The hop that a ProxyCommand of the form `ssh [options] -W %h:%p [user@]host` is, if it has that form and nothing else.
pub(super) fn of_command(command: &str) -> Option<Jump> {
    let words = super::shell_words::split(command)?;
    let mut words = words.iter().map(String::as_str).skip_while(|word| *word == "exec");
    let program = words.next()?;
    (program == "ssh" || program.ends_with("/ssh")).then_some(())?;
    let (mut target, mut user, mut port, mut forwards) = (None, None, None, false);
    while let Some(word) = words.next() {
        match word {
            "-W" => forwards = matches!(words.next()?, "%h:%p" | "[%h]:%p"),
            "-l" => user = Some(words.next()?.to_owned()),
            "-p" => port = Some(port_of(words.next()?)?),
            "-q" | "-x" | "-a" | "-T" | "-C" => {}
            word if word.starts_with('-') || target.is_some() => return None,
            word => target = Some(word),
        }
    }
    let hop = one(target.filter(|_| forwards)?).ok()?;
    Some(Jump { user: hop.user.or(user), port: hop.port.or(port), ..hop })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_are_read_as_openssh_writes_them() {
        let read = |text: &str| chain(text).map(|hops| hops.iter().map(Jump::name).collect::<Vec<_>>());
        assert_eq!(read("none"), Ok(vec![]));
        assert_eq!(read("ops@gw.example.jp:2222, inner"), Ok(vec!["ops@gw.example.jp:2222".into(), "inner".into()]));
        assert_eq!(read("ssh://ops@[2001:db8::1]:22"), Ok(vec!["ops@[2001:db8::1]:22".into()]));
        assert_eq!(read("2001:db8::1"), Ok(vec!["2001:db8::1".into()]));
        let of = |command: &str| of_command(command).map(|hop| hop.name());
        assert_eq!(of("ssh -q -W %h:%p ops@gw").as_deref(), Some("ops@gw"));
        assert_eq!(of("/usr/bin/ssh gw -p 2222 -W [%h]:%p").as_deref(), Some("gw:2222"));
        for other in ["nc -X 5 %h %p", "ssh gw nc %h %p", "ssh -W other:22 gw", "ssh -F x -W %h:%p gw", "ssh -W %h:%p"]
        {
            assert_eq!(of(other), None, "{other}");
        }
        for bad in ["", "a,,b", "-oProxyCommand=x", "-x@host", "@host", "host:0", "host:99999", "a b", "%h", "[a"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
