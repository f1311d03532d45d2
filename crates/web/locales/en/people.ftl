sign-in = Sign in
sign-in-wrong = The e-mail or the password is wrong.
sign-in-too-many = Too many tries. Wait { $wait }, then try again.
sign-in-ended = Your session has ended. Sign in again to go on where you were.
sign-in-out = You are signed out.
sign-in-no-account = No account exists yet. The one-time link that makes the first one is printed when the server starts; this makes another:
sign-in-forgot = Forgotten the password? Ask an administrator.
setup-title = Make the first account
setup-lead = This account administers the installation. The link works once.
setup-used = This link has been used: the first account exists.
setup-expired = This link has run out. Make a new one on the server:
setup-email-bad = This is not an e-mail address.
setup-name-bad = A name is needed: colleagues see it in the record.
setup-password-title = Set your password
setup-password-lead = For the account { $email }. The link works once, and every session of this account ends.
setup-password-do = Set the password and sign in
setup-do = Make the account and sign in
password-hint = At least 12 characters; a sentence is fine.
password-short = The password needs at least { $min } characters.
password-differ = The two passwords differ.
password-guessable = The password must not be the name or the e-mail address.
password-present-wrong = The present password is wrong. Nothing was changed.

settings-account = My account
settings-people = People and tokens
settings-audit = Audit record
account-language = Language
account-language-set = The language is set.
account-zone = Time zone
account-zone-now = There it is { $day }, { $clock }.
account-zone-set = The time zone is set.
account-zone-unknown = No time zone is called { $zone }. Take a name like Asia/Tokyo.
account-password = Password
account-password-do = Change the password
account-password-what = All your other sessions end.
account-password-set = The password is changed. Your other sessions have ended.
account-session-revoked = The session has ended.
account-others-revoked = All other sessions have ended.
account-sessions = { $n ->
    [one] Signed in: 1 session
   *[other] Signed in: { $n } sessions
}
session-device = Device
session-address = Address
session-started = Signed in
session-seen = Last seen
session-current = this one
session-revoke = End
session-revoke-others = End all others

people-count = { $people ->
    [one] 1 person has
   *[other] { $people } people have
} an account, { $tokens ->
    [0] no program
    [one] 1 program
   *[other] { $tokens } programs
} a token
people-title = People
people-sees = Sees
people-seen = Last seen
people-you = you
people-all-customers = All customers
people-empty = Nobody has an account yet.
people-disable = Disable
people-enable = Enable
people-disable-what = Disabling ends all sessions at once; the record stays.
people-add = To add somebody:
people-disabled-since = disabled
people-disabled = { $name } is disabled; all their sessions have ended.
people-enabled = { $name } may sign in again.
people-role-set = { $name } is now { $role }.
people-last-admin = Nothing was changed: this is the last administrator.
tokens-title = Tokens for programs
tokens-empty = No program has a token yet.
token-name = Name of the program
token-create = Create a token
token-created = Created
token-used = Last used
token-revoke = Revoke
token-revoked-since = revoked
token-revoked-notice = The token { $name } no longer works.
token-name-missing = A token needs a name that tells which program holds it.
token-name-taken = A token called { $name } exists already.
token-fresh = Token { $name }
token-fresh-once = Copy it now: it is shown this once and kept nowhere.

audit-title = Who did what here
audit-who = Who
audit-act = Act
audit-when = When
audit-who-did = Who did what
audit-subject = To what
audit-door = From where
audit-empty = Nothing stands here that matches.
act-session-sign-in = signed in
act-session-sign-out = signed out
act-session-refused = was refused at sign-in
act-session-revoke = ended a session
act-signal-open = opened a sealed signal
act-signal-read-again = had a signal read again
act-job-settle = told whether a job took effect
act-job-retry = retried a job
act-person-add = added a person
act-person-disable = disabled a person
act-person-enable = enabled a person
act-person-role = changed a role
act-person-password = changed the password
act-person-link = made a password link
act-token-create = created a token
act-token-revoke = revoked a token
act-setup-account = made the first account
