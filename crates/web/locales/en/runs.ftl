# What was run on hosts and what came back: the list, one run, the evidence beside an incident, what differs.
nav-runs = Runs
runs-tab-runs = Runs
runs-tab-hosts = Hosts
runs-tab-runbooks = Runbooks
col-run = Run
col-runbook = Runbook
col-found = Found
col-reason = Asked by
col-when = When

runs-never = Nothing has ever been run on a host
runs-never-what = When an incident fires, its hosts are looked at and what came back stands here: which commands were run, what they said, what was found.
runs-none-so = No run is like that.
runs-live = { $n ->
    [one] 1 run is under way; { $day }
   *[other] { $n } runs are under way; { $day }
}
runs-day-none = nothing was run in the last 24 hours
runs-day-good = { $n ->
    [one] 1 run in the last 24 hours, nothing was found
   *[other] { $n } runs in the last 24 hours, none found anything
}
runs-day-found = { $n ->
    [one] 1 run in the last 24 hours, it found something
   *[other] { $n } runs in the last 24 hours, { $found } found something
}
runs-day-broken = { $n ->
    [one] 1 run in the last 24 hours, it came to no end of its own
   *[other] { $n } runs in the last 24 hours: { $found } found something, { $broken } came to no end of their own
}

runs-text-what = in what hosts said, the latest runs first
runs-looked-all = { $n ->
    [one] The one run was looked through; { $found } said it.
   *[other] All { $n } runs were looked through; { $found } said it.
}
runs-looked-part = { $n ->
    [one] The last run was looked through; { $found } said it. The next page looks further back.
   *[other] The last { $n } runs were looked through; { $found } said it. The next page looks further back.
}
runs-hits = Where it stands

run-state-queued = waiting
run-state-running = running
run-state-done = done
run-state-failed = failed
run-state-interrupted = interrupted
run-state-stopped = stopped
run-state-refused = refused
run-level-ok = nothing found
run-level-absent = not there
run-level-unclear = not all answered
run-level-info = for information
run-level-warning = warning
run-level-critical = critical
run-reason-incident = incident
run-reason-button = by hand
run-reason-schedule = schedule
run-reason-baseline = baseline
run-reason-command = command line
run-reason-pagerduty = button in PagerDuty
run-class-read = only looks
run-class-change = changes something
run-by-system = Arayashiki
run-by-token = token { $name }
run-found-nothing = nothing found
run-found-absent = what it looks at is not on this host
run-found-unclear = nothing found in what answered
run-found-more = { $first } · and { $n } more

run-is-queued = It has waited to be run on { $host } for { $span }.
run-is-running = It has been running on { $host } for { $span }.
run-is-done = It ran on { $host } in { $took } and found nothing wrong.
run-is-done-absent = It ran on { $host } in { $took }: what it looks at is not on this host.
run-is-done-unclear = It ran on { $host } in { $took }. Not every step had an answer; what answered found nothing wrong.
run-is-done-found = { $n ->
    [one] It ran on { $host } in { $took } and found 1 thing.
   *[other] It ran on { $host } in { $took } and found { $n } things.
}
run-is-failed = It could not be run on { $host } as it was meant to be.
run-is-interrupted = It was cut short on { $host }: the process that carried it out ended in the middle.
run-is-stopped = It was stopped on { $host }.
run-is-stopped-by = { $who } stopped it on { $host }.
run-is-refused = It was not run on { $host }.
run-do-silent = The process that carries it out has said nothing for { $span }. If it is gone, the run ends as interrupted within a minute; nothing is run twice.
run-do-queued = It waits for its turn: runs on one host, and through one bastion, go one after the other. If none is running, look whether the workers run (Connections).
run-do-failed = The steps below say how far it came. Mend what they name, then run it again.
run-do-interrupted = What came back until then is kept. These commands only look, so running it again does no harm.
run-do-refused = Nothing was sent to the host. The reason above says what would have to change.
run-do-stopped = What came back until then is kept.
run-stopping = { $who } asked to stop it; the command on the host is being ended.
run-asked-stop = Stopping it was asked for.
run-progress = { $n } of { $all } steps have ended
run-stop-title = Stop
run-stop = Stop it on { $host }
run-stop-what = Ends the command that runs now and begins no other. What came back until then is kept.
run-findings = Found ({ $n })
run-steps = Steps ({ $n })
run-no-steps = It has no steps.
run-not-whole = What was said can't be read from the evidence store:
run-commands = Asked, to the letter
run-commands-what = What was sent to the host for each step, and the digest of what came back.
run-sha256 = SHA-256
run-input = On its standard input:
run-capsule = capsule
run-plan-unread = The plan was written by another version and can't be shown here.
run-facts = Record
run-way = Way
run-way-straight = straight, through no bastion
run-class = Kind
run-queued = Asked at
run-started = Began
run-ended = Ended
run-exit = Exit status
run-redactions = Hidden
run-host-key = Host key
run-plan-digest = Plan's digest
run-runbook-digest = Runbook's digest
run-runbook-same = The file is still the same.
run-runbook-other = The file has changed since.
run-runbook-gone = There is no such file now.
run-compare = Compare
run-compare-healthy = With the last one that found nothing
run-compare-none = No earlier run of this runbook on this host found nothing wrong.
run-compare-other = With another run
run-compare-short = what differs
run-stream-out = Standard output
run-stream-err = Standard error

step-state-queued = waiting
step-state-running = running
step-state-ok = in order
step-state-finding = finding
step-state-missing = tool is missing
step-state-denied = not permitted
step-state-timed-out = took too long
step-state-failed = failed
step-state-cut = cut off
step-state-interrupted = interrupted
step-state-stopped = stopped
step-state-not-run = not run
step-exit = exit { $status }
step-signal = ended by signal { $signal }
step-end = The end of what it said so far:
step-bytes = This is no text; its first bytes:
step-all = All of it
step-download = download
step-cut = the host had more to say than was kept
step-silent = It said nothing.
step-silent-yet = It has said nothing yet.
step-hidden = { $n ->
    [one] 1 secret hidden: { $rules }
   *[other] { $n } secrets hidden: { $rules }
}

evidence-title = Evidence
evidence-not-looked = The hosts of this incident have not been looked for yet.
evidence-no-inventory = No host is configured that could be looked at. Add [[host]] tables, or an inventory: docs/guide/hosts.md.
evidence-by-hand = Somebody had hosts looked at by hand.
evidence-looked = Hosts were looked for { $ago }
evidence-observe = The mode is observe: nothing is run by itself, what would be run is only shown. Set [diagnose] mode to have it run.
evidence-no-run = Nothing was run here.
evidence-quiet = { $n ->
    [one] 1 more step, with nothing to tell
   *[other] { $n } more steps, with nothing to tell
}
evidence-held = Not run, and why
evidence-refused = Named by the incident and not looked at
evidence-unknown = Looks like a host and is not in the inventory:
evidence-earlier = Earlier runs ({ $n })
evidence-more = All of them
evidence-look-title = Look for hosts again
evidence-look = Look again
evidence-look-what = Looks for this incident's hosts by the present inventory, and runs there what fits.

run-form-title = Run diagnostics
run-form-what = The commands of the runbook are run on the host, through its bastion. They look and change nothing; what comes back is kept here, secrets hidden.
run-form-role = To have something run, one needs the role responder, approver, leader or administrator.
run-form-no-host = No host may be looked at for this incident: a host has to belong to the incident's customer.
run-form-no-hosts = No host is configured.
run-form-no-runbook = There is no runbook that only looks.
run-form-parameters = { $runbook }: parameters
run-form-required = (needed)
run-form-run = Run it
run-form-run-on = Run it on { $host }
run-form-see = What each runbook does
run-asked-run = It was asked for and begins within a second or two; what comes back appears here.
run-asked-look = Looking again was asked for; what is found appears here.
run-asked-test = Trying it was asked for; how it went appears here.
run-asked-approve = This version may run unattended from now on.
run-asked-withdraw = This version runs unattended no more.
run-refused-another-customer = Nothing was run: the host is another customer's than the incident.
run-refused-incident-of-nobody = Nothing was run: the incident is no customer's, and the host is. Give the incident's service a customer.
run-refused-host-of-nobody = Nothing was run: the host is no customer's. Name one at the host.
run-refused-no-runbook = Nothing was run: there is no such runbook any more.
run-refused-changes = Nothing was run: this runbook would change something on the host, and only those that look are run.
run-refused-changed = Nothing was run: the runbook was changed meanwhile. Look at what it does now, and ask again.
run-refused-parameter-unknown = Nothing was run: the runbook has no such parameter.
run-refused-parameter-missing = Nothing was run: a parameter that the runbook needs was left empty.
run-refused-parameter-long = Nothing was run: a parameter is longer than 1,000 characters.
run-refused-over = The run has ended meanwhile.

diff-title = What differs
diff-none = Nothing differs
diff-steps = { $n } of { $all } steps differ
diff-no-healthy = No earlier run on this host found nothing wrong, so there is nothing to hold it against
diff-no-other = There is no other run to hold it against
diff-between = Then and now:
diff-same = the same
diff-said-same = said the same
diff-new = the other run has no such step
diff-lost = only the other run has this step
diff-bytes = no text, and not the same bytes
diff-numbers = { $n ->
    [one] numbers changed in 1 line
   *[other] numbers changed in { $n } lines
}
diff-lines = { $come } lines came, { $gone } went, in { $numbers } numbers changed
diff-same-lines = { $n ->
    [one] 1 line that is the same
   *[other] { $n } lines that are the same
}
diff-states = { $then } → { $now }
diff-cut = There is more than was compared; download both to see all of it.
diff-others = Hold it against another
diff-others-none = There is no other run of this runbook on this host.
diff-healthy = nothing found

act-host-run = had a runbook run on a host
act-host-test = had a host tried
act-run-stop = stopped a run
act-incident-diagnose = had an incident's hosts looked at again
act-runbook-approve = approved a version of a runbook
act-runbook-withdraw = withdrew the approval of a runbook
act-runs-export = downloaded runs as CSV
act-runbook-run = asked for a run by the command line
act-run-refused = was told that a run can't be made
act-evidence-expired = gave up outputs whose time was over
act-hold-set = put on hold
act-hold-release = ended a hold
act-pagerduty-press = pressed a button in PagerDuty that was not believed
effect-confirm-press = Look in PagerDuty who pressed the button
source-pagerduty-action = PagerDuty button
act-host-trust = trusted a host's key
act-host-key-changed = found a host's key changed
effect-keep-note = Keep a note in PagerDuty as it should be
effect-run = Run a runbook on a host
effect-reach = Try whether a host is reached
effect-anchor = Lay the record's checkpoint outside
destination-anchor-bucket = Store of the record's anchors
destination-hosts = Hosts (SSH)
