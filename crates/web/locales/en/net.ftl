# The safety net: alert mails, the ledger, decisions.
nav-net = Safety net
net-tab-mails = Mails
net-tab-ledger = Ledger
net-tab-monitors = Monitors and settings
net-tab-outages = PagerDuty outages
net-tab-try = Try a mail
net-tab-lacking = Without an incident
outage-banner = PagerDuty has not done its work for { $span }. See how it goes

net-answer = { $first }; { $second }
net-never = No alert mail has ever come
net-none-lacks = Every alert has its incident
net-lacking = { $n ->
    [one] 1 alert lacks an incident, since { $oldest }
   *[other] { $n } alerts lack an incident, the oldest since { $oldest }
}
net-only-registered = { $n ->
    [one] Every alert has its incident, 1 of them only because we registered it
   *[other] Every alert has its incident, { $n } of them only because we registered them
}
net-registered-too = { $n ->
    [one] 1 more has an incident only because we registered it: the setting that kept it from PagerDuty is still to be mended.
   *[other] { $n } more have an incident only because we registered them: the settings that kept them from PagerDuty are still to be mended.
}
net-today-good = { $mails ->
    [one] 1 mail today, accounted for
   *[other] { $mails } mails today, every one accounted for
}
net-today-none = no mail yet today
net-today-waiting = { $mails } mails today, { $waiting } of them being read
net-today-off = today's ledger does not balance: { $mails } mails received, { $entries } accounted for (difference { $difference })
net-mode-observe = The mode is observe: nothing is posted and nothing is registered; what would be done is only shown. Set [safety_net] mode to post to be told, to page to have it registered as well.
net-mode-post = The mode is post: an alert without an incident is told in Slack and not registered in PagerDuty. Set [safety_net] mode to page to have it registered.
net-never-what = Every alert mail of your monitors will stand here, balanced by its incident in PagerDuty or told to be missing.
net-never-door = No door for mail is open. Set one of [mail.smtp], [mail.imap] or [mail.ses]: docs/guide/safety-net.md shows how.
net-never-send = A door for mail is open. Let your monitors send to its address as well.
net-doors = Doors for mail

ledger-expected = awaited
ledger-matched = matched
ledger-matched-late = matched late
ledger-joined = joined
ledger-recovery = recovery
ledger-suppressed = held back
ledger-not-an-alert = not an alert
ledger-missing = missing
ledger-registered = registered
ledger-unreadable = unreadable
ledger-unreadable-registered = unreadable, registered
ledger-baseline = from before
ledger-canary = canary
mail-state-problem = problem
mail-state-recovery = recovery
mail-state-update = update
mail-state-notice = notice
mail-state-unknown = unknown
mail-what = { $state }, { $severity }
trust-trusted = proven
trust-untrusted = not proven
trust-waiting = being asked

col-ledger = Ledger
col-mail = Mail
col-monitor = Monitor
col-host = Host
col-check = Check
col-about = About
col-mail-state = Says
col-why = Why
col-trust = Sender
mails-text-what = words in subject, host, check or sender
mails-csv = Download as CSV
mails-found = { $n ->
    [one] 1 mail
   *[other] { $n } mails
}
mails-found-many = { $n } mails or more
mails-none-so = No mail is so.
mails-none-lacks = No alert lacks an incident.
mails-see-all = See all mails
mail-no-subject = (no subject)

mail-is-expected = Its incident is awaited.
mail-is-matched = PagerDuty has its incident.
mail-is-matched-late = PagerDuty has its incident; it came after this mail had been found missing.
mail-is-joined = Its alert has an incident already.
mail-is-recovery = The monitor says that the alert is over.
mail-is-suppressed = Held back on purpose: no incident is meant to be.
mail-is-no-alert = Not an alert: no incident is needed.
mail-is-missing = PagerDuty has no incident for this alert.
mail-is-registered = PagerDuty had no incident for this alert, so we registered it. Somebody is assigned.
mail-is-unreadable = Nobody can read it, so it counts as an alert; PagerDuty has no incident for it.
mail-is-unreadable-registered = Nobody can read it, so it counts as an alert, and we registered it.
mail-is-baseline = It is from before we began and is not judged.
mail-is-canary = Our own test of a route.
mail-why = Why:
mail-score = likeness { $score }
mail-incident = Incident:
mail-judged = judged
mail-step-asked = It is being registered in PagerDuty; we look until its incident is seen.
mail-step-unseen = { $tries ->
    [one] PagerDuty took the registration and shows no incident. It is sent again by itself.
   *[other] PagerDuty took the registration { $tries } times and shows no incident. It is sent again by itself.
}
mail-step-seen = Its registration has been seen in PagerDuty.
mail-step-over = It is over by now. Only the setting is left to mend.
mail-step-observe = It is not registered: the mode is observe. Look at the host; register it if somebody must act.
mail-step-post = It is not registered: the mode is post. Look at the host; register it if somebody must act.
mail-step-untrusted = It is not registered: its sender is not proven. Look at the host; register it if somebody must act.
mail-step-none = It is not registered. Look at the host; register it if somebody must act.
mail-cause = Likely cause
mail-open-settings = Open settings

mail-decide = Decide
mail-may-not = Your role can't decide about mails. Ask a responder or a leader.
mail-nothing-left = Nothing is left to decide about this mail.
mail-do-register = Register in PagerDuty
mail-what-register = Opens an incident on the "unconfigured" service, which pages whoever is on call.
mail-open-no-alert = Not an alert
mail-what-no-alert = Writes down that this mail needs no incident; one that we registered is resolved in PagerDuty. "Never an alert" does the same to every later mail of this alert; Monitors and settings ends that.
mail-do-no-alert = This one is not an alert
mail-do-no-alert-always = Never an alert
mail-open-hold-back = Hold back
mail-what-hold-back = Every later mail of this alert is held back as known; an incident that we registered is resolved in PagerDuty. Monitors and settings ends that.
mail-do-hold-back = Hold back from now on
mail-done-register = Registering it has begun: a few seconds.
mail-done-not-an-alert = "Not an alert" is being written down: a few seconds.
mail-done-hold-back = Holding back is being written down: a few seconds.

mail-text = Text
mail-others = Other mails of this alert
mail-others-none = There are none.
alert-lasts-since = Lasts since
alert-over-at = Over at
alert-mails = { $n ->
    [one] 1 mail in all
   *[other] { $n } mails in all
}
mail-calls = Calls by the second path
call-answered = answered by { $by }
call-ended = over before anybody answered
call-sending = being sent
call-waits = waits for an answer
call-unanswered = not answered
call-level = level { $n }
call-asked = called
mail-facts = What was read
mail-happened = Happened
mail-reader = Read as
mail-title = Title
mail-key = Same alert by
mail-names = PagerDuty may call it
mail-notes = What was broken
mail-registered = Our registration
registration-asked = under way
registration-seen = its incident was seen
registration-unseen = no incident was seen
registration-none = over
registered-asked = Told
registered-tries = { $n ->
    [one] once
   *[other] { $n } times
}
registered-seen = Seen
mail-way = How it came
mail-door = Door
mail-from = From
mail-to = To
mail-recipients = Delivered to
mail-peer = Handed over by (IP address)
mail-message-id = Message-ID
mail-original = The original
mail-sealed = The original may hold secrets, so it is sealed. Opening it is written into the audit with your name.
mail-download = Download and have it written down (.eml)
mail-as-text = Shown as plain text: no HTML and no attachment is opened.
source-mail-smtp = mail by SMTP
source-mail-lmtp = mail by LMTP
source-mail-imap = mail by IMAP
source-mail-ses = mail by Amazon SES
source-sns = Amazon SNS
source-desk = decisions made here
source-mail-check = checks of senders

reason-grace = its incident is awaited until { $until }
reason-asked = PagerDuty is being asked
reason-same-key = PagerDuty's alert has the same key ({ $key })
reason-same-reading = PagerDuty's alert was made from the same mail
reason-same-title = the same title and host
reason-similar = PagerDuty's alert names this host and check
reason-is-open = its alert has an open incident
reason-is-registered = we registered it before, and that is open
reason-in-storm = part of a storm that has one incident
reason-rule = rule: { $rule }
reason-held-back = held back by the rule: { $rule }
reason-person = { $name } said so
reason-window = maintenance: { $name }
reason-suppressed-there = the alert is suppressed in PagerDuty
reason-orchestration = event orchestration rule: { $rule }
reason-over = the monitor says that it is over
reason-over-untrusted = says that it is over, and its sender is not proven, so nothing is resolved ({ $why })
reason-news = news that ask for nothing
reason-nothing = PagerDuty was asked and has no such alert
reason-blind = PagerDuty could not be asked ({ $why })
reason-recovered = it was over before it could be registered
reason-capped = this sender's cap is reached ({ $most } an hour)
reason-baseline = it lay there before we began
reason-canary = a test of a route
blind-no-token = no API token is set
blind-late = it did not answer in time
own-rule-ours = our own mail
own-rule-loop = a mail loop, it passed more than 30 relays
own-rule-report = a delivery or disposition report
own-rule-bounce = a bounce
own-rule-reply = an automatic reply
own-rule-pagerduty = PagerDuty's own notification
own-rule-null = sent by the null sender
own-rule-sns = Amazon SNS asks to confirm a subscription (open its link if you want the topic's mails)
trust-why-and = ;{" "}
trust-why-no-monitor = no configured monitor is this mail's
trust-why-no-rule = the monitor { $monitor } has no sender rule
trust-why-secret = it was sent to the monitor's secret address
trust-why-not-secret = it was not sent to the secret address
trust-why-no-recipient = its recipient is not known, so the secret address can't be judged (delivered to that, it would be believed)
trust-why-source = { $peer } handed it over, which is in { $network }
trust-why-not-source = { $peer } is in none of the sources
trust-why-no-peer = nobody knows the address that handed it over
trust-why-spf = SPF allows it for { $domain }
trust-why-dkim = it is signed by { $domain } (DKIM)
trust-why-neither = neither SPF nor DKIM holds for a domain of the rule
trust-why-waits = SPF and DKIM have not been asked yet
trust-why-dns = DNS did not answer all
trust-why-dns-late = DNS did not answer in time
mail-note-charset = the charset is called { $label }; the text was read as { $found }
mail-note-reader = the monitor { $monitor } is to be read by { $wanted }, which can't read this mail; { $by } did
mail-note-time = { $what } lies more than a day after the mail came; it was left out
mail-note-long = the text is longer than 64 KiB; the rest is not shown
mail-note-answer = the mail answers another and quotes its alert; it counts as news of that alert
mail-note-blank = blank lines above the headers were left out
mail-note-headers = the headers are longer than 512 KiB; the rest was not read as headers
mail-note-no-blank = there is no blank line between the headers and the body
mail-note-nameless = a header line without a name was taken as a part of the header above
mail-note-parts = the mail has more parts than anybody needs; the rest was left out
mail-note-boundary = the mail's boundary does not stand in its body; it was read as one text
mail-note-nul = the mail has NUL bytes; they were left out
mail-note-no-text = the mail has no text, only parts of other kinds
mail-note-base64 = a part has letters that are not base64; they were left out
netchange-status = status: { $before } → { $after }
service-active = active
service-disabled = disabled
service-maintenance = in maintenance
netcause-and = { $what } { $changed }
netcause-changed = Last changed by { $by }.
netcause-changed-at = Last changed by { $by }, { $at }.
netcause-service-disabled = The service { $name } is disabled: enable it. { $detail }
netcause-maintenance = A maintenance window goes on: { $name }.
netcause-service-gone = PagerDuty has no service { $name }, which the configuration names: mend the name or make the service again.
netcause-integration-gone = The service { $name } has no integration for this monitor: if it was deleted, make it again.
netcause-address-unknown = { $detail } is no address of any integration of { $name }: mend the address in the monitor.
netcause-mail-filter = The mail filter of the integration { $name } throws this mail away.
netcause-mail-parser = The integration { $name } throws away mails that none of its parsing rules matches.
netcause-orchestration-drops = The event orchestration rule { $name } drops it.
netcause-orchestration-suppresses = The event orchestration rule { $name } suppresses it.
netcause-orchestration-pauses = The event orchestration rule { $name } pauses it.
netcause-orchestration-unclear = Event orchestration can't be ruled out: look at its rules. { $name }
netcause-grouped = Alerts of { $name } are grouped ({ $detail }): it may have joined another incident.
netcause-auto-pause = { $name } pauses notifications by itself ({ $detail }).
netcause-rate-limit = PagerDuty's rate limit was passed (about 120 events a minute and key).
netcause-events-rejected = PagerDuty rejects events: { $detail }
netcause-not-answering = PagerDuty does not answer: { $detail }
netcause-no-service = No service is named for this monitor or host: write it into [[mail.monitor]] or [[mail.service]].
netcause-nobody-on-call = Nobody is on call for { $name }.
netcause-webhook-lost = Webhooks of PagerDuty's are missing: see Connections.
netcause-poll-dead = Our reading of PagerDuty stands still since { $detail }: see Connections.
netcause-nothing-found = Nothing in PagerDuty's settings explains it: look whether the monitor sends to PagerDuty at all.

outage-lasts = PagerDuty has not done its work for { $span }; { $n ->
    [0] no registration waits for it
    [one] 1 alert waits to be registered, none is lost
   *[other] { $n } alerts wait to be registered, none is lost
}
outage-returns = PagerDuty seems to be back after { $span }; { $n ->
    [0] no registration waits for it
    [one] 1 alert waits to be registered, none is lost
   *[other] { $n } alerts wait to be registered, none is lost
}
outage-quiet = Nothing speaks against it since { $since }; the outage is over at { $over } if it stays so.
outage-none = PagerDuty does its work
outage-signs = Something speaks against PagerDuty; it is not held to be out yet
outage-unjudged = Nobody judges PagerDuty: neither an API token nor a routing key is set
outage-known-by = How we know
outage-known-before = What spoke against it
outage-who = Who can act
outage-on-call = On call by the schedule that was read last: { $who }
outage-on-call-unknown = Who is on call is not known here.
outage-path = What can't be registered in PagerDuty goes to people directly, by the second path. It is registered when PagerDuty is back.
outage-no-path = No second path is set: while PagerDuty is out, call whoever is on call. What waits is registered when it is back.
outage-waiting = { $n ->
    [one] See the alert that waits to be registered
   *[other] See the { $n } alerts that wait to be registered
}
outage-unregistered = { $n ->
    [one] 1 alert lacks an incident and is not registered: its sender is not proven, or it is over by now.
   *[other] { $n } alerts lack an incident and are not registered: their senders are not proven, or they are over by now.
}
outage-unregistered-observe = { $n ->
    [one] 1 alert lacks an incident and is not registered: the mode is observe.
   *[other] { $n } alerts lack an incident and are not registered: the mode is observe.
}
outage-unregistered-post = { $n ->
    [one] 1 alert lacks an incident and is not registered: the mode is post.
   *[other] { $n } alerts lack an incident and are not registered: the mode is post.
}
outage-unregistered-see = Look at each of them
outage-past = Earlier outages
outage-past-none = None yet. Times at which PagerDuty did not do its work will stand here, with what became of the alerts meanwhile.
outage-took = for { $span }
outage-report = { $problems } alert mails meanwhile: { $matched } had an incident, { $registered } were registered by us and would have been lost, { $recovered } were over before, { $lacking } still lack one, { $aside } were no alerts or held back.
outage-report-calls = { $calls ->
    [one] 1 person was paged directly meanwhile (second path)
   *[other] People were paged directly { $calls } times meanwhile (second path)
}; { $answered ->
    [0] nobody answered.
   *[other] { $answered } of { $calls } answered.
}
outage-report-no-calls = Nobody was paged directly meanwhile (second path).
outage-report-good = every one accounted for
outage-report-off = the sums do not balance
outage-report-lacking = { $n } of them still lack an incident
calls-none = None yet. Whom we called when PagerDuty could not, and who answered, will stand here.
evidence-events = Events: failing since { $since }. { $why }
evidence-rest = API: no answer since { $since }. { $why }
evidence-unseen = Taken by PagerDuty and no incident within a minute: { $n }
evidence-silent = Webhooks: missing since { $since }.
evidence-events-was = Events: failed from { $since }. { $why }
evidence-rest-was = API: no answer from { $since }. { $why }
evidence-silent-was = Webhooks: missing from { $since }.
evidence-canary = Test of a route: lost at { $at }.
answer-title = A call
answer-open = This call is for { $person }. Nobody has answered yet.
answer-yours = You answered ({ $at }). Nobody else is called any more.
answer-taken = { $by } answered first ({ $at }). There is nothing left for you to do.
answer-over = It is over. There is nothing left for you to do.
answer-what = Says that you take it and stops the calls to others. It changes nothing in PagerDuty.
answer-do = I take it
answer-for = What it is for
answer-more = and { $n } more
answer-see-mail = The alert's page (you may have to sign in)
answer-outage = PagerDuty has not done its work for { $span }, so you are called directly.
answer-outage-see = See how it goes
answer-next = What to do next
answer-next-press = Press "I take it" if you do: nobody else is called then. If you can't, do nothing, and the next level is called.
answer-next-look = Look at the host, and do what the alert asks for.
answer-next-cause = The alert's page says why PagerDuty has no incident for it; mend that setting afterwards.
answer-next-outage = There is nothing to do for PagerDuty: it is told when it is back, and shows an incident then.
answer-next-unseen = Its registration in PagerDuty goes on by itself; acknowledge the incident there when it comes.

act-mail-register = had a mail registered in PagerDuty
act-mail-not-an-alert = said that a mail is no alert
act-mail-hold-back = had mails of an alert held back
act-mail-rule-end = ended a rule about mails
act-mails-export = downloaded mails as CSV
act-mend-accept = accepted a setting as it is
act-mend-take-back = took back that a setting is accepted
act-route-test = tested a route
act-callout-answer = answered a call of the second path

ledger-none-closed = { $today }; no day is closed yet, the first is closed at { $first }
ledger-good = Every closed day balances; { $today }
ledger-off = { $n ->
    [one] 1 closed day does not balance; { $today }
   *[other] { $n } closed days do not balance; { $today }
}
ledger-own = { $n ->
    [one] 1 mail of today is yours to see
   *[other] { $n } mails of today are yours to see
}
ledger-own-what = The receivers count the mails of all customers together: whoever sees all customers sees the balance.
ledger-today = Today, as it is now
ledger-days = Closed days
ledger-days-what = Numbers are as of the closing. A mail that was judged anew since then stands in the lists as it is now.
ledger-days-none = None yet. A day is closed a quarter of an hour after its end.
ledger-day-empty = no mails
ledger-day-good = { $received } received − { $duplicates } repeats = { $entries } accounted for
ledger-day-waiting = { $received } received − { $duplicates } repeats − { $waiting } being read = { $entries } accounted for
ledger-day-off = Does not balance: { $received } received − { $duplicates } repeats − { $waiting } being read, and { $entries } accounted for (difference { $difference }). Look for signals in the state dead

mend-none = Nothing is to be mended
mend-some = { $n ->
    [one] 1 setting is to be mended
   *[other] { $n } settings are to be mended
}
mend-some-accepted = { $n ->
    [one] 1 setting is to be mended, { $accepted } more are accepted as they are
   *[other] { $n } settings are to be mended, { $accepted } more are accepted as they are
}
mend-all-accepted = { $n ->
    [one] Nothing is to be mended; 1 setting is accepted as it is
   *[other] Nothing is to be mended; { $n } settings are accepted as they are
}
monitors-none = No monitor yet
mend-title = Settings to mend
mend-open = open
mend-accepted = accepted
mend-accepted-by = Accepted by { $by }, { $at }
mend-accept = Accept as it is
mend-take-back = Take back
mend-silent = { $name } is silent since { $since }; by its rhythm about { $expected } mails should have come.
mend-silent-do = Look at the monitor itself and at the way of its mails.
mend-unproven = Nothing proves who sends for { $name }.
mend-never-proven = None of the last { $mails } mails of { $name } (7 days) could be proven, most often because: { $why }.
mend-never-proven-do = Its recoveries resolve nothing. Open one of its mails and compare its recipient, peer and signature with the sender rule of its [[mail.monitor]] (secret_recipient, sources, spf, dkim): mend the rule, or the way that the monitor sends by.
mend-unproven-do = Its recoveries resolve nothing. Give its [[mail.monitor]] a secret recipient, sources, spf or dkim.
mend-unconfigured = { $name } sends, and no [[mail.monitor]] names it.
mend-unconfigured-do = Name it with its service and sender: verdicts get surer, and its recoveries count.
mend-never-sent = { $name } never sent a mail.
mend-never-sent-do = Look whether our address is among the monitor's recipients.
mend-only-mails = { $name } sent { $mails } mails, and no alert of PagerDuty's ever stood against one.
mend-only-mails-do = It may not send to PagerDuty at all: let it, or make a rule if its mails are no alerts.
mend-never-fired = PagerDuty's service { $name } has had no incident since { $since }.
mend-never-fired-do = Look whether its monitor still sends; disable it in PagerDuty if nobody uses it.
monitors-title = Monitors
monitors-what = Counted over the last 91 days.
monitors-none-what = Monitors that sent mail, and those that [[mail.monitor]] names, will stand here.
monitor-sends = sends
monitor-silent = silent
monitor-never = never sent
monitor-unconfigured = not configured
monitor-unproven = can't be proven
monitor-proven = can be proven
monitor-not-proven = { $n } of the last { $of } not proven (7 days): { $why }
monitor-mails = Mails
monitor-matched = Matched
monitor-last = Last
rules-title = Rules that people made
rules-none = None yet. "Never an alert" and "Hold back from now on" on a mail's page make one.
rule-end = End this rule
rule-ends = The rule is being ended: a few seconds.

try-title = See what would be read in a mail, and what would happen
try-what = Paste an alert mail (.eml) or choose its file. It is judged by the present settings and the mirror as it is now. Nothing is kept and nothing is sent.
try-nothing-kept = Tried with the present settings and the mirror as it is now. Nothing was kept.
try-empty = There is no mail. Choose a file, or paste one from its headers to its end.
try-too-large = The mail is too large (1 MiB at most). Try it without its attachments.
try-would-match = It would be matched: PagerDuty has its alert
try-would-show = If no incident comes, it would be shown as missing and no more (the mode is observe)
try-would-post = If no incident comes, Slack would be told; it would not be registered
try-would-page = If no incident comes, it would be registered in PagerDuty, which pages whoever is on call
try-would-stand = In the ledger it would stand as: { $ledger }
try-after-grace = the mirror has no such alert now; it is judged { $span } after it came
try-form = The mail
try-file = File (.eml)
try-text = Or paste it, from its headers to its end
try-from = Sender (MAIL FROM; <> for the null sender)
try-envelope = How it is handed over may be left empty. It tells which monitor a mail is of and whether its sender is proven.
try-do = Try it

trouble-outage = PagerDuty does not do its work; { $n ->
    [0] no registration waits for it.
    [one] 1 alert waits to be registered.
   *[other] { $n } alerts wait to be registered.
}
trouble-outage-do = See how we know, who is on call and whom the second path called. What waits is registered when PagerDuty is back.
trouble-missing = { $n ->
    [one] 1 alert lacks an incident in PagerDuty.
   *[other] { $n } alerts lack an incident in PagerDuty.
}
trouble-missing-do = Look at the hosts; register what somebody must act on. Each mail's page names the setting to mend.
trouble-unbalanced = The ledger of { $day } does not balance (difference { $difference }).
trouble-unbalanced-do = Another number of mails was received than is accounted for: look at the day in the ledger, and for signals in the state dead.

conn-doors-none = No door for mail is open.
conn-doors-closed = No door for mail is open. What came earlier is kept.
conn-doors-good = { $n ->
    [one] 1 door is open.
   *[other] { $n } doors are open.
}
door-open = open
door-closed = closed
conn-routes = Tests of routes (canaries)
conn-routes-none = No route is set that could be tested.
conn-routes-none-do = With routing_key in a [[mail.monitor]] the way from a mail through PagerDuty and back is tested from time to time.
conn-routes-lost = The last test was lost on: { $which }
conn-routes-lost-do = Real alerts may be lost on this route as well. Look at the settings where it broke off, then test it again.
conn-routes-good = The last test of every route came through.
conn-routes-untested = { $n ->
    [one] 1 route was never tested.
   *[other] { $n } routes were never tested.
}
conn-routes-under-way = { $n ->
    [one] 1 test is under way.
   *[other] { $n } tests are under way.
}
conn-routes-barred = { $n ->
    [one] 1 route can't be tested.
   *[other] { $n } routes can't be tested.
}
conn-routes-barred-do = Beside each stands what is missing.
route-lacks-relay = No test can be sent, because no mail can go out: set host and from of [mail.relay], then restart.
route-lacks-key = No test can be sent, because no integration key is set: set routing_key of this [[mail.monitor]], or [pagerduty] unconfigured_routing_key, then restart.
canary-never = never tested
canary-lost = lost: { $where }
canary-under-way = under way for { $span }
canary-through = came through in { $took }
canary-way = The last { $n } took { $p50 } or less for every second one, { $p99 } or less for 99 of 100
canary-step-mailed = sent after { $took }
canary-step-received = to our door { $took }
canary-step-accepted = until PagerDuty took it { $took }
canary-step-heard = back here { $took }
lost-relay = the relay did not take its mail
lost-door = its mail never came to our door
lost-event = PagerDuty did not take its event
lost-mirror = its incident never came back
route-test = Test this route now
route-test-what = Sends a test alert of low urgency, looks whether it comes through, and resolves it by itself. No list and no figure has it.
route-test-done = The test has begun. What becomes of it stands here within minutes.
conn-out = Posts and the second path
conn-out-good = Nothing is wrong with the ways by which people are told.
conn-out-none = Neither posts to Slack nor a second path are set.
conn-out-none-do = An alert without an incident is told on these pages alone. docs/guide/safety-net.md shows how to set them.
conn-out-away = { $way } does not answer.
way-slack = Posts to Slack
way-webhook = Second path: webhook
way-mail = Second path: mail
way-sms = Second path: SMS
way-out-set = set
way-out-none = not set

incident-mails = Alert mails that this incident stands against
incident-mails-more = The latest { $n } are shown.

incident-registered-for = Registered by Arayashiki, because PagerDuty had no incident for this mail:
incident-registered-all = All mails of it
incident-registered = Registered by Arayashiki; PagerDuty had no such incident of its own.
registered-late = The original came late:
registered-late-merged = Ours was put into it.
registered-late-settled = Ours was resolved.
mails-storm = Storm of { $monitor }: { $n } mails
mails-storm-span = from { $first } to { $last }
demo-line = This is the demo: everything is simulated.
demo-see = What to look at now
demo-title = The demo: what to look at
demo-what = The account, its monitors and this night are simulated, and this goes round every ten minutes or so, counted from the start. All times are short, so that you need not wait.
demo-missing-when = from the 1st minute
demo-missing = A backup failed (backup01), and PagerDuty took the event and made nothing of it: somebody had switched the service off. Open the mail: it names the setting, who changed it and when, and the incident that Arayashiki registered instead.
demo-missing-see = The mail of backup01
demo-storm-when = from the 2nd minute
demo-storm = A switch fails, and 40 hosts behind it; their monitor never told PagerDuty. One incident stands for all of them, not forty.
demo-storm-see = The mails of the storm
demo-japanese-when = all the time
demo-japanese = Mails in Japanese, in the old ISO-2022-JP as well, are read: host, check, state and severity. Each that has its incident in PagerDuty stands as matched.
demo-japanese-see = The mails of zabbix-hoshino
demo-outage-when = from the 3rd minute
demo-outage = PagerDuty rejects everything for 75 seconds. Arayashiki notices, pages people directly by the second path, registers what waited when PagerDuty is back, and reports three quiet minutes later what it came to.
demo-outage-see = PagerDuty outages
demo-ledger-when = all the time
demo-ledger = Every mail that was received stands in the ledger in one place; the weekly report stands there as no alert.
demo-ledger-see = The ledger
