# Seats: who has one and what it costs.
seats-none = No PagerDuty user is known yet
seats-none-what = PagerDuty's users stand here once they were read through the API.
seats-unsure = Which seats are unused is not known yet
seats-lack-unread = { $poll }: not read through yet. It comes by itself.
seats-lack-refused = { $poll }: PagerDuty refuses it. Give the key's user a role that may read it, or the app the scope { $scope }; it is tried again by itself. { $why }
seats-lack-off = { $poll }: switched off in the configuration. Set a poll above 0s.
seats-answer = { $idle } of { $all } PagerDuty users had no shift, no page and no act in { $most } days
seats-answer-short = Only { $days ->
    [one] 1 day is
   *[other] { $days } days are
} known so far, not { $most }: in that time { $idle } of { $all } PagerDuty users had no shift, no page and no act
seats-cost = At { $price } per seat and month, that is { $year } a year.
seats-instead = They could look here instead; { $n ->
    [0] none of them has an account here yet
    [one] 1 of them already has an account here
   *[other] { $n } of them already have an account here
}.
seats-stakeholders = Besides there { $all ->
    [one] is 1 stakeholder with a read-only role, priced apart
   *[other] are { $all } stakeholders with a read-only role, priced apart
}; { $idle } of them unused.
seats-known = Pages and acts are known from PagerDuty's log since { $since }.
seats-known-short = Pages and acts are known from PagerDuty's log since { $since } only: fetch the history of 90 days to be sure.
seats-known-never = PagerDuty's log, which alone tells of pages, has not been read yet: fetch the history of 90 days to be sure.
seats-fetch = Fetch history
seats-price = Price per seat and month
seats-currency = Currency
seats-price-set = Work it out
seats-price-what = This changes the view only. To keep it, set [seats] price and currency.
seats-price-unknown = This is no price: give a number with at most two decimals and a currency such as JPY.
seats-csv = As CSV
seats-use = Use
seats-unused = Unused
seats-used = Used
seats-pd-role = Role in PagerDuty
seats-shift = On call until
seats-page = Last page
seats-act = Last act
seats-account = Account here
seats-no-account = none
seats-always = always on call
seats-not = none known
pd-role-admin = Global admin
pd-role-owner = Account owner
pd-role-user = Manager
pd-role-limited-user = Responder
pd-role-observer = Observer
pd-role-restricted-access = Restricted access
pd-role-read-only-user = Stakeholder
pd-role-read-only-limited-user = Limited stakeholder
act-seats-export = exported the seats
