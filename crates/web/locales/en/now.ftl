now-never = Nothing is known yet: PagerDuty has not been heard
now-never-what = As soon as PagerDuty sends a webhook or answers the API, the open incidents stand here.
now-never-next = Connect the account: copy arayashiki.example.toml to arayashiki.toml, follow docs/guide/connect-pagerduty.md, and see whether it works:
now-none = Nothing is open
now-none-lacking = No incident is open, and { $n ->
    [one] 1 alert that lacks one is
   *[other] { $n } alerts that lack one are
} left to be looked at
now-none-outage = No incident is open as far as is known: PagerDuty does not do its work
now-none-taken = { $open ->
    [one] 1 open for { $oldest }; nobody has taken it
   *[other] { $open } open, the oldest { $oldest }; nobody has taken any of them
}
now-some-taken = { $open } open, the oldest { $oldest }; nobody has taken { $untaken } of them
now-all-taken = { $open ->
    [one] 1 open for { $oldest }; somebody is on it
   *[other] { $open } open, the oldest { $oldest }; somebody is on each of them
}
now-none-unread = As of { $at } nothing was open; { $waiting ->
    [one] 1 signal is
   *[other] { $waiting } signals are
} not read yet
now-open-unread = { $said } (as of { $at }; { $waiting ->
    [one] 1 signal is
   *[other] { $waiting } signals are
} not read yet)
now-none-stale = As of { $at } nothing was open; PagerDuty's log has not been read since
now-open-stale = { $said } (as of { $at }; PagerDuty's log has not been read since)
now-none-listed = As of { $at } nothing was open; what has happened since is not known
now-open-listed = { $said } (as of { $at }; what has happened since is not known)
now-none-unlisted = Whether anything is open is not known yet: PagerDuty has not listed its open incidents
now-open-unlisted = { $said }, as far as is known: PagerDuty has not listed its open incidents yet
now-none-blind = Whether anything is open can't be known: the API key may not read incidents
now-open-blind = { $said }, as far as is known: the API key may not read incidents
now-none-known = The mirror has not seen an incident yet. What is in the way stands above.
now-last-resolved = The last one was resolved
now-none-yet = The mirror has not seen an incident yet. The next one will stand here within seconds.
now-see-resolved = Resolved incidents
now-open-title = Open incidents
now-group = { $total } open, { $high } high
now-no-customer = No customer
now-all-open = All { $n } open incidents
now-recent-title = What happened last
alarms-label = What needs a look
alarm-since = first seen
alarm-do = What to do
alarm-rows = Show them
alarm-signature = Wrong signature on subscription { $subscription }: { $refused ->
    [one] 1 webhook was
   *[other] { $refused } webhooks were
} refused.
alarm-signature-do = Nothing is lost: PagerDuty is told to keep the events and sends them again. Put the new secret into [pagerduty] webhook_secrets and restart.
alarm-refused = PagerDuty refuses the API token (HTTP { $status }). Webhooks still come in; notes, alerts and missed changes can't be read.
alarm-refused-do = Put a valid token into [pagerduty] token; arayashiki check tells whether it works.
alarm-away = PagerDuty's API does not answer as it should: { $failed ->
    [one] 1 call
   *[other] { $failed } calls in a row
} failed. The last one: { $why }
alarm-breaker = { $destination } does not answer: { $failed ->
    [one] 1 call
   *[other] { $failed } calls in a row
} failed. The last one: { $why } What was to be done there waits.
alarm-breaker-do = Nothing needs to be done here: it is tried again by itself. If it lasts, look whether this machine still reaches the address.
alarm-silent = The API shows { $missed ->
    [one] 1 change
   *[other] { $missed } changes
} that no webhook told.
alarm-silent-do = The changes are mirrored through the API, up to a minute late. Look in PagerDuty under Integrations, Generic Webhooks, whether the subscription is disabled.
alarm-hidden = { $n ->
    [one] 1 incident that is open here is no longer shown by PagerDuty.
   *[other] { $n } incidents that are open here are no longer shown by PagerDuty.
}
alarm-hidden-do = Their state now is not known. Look in PagerDuty: was an incident or its service removed, or has the key lost sight of the team? A user's key sees what that user sees.
alarm-no-token = No API token is set: incidents are known from webhooks alone.
alarm-no-token-do = Put a read-only token into [pagerduty] token, so that missed events are found and notes and alerts are read.
alarm-dead-jobs = { $dead ->
    [one] 1 job is
   *[other] { $dead } jobs are
} dead: not tried again unless somebody says so.
alarm-dead-jobs-do = Read the reason, mend it, then retry.
alarm-lost = { $lost ->
    [one] 1 event is
   *[other] { $lost } events are
} missing: two independent counts differ.
alarm-lost-do = Run arayashiki backfill for the days in question; it is safe to run again.
mirror-title = Mirror of PagerDuty
mirror-never = Nothing has come from PagerDuty yet.
mirror-good = Everything that came in has been read.
mirror-waiting = { $waiting ->
    [one] 1 signal waits
   *[other] { $waiting } signals wait
} to be read, the oldest for { $oldest }. None is lost.
mirror-waiting-new = { $waiting ->
    [one] 1 signal has just come
   *[other] { $waiting } signals have just come
} and will be read next. None is lost.
mirror-dead = { $dead ->
    [one] 1 signal
   *[other] { $dead } signals
} could not be read and wait for a person. The bytes are kept.
mirror-lost = { $lost ->
    [one] 1 event is
   *[other] { $lost } events are
} missing.
mirror-received = Received
mirror-processed = Read
mirror-waiting-n = Waiting
mirror-unreadable-n = Unreadable
mirror-dead-n = Dead
mirror-lost-n = Lost
mirror-last-webhook = Last webhook
mirror-last-read = API last read
