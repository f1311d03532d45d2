signals-none = No signal has come in yet
signals-good = { $received ->
    [one] 1 signal received and read
   *[other] { $received } signals received, all of them read
}
signals-waiting = { $received } signals received; { $waiting ->
    [one] 1 waits
   *[other] { $waiting } wait
} to be read, none is lost
signals-dead = { $received } signals received; { $dead ->
    [one] 1 could
   *[other] { $dead } could
} not be read and { $dead ->
    [one] waits
   *[other] wait
} for a person
signals-empty = Every webhook and every answer of the API will stand here, as it came.
signals-empty-next = See whether PagerDuty reaches this address:
signals-none-so = No signal is in this state.
signals-see-all = All signals
signal-state-waiting = Waiting
signal-state-done = Read
signal-state-unreadable = Unreadable
signal-state-dead = Dead
signal-nameless = without a name
signal-title = Signal
signal-is-waiting = It is kept and waits to be read.
signal-is-done = It was read and told { $facts ->
    [0] nothing new
    [one] 1 fact
   *[other] { $facts } facts
}.
signal-is-read = It was read.
signal-is-unreadable = It is authentic, but nobody can read it. The bytes are kept.
signal-is-dead = Reading it failed for good. The bytes are kept; arayashiki replay inbox reads it again.
signal-why = Why:
signal-read = Read
signal-read-again = Read again
signal-read-again-what = By the same rules; what it told before repeats itself harmlessly.
signal-digest = SHA-256
signal-key = Key
signal-headers = Headers
signal-bytes = The bytes as they came
signal-refused = Raw signals may hold secrets and are sealed. Your role can't open them; ask an administrator.
signal-sealed = Raw signals may hold secrets and are sealed. Opening this one is written to the audit record with your name.
signal-open = Open and write it down
signal-opened = Opened by you; it stands in the audit record.
signal-no-text = These bytes are no text. In hex:
signal-laid-out = Laid out
signal-as-came = As it came
signal-left-out = { $n } more bytes are kept but not shown here.

jobs-quiet = No job waits and none is dead
jobs-waiting = { $waiting ->
    [one] 1 job waits for its turn
   *[other] { $waiting } jobs wait for their turn
}, none is dead
jobs-need-people = { $dead ->
    [0] No job is dead
    [one] 1 job is dead
   *[other] { $dead } jobs are dead
}, { $human ->
    [0] none waits
    [one] 1 waits
   *[other] { $human } wait
} for a person
jobs-tab-dead = Dead
jobs-tab-human = For a person
jobs-tab-waiting = Waiting
jobs-tab-skipped = Skipped
jobs-about-dead = Tried and failed for good. They are not tried again unless somebody says so.
jobs-about-human = Only a person can tell whether these happened.
jobs-about-waiting = Due now or later; they run by themselves.
jobs-about-running = Somebody is at work on these.
jobs-about-skipped = No longer wanted when their turn came, each with the reason.
jobs-about-done = Done.
jobs-empty-dead = No job is dead. A job comes here when its last try failed.
jobs-empty-human = Nothing waits for a person.
jobs-empty-waiting = Nothing waits.
jobs-empty-running = Nothing runs.
jobs-empty-skipped = Nothing was skipped.
jobs-empty-done = Nothing was done yet.
job-state-dead = Dead
job-state-human = For a person
job-state-waiting = Waiting
job-state-running = Running
job-state-skipped = Skipped
job-state-done = Done
job-due = due
job-spent = { $n ->
    [one] 1 try
   *[other] { $n } tries
} spent
job-attempts = Tries
job-took = after { $span }
job-happened = It happened
job-not-happened = It did not happen
job-settle-what = Look in PagerDuty first. Then it goes on: nothing is sent by this.
job-retry = Run again
job-retry-what = Puts it back in line once; what may have happened is looked up before anything is sent.
outcome-open = not known
outcome-done = done
outcome-later = later
outcome-never = can't work
outcome-unknown = not known
outcome-human = for a person
outcome-skipped = skipped
effect-read-incident = Read an incident
effect-list-incidents = Read a list of incidents
effect-list-log = Read the log
effect-list-reference = Read what is configured
effect-read-alerts = Read alerts
effect-look-at-subscriptions = Look at the webhook subscriptions
effect-look-at-token = Look at the API key
effect-look-at-scopes = Look at what the API key may read
effect-enable-subscription = Ask for webhooks to be switched on
effect-confirm = See whether a page became an incident
effect-note = Add a note in PagerDuty
effect-list-recent = Read the incidents of the last minutes
effect-authenticate = Ask SPF and DKIM about a mail
effect-fetch-mail = Fetch a mail from its bucket
effect-find-cause = Look for what kept an alert from PagerDuty
effect-tell = Post to Slack
effect-call-out = Page somebody by the second path
effect-merge = Merge incidents in PagerDuty
effect-send-canary = Send a test of a route
effect-page = Page through PagerDuty
effect-settle = Resolve in PagerDuty
why-poll = it is time to look again
why-mirror = something new was heard about it
why-gap = webhooks were missing in this time: the log is read again
why-backfill = a backfill goes through the history
why-alerts = its alerts belong to the history
why-link-note = a new incident gets the address of its page
why-webhook-guard = PagerDuty switched the webhook subscription off
why-confirm = a page that was accepted must become an incident
why-act = { $name } asked for it
queue-live = live queue
queue-read = read queue
queue-bulk = bulk queue
