incidents-count = { $n ->
    [one] 1 incident
   *[other] { $n } incidents
}
incidents-count-open = { $n ->
    [0] No open incident
    [one] 1 open incident
   *[other] { $n } open incidents
}
incidents-count-triggered = { $n ->
    [0] No incident that nobody has taken
    [one] 1 incident that nobody has taken
   *[other] { $n } incidents that nobody has taken
}
incidents-count-acknowledged = { $n ->
    [0] No acknowledged incident
    [one] 1 acknowledged incident
   *[other] { $n } acknowledged incidents
}
incidents-count-resolved = { $n ->
    [0] No resolved incident
    [one] 1 resolved incident
   *[other] { $n } resolved incidents
}
incidents-shown-more = { $n } incidents on this page, more on the next
incidents-empty = The mirror holds no incident yet. New ones appear here as they happen.
incidents-empty-next = Bring the history in:
incidents-no-match = No incident matches
incidents-match = { $n ->
    [one] 1 incident matches
   *[other] { $n } incidents match
}
incidents-none-so = No incident is in this state.
incidents-see-all = All incidents
filter-all = All
filter-any = any
filter-more = Filter
filter-text = Text
filter-since = Opened from
filter-until = Opened until
filter-apply = Apply
filter-clear = Clear the filters
filter-off = Take this filter off
filter-any-state = Look in every state

incident-is-triggered = Open for { $age }; nobody has taken it and it is assigned to nobody.
incident-is-triggered-for = Open for { $age }; nobody has taken it. Assigned to { $who }.
incident-is-acknowledged = Acknowledged { $age } ago.
incident-is-acknowledged-by = { $who } has had it for { $age }.
incident-is-resolved = Over: it took { $took }.
incident-read = Read from PagerDuty
incident-read-once = Known from the API's history
incident-never-read = Known from webhooks alone; the API has not been read yet
incident-hidden = no longer shown by PagerDuty ({ $ago }): its state now is not known. Was it removed, or has the key lost sight of its team?
row-hidden = no longer shown by PagerDuty
incident-stale = not fresh: a change is newer than the last reading
incident-whole-title = The whole title
incident-timeline = What happened
incident-timeline-empty = Nobody has told anything yet.
incident-alerts = { $n ->
    [one] 1 alert
   *[other] { $n } alerts
}
incident-alerts-empty = No alert has been read. They come with the next reading of the API.
incident-raw = Signals behind it
incident-raw-empty = No signal is kept for this incident.
incident-raw-more = Older ones are among the signals.
incident-facts = At a glance
incident-in-pagerduty = Open in PagerDuty
incident-notes = { $n ->
    [0] Notes
    [one] 1 note
   *[other] { $n } notes
}
incident-notes-empty = Nobody has written a note.
incident-note-trimmed = The webhook cut this note short; the rest comes with the next reading of the API.
fact-priority = Priority
fact-acknowledged = Acknowledged
fact-resolved = Resolved
fact-after = after { $span }
fact-policy = Escalation policy
fact-alerts = Alerts
fact-alert-counts = { $all } in all, { $open } open
fact-bridge = Conference
fact-merged-into = Merged into
fact-merged-from = Merged from
fact-type = Type
fact-key = Incident key
fact-id = Id
alert-body = Body
alert-key = Alert key
alert-link = Link
alert-suppressed = suppressed
alert-characters = { $n } characters
alert-left-out = { $n } more values are in the raw signal.

# KEY, KEY-by (an actor is known), KEY-to (a goal is known), KEY-to-by (both).
change-triggered = Triggered
change-triggered-by = Triggered by { $by }
change-triggered-to = Triggered through { $to }
change-triggered-to-by = Triggered by { $by } through { $to }
change-triggered-again = Triggered again
change-acknowledged = Acknowledged
change-acknowledged-by = Acknowledged by { $by }
change-unacknowledged = Acknowledgement ran out; triggered again
change-resolved = Resolved
change-resolved-by = Resolved by { $by }
change-reopened = Reopened
change-reopened-by = Reopened by { $by }
change-assigned = Assigned to { $to }
change-reassigned = Reassigned
change-reassigned-by = Reassigned by { $by }
change-reassigned-to = Reassigned to { $to }
change-reassigned-to-by = Reassigned to { $to } by { $by }
change-escalated = Escalated
change-escalated-by = Escalated by { $by }
change-escalated-to = Escalated to { $to }
change-escalated-to-by = Escalated to { $to } by { $by }
change-delegated = Handed to another escalation policy
change-delegated-by = Handed to another escalation policy by { $by }
change-delegated-to = Handed to escalation policy { $to }
change-delegated-to-by = Handed to escalation policy { $to } by { $by }
change-priority = Priority removed
change-priority-by = Priority removed by { $by }
change-priority-to = Priority set to { $to }
change-priority-to-by = Priority set to { $to } by { $by }
change-urgency = Urgency changed
change-urgency-by = Urgency changed by { $by }
change-service = Moved to another service
change-service-by = Moved to another service by { $by }
change-service-to = Moved to service { $to }
change-service-to-by = Moved to service { $to } by { $by }
change-type = Type changed
change-type-by = Type changed by { $by }
change-type-to = Type changed to { $to }
change-type-to-by = Type changed to { $to } by { $by }
change-snoozed = Snoozed
change-snoozed-by = Snoozed by { $by }
change-snoozed-to = Snoozed until { $to }
change-snoozed-to-by = Snoozed until { $to } by { $by }
change-merged = Incidents were merged
change-merged-by = { $by } merged incidents
change-merged-to = Merged into { $to }
change-merged-to-by = Merged into { $to } by { $by }
change-annotated = Note added
change-annotated-by = Note by { $by }
change-status-update = Status update sent
change-status-update-by = Status update by { $by }
change-notified = { $who } notified
change-notified-through = { $who } notified by { $channel }
change-responder-asked = Help asked for
change-responder-asked-by = { $by } asked for help
change-responder-asked-to = { $to } asked for help
change-responder-asked-to-by = { $by } asked { $to } for help
change-responder-replied = Reply to the request for help: { $state }
change-responder-replied-by = { $by } replied: { $state }
change-bridge = Conference set
change-bridge-by = Conference set by { $by }
change-bridge-removed = Conference removed
change-bridge-removed-by = Conference removed by { $by }
change-fields = Fields changed
change-fields-by = Fields changed by { $by }
change-fields-to = Fields changed to { $to }
change-fields-to-by = Fields changed to { $to } by { $by }
change-role = { $to } is now { $role }
change-role-by = { $by } made { $to } { $role }
change-role-cleared = Nobody is { $role } any more
change-role-cleared-by = { $by } freed the role { $role }
change-task = Task { $name }: { $state }
change-task-by = Task { $name }: { $state }, by { $by }
change-action = Action { $name }: { $state }
change-action-by = Action { $name }: { $state }, by { $by }
change-workflow = Workflow { $name }: { $state }
change-workflow-by = Workflow { $name }: { $state }, by { $by }
change-other = { $name }
change-other-summary = { $name }: { $summary }
channel-email = e-mail
channel-phone = phone
channel-sms = SMS
channel-push-notification = push
channel-api = the API
channel-website = the website
channel-mobile = the mobile app
channel-auto = a rule
channel-timeout = a time-out
channel-integration = an integration
channel-events-api = the Events API
channel-web-trigger = the website
reply-accepted = accepted
reply-declined = declined
reply-pending = no answer yet
progress-open = open
progress-completed = completed
progress-started = started
progress-failed = failed
progress-created = created
