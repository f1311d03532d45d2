//! Whom mail is taken for. Everybody else is refused: there is no relaying.

use std::collections::HashSet;

#[derive(Debug, Default)]
pub struct Allowed {
    addresses: HashSet<String>,
    /// `@domain`: everybody there.
    whole_domains: HashSet<String>,
    /// `(local+, @domain)`: every tag.
    tagged: Vec<(String, String)>,
    domains: HashSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ours,
    /// A domain of ours, but nobody there.
    Unknown,
    /// Somebody else's.
    Relay,
}

impl Allowed {
    pub fn new(hostname: &str, recipients: &[String]) -> Self {
        let mut allowed = Self::default();
        allowed.domains.insert(hostname.to_lowercase());
        for recipient in recipients {
            allowed.add(&recipient.trim().to_lowercase());
        }
        allowed
    }

    fn add(&mut self, recipient: &str) {
        let Some(at) = recipient.rfind('@') else {
            self.addresses.insert(recipient.to_owned());
            return;
        };
        let (local, domain) = recipient.split_at(at);
        self.domains.insert(domain[1..].to_owned());
        if local.is_empty() {
            self.whole_domains.insert(domain[1..].to_owned());
        } else if let Some(tagged) = local.strip_suffix('*') {
            self.tagged.push((tagged.to_owned(), domain.to_owned()));
        } else {
            self.addresses.insert(recipient.to_owned());
        }
    }

    pub fn verdict(&self, address: &str) -> Verdict {
        let address = address.to_lowercase();
        let (local, domain) = address.rsplit_once('@').unwrap_or((&address, ""));
        let is_ours = self.addresses.contains(&address)
            || self.whole_domains.contains(domain)
            || self.is_tag(&address)
            || local == "postmaster" && (domain.is_empty() || self.domains.contains(domain));
        match is_ours {
            true => Verdict::Ours,
            false if domain.is_empty() || self.domains.contains(domain) => Verdict::Unknown,
            false => Verdict::Relay,
        }
    }

    fn is_tag(&self, address: &str) -> bool {
        self.tagged.iter().any(|(before, after)| {
            let tag = address.strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(after.as_str()));
            tag.is_some_and(|tag| !tag.is_empty() && !tag.contains('@'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_is_on_the_list_is_ours() {
        let list = ["alerts@example.com", "@Example.JP", "db+*@example.net", "障害@example.org"].map(str::to_owned);
        let allowed = Allowed::new("mx.example.com", &list);
        for (address, expected) in [
            ("alerts@example.com", Verdict::Ours),
            ("ALERTS@EXAMPLE.COM", Verdict::Ours),
            ("other@example.com", Verdict::Unknown),
            ("alerts+x@example.com", Verdict::Unknown),
            ("anybody@example.jp", Verdict::Ours),
            ("x@sub.example.jp", Verdict::Relay),
            ("db+web01@example.net", Verdict::Ours),
            ("DB+web01@Example.net", Verdict::Ours),
            ("db+@example.net", Verdict::Unknown),
            ("db@example.net", Verdict::Unknown),
            ("db+x@evil.example@example.net", Verdict::Unknown),
            ("postmaster", Verdict::Ours),
            ("Postmaster@example.net", Verdict::Ours),
            ("postmaster@mx.example.com", Verdict::Ours),
            ("postmaster@elsewhere.example", Verdict::Relay),
            ("root@mx.example.com", Verdict::Unknown),
            ("root", Verdict::Unknown),
            ("someone@elsewhere.example", Verdict::Relay),
            ("someone%elsewhere.example@example.com", Verdict::Unknown),
            ("障害@example.org", Verdict::Ours),
            ("", Verdict::Unknown),
        ] {
            assert_eq!(allowed.verdict(address), expected, "{address}");
        }
    }

    #[test]
    fn without_a_list_only_the_postmaster_is_ours() {
        let allowed = Allowed::new("mx.example.com", &[]);
        assert_eq!(allowed.verdict("postmaster@mx.example.com"), Verdict::Ours);
        assert_eq!(allowed.verdict("alerts@mx.example.com"), Verdict::Unknown);
    }
}
