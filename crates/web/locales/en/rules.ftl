# Rules of tickets that leaders keep on the page.
settings-rules = Rules for tickets
rules-nobody = No rule calls anybody for a ticket yet
rules-answer = Tickets are asked { $page ->
    [0] no rule of this page
    [one] 1 rule of this page
   *[other] { $page } rules of this page
}, then { $file ->
    [0] none of the file
    [one] 1 of the file
   *[other] { $file } of the file
}
rules-answer-broken = Tickets are asked { $page ->
    [0] no rule of this page
    [one] 1 rule of this page
   *[other] { $page } rules of this page
}, then { $file ->
    [0] none of the file
    [one] 1 of the file
   *[other] { $file } of the file
}; { $broken ->
    [one] 1 holds nothing
   *[other] { $broken } hold nothing
}
rules-what = The first rule that matches says what follows. The page's rules come before the file's, so that one here can be an exception to one there. A change holds from the next happening of a ticket on.
rules-no-space = No space of Backlog is configured, so that no ticket is asked anything yet.
rules-page = Rules of this page
rules-page-none = None yet.
rules-file = Rules of the file
rules-file-none = The file has none.
rules-file-what = They are read-only here: they stand under [[backlog.rule]] in the configuration.
rules-state = State
rules-said = Last changed
rules-on = Switch on
rules-off = Switch off
rules-delete = Delete
rules-not-yours = for other customers as well
rules-new = New rule
rules-done-saved = The rule { $name } is kept. It is asked from the next happening on.
rules-done-off = The rule { $name } is switched off.
rules-done-on = The rule { $name } is switched on.
rules-done-deleted = The rule { $name } is deleted. Its versions stay in the record.
rules-done-undone = { $name } is as it was before.
rules-unread = Version { $version } holds nothing, for it can't be used as it stands. Write it anew or delete it.
rules-unread-version = It can't be read.
rules-versions = Versions
rules-version = Version
rules-says = What it says
rules-restore = Bring back
rules-form = What the rule asks
rules-form-what = Whatever is filled in must hold; what is left empty asks for nothing. One a line, or parted by commas.
rules-preview = Look at last week under it
rules-save = Keep it
rules-save-what = It is asked from the next happening on.
rule-state-on = on
rule-state-off = off
rule-state-unread = holds nothing
rule-state-deleted = deleted
rule-name = Name, shown in every message
rule-position = Place among this page's rules
rule-when-title = Which tickets
rule-when-unassigned = nobody is assigned
rule-when-group-account = assigned to a group's account
rule-when-off-hours = assigned to one of us who is off or on leave
rule-when-assignee-unknown = assigned to somebody who is not known here
rule-when-any = whoever has it
rule-happenings-title = When this happens (none ticked: any of it)
rule-happenings = when
rule-happening-created = created
rule-happening-commented = commented
rule-happening-reopened = opened again
rule-happening-assigned = assignee changed
rule-done-title = Open or done
rule-done-open = open tickets only
rule-done-done = done tickets only
rule-any = either
rule-while-off = Only while this group is not at work
rule-while-off-is = while { $group } is not at work
rule-always = always
rule-keywords = Words in the title or text
rule-projects = Projects
rule-kinds = Issue types
rule-categories = Categories
rule-priorities = Priorities
rule-by = Created by
rule-customers = Customers
rule-spaces = Spaces
rule-waits-title = Instead: when nobody answers
rule-waits-minutes = Working minutes without an answer (empty: not this)
rule-waits-of = Whose working time
rule-waits-is = no answer for { $minutes } working minutes of { $of }
rule-of-customer = the ticket's customer
rule-mode-title = How far it goes
rule-mode-duty = as far as [backlog] mode
rule-mode-observe = shows it only
rule-mode-post = posts to Slack
rule-mode-page = pages
rule-severity-title = Severity
rule-severity-own = by the ticket's priority
rule-severity-info = info
rule-severity-warning = warning
rule-severity-error = error
rule-severity-critical = critical
rule-channel = Slack channel
rule-tells-customer = tells the customer in a comment that the desk was called
rule-ignores = is nobody's case: no later rule is asked
rule-more = Besides
rule-part = { $name }: { $value }
rule-week = Week
rule-breaks = Breaks
rule-holidays = Holidays
rule-closed = Closed every year
rule-zone = Time zone
rule-thing-group = group
rule-thing-person = person
rule-thing-space = space
rule-thing-customer = customer
rule-wrong-no-name = Not kept: the rule needs a name, for it stands in every message.
rule-wrong-long-name = Not kept: the name has at most { $most } characters, in one line.
rule-wrong-in-file = Not kept: the file has a rule of that name. Take another one.
rule-wrong-taken = Not kept: this page has a rule of that name. Change that one, or take another name.
rule-wrong-position = Not kept: the place is a whole number from { $least } to { $most }.
rule-wrong-long = Not kept: { $field } holds at most { $most } characters.
rule-wrong-unknown = Not kept: there is no { $what } “{ $name }”. Name one that is configured.
rule-wrong-minutes = Not kept: the minutes are a whole number from 1 to { $most }.
rule-wrong-waits-ignores = Not kept: a rule can't wait for an answer and be nobody's case. Take one of the two away.
rule-wrong-needs-customer = Not kept: name the customers that it is for. You lead for some customers, not for all.
rule-wrong-not-yours = Not kept: { $customer } is no customer that you see.
rule-wrong-stale = Not kept: somebody changed it meanwhile. Open it again and look at what is there now.
rule-wrong-no-week = Not kept: the week needs at least one line. Write never for no hours at all.
rule-wrong-unread = Not kept, for it can't be read as it is written.
preview-title = Last week under it
preview-answer = Of { $tickets } tickets with something new: { $calls } calls more, { $silent } fewer, { $otherwise } otherwise, { $same } the same.
preview-same = Nothing would have been different: { $tickets } tickets with something new, { $same } calls as they were.
preview-observes = Nobody is called at all now: [backlog] mode is observe. This is what the rules ask for.
preview-cut = There are more tickets than are looked at here; the latest 1,000 of each space are.
preview-calls = Would have called
preview-silent = Would have called nobody any more
preview-otherwise = Would have called otherwise
preview-rule = Rule: { $rule }
preview-instead = in place of { $rule }, { $mode }
preview-ended = ended: { $end }
act-rule-save = kept a rule or a group's hours
act-rule-off = switched a rule off
act-rule-on = switched a rule on
act-rule-delete = deleted a rule, or took a group's hours back
act-rule-restore = brought back a version of a rule or of a group's hours
