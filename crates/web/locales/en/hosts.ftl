# Hosts, how they are reached, which keys are trusted; runbooks.
col-reach = Reached
col-so-for = For
col-sudo = sudo
col-clock = Clock
col-last-run = Last run
col-checked = Checked
hosts-none = No host is configured
hosts-none-what = Hosts that are configured, in [[host]] tables, an Ansible inventory, an OpenSSH configuration or from EC2, stand here with how each is reached. docs/guide/hosts.md shows how to add them.
hosts-all-reached = { $n ->
    [one] The one host is reached
   *[other] All { $n } hosts are reached
}
hosts-untried = { $n ->
    [one] The one host has not been tried yet
   *[other] { $n } hosts, { $untried } of them not tried yet; the others are reached
}
hosts-some-lost = { $n ->
    [one] The one host is not reached
   *[other] { $lost } of { $n } hosts are not reached
}
hosts-alarms = Keys that changed
hosts-of-nobody = No customer
hosts-bastions = Bastions
hosts-complaints = To be mended in the inventory ({ $n })
complaint-error = left out
complaint-warning = doubtful

reach-never = not tried yet
reach-reached = reached
reach-unreachable = does not answer
reach-key-unknown = key not trusted yet
reach-key-changed = key has changed
reach-key-revoked = key is revoked
reach-certificate = certificate is not valid
reach-login-refused = login refused
reach-timeout = took too long
reach-key-file = our key can't be read
reach-agent = agent gives no key
reach-bastion-forbids = bastion lets nobody through
reach-protocol = does not speak SSH as expected
reach-busy = too many sessions
reach-run-refused = runs no commands
reach-lost = connection was lost
reach-no-common-algorithm = no cipher in common
reach-cancelled = broken off
reach-no-way = no way there is configured
reach-do-unreachable = { $host }: look whether it is up, and whether its address, port and the firewall on the way are right.
reach-do-key-unknown = Nobody has confirmed the key of { $host }. Compare its fingerprint with what its maker tells you, then: arayashiki host trust
reach-do-key-changed = { $host } shows another key than the one that is trusted. Nothing is run there. Somebody may stand in between: ask whoever runs the host whether it was set up anew, and trust the new key only after comparing its fingerprint.
reach-do-key-revoked = { $host } shows a key that is marked as revoked. Nothing is run there. Ask whoever runs the host at once.
reach-do-certificate = The host certificate of { $host } has run out or was made by another authority. Have it signed anew, or trust its key itself.
reach-do-login-refused = { $host } does not take our key. Look whether the user is right and the public key is in its authorized_keys.
reach-do-timeout = { $host } did not answer in time. If it is under heavy load, try again; else look at the way to it.
reach-do-key-file = Look whether the private key for { $host } is there and may be read by the program's user.
reach-do-agent = The agent for { $host } does not answer or holds no key. Look whether it runs and has its key added.
reach-do-bastion-forbids = { $host } does not forward connections. Look at AllowTcpForwarding and PermitOpen there.
reach-do-protocol = { $host } answers with something that is no SSH server that we can speak with. Look what listens at the port.
reach-do-busy = { $host } has no more sessions to give; it is tried again by itself.
reach-do-run-refused = { $host } lets the user sign in and runs nothing. Look at ForceCommand and at the options before the key in authorized_keys there.
reach-do-lost = The connection to { $host } broke off in the middle. Try again; if it happens often, look at the way to it.
reach-do-no-common-algorithm = { $host } offers only key exchanges or ciphers that are held to be broken. Bring its SSH server up to date.
reach-do-cancelled = Trying { $host } was broken off, as the program was stopped. It is tried again by itself.
reach-do-no-way = The bastions on the way to { $host } are not all configured. Look at its via.
sudo-yes = yes
sudo-no = no
sudo-unknown = not known

host-never-tried = It has not been tried yet; every host is tried once a day.
host-is-reached = It has been reached for { $span }.
host-is-lost = It is not reached: { $why }, for { $span }.
host-at-hop = It failed at { $hop }.
host-do = What can be done
host-test = Test now
host-test-what = Signs in by its way, asks for its clock and whether sudo works, and changes nothing.
host-runs = Runs
host-runs-none = Nothing was ever run here.
host-runs-all = All of them
host-keys = Keys that are trusted
host-keys-none = No key of this host was confirmed by a person; one may still stand in a known_hosts file that is configured.
host-key-by = Trusted by
host-trust-how = To trust a key, run this on the server and compare the fingerprint that it shows:
host-trust-what = Keys are never taken on by themselves.
host-facts = Host
host-at = Address
host-login = Login
host-login-none = none
host-login-key = key { $file }
host-login-certificate = key { $file } with certificate { $certificate }
host-login-agent = agent { $socket }
host-key-names = Pinned as
host-ms = { $n } ms
host-system = System
host-shown-key = Key that it showed
host-matches = Found by
host-groups = Groups
host-origin = From
host-origin-config = the configuration

runbooks-none = There is no runbook
runbooks-none-what = Runbooks say which commands are run on a host and what is expected of them. Those that ship with the program stand here, and yours from the folder [runbooks] dir.
runbooks-all = { $n ->
    [one] The one runbook may run unattended
   *[other] All { $n } runbooks may run unattended
}
runbooks-waiting = { $waiting ->
    [one] { $n } runbooks, 1 of them waits for an administrator to approve it
   *[other] { $n } runbooks, { $waiting } of them wait for an administrator to approve them
}
runbook-shipped = shipped
runbook-approved = approved
runbook-unapproved = not approved
runbook-problems-word = has faults
runbook-is-shipped = It ships with the program and may run unattended.
runbook-is-approved = { $who } approved this version ({ $at }); it may run unattended.
runbook-is-unapproved = Nobody has approved this version: it runs only when somebody presses the button.
runbook-when = Runs by itself
runbook-steps = Steps
runbook-steps-what = The commands as they stand in the file; parameters are put in as quoted values, never as commands.
runbook-digest = Digest
runbook-default = else
runbook-facts = Runbook
runbook-runs-none = It was never run.
runbook-problems = Faults in the file ({ $n })
runbook-approve = Approve this version
runbook-approve-what = From now on these very commands run unattended where the runbook says so. A changed file has to be approved anew.
runbook-withdraw = Withdraw the approval
runbook-withdraw-what = From now on it runs only when somebody presses the button.
runbook-changes = It would change something on a host; only runbooks that look can be run.
runbook-approvals = Approvals
runbook-approved-by = Approved by
runbook-withdrawn-by = Withdrawn by
