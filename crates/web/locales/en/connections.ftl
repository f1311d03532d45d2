# Connections, gaps, history: how the mirror is fed.
settings-connections = Connections
settings-backfills = History
settings-seats = Seats
conn-rest = PagerDuty REST API
conn-webhooks = PagerDuty webhooks
conn-events = PagerDuty Events API v2
conn-polls = Polls
conn-account = Running account
conn-database = Database
conn-processes = Processes
conn-gaps = Gaps in what webhooks told
conn-good = Every connection works
conn-good-own = What happens in PagerDuty arrives here
conn-own = The account as a whole, the database and the processes are shown to people who see all customers.
conn-unproven = Not everything in PagerDuty has been read yet
conn-attention = { $n ->
    [one] 1 connection needs a look
   *[other] { $n } connections need a look
}: { $which }
conn-broken = { $n ->
    [one] 1 connection is broken
   *[other] { $n } connections are broken
}: { $which }
conn-nothing = Nothing is connected yet

conn-rest-none = No API token is set: PagerDuty's API is not asked.
conn-rest-unchecked = The API has not said yet what the key may.
conn-rest-waits = What the key may is not known yet. The last call ended with: { $why } (next try { $again })
conn-rest-away = The API does not answer as it should: { $failed ->
    [one] 1 call
   *[other] { $failed } calls in a row
} failed. The last one: { $why } (asked again { $again })
conn-rest-missing = The API answers, but { $n ->
    [one] 1 list
   *[other] { $n } lists
} may not be read with this key.
conn-rest-clock = The API answers, but the clocks differ: { $clock }.
conn-rest-clock-do = Set this machine's clock by NTP; until then times here and in PagerDuty disagree.
conn-rest-writes = The API answers, and the key may read and write.
conn-rest-reads = The API answers, and the key may read only: acts are hidden.
conn-rest-no-notes = The API answers, and the key may read only: [link_note] mode is post, but no link note is written.
conn-rest-no-notes-do = Put a key that may write into [pagerduty] token, or set [link_note] mode to observe.
conn-rest-maybe = The API answers, and the key may read; whether it may write is not known.
conn-owner = Key of
conn-owner-unknown = not known
conn-owner-unchecked = not known yet
conn-owner-account = the account (no person)
conn-owner-user = { $name }
conn-may = May
conn-may-write = read and write
conn-may-read = read only
conn-may-unknown = read; writing is not known
conn-may-unchecked = not known yet
conn-may-nothing = nothing: PagerDuty refuses the key
conn-answered = Last answered
conn-left = Rate limit left
conn-rate = { $left } of { $limit } calls a minute ({ $ago })
conn-clock = PagerDuty's clock
conn-clock-same = as ours
conn-clock-ahead = { $span } ahead of ours
conn-clock-behind = { $span } behind ours
conn-checked = Key checked
conn-breaker = Breaker
conn-why-unsaid = shown to those who see all customers.
conn-breaker-open = open: { $failed } calls in a row failed, next try { $again }. { $why }
conn-breaker-failing = closed: the last { $failed ->
    [one] call
   *[other] { $failed } calls
} failed. { $why }
conn-missing = What the key may not read
conn-scope = scope { $scope }, answered { $status }
conn-grant = Give the key's user a role that may read these, or the app the scope beside each. It is tried again by itself.
without-incidents = No incident can be mirrored.
without-log-entries = What webhooks missed can't be found, nor history be fetched cheaply.
without-services = Services are known by what incidents say of them only.
without-users = People can't be matched with their PagerDuty users: nobody can act from here, and seats can't be told.
without-teams = Teams are known by what incidents say of them only.
without-escalation-policies = Levels to escalate to can't be offered.
without-schedules = Schedules can't be shown.
without-oncalls = Who is on call can't be shown, nor which seats never are.
without-priorities = Priorities can't be offered.
without-maintenance-windows = Maintenance windows can't be shown.
without-webhook-subscriptions = A subscription that PagerDuty has switched off can't be noticed or switched on again.

conn-hooks-none = No webhooks are configured: PagerDuty is asked every { $every }, so what happens there shows here up to that much later.
conn-hooks-nothing = No webhooks are configured, and PagerDuty is not asked either: nothing can be known.
conn-hooks-connect = For changes within seconds, let PagerDuty send webhooks to { $address } and put their secret into [pagerduty] webhook_secrets.
conn-hooks-bad = Webhooks of { $n } of { $of ->
    [one] 1 subscription
   *[other] { $of } subscriptions
} do not come.
conn-hooks-bad-do = Nothing is lost: what happens is read from PagerDuty's log meanwhile, and the gap is read again afterwards.
conn-hooks-never = No webhook has come yet.
conn-hooks-good = Webhooks come.
conn-hooks-last = Last webhook
conn-hooks-lag = Lag
conn-hooks-lag-is = half within { $median }, the slowest { $most } (last { $n })
conn-hooks-refused = Refused, wrong signature
conn-source = Came in by
conn-source-last = Last
conn-hooks-secret = Secret
conn-secret-set = set
conn-secret-none = not set
conn-hooks-looked = PagerDuty's list read
conn-hooks-elsewhere = Subscriptions that lead elsewhere
conn-sub-since = since
conn-sub-ok = Well
conn-sub-inactive = Switched off by somebody in PagerDuty
conn-sub-given-up = Switched off by PagerDuty
conn-sub-deleted = Deleted
conn-sub-silent = Silent, though the log goes on
conn-sub-unknown = Not looked at yet
conn-sub-refused = Wrong signature: { $n ->
    [one] 1 webhook
   *[other] { $n } webhooks
} refused
sub-do-ok = Nothing needs to be done.
sub-do-inactive = If it is wanted, switch it on in PagerDuty under Integrations, Generic Webhooks. What a person switched off is left alone.
sub-do-deleted = Make a new one in PagerDuty under Integrations, Generic Webhooks, put its secret into [pagerduty] webhook_secrets, and restart; step 4 of docs/guide/connect-pagerduty.md goes through it.
sub-do-would = Switch it on in PagerDuty under Integrations, Generic Webhooks. It is not switched on from here, because [webhook_guard] mode is observe; with post it would be.
sub-do-asked = PagerDuty was asked { $tries ->
    [one] once
   *[other] { $tries } times
} to switch it on again, last { $ago }. If it does not stay on, see whether PagerDuty reaches this address.
sub-do-will = PagerDuty will be asked to switch it on again.

conn-events-none = No routing key is set: an alert without an incident is registered nowhere, and an alarm of Arayashiki itself pages nobody.
conn-events-none-do = Put an Events v2 key of the service that should be told into [pagerduty] unconfigured_routing_key.
conn-events-good = A routing key is set. Alerts that lack an incident are registered with it, and alarms of Arayashiki itself.
conn-events-away = The Events API does not answer as it should: { $failed ->
    [one] 1 call
   *[other] { $failed } calls in a row
} failed. The last one: { $why } (tried again { $again })

conn-polls-none = PagerDuty is not asked from time to time: that needs [pagerduty] token and a poll above 0s.
conn-polls-never = PagerDuty's log has not been read through yet.
conn-polls-good = Everything in PagerDuty's log is here up to { $span } ago.
conn-polls-first = { $n } of { $of } lists have not been read through yet; they are read by themselves.
conn-polls-refused = PagerDuty refuses { $n ->
    [one] 1 list
   *[other] { $n } lists
}: { $which }.
conn-polls-unread = { $n ->
    [one] 1 list
   *[other] { $n } lists
} can't be read: { $which }.
conn-polls-late = { $n ->
    [one] 1 list has
   *[other] { $n } lists have
} not come through for a while: { $which }.
conn-poll = Poll
conn-poll-ended = Last whole round
conn-poll-due = Next
conn-poll-running = under way
conn-poll-off = switched off
conn-again-now = now
conn-reference = Mirrored
poll-log = Account-wide log
poll-open = Everything open
poll-recent = Incidents of the last minutes, for mails that lack one
poll-subscriptions = Webhook subscriptions
poll-token = What the key may
poll-reference-service = Services
poll-reference-user = Users
poll-reference-team = Teams
poll-reference-escalation-policy = Escalation policies
poll-reference-schedule = Schedules
poll-reference-on-call = On call now
poll-reference-shift = Shifts
poll-reference-priority = Priorities
poll-reference-maintenance-window = Maintenance windows

conn-account-none = Nothing has come in yet.
conn-account-good = Nothing is lost: both counts agree.
conn-account-lost = { $lost ->
    [one] 1 event is missing
   *[other] { $lost } events are missing
}: the counts differ.
conn-count-signals = First count: signals
conn-count-received = Received
conn-count-duplicates = of them repeats
conn-count-rows = Kept
conn-count-lost = Missing
conn-count-incidents = Second count: incidents
conn-count-lacking = Shown by the API, lacking here for over a minute
conn-sweep-at = Last look at everything open
conn-sweep-none = not done yet
conn-sweep = PagerDuty showed { $shown }, of which the mirror lacked { $lacked }; { $alone } were open here alone

conn-database-unknown = The database did not say how it keeps what it is given.
conn-database-good = { $kind }: what is acknowledged is on disk before the acknowledgement.
conn-database-unsafe = { $kind } is set so that a power cut can lose what was acknowledged.
conn-database-unsafe-do = Set fsync, full_page_writes and synchronous_commit to on, then restart.
conn-spool = Spool
conn-spool-rows = { $rows ->
    [0] empty
    [one] 1 signal
   *[other] { $rows } signals
}
conn-spool-away = PostgreSQL has not taken signals for { $span }. { $rows ->
    [one] 1 is
   *[other] { $rows } are
} safe in the spool on this machine.
conn-spool-away-do = Bring PostgreSQL back; what is in the spool moves there by itself. Keep this machine's disk until then.
conn-spool-drains = { $rows ->
    [one] 1 signal is
   *[other] { $rows } signals are
} being moved from the spool into PostgreSQL.
conn-spool-trouble = The spool can't be used: { $trouble }
conn-spool-trouble-do = While PostgreSQL is there nothing is missing. Mend it before PostgreSQL is away: look at the file's folder, its rights and its disk.
conn-spool-bad = In the spool { $lost } signals are missing, and { $stuck } can't be moved.
conn-spool-bad-do = Keep the spool's file as it is; the log names the rows.

conn-processes-none = No process has said that it runs.
conn-processes-good = { $n ->
    [one] 1 process runs
   *[other] { $n } processes run
}.
conn-processes-silent = { $n ->
    [one] 1 process has
   *[other] { $n } processes have
} not been heard of for over { $span }.
conn-processes-silent-do = What it had in hand is taken over by others when its lease ends. See whether its machine is up, then start it again.
process-role = Role
process-host = Machine
process-version = Version
process-started = Started
process-seen = Last heard of
process-runs = Runs
process-silent = Not heard of for { $span }
process-stopped = Stopped
process-role-all = everything
process-role-ingest = receiver
process-role-work = worker
process-role-web = pages

gap-story = { $what } { $proof }
gap-open-given-up = PagerDuty switched the webhooks of subscription { $subscription } off: none since { $from } ({ $span }).
gap-open-inactive = Somebody switched the webhooks of subscription { $subscription } off in PagerDuty: none since { $from } ({ $span }).
gap-open-deleted = Subscription { $subscription } was deleted: no webhook since { $from } ({ $span }).
gap-open-silent = Subscription { $subscription } has been silent since { $from } ({ $span }), though PagerDuty's log went on.
gap-open-secret = Webhooks of subscription { $subscription } have carried a wrong signature since { $from } ({ $span }) and are refused.
gap-over-given-up = Webhooks of subscription { $subscription } were switched off by PagerDuty from { $from } to { $to } ({ $span }).
gap-over-inactive = Webhooks of subscription { $subscription } were switched off by somebody in PagerDuty from { $from } to { $to } ({ $span }).
gap-over-deleted = Subscription { $subscription } was gone from { $from } to { $to } ({ $span }).
gap-over-silent = Subscription { $subscription } was silent from { $from } to { $to } ({ $span }), though PagerDuty's log went on.
gap-over-secret = Webhooks of subscription { $subscription } carried a wrong signature and were refused from { $from } to { $to } ({ $span }).
gap-proof-open = What happens is read from PagerDuty's log meanwhile; all of this span is read again once webhooks come.
gap-proof-filling = The log of this span is being read again: { $entries } entries so far, of which { $lacking } were lacking.
gap-proof-again = The log of this span is being read for the { $pass ->
    [2] second
    [3] third
   *[other] { $pass }th
} time, to prove that nothing is lacking: { $entries } entries so far, of which { $lacking } were lacking.
gap-proof-whole = Nothing was lost: the log was read again { $pass ->
    [one] once
    [2] twice
   *[other] { $pass } times
}, and none of its { $entries } entries was lacking.
gap-proof-repaired = Nothing was lost: the log was read again { $pass ->
    [one] once
    [2] twice
   *[other] { $pass } times
}, { $repaired ->
    [one] 1 entry was lacking and is there now
   *[other] { $repaired } entries were lacking and are there now
}; the last reading lacked none.
gap-proof-short = The log was read again { $pass ->
    [one] once
    [2] twice
   *[other] { $pass } times
}, and the last reading still lacked { $lacking ->
    [one] 1 entry
   *[other] { $lacking } entries
}.
gap-do-open = Bring the webhooks back as said above; the rest happens by itself.
gap-do-filling = Nothing needs to be done.
gap-do-closed = Nothing needs to be done.
gap-do-short = Ask for the history of these days under Settings, History; that is safe to do again.
gap-none = No gap is known: since Arayashiki watches, webhooks have told everything.

trouble-unread = { $waiting ->
    [one] 1 signal has waited
   *[other] { $waiting } signals wait
} unread, the oldest for { $span }: what stands here may be older than PagerDuty's own page. None is lost.
trouble-unread-do = A worker is alive and behind. If the number grows, look whether its machine is overloaded or its disk slow, and restart it; what waits is kept and read by itself.
trouble-no-worker = No process that reads and acts has been heard of for { $span }. Webhooks are still kept; nothing is read and nothing is sent.
trouble-no-worker-do = The process with the role worker or everything has been silent for { $span }: see under Connections, Processes, on which machine it ran, and start it again. What waits is kept and then read by itself.
trouble-no-sub = A webhook secret is set, but no subscription in PagerDuty leads here, and no webhook has ever come. What happens is known from asking PagerDuty alone.
trouble-no-sub-do = Make one in PagerDuty under Integrations, Generic Webhooks (v3), for the whole account, to { $address }, or run arayashiki init. Its secret has to be the one in [pagerduty] webhook_secrets.
trouble-no-sub-url-do = Set [server] public_url to the address at which PagerDuty reaches this server: without it nobody can tell which subscription leads here. Then make one in PagerDuty under Integrations, Generic Webhooks (v3), to { $address }, or run arayashiki init. Its secret has to be the one in [pagerduty] webhook_secrets.
trouble-key = PagerDuty refuses the API key: { $why }
trouble-scopes = The API key may not read: { $what }
trouble-scopes-do = Give the key what it lacks; the page says for each what does not work without it. The rest goes on.
trouble-polls-refused = PagerDuty refuses to list: { $which } (last read whole: { $read }). It says: { $why } (asked again { $again })
trouble-polls-unread = Can't be read: { $which } (last read whole: { $read }). What came back: { $why } (asked again { $again })
trouble-polls-wait = Not read: { $which }. The last call ended with: { $why } (next try { $again })
cause-do-key = Put a valid token into [pagerduty] token, and see that [pagerduty] api_url is that of the account's region; arayashiki check tells whether it works.
cause-do-scope = Give the key's user a role that may read it, or the app the scope that is named. It is asked again by itself; the rest goes on.
cause-do-plan = The account's plan does not have it: there is nothing to mend here, and the rest goes on.
cause-do-redirect = PagerDuty's API never redirects: see that [pagerduty] api_url is https://api.pagerduty.com or https://api.eu.pagerduty.com, and that no proxy or sign-in page on the way answers in its place.
cause-do-limit = It goes on by itself. If it lasts, see which other programs use this key or account (a key of its own helps), or ask less often with [pagerduty] poll.
cause-do-server = The trouble is PagerDuty's: see status.pagerduty.com. It is tried again by itself.
cause-do-name = See that [pagerduty] api_url is spelt right and that this machine's DNS answers; it is tried again by itself.
cause-do-tls = See this machine's clock and its trusted certificates; a proxy that opens TLS on the way must have its authority trusted here. It is tried again by itself.
cause-do-private = If a private address is meant, put the address itself into [pagerduty] api_url; else see why this machine's DNS gives it.
cause-do-port = See that [pagerduty] api_url is right, and that no firewall or proxy refuses the connection; it is tried again by itself.
cause-do-reach = Let this machine reach the address directly: a proxy is not used, and a firewall may be in the way. It is tried again by itself.
cause-do-silent = See status.pagerduty.com, and whether a firewall or proxy on the way holds or cuts the connection. It is tried again by itself.
cause-do-garbled = Something else answers in PagerDuty's place: see that [pagerduty] api_url is right, and that no proxy or sign-in page on the way answers.
cause-do-other = It is tried again by itself. If it lasts, run arayashiki check on this machine: it asks the same and says what is wrong.
cause-do-elsewhere = Mend what the answer names, over there or in this server's configuration. It is asked again by itself; the rest goes on. arayashiki check asks the same and says what is wrong.
trouble-stale = The mirror is { $span } old: PagerDuty's log has not been read through since then.
trouble-stale-do = Webhooks still count. If it lasts, see whether the API answers and whether jobs are dead or waiting.
trouble-history = History of { $span } is not whole. { $why }
trouble-history-do = It is tried again by itself every few minutes. If it stays so, the dead jobs say why; once that is mended, arayashiki backfill --since { $date } fetches what is lacking.
trouble-sub-ok = Webhooks of subscription { $subscription } come; besides, PagerDuty is asked every { $every }.
trouble-sub-inactive = Somebody switched the webhooks of subscription { $subscription } off in PagerDuty. What happens is read from the log, up to { $every } late.
trouble-sub-given-up = PagerDuty switched the webhooks of subscription { $subscription } off. What happens is read from the log, up to { $every } late.
trouble-sub-deleted = Webhook subscription { $subscription } was deleted. What happens is read from the log, up to { $every } late.
trouble-sub-silent = Webhook subscription { $subscription } is silent, though PagerDuty's log goes on. What happens is read from the log, up to { $every } late.
now-notes = How the mirror is fed
notes-more = More

backfills-live = History of { $span }: { $told }
backfills-none = No history is being fetched
backfills-never = No history was asked for yet
backfills-about = History fills lists and figures; nothing in it makes anybody act. It uses at most half of what PagerDuty allows, the newest month comes first, and it may be asked for again without harm.
backfill-ask = Fetch history
backfill-from = From
backfill-to = Until
backfill-do = Fetch it
backfill-stop = Stop
backfill-only = Leaders and administrators who see all customers may ask for history.
backfill-no-token = Without an API token no history can be fetched: put one into [pagerduty] token.
backfill-list = What was asked for
backfill-span = { $since } – { $until }
backfill-asked-by = asked for by
backfill-waits = waits for its turn
backfill-runs = { $percent } %: { $incidents } incidents and { $entries } log entries so far, alerts of { $alerts } incidents to come
backfill-runs-left = { $percent } %: { $incidents } incidents and { $entries } log entries so far, alerts of { $alerts } incidents to come; about { $left } left
backfill-lacks = { $n ->
    [one] 1 part of it
   *[other] { $n } parts of it
} could not be fetched; the dead jobs say why.
backfill-calls = { $calls ->
    [one] 1 call of the API
   *[other] { $calls } calls of the API
}
backfill-state-waiting = Waiting
backfill-state-running = Running
backfill-state-done = Done
backfill-state-stopped = Stopped
backfill-notice-asked = It was asked for and begins by itself.
backfill-notice-already = The same days are being fetched already.
backfill-notice-stopped = It was stopped. What came in stays; asking again fetches the rest.
backfill-notice-dates = Nothing was asked for: give two dates, the first before the last, none in the future and none older than 20 years.
backfill-notice-many = Nothing was asked for: five are waiting or running. Wait, or stop one.
backfill-notice-token = Nothing was asked for: no API token is set.
act-backfill-ask = asked for history
act-backfill-stop = stopped fetching history
fault-server = { $whom } has trouble of its own{ $detail }
fault-forbidden = { $whom } does not allow this{ $detail }
fault-key = { $whom } refused the token{ $detail }
fault-limit = { $whom }'s rate limit is used up{ $detail }
fault-between = Something in between answered instead of { $whom }{ $detail }
fault-silent = { $whom } did not answer in time{ $detail }
fault-cut = The connection to { $whom } was cut{ $detail }
fault-reach = No connection to { $whom }{ $detail }
fault-garbled = { $whom }'s answer can't be read{ $detail }
conn-calendars = Calendars
conn-calendars-good = { $n ->
    [one] 1 calendar is read
   *[other] { $n } calendars are read
}; { $pushed ->
    [0] none
   *[other] { $pushed }
} by Google's own word as soon as something changes.
conn-calendars-first = Not all calendars have been read yet.
conn-calendars-unread = { $n ->
    [one] 1 calendar can't be read: { $which }
   *[other] { $n } calendars can't be read: { $which }
}
conn-calendars-partly = { $n ->
    [one] Not everything in 1 calendar can be read: { $which }
   *[other] Not everything in { $n } calendars can be read: { $which }
}
conn-calendars-partly-do = Nobody hears of what can't be read. Correct it in the calendar, as it is said below; it is read again by itself.
conn-calendars-refused = Google does not tell of changes in { $which }; { $n ->
    [one] it is
   *[other] they are
} asked all the same.
conn-calendars-refused-do = Mend what is said below and restart; it is tried again by itself as well. arayashiki check tells which address Google is given.
conn-calendars-address-do = Google tells of changes at https addresses alone: set [server] public_url to one to hear of them at once, or push = false.
calendar-push-feed = ICS address, asked from time to time
calendar-push-off = asked from time to time (push is off)
calendar-push-no-address = asked from time to time (no https address)
calendar-push-waits = asked from time to time; push is being set up
calendar-push-open = by push, though nothing has come yet,
calendar-push-works = by push
calendar-push-refused = asked from time to time; push is refused
calendar-push-until = until
calendar-push-heard = last told
calendar-read = read
calendar-part-unread = { $n ->
    [one] 1 thing in it could not be read as meant; correct it in the calendar: { $first }
   *[other] { $n } things in it could not be read as meant; correct them in the calendar. The first: { $first }
}
effect-open-channel = Ask Google to tell of a calendar's changes
effect-close-channel = End what Google tells of a calendar
effect-keep-window = Keep a maintenance window in PagerDuty
source-google-calendar = Google Calendar (push)
event-calendar-push = a calendar has changed
