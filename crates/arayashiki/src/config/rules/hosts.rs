//! What must hold between the keys of hosts and bastions. Ways to hosts are looked at where the whole inventory is known.

use super::{Name, Rule};

const CUSTOMER: Name = ("customer", "id");
const ENCRYPTED: &str = "a passphrase alone opens nothing";
const CERTIFIED: &str = "a certificate alone opens nothing";

pub const OF_HOSTS: &[Rule] = &[
    Rule::Leads(("host", "customer"), CUSTOMER),
    Rule::LeadsPart(("inventory", "customers"), super::people::behind_equals, CUSTOMER),
    Rule::Needs(("ssh", "key_passphrase"), "", &[("ssh", "key_file")], ENCRYPTED),
    Rule::Needs(("ssh", "certificate_file"), "", &[("ssh", "key_file")], CERTIFIED),
    Rule::Needs(("bastion", "key_passphrase"), "", &[("bastion", "key_file")], ENCRYPTED),
    Rule::Needs(("bastion", "certificate_file"), "", &[("bastion", "key_file")], CERTIFIED),
    Rule::Needs(("host", "key_passphrase"), "", &[("host", "key_file")], ENCRYPTED),
    Rule::Needs(("host", "certificate_file"), "", &[("host", "key_file")], CERTIFIED),
];
