# Tickets and calendars: what is watched, what people were called for, who has it, what ended it.
nav-tickets = Tickets
nav-calendar = Calendar
col-ticket = Ticket
col-event = Event
col-space = Space
col-project = Project
col-calendar = Calendar
col-changed = Changed
col-begins = Begins
col-read = Read
col-rule = Rule
col-how = How it is read
col-for = What for

watch-called = called, nobody has it
watch-observed = would call (observing)
watch-taken = taken
watch-ended = ended
watch-would = would have called
watch-watched = watched
watch-says-called = People have been called for it, and nobody has taken it.
watch-says-observed = People would be called for it. The mode is observe, so nobody was.
watch-says-taken = Somebody has taken it.
watch-says-ended = What people were called for is over.
watch-says-would = Nobody was called for it. What would have been, and why it was not, stands below.
watch-says-watched = It is watched. No rule has called anybody for it.

tickets-never = No ticket has been read yet
tickets-never-what = Tickets of Backlog will stand here: which are watched, for which people were called and why, who has them, what ended it.
tickets-never-space = No space of Backlog is configured. Add [[backlog.space]] and a rule, as docs/guide/tickets.md shows.
tickets-never-reading = A space is configured; its tickets are being read for the first time. If they do not come within a minute, see
tickets-none-open = No ticket is open
tickets-quiet = { $open ->
    [one] 1 open ticket is watched
   *[other] { $open } open tickets are watched
}; none waits for somebody to take it
tickets-called = { $n ->
    [one] For 1 ticket people have been called for { $oldest }; nobody has taken it
   *[other] For { $n } tickets people have been called, the oldest for { $oldest }; nobody has taken them
}
tickets-mode-observe = The mode is observe: nobody is told and nobody is called; what would be done is only shown. Set [backlog] mode to post to have it told in Slack, to page to have people called as well.
tickets-mode-post = The mode is post: people are told in Slack, and nobody is called through PagerDuty. Set [backlog] mode to page to have them called.
tickets-open = Open
tickets-called-now = People are called for these
tickets-others = Other open tickets
tickets-would-what = What was so before we first looked, or was over when we saw it, calls nobody. This is what would have been called for.
tickets-none-so = No ticket matches.
tickets-none-would = Nothing was passed over: no open ticket of the first look would have called anybody.
tickets-places = Where tickets are watched
tickets-text-what = words in key, title and assignee
place-hears = at once, by webhook
place-asks = asked every so often
place-off = not configured any more

ticket-waits = If nobody answers, people are called { $at } (rule { $rule }).
ticket-gone = deleted in Backlog
ticket-do = Open the ticket and answer it, or give it to somebody. Acknowledging its incident in PagerDuty takes it as well.
ticket-open = Open in Backlog
ticket-raised = What people were called for
ticket-raised-none = No rule has called anybody for this ticket.
ticket-history = What happened on it
ticket-history-none = Its history has not been read.
ticket-status = Status
ticket-assignee = Assignee
ticket-kind = Type
ticket-categories = Categories
ticket-created = Created
ticket-raw = As it was read
ticket-raw-see = the signal with its bytes

raised-would = Not called: { $why }
raised-ended = Over: { $what }
raised-taken = Taken by { $by }
raised-over = Over
raised-observed = Nobody was called (observing)
raised-open = Nobody has taken it
raised-lasted = after { $span }

called-told = Told in Slack ({ $channel })
called-telling = Being posted to Slack ({ $channel })
called-told-trouble = Not posted to Slack ({ $channel }): { $why }
called-told-observe = Not told in Slack (observing)
called-told-nowhere = Not told in Slack: no channel is set
called-paged = paged:
called-paged-unseen = sent to PagerDuty, its incident has not been seen yet
called-not-paged-post = not paged (mode post)
called-not-paged-observe = not paged (observing)
called-reminds = Reminds again { $at } unless somebody acts.

happening-by = { $by }: { $did }
happening-created = created the ticket
happening-commented = wrote a comment
happening-assigned = assigned it to { $to }
happening-unassigned = took the assignee away
happening-status = set it from { $from } to { $to }
happening-other = set { $field } to { $to }
happening-cleared = cleared { $field }
happening-calls = called people
happening-ends = ended that
side-ours = our side
side-customer = customer's side
side-tool = Arayashiki
ticket-field-summary = the title
ticket-field-description = the text
ticket-field-component = the category
ticket-field-version = the version
ticket-field-milestone = the milestone
ticket-field-issueType = the type
ticket-field-startDate = the start date
ticket-field-limitDate = the due date
ticket-field-estimatedHours = the estimate
ticket-field-actualHours = the hours spent
ticket-field-parentIssue = the parent
ticket-field-priority = the priority
ticket-field-resolution = the resolution
ticket-field-attachment = an attachment
ticket-field-notification = the notified people
ticket-field-commit = a commit

standing-told = due, nobody has it
standing-observed = due (observing)
standing-taken = taken
standing-served = done
standing-unserved = not done
standing-planned = to come
standing-baseline = from before
standing-window = maintenance
standing-window-over = maintenance, over
standing-cancelled = cancelled
standing-not-chosen = not chosen
standing-says-told = Its time has come, people were told, and nobody has taken it.
standing-says-observed = Its time has come. The mode is observe, so nobody was told.
standing-says-taken = Somebody has taken it; it is done when its incident is resolved or "Done" is pressed.
standing-says-served = Somebody did it.
standing-says-unserved = It ended and nobody acted.
standing-says-planned = People will hear of it when it is time.
standing-says-baseline = It had begun before we first looked at this calendar, so nobody was told.
standing-says-window = Services are worked on, or are about to be.
standing-says-window-over = The maintenance is over.
standing-says-cancelled = It was cancelled or deleted.
standing-says-not-chosen = No rule chooses it, so nobody hears of it.

calendar-never = No calendar is configured
calendar-never-what = Promises with a time will stand here: when people hear of each, who took it, who did it and after how long, and what nobody did.
calendar-never-do = Add [[calendar]] and [[calendar.rule]] to the configuration, as docs/guide/calendar.md shows.
calendar-unread = { $n ->
    [one] A calendar can't be read just now: what is new in it is not known
   *[other] { $n } calendars can't be read just now: what is new in them is not known
}
calendar-no-rules = Calendars are read, and no rule chooses anything of them
calendar-quiet = Everything that is due has somebody
calendar-due = { $n ->
    [one] 1 promise has been due for { $oldest }; nobody has taken it
   *[other] { $n } promises are due, the oldest for { $oldest }; nobody has taken them
}
calendar-next = Next: { $title }, in { $span }.
calendar-mode-observe = The mode is observe: nobody hears of anything; what would be told is only shown. Set [google_calendar] mode to post to have it told in Slack, to page to have people called as well.
calendar-mode-post = The mode is post: people are told in Slack, and nobody is called through PagerDuty. Set [google_calendar] mode to page to have them called.
calendar-tab-coming = To come
calendar-tab-over = Over
calendar-tab-all-coming = All to come
calendar-tab-all-over = All that are over
calendar-due-now = Their time has come
calendar-none-so = No event matches.
calendar-none-over = No event that a rule chooses is over yet.
calendar-none-coming = No event that a rule chooses is to come.
calendar-see-all = See all events
calendar-text-what = words in the title
calendar-calendars = Calendars
calendar-how-push = at once, when Google tells of a change
calendar-how-poll = asked every so often
calendar-how-feed = ICS feed, asked every so often
calendar-reads-events = promises
calendar-reads-leave = leave
calendar-reads-holidays = holidays

event-no-title = (no title)
event-no-text = The event has no text.
event-due = People hear of it { $due }
event-due-early = Posted { $early }, then people hear of it { $due }
event-told-since = People were told { $span } ago
event-taken = Taken by { $by } after { $after }
event-window-due = A maintenance window is opened { $due }
event-window-open = PagerDuty pages nobody meanwhile for { $services }
event-window-coming = PagerDuty will page nobody meanwhile for { $services }
event-window-observed = PagerDuty is not told (by its mode); it is about { $services }
event-found-late = It was found after its end, so nobody was told. See below how the calendar is read.
event-baseline = Nobody was told: it had begun before we first looked
event-end-closed = resolved in PagerDuty by { $by }
event-end-done = done, says { $by }
event-end-cancelled = cancelled
event-end-moved = moved to { $to }
event-end-not-chosen = changed, and no rule chooses it any more
event-end-unserved = it ended and nobody acted
event-end-lost = what was known of it was lost; look at the event itself
event-ended-after = { $what }, after { $after }
event-late = It was found late: people were to hear of it { $due }.
event-do = Do what was promised, then resolve its incident in PagerDuty or press "Done" in Slack.
event-do-unserved = If it still matters, see to it and tell those concerned.
event-do-not-chosen = If people are to hear of it, give it a keyword or a calendar that a rule chooses.
event-open = Open in the calendar
event-notices = What people were told
event-notices-none = Nobody has been told of it yet.
event-place = Place
event-registrant = Entered by
event-attendees = Invited
event-declined = declined
event-window = Window
event-series = Series
event-series-one = one of a recurring event
own-windows = Maintenance window in PagerDuty
own-window-waits = Not opened in PagerDuty yet
own-window-stands = Stands in PagerDuty since { $at }
own-window-changes = Stands in PagerDuty since { $at }; a change is on its way
own-window-ends = Wanted no more: it is being ended in PagerDuty
own-window-over = Over since { $at }
own-window-never = It was never opened in PagerDuty
own-window-gone = Ended in PagerDuty by somebody, { $at }: it is not opened again
own-window-all-of = all services of { $customer }
own-window-open = Open in PagerDuty
own-window-troubled = its window is not right in PagerDuty
own-window-do = For what it lacks, PagerDuty pages whoever is on call. Mend what is said above; a job that was given up is run again under

alarm-tickets = { $n ->
    [one] For 1 ticket people have been called; nobody has taken it.
   *[other] For { $n } tickets people have been called; nobody has taken them.
}
alarm-tickets-do = Open the ticket and answer it, or give it to somebody.
alarm-events = { $n ->
    [one] 1 promise in a calendar is due; nobody has taken it.
   *[other] { $n } promises in calendars are due; nobody has taken them.
}
alarm-events-do = Do what was promised, then resolve its incident in PagerDuty or press "Done" in Slack.

effect-list-activities = Ask Backlog what happened
effect-list-tickets = Read a list of tickets
effect-read-ticket = Read a ticket
effect-acknowledge = Acknowledge in PagerDuty what was paged
effect-comment = Write a comment on a ticket
effect-sync-calendar = Read what changed in a calendar
effect-read-feed = Read a calendar's feed
destination-backlog = Backlog
destination-google-calendar = Google Calendar
destination-calendar-feeds = A calendar's feed
source-backlog = Backlog webhook
source-backlog-api = Backlog API
source-google-calendar-api = Google Calendar
source-calendar-feed = calendar feed
why-tickets = a rule about tickets says so, or something happened to one
why-calendar = a rule about events says so
act-concern-take = took what people were called for
act-concern-done = said that an event is done
act-tickets-export = downloaded tickets as CSV
poll-of-backlog-activities = Backlog: what happened in { $name }
poll-of-backlog-tickets = Backlog: open tickets of { $name }
poll-of-calendar = Calendar { $name }
demo-tickets-when = from the 1st minute
demo-tickets = Customers write tickets in a simulated Backlog that nobody watches: one without an assignee, one that lies with the desk's account. People are called by rule; when somebody takes the ticket over there, the call ends by itself. Older tickets stand under "would have called".
demo-tickets-see = The tickets
demo-calendar-when = from the 1st minute
demo-calendar = Promises in a simulated Google Calendar: one whose time has come, one to come, one that nobody did, a maintenance.
demo-calendar-see = The calendar
