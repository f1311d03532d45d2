//! What is configured about people: who works when, and who somebody in a tracker is. Reads the files of holidays; asks nobody.

use crate::cli::Failure;
use crate::config::{Config, HolidayBase, Holidays as List, Hours, Space};
use duties::locale::Locale;
use duties::tickets::{self, Directory, Identity};
use model::hours::{self, HolidayLayer, HolidaySource, Holidays, Pattern, Roster, Zone};
use std::path::Path;

/// The largest list of holidays that is read; the published one has 20 KB.
const MOST_BYTES: u64 = 1 << 20;

/// Who works when, as the file has it: without leave, and with an empty layer where a calendar's days belong.
pub fn roster(config: &Config) -> Result<Roster, Failure> {
    let persons = config.people.iter().map(|person| hours::Person {
        id: person.id.clone(),
        groups: groups_of(config, &person.id),
        pattern: person.hours.clone(),
    });
    let groups = config.groups.iter().map(|group| hours::Group { id: group.id.clone(), pattern: group.hours.clone() });
    let customers = config.customers.iter().map(|customer| hours::Customer {
        id: customer.id.clone(),
        pattern: customer.hours.clone(),
        days: (!customer.days.is_empty()).then(|| HolidayLayer {
            add: customer.days.clone(),
            ..HolidayLayer::new(HolidaySource::Customer(customer.id.clone()))
        }),
    });
    let lists = config.holidays.iter().map(|list| Ok((list.name.clone(), holidays(config, list)?)));
    Ok(Roster {
        zone: zone(config),
        default_pattern: config.server.hours.clone(),
        patterns: config.hours.iter().map(|hours| pattern(config, hours)).collect(),
        holidays: lists.collect::<Result<_, Failure>>()?,
        persons: persons.collect(),
        groups: groups.collect(),
        customers: customers.collect(),
        ..Roster::default()
    })
}

/// The groups that somebody is in, in the file's order: the first that has hours lends them.
fn groups_of(config: &Config, person: &str) -> Vec<String> {
    let theirs = config.groups.iter().filter(|group| group.members.iter().any(|member| member == person));
    theirs.map(|group| group.id.clone()).collect()
}

fn pattern(config: &Config, hours: &Hours) -> Pattern {
    Pattern {
        name: hours.name.clone(),
        zone: hours.zone.clone().unwrap_or_else(|| zone(config)),
        week: hours.week.clone(),
        breaks: hours.breaks.clone(),
        holidays: hours.holidays.clone(),
        closed: hours.closed.clone(),
    }
}

/// The installation's zone, by its name.
pub fn zone(config: &Config) -> Zone {
    config.server.time_zone.iana_name().and_then(|name| Zone::parse(name).ok()).unwrap_or_default()
}

/// From what rules least to what rules most: the law, a file, calendars, and what stands in the configuration itself.
fn holidays(config: &Config, list: &List) -> Result<Holidays, Failure> {
    let mut layers = match list.based_on {
        HolidayBase::Japan => Holidays::japan(),
        HolidayBase::None => Holidays::default(),
    };
    if let Some(path) = &list.file {
        layers = layers.over(file(&list.name, path)?);
    }
    let fed = super::bridges::feeds_of_holidays(config).into_iter().filter(|(name, _)| *name == list.name);
    for (_, source) in fed {
        layers = layers.over(HolidayLayer::new(source));
    }
    let own =
        HolidayLayer { add: list.add.clone(), remove: list.remove.clone(), ..HolidayLayer::new(HolidaySource::Own) };
    Ok(layers.over(own))
}

fn file(list: &str, path: &Path) -> Result<HolidayLayer, Failure> {
    let wrong = |what: String| Failure::Wrong(format!("[[holidays]] {list} file: {}: {what}", path.display()));
    let length =
        std::fs::metadata(path).map_err(|error| wrong(format!("can't be read ({error}); mend the path")))?.len();
    if length > MOST_BYTES {
        return Err(wrong("is over 1 MiB, which no list of holidays is; mend the path".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(|error| wrong(format!("can't be read ({error}); mend its permissions")))?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    duties::ical::holiday_file(&bytes, HolidaySource::File(name)).map_err(|problem| wrong(problem.to_string()))
}

/// Who the accounts of a space are.
pub fn directory(config: &Config, space: &Space) -> Directory {
    let accounts = |texts: &[String], mail: Option<&String>| accounts(config, space, texts, mail);
    let persons = config.people.iter().map(|person| tickets::Person {
        id: person.id.clone(),
        name: person.name.clone(),
        accounts: accounts(&person.backlog, person.mail.as_ref()),
    });
    let groups = config.groups.iter().map(|group| tickets::Group {
        id: group.id.clone(),
        name: group.name.clone(),
        members: group.members.clone(),
        accounts: accounts(&group.backlog, None),
    });
    Directory {
        persons: persons.collect(),
        groups: groups.collect(),
        own: space.account.iter().map(|account| one(account)).collect(),
        ours: space.staff.clone(),
    }
}

/// What counts in this space. Things of different kinds are one account's, so that a number beside a name keeps others of that
/// name out; several of one kind are several accounts.
fn accounts(config: &Config, space: &Space, texts: &[String], mail: Option<&String>) -> Vec<Identity> {
    let mut found: Vec<Identity> = Vec::new();
    for text in texts.iter().filter_map(|text| within(config, space, text)) {
        join(&mut found, one(text));
    }
    if let Some(mail) = mail.filter(|_| found.iter().all(|account| account.mail.is_none())) {
        join(&mut found, Identity { mail: Some(mail.clone()), ..Identity::default() });
    }
    found
}

/// The text without the space's name before it; `None`: it is another space's alone.
fn within<'t>(config: &Config, space: &Space, text: &'t str) -> Option<&'t str> {
    match text.split_once('/') {
        Some((name, account)) if name == space.name => Some(account),
        Some((name, _)) if config.spaces.iter().any(|other| other.name == name) => None,
        _ => Some(text),
    }
}

fn join(found: &mut Vec<Identity>, new: Identity) {
    let fits = |known: &&mut Identity| {
        !(known.number.is_some() && new.number.is_some()
            || known.login.is_some() && new.login.is_some()
            || known.mail.is_some() && new.mail.is_some()
            || known.name.is_some() && new.name.is_some())
    };
    match found.iter_mut().find(fits) {
        Some(known) => {
            known.number = known.number.or(new.number);
            known.login = known.login.take().or(new.login);
            known.mail = known.mail.take().or(new.mail);
            known.name = known.name.take().or(new.name);
        }
        None => found.push(new),
    }
}

/// A number, a mail address, a user id, or else the name that people read; `id:` and `name:` before it say which.
fn one(text: &str) -> Identity {
    let (kind, bare) = text.split_once(':').unwrap_or(("", text));
    let is_id = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let some = |text: &str| Some(text.trim().to_owned());
    match (kind, text.parse::<i64>()) {
        ("id", _) => Identity { login: some(bare), ..Identity::default() },
        ("name", _) => Identity { name: some(bare), ..Identity::default() },
        (_, Ok(number)) => Identity { number: Some(number), ..Identity::default() },
        _ if text.contains('@') => Identity { mail: some(text), ..Identity::default() },
        _ if is_id(text) => Identity { login: some(text), ..Identity::default() },
        _ => Identity { name: some(text), ..Identity::default() },
    }
}

/// How people are spoken to.
pub fn locale(config: &Config) -> Locale {
    Locale {
        language: super::slack::language(config),
        zone: config.server.time_zone.clone(),
        public_url: config.server.public_url.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ticket::Who;

    fn config(text: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("arayashiki.toml");
        std::fs::write(&path, text).unwrap();
        crate::config::load(Some(&path), []).unwrap()
    }

    const TEXT: &str = r#"
[[backlog.space]]
name = "a"
url = "https://a.backlog.jp"
api_key = "k"
account = "bot"
staff = ["@example.jp"]
[[backlog.space]]
name = "b"
url = "https://b.backlog.jp"
api_key = "k"
[[person]]
id = "sato"
name = "Sato Hanako"
mail = "sato@example.jp"
backlog = ["a/4711", "b/90", "佐藤花子"]
hours = "late"
[[person]]
id = "abe"
name = "Abe Jiro"
[[group]]
id = "desk"
name = "運用窓口"
members = ["abe", "sato"]
hours = "day"
backlog = ["a/4712", "a/運用/窓口", "name:desk"]
[[hours]]
name = "day"
week = ["mon-fri 09:00-18:00"]
holidays = "company"
[[hours]]
name = "late"
zone = "America/New_York"
week = ["always"]
[[holidays]]
name = "company"
add = ["2027-06-01 創立記念日"]
remove = ["2027-02-11"]
[[calendar]]
name = "days"
ics_url = "https://calendar.example.jp/days.ics"
what = "holidays"
list = "company"
[[customer]]
id = "minato"
name = "Minato"
services = ["P1"]
hours = "day"
days = ["2026-12-28 全社休業"]
"#;

    #[test]
    fn an_account_is_found_in_the_space_that_it_is_named_for() {
        let config = config(TEXT);
        let (a, b) = (directory(&config, &config.spaces[0]), directory(&config, &config.spaces[1]));
        let sato = &a.persons[0].accounts;
        assert_eq!((sato.len(), sato[0].number, sato[0].name.as_deref()), (1, Some(4711), Some("佐藤花子")));
        assert_eq!(sato[0].mail.as_deref(), Some("sato@example.jp"));
        assert_eq!(b.persons[0].accounts[0].number, Some(90));
        let stranger = Who { id: 8, login: None, name: "佐藤花子".into(), mail: None };
        assert_eq!(a.who(&stranger), tickets::Party::Customer, "a number keeps others of that name out");
        assert!(a.persons[1].accounts.is_empty());
        let desk = &a.groups[0].accounts;
        assert_eq!((desk[0].number, desk[0].name.as_deref()), (Some(4712), Some("運用/窓口")));
        assert_eq!((desk[1].name.as_deref(), b.groups[0].accounts.len()), (Some("desk"), 1));
        assert_eq!((a.own[0].login.as_deref(), a.ours.as_slice()), (Some("bot"), &["@example.jp".to_owned()][..]));
    }

    #[test]
    fn the_roster_has_all_that_hours_follow_from() {
        let config = config(TEXT);
        let roster = roster(&config).unwrap();
        assert_eq!(roster.unknown_names(), Vec::<String>::new());
        assert_eq!((roster.zone.name(), roster.patterns[0].zone.name()), ("Asia/Tokyo", "Asia/Tokyo"));
        assert_eq!(
            (roster.persons[1].groups[0].as_str(), roster.persons[0].pattern.as_deref()),
            ("desk", Some("late"))
        );
        let day = |text: &str| text.parse().unwrap();
        let name = |roster: &Roster, date: &str| roster.holidays["company"].on(day(date)).map(|found| found.name);
        assert_eq!(name(&roster, "2027-06-01").as_deref(), Some("創立記念日"));
        assert_eq!((name(&roster, "2027-02-11"), name(&roster, "2027-07-01")), (None, None));
        assert_eq!(name(&roster, "2027-11-03").as_deref(), Some("文化の日"));
        let places: Vec<&HolidaySource> = roster.holidays["company"].0.iter().map(|layer| &layer.source).collect();
        let feed = HolidaySource::Feed("days".into());
        assert_eq!(
            places,
            [&HolidaySource::Computed, &feed, &HolidaySource::Own],
            "the configuration's own word rules"
        );
        assert_eq!(roster.customers[0].days.as_ref().unwrap().add.len(), 1);
    }

    #[test]
    fn a_list_of_holidays_that_can_not_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("arayashiki.toml");
        let text = "[[holidays]]\nname = \"company\"\nfile = \"days.csv\"\n[[hours]]\nname = \"a\"\nweek = [\"always\"]\nholidays = \"company\"";
        std::fs::write(&path, text).unwrap();
        let config = crate::config::load(Some(&path), []).unwrap();
        let told = |config: &Config| match roster(config) {
            Err(failure) => failure.text().to_owned(),
            Ok(_) => String::new(),
        };
        assert!(told(&config).contains("[[holidays]] company file: ") && told(&config).contains("can't be read"));
        std::fs::write(folder.path().join("days.csv"), "日付,名称\n2027/13/1,x\n").unwrap();
        assert!(told(&config).contains("line 2: \"2027/13/1\" is no date"), "{}", told(&config));
        std::fs::write(folder.path().join("days.csv"), "日付,名称\n2027/6/1,創立記念日\n").unwrap();
        let day = "2027-06-01".parse().unwrap();
        assert_eq!(
            roster(&config).unwrap().holidays["company"].on(day).unwrap().source,
            HolidaySource::File("days.csv".into())
        );
    }
}
