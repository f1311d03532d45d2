slack-account = Slack account
slack-workspace = Workspace
slack-acts-as = Acts as
slack-linked-at = Linked
slack-ids = { $member } in the workspace { $team }
slack-unlink = Unlink
slack-unlink-what = Whoever is unlinked is asked to sign in again at the next press in Slack.
account-slack = Slack
account-slack-what = What these Slack accounts press or ask for is done in your name.
account-slack-none = No Slack account acts in your name. Press a button on a message of Arayashiki in Slack, or write /arayashiki there: it answers with a link that joins the two.
account-slack-linked = Your Slack account is linked. Press the button in Slack once more: the first press did nothing but ask who you are.
account-slack-unlinked = The Slack account is unlinked. It acts in your name no longer.
people-slack = Slack accounts
people-slack-none = No Slack account is linked. Each person links their own: a button in Slack, or /arayashiki, answers with the link.
people-slack-unlinked = A Slack account of { $name } is unlinked and acts in that name no longer.
link-slack-title = Link a Slack account
link-slack-lead = { $name } in Slack will act as { $person }.
link-slack-account = In Slack
link-slack-acts-as = Acts as
link-slack-what = From then on, whatever this Slack account presses or asks for is done in your name, in PagerDuty too, and stands in the audit record so. You can unlink it under My account at any time.
link-slack-looks-only = Your role looks only: asking works, the buttons will be refused.
link-slack-moves = So far this Slack account acts in another person's name. That ends.
link-slack-yours = Go on only if this is your own Slack account and you asked for the link yourself. If somebody sent it to you, close this page: that person could act in your name.
link-slack-do = Link { $name } to my account
link-slack-over = This link has been used, has run out, or never was one.
link-slack-over-do = Press the button in Slack again, or write /arayashiki there: it answers with a new link, which works once and for { $span }.
link-slack-see = See which Slack accounts act in my name

conn-slack = Slack
conn-slack-none = Slack is not set: nothing is posted there.
conn-slack-none-do = docs/guide/slack.md shows how to make the app; then set [slack] bot_token and [slack.channels] alerts.
conn-slack-good = Messages follow what they are about, and what people press in Slack is heard.
conn-slack-reduced = Reduced mode, by an incoming webhook alone: messages are posted and never updated, there are no threads and no buttons, and what may have been posted already comes again with a mark.
conn-slack-reduced-do = Nothing has to be done. For messages that follow their incident, make an app (docs/guide/slack.md) and set [slack] bot_token.
conn-slack-deaf = Messages follow what they are about. They have no buttons, because what is pressed in Slack does not come back here.
conn-slack-deaf-do = Set [slack] signing_secret if Slack can reach this server, or app_token for Socket Mode.
conn-slack-untried = Messages follow what they are about. Socket Mode has not been opened yet.
conn-slack-troubled = { $n ->
    [one] 1 message can't be shown in Slack.
   *[other] { $n } messages can't be shown in Slack.
}
conn-slack-away = Slack does not answer.
slack-workspace-as = { $workspace }, as { $bot }
slack-way = Posts by
slack-way-bot = an app of ours, with threads and updates
slack-way-webhook = an incoming webhook (reduced)
slack-heard = Presses come by
slack-heard-not = no way: they are not heard
slack-heard-http = HTTP (signed)
slack-socket-open = Socket Mode (open for { $span })
slack-socket-shut = Socket Mode (not open)
slack-socket-never = Socket Mode (never opened yet)
slack-incidents-observe = no message (observed)
slack-incidents-high = each one of high urgency has a message
slack-incidents-all = each one has a message
slack-webhook-channel = the webhook's channel
slack-troubles = What can't be shown
slack-trouble = { $n ->
    [one] 1 message waits for { $channel }
   *[other] { $n } messages wait for { $channel }
}
slack-muted = Muted channels
slack-muted-until = until
slack-muted-what = New messages wait and come when the time is over; those that are there go on being updated. /arayashiki mute off ends it.
trouble-slack-posts = { $n ->
    [one] 1 message
   *[other] { $n } messages
} can't be shown in Slack, for { $which }. { $why }
trouble-slack-posts-do = Mend what is said: a channel that is gone or archived, an app that is not in it, a token that was revoked. arayashiki check looks at each. What waits is posted by itself afterwards, as things stand by then.
trouble-slack-socket = Slack's Socket Mode is not open, so nothing is heard that people press or ask for there: { $why }
trouble-slack-socket-do = It is tried again by itself. Act on these pages or in PagerDuty meanwhile. If the token is refused, make a new one in Slack (App-Level Tokens, connections:write), set [slack] app_token and restart.
trouble-slack-token = Slack refuses the bot's token, so nothing is posted there and nothing can be answered: { $why }
trouble-slack-token-do = Posts wait and come once a good token is there. Install the app in the workspace again (api.slack.com/apps, OAuth & Permissions), set [slack] bot_token to the new token and restart.
destination-slack = Slack
destination-slack-answers = Slack (answers to people)
destination-pagerduty-events = PagerDuty Events API
destination-mail-relay = The mail relay
destination-second-path-webhook = The second path's webhook
destination-second-path-sms = The second path's SMS
destination-dns = DNS
destination-s3 = S3
effect-show = Bring a message in Slack up to date
effect-reply = Write in a thread in Slack
effect-respond = Answer somebody in Slack
effect-open-form = Open a form in Slack
why-slack-show = what the message is about has changed
why-slack-respond = somebody pressed or asked something in Slack
why-slack-open-form = somebody wants to write a note
source-slack = Slack
door-slack = Slack
act-slack-link = linked a Slack account
act-slack-unlink = unlinked a Slack account
act-slack-mute = muted a Slack channel, or ended that
event-slack-pressed-acknowledge = pressed Acknowledge
event-slack-pressed-resolve = pressed Resolve in PagerDuty
event-slack-pressed-take = pressed Take it
event-slack-pressed-snooze = pressed Snooze 1 h
event-slack-pressed-note = pressed Add a note
event-slack-pressed-concern-take = pressed Take it
event-slack-pressed-concern-done = pressed Done
event-slack-sent-note = sent a note
event-slack-closed = closed a form
event-slack-command-arayashiki = asked by /arayashiki
event-slack-overflow = Slack held events back
event-slack-check = Slack tried our address
