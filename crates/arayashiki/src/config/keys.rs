//! THE table of keys: section, key, type, kind, default and one line of why. It makes the sections' structs, tells
//! known keys from unknown ones and holds `arayashiki.example.toml` to the code. A new key is one line here and the
//! same line there.

use super::kinds::{self, Language, LogFormat, Mode, Shape, SpoolPlace, StoreUrl};
use super::resolve::Resolver;
use super::secret::Secret;
use model::customer::Customer;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A key as the file names it. The default is the text that an `ARAYASHIKI__…` variable would hold.
#[derive(Debug)]
pub struct Key {
    pub section: &'static str,
    pub key: &'static str,
    pub shape: Shape,
    pub default: &'static str,
    pub why: &'static str,
}

impl Key {
    /// Its reason says so first, where whoever fills it in reads it.
    pub fn is_secret(&self) -> bool {
        self.why.starts_with("Secret")
    }
}

macro_rules! settings {
    (@key $section:ident $key:ident $kind:expr, $default:literal, $why:literal) => {
        Key { section: stringify!($section), key: stringify!($key), shape: $kind.shape, default: $default, why: $why }
    };
    ($( [$section:ident] $name:ident $about:literal {
        $( $key:ident: $type:ty = $kind:expr, $default:literal, $why:literal; )+
    } )+) => {
        $(
            #[doc = $about]
            #[derive(Clone, Debug)]
            pub struct $name { $( #[doc = $why] pub $key: $type, )+ }
        )+

        /// Everything that can be set, checked and ready to use.
        #[derive(Clone, Debug)]
        pub struct Config {
            $( #[doc = $about] pub $section: $name, )+
            pub customers: Vec<Customer>,
            /// The file it came from, if there was one. Relative paths in it started from its folder.
            pub origin: Option<PathBuf>,
            /// Files that hold a secret of it.
            pub secret_files: Vec<PathBuf>,
        }

        pub const KEYS: &[Key] = &[ $( $( settings!(@key $section $key $kind, $default, $why), )+ )+ ];

        /// Each section with what it is about, in the order of the file.
        #[cfg(test)]
        pub const SECTIONS: &[(&str, &str)] = &[ $( (stringify!($section), $about), )+ ];

        /// Every key of every section is read, so that every problem is known, before the first that failed ends it.
        pub fn read(from: &mut Resolver, origin: Option<PathBuf>) -> Option<Config> {
            $( let $section = $name::read(from); )+
            let customers = from.customers();
            let secret_files = from.secret_files();
            Some(Config { $( $section: $section?, )+ customers: customers?, origin, secret_files })
        }

        $( impl $name {
            fn read(from: &mut Resolver) -> Option<Self> {
                $( let $key = from.value(&settings!(@key $section $key $kind, $default, $why), &$kind); )+
                Some(Self { $( $key: $key? ),+ })
            }
        } )+
    };
}

settings! {
    [server] Server "Where it listens and how it speaks." {
        listen: SocketAddr = kinds::ADDRESS, "127.0.0.1:8080", "Address and port of the pages and the API, and of the webhooks unless webhook_listen is set.";
        webhook_listen: Option<SocketAddr> = kinds::ADDRESS_OR_NONE, "", "When set, /webhooks/* is served at this address and nowhere else, so that only webhooks face the internet.";
        public_url: Option<String> = kinds::URL_OR_NONE, "", "The address people open, such as https://ops.example.jp: without it notes and mails carry no links.";
        time_zone: jiff::tz::TimeZone = kinds::ZONE, "Asia/Tokyo", "IANA time zone that times are shown in; they are stored in UTC.";
        language: Language = kinds::LANGUAGE, "ja", "Language of pages and texts until a person picks their own: ja or en.";
        in_flight: usize = kinds::count::<1, 65_536>(), "1024", "Webhooks being received at once; beyond that the answer is 503 with Retry-After, and PagerDuty sends again.";
        farewell: Duration = kinds::duration::<0, { kinds::HOUR_S }>(), "1s", "At a stop /readyz says so for this long before the sockets close, so that a load balancer looks elsewhere first.";
    }
    [store] StoreSettings "Where everything is kept." {
        url: StoreUrl = kinds::STORE, "sqlite:data/arayashiki.db", "sqlite:FILE, its path relative to this file's folder, or postgres://user@host/database for several machines.";
        readers: usize = kinds::count::<1, 256>(), "4", "Connections that read at once; writing is one more.";
        spool: SpoolPlace = kinds::SPOOL, "data/spool.db", "File that keeps webhooks while PostgreSQL is away; off where this machine's disk is not kept. SQLite needs none.";
    }
    [pagerduty] PagerDuty "The PagerDuty account beside which it stands." {
        api_url: String = kinds::URL, "https://api.pagerduty.com", "REST API; https://api.eu.pagerduty.com for an account in the EU region.";
        events_url: String = kinds::URL_OR_DERIVED, "", "Events API v2; empty follows api_url's region.";
        token: Option<Secret> = kinds::SECRET, "", "Secret. REST API key; without it only webhooks are mirrored, and nothing is looked up or written.";
        from: Option<String> = kinds::EMAIL_OR_NONE, "", "Mail address of the PagerDuty user that writes are made as; an account-level key needs one.";
        webhook_secrets: Vec<Secret> = kinds::SECRETS, "", "Secrets. They sign the webhooks, several during a rotation; without one every webhook is refused.";
        webhook_subscriptions: Vec<String> = kinds::NAMES, "", "Ids of the webhook subscriptions that are ours; more are learned from deliveries with a valid signature.";
        unconfigured_routing_key: Option<Secret> = kinds::SECRET, "", "Secret. Events v2 integration key of the service that Arayashiki's own alarms go to.";
        first_sight: Duration = kinds::duration::<0, { kinds::LONGEST_S }>(), "30d", "How far back the very first start looks for incidents.";
        poll: Duration = kinds::duration_or_never::<1, { kinds::DAY_S }>(), "60s", "How often the account's log is read, which repairs what webhooks did not tell and does without them; 0s: never.";
        sweep: Duration = kinds::duration::<1, { 7 * kinds::DAY_S }>(), "1h", "How often all open incidents are listed and compared with the mirror.";
        reference: Duration = kinds::duration::<1, { 7 * kinds::DAY_S }>(), "30m", "How often services, people, teams, policies, schedules, priorities and maintenance windows are read.";
    }
    [link_note] LinkNote "A note in PagerDuty that leads here." {
        mode: Mode = kinds::OBSERVE_OR_POST, "observe", "observe shows what it would do; post adds one note with the page's address to each new incident.";
    }
    [intake_guard] IntakeGuard "An alarm when PagerDuty's webhooks stop being believed." {
        mode: Mode = kinds::OBSERVE_OR_PAGE, "observe", "observe shows what it would do; page pages through unconfigured_routing_key when a webhook's signature fails.";
    }
    [webhook_guard] WebhookGuard "A webhook subscription that PagerDuty switched off, that is gone or silent." {
        mode: Mode = kinds::OBSERVE_OR_POST, "observe", "observe shows what is wrong and what it would do; post switches a subscription on again that PagerDuty gave up on.";
        look: Duration = kinds::duration::<1, { kinds::DAY_S }>(), "60s", "How often PagerDuty's list of subscriptions is read.";
        late: Duration = kinds::duration::<1, { kinds::DAY_S }>(), "5m", "How late a webhook may be before the change counts as not told; three such changes, or one three times as old, mean silence.";
    }
    [seats] Seats "What people's places in PagerDuty cost, for the page of seats." {
        price: Option<i64> = kinds::PRICE, "", "Price of one PagerDuty user and month, such as 6000 or 41.50; without it the page counts people and no money.";
        currency: String = kinds::CURRENCY, "JPY", "The price's currency, three letters.";
    }
    [work] Work "How jobs are done." {
        lease: Duration = kinds::duration::<1, { kinds::HOUR_S }>(), "30s", "How long a worker may hold a job; after a crash somebody else takes it when this is over.";
        settle: Duration = kinds::duration::<1, { kinds::HOUR_S }>(), "10s", "How long PagerDuty may need to show an effect; only then is one of unknown outcome looked up.";
        stop: Duration = kinds::duration::<0, { kinds::HOUR_S }>(), "20s", "At a stop, how long jobs in hand may take to end; the next worker looks up what was cut off.";
    }
    [log] Log "What it tells about itself, on standard error." {
        filter: String = kinds::LOG_FILTER, "info", "error, warn, info, debug or trace, also by part: info,engine=debug.";
        format: LogFormat = kinds::LOG_FORMAT, "text", "text for people, json for a log collector.";
    }
}

const fn of_customer(key: &'static str, shape: Shape, why: &'static str) -> Key {
    Key { section: "customer", key, shape, default: "", why }
}

/// Keys of each `[[customer]]`; `id` and `name` must be there.
pub const CUSTOMER_KEYS: &[Key] = &[
    of_customer("id", kinds::SLUG.shape, "Short name in addresses and commands: a-z, 0-9 and \"-\"; keep it for ever."),
    of_customer("name", kinds::NAME.shape, "The name that people read."),
    of_customer("services", kinds::NAMES.shape, "PagerDuty services that are this customer's, by id or exact name."),
    of_customer("teams", kinds::NAMES.shape, "PagerDuty teams that are this customer's, by id or exact name."),
    of_customer("service_contains", kinds::NAMES.shape, "Texts: a service whose name contains one is this customer's."),
];
