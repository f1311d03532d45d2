//! What `ansible_ssh_common_args` and its like say: bastions, users, ports and keys are taken over; what runs a program is
//! refused; what weakens the check of host keys is told and not done.

use super::super::complaint::quoted;
use super::super::jump::{self, Jump, port_of};
use super::super::shell_words;

/// What a line of options comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    pub via: Option<Vec<Jump>>,
    pub user: Option<String>,
    pub port: Option<u16>,
    pub keys: Vec<String>,
    /// What is not honoured, and what to do.
    pub notes: Vec<(String, String)>,
}

/// What is wrong, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    pub says: String,
    pub remedy: String,
}

/// Options of one letter that have a value.
const WITH_VALUE: &str = "BbcDEeFIiJLlmOoPpRSWwQ";

pub fn read(text: &str) -> Result<Arguments, Refused> {
    let words = shell_words::split(text).ok_or_else(|| refused("its quotes never end", "end them"))?;
    let mut found = Arguments::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let mut letters = word.strip_prefix('-').unwrap_or_default().chars();
        let Some(letter) = letters.next() else {
            return Err(refused(&format!("{} is no option", quoted(&word)), "write options alone"));
        };
        if !WITH_VALUE.contains(letter) {
            continue;
        }
        let stuck: String = letters.collect();
        let value = if stuck.is_empty() { words.next().unwrap_or_default() } else { stuck };
        found.option(letter, &value)?;
    }
    Ok(found)
}

fn refused(says: &str, remedy: &str) -> Refused {
    Refused { says: says.to_owned(), remedy: remedy.to_owned() }
}

impl Arguments {
    fn option(&mut self, letter: char, value: &str) -> Result<(), Refused> {
        match letter {
            'J' => self.jump(value)?,
            'o' => self.said(value)?,
            'l' => self.user = Some(value.to_owned()),
            'i' => self.keys.push(value.to_owned()),
            'p' => self.port(value)?,
            'F' => {
                return Err(refused(
                    &format!("-F names another OpenSSH configuration, {}, which is not read for it", quoted(value)),
                    "name that file in [inventory] ssh_config, and its hosts' bastions by -J",
                ));
            }
            _ => {}
        }
        Ok(())
    }

    /// `Keyword=value` or `Keyword value`.
    fn said(&mut self, text: &str) -> Result<(), Refused> {
        let end = text.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(text.len());
        let (keyword, value) = text.split_at(end);
        let value = value.trim_start_matches(|c: char| c == '=' || c.is_whitespace()).trim_matches('"');
        match keyword.to_ascii_lowercase().as_str() {
            "proxyjump" => self.jump(value)?,
            "proxycommand" if !value.eq_ignore_ascii_case("none") => return Err(command(value)),
            "user" => self.user = Some(value.to_owned()),
            "identityfile" => self.keys.push(value.to_owned()),
            "port" => self.port(value)?,
            "stricthostkeychecking" if ["no", "off", "accept-new"].contains(&value.to_ascii_lowercase().as_str()) => {
                self.notes.push((
                    "a host key that nobody has pinned is refused all the same".to_owned(),
                    "pin each key by `arayashiki host trust NAME`".to_owned(),
                ));
            }
            _ => {}
        }
        Ok(())
    }

    /// The first that is given rules, as in OpenSSH.
    fn jump(&mut self, value: &str) -> Result<(), Refused> {
        let chain = jump::chain(value).map_err(|what| refused(&what, "mend -J"))?;
        self.via.get_or_insert(chain);
        Ok(())
    }

    fn port(&mut self, value: &str) -> Result<(), Refused> {
        let port = port_of(value).ok_or_else(|| refused(&format!("{} is no port", quoted(value)), "mend -p"))?;
        self.port = Some(port);
        Ok(())
    }
}

fn command(value: &str) -> Refused {
    let remedy = match jump::of_command(value) {
        Some(hop) => format!("write -J {} in its place, which is the same", hop.name()),
        None => "write -J with the bastions in its place".to_owned(),
    };
    refused("ProxyCommand would run a program here, which is not done", &remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn via(text: &str) -> Vec<String> {
        read(text).unwrap().via.unwrap_or_default().iter().map(Jump::name).collect()
    }

    #[test]
    fn bastions_are_taken_over_in_every_form() {
        for text in ["-J ops@gw:2222,inner", "-Jops@gw:2222,inner", "-C -o ProxyJump=ops@gw:2222,inner -q"] {
            assert_eq!(via(text), ["ops@gw:2222", "inner"], "{text}");
        }
        assert_eq!(via("-o 'ProxyJump gw' -J other"), ["gw"], "the first rules");
        let all = read("-i ~/key -l ops -p 2222 -oIdentityFile=/b -o User=sato -o ServerAliveInterval=5").unwrap();
        assert_eq!(
            (all.keys, all.user, all.port),
            (vec!["~/key".into(), "/b".into()], Some("sato".into()), Some(2222))
        );
        assert_eq!(read("-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null").unwrap().notes.len(), 1);
    }

    #[test]
    fn what_runs_a_program_is_refused_with_what_to_write() {
        let of = |text: &str| read(text).unwrap_err();
        assert_eq!(
            of(r#"-o ProxyCommand="ssh -W %h:%p -q ops@gw""#).remedy,
            "write -J ops@gw in its place, which is the same"
        );
        assert_eq!(of("-o 'ProxyCommand=nc -x proxy %h %p'").remedy, "write -J with the bastions in its place");
        assert!(of("-F other").says.contains("-F"));
        assert!(of("-J -oProxyCommand=x").says.contains("is no hop") && of("-p x").says.contains("no port"));
        assert!(of("'").says.contains("never end") && of("gw").says.contains("no option"));
        assert!(read("-o ProxyCommand=none").is_ok());
    }
}
