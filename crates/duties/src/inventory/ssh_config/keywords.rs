//! Keywords that are not honoured although somebody may count on them, and those that OpenSSH does not know. What has no
//! bearing on commands that are run unattended (forwardings, terminals, multiplexing, …) is passed over in silence.

use super::super::Complaint;
use super::super::complaint::quoted;
use super::super::join::nearest;
use super::tree::{Tree, What};

/// What OpenSSH 10 knows, in small letters.
const KNOWN: &str = "addkeystoagent addressfamily batchmode bindaddress bindinterface canonicaldomains \
    canonicalizefallbacklocal canonicalizehostname canonicalizemaxdots canonicalizepermittedcnames casignaturealgorithms \
    certificatefile channeltimeout checkhostip challengeresponseauthentication cipher ciphers clearallforwardings \
    compression compressionlevel connectionattempts connecttimeout controlmaster controlpath controlpersist \
    dynamicforward enableescapecommandline enablesshkeysign escapechar exitonforwardfailure fingerprinthash \
    forkafterauthentication forwardagent forwardx11 forwardx11timeout forwardx11trusted gatewayports \
    globalknownhostsfile gssapiauthentication gssapidelegatecredentials gssapikexalgorithms gssapikeyexchange \
    gssapirenewalforcesrekey gssapiserveridentity gssapitrustdns hashknownhosts host hostbasedacceptedalgorithms \
    hostbasedauthentication hostbasedkeytypes hostkeyalgorithms hostkeyalias hostname identitiesonly identityagent \
    identityfile ignoreunknown include ipqos kbdinteractiveauthentication kbdinteractivedevices kexalgorithms \
    knownhostscommand localcommand localforward loglevel logverbose macs match nohostauthenticationforlocalhost \
    numberofpasswordprompts obscurekeystroketiming passwordauthentication permitlocalcommand permitremoteopen \
    pkcs11provider port preferredauthentications protocol proxycommand proxyjump proxyusefdpass \
    pubkeyacceptedalgorithms pubkeyacceptedkeytypes pubkeyauthentication rekeylimit remotecommand remoteforward \
    refuseconnection requesttty requiredrsasize revokedhostkeys rhostsrsaauthentication rsaauthentication \
    securitykeyprovider sendenv serveralivecountmax serveraliveinterval sessiontype setenv smartcarddevice stdinnull \
    streamlocalbindmask streamlocalbindunlink stricthostkeychecking syslogfacility tag tcpkeepalive tunnel tunneldevice \
    updatehostkeys useblacklistedkeys usekeychain user userknownhostsfile verifyhostkeydns versionaddendum \
    visualhostkey warnweakcrypto xauthlocation";

pub fn notes(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for item in &tree.items {
        match &item.what {
            What::Include(trees) => found.extend(trees.iter().flat_map(notes)),
            What::Set(keyword, words, _) => {
                let value = words.first().map(|word| word.to_ascii_lowercase()).unwrap_or_default();
                let note = note(keyword, &value);
                found.extend(note.map(|(says, remedy)| Complaint::note(tree.place(item.line), says, remedy)));
            }
            What::Host(_) | What::Match(_) => {}
        }
    }
    found
}

fn note(keyword: &str, value: &str) -> Option<(String, String)> {
    let told = |says: &str, remedy: &str| Some((says.to_owned(), remedy.to_owned()));
    match (keyword, value) {
        ("stricthostkeychecking", "no" | "off" | "accept-new") => told(
            "a host key that nobody has pinned is refused all the same",
            "pin each key by `arayashiki host trust NAME`",
        ),
        ("canonicalizehostname", "yes" | "always") => {
            told("names are not made canonical", "write HostName in full, such as HostName %h.example.jp")
        }
        ("pkcs11provider" | "securitykeyprovider" | "smartcarddevice", _) => {
            told("keys on cards and tokens are not read", "load the key into an agent and name that by IdentityAgent")
        }
        _ if KNOWN.split_whitespace().any(|known| known == keyword) => None,
        _ => {
            let remedy = match nearest(keyword, KNOWN.split_whitespace()) {
                Some(near) => format!("did you mean {near}?"),
                None => "take it out".to_owned(),
            };
            Some((format!("{} is no keyword of OpenSSH", quoted(keyword)), remedy))
        }
    }
}
