//! Holds `arayashiki.example.toml` against the table of keys, line by line.

use super::super::keys::{SECTIONS, all};
use super::super::kinds::Shape;
use super::super::settings::{Key, Section};
use super::*;
use std::fmt::Write as _;

fn example_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(problem::KEY_LIST)
}

fn example() -> String {
    std::fs::read_to_string(example_path()).unwrap()
}

/// Tables of which there may be many are commented out, since they have no default.
fn parts() -> (String, String) {
    let text = example();
    let (settings, tables) = text.split_once("\n# [[").unwrap();
    (settings.to_owned(), format!("\n# [[{tables}"))
}

fn once() -> impl Iterator<Item = &'static Section> {
    SECTIONS.iter().copied().filter(|section| !section.is_many)
}

fn many() -> impl Iterator<Item = &'static Section> {
    SECTIONS.iter().copied().filter(|section| section.is_many)
}

fn default_of(key: &Key) -> String {
    let default = key.default.unwrap();
    match key.shape {
        Shape::Number | Shape::Flag => default.to_owned(),
        Shape::Text => format!("{default:?}"),
        Shape::List => format!("{:?}", default.split(',').filter(|part| !part.is_empty()).collect::<Vec<_>>()),
    }
}

fn rendered() -> String {
    let mut text = String::new();
    for section in once() {
        write!(text, "# {}\n{}\n", section.about, section.header()).unwrap();
        for key in section.keys {
            write!(text, "# {}\n{} = {}\n", key.why, key.key, default_of(key)).unwrap();
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_example_shows_every_key_once_with_its_default_and_its_reason() {
    let (settings, _) = parts();
    let start = settings.find(&format!("# {}\n", SECTIONS[0].about)).expect("the first section");
    let shown = &settings[start..];
    for (number, (have, want)) in shown.lines().zip(rendered().lines()).enumerate() {
        assert_eq!(have, want, "line {} below the head", number + 1);
    }
    assert!(shown.starts_with(&rendered()), "lines are missing at the end; the table says:\n{}", rendered());
    let rest = &shown[rendered().len()..];
    assert!(rest.lines().all(|line| line.is_empty() || line.starts_with('#')), "more than the table has: {rest}");
}

#[test]
fn the_example_loads_and_changes_nothing() {
    let from_example = format!("{:?}", load(Some(&example_path()), []).unwrap());
    let folder = example_path().parent().unwrap().join("arayashiki.toml");
    let empty = read::File { path: folder.clone(), text: String::new() };
    let from_nothing = format!("{:?}", resolve(Some(&empty), &BTreeMap::new()).unwrap());
    let same_origin = from_nothing.replace(&format!("{folder:?}"), &format!("{:?}", example_path()));
    assert_eq!(from_example, same_origin);
}

/// Each kind of table once or more; all keys of each kind, in the table's order, stand in its first.
#[test]
fn the_examples_tables_have_every_key_of_theirs() {
    let (_, commented) = parts();
    let blocks: Vec<&str> = commented.split("\n# [[").skip(1).collect();
    for section in many() {
        let start = format!("{}]]\n", section.path);
        let block = blocks.iter().find(|block| block.starts_with(&start)).expect(section.path);
        let lines: Vec<&str> = block.lines().skip(1).map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
        let mut shown = Vec::new();
        for key in section.keys {
            let at = lines.iter().position(|l| l.starts_with(&format!("{} = ", key.key))).expect(key.label);
            assert_eq!(lines[at - 1], format!("# {}", key.why));
            shown.push(at);
        }
        assert!(shown.is_sorted(), "{} stands in another order", section.path);
        let count = lines.iter().filter(|line| line.contains(" = ") && !line.starts_with('#')).count();
        assert_eq!(count, section.keys.len(), "{} has more than the table", section.path);
        let about = format!("# {}\n#\n# {}\n", section.about, section.header());
        assert!(example().contains(&about), "{about}");
    }
}

#[test]
fn the_examples_tables_can_be_used_as_they_stand() {
    let (settings, commented) = parts();
    // What is commented twice is a remark; what once, an example.
    let lines: Vec<&str> = commented.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
    let remark =
        |line: &&str| line.starts_with('#') || line.is_empty() || line.starts_with('[') || line.contains(" = ");
    let live: Vec<&str> = lines.into_iter().filter(remark).collect();
    let config = loaded(&format!("{settings}\n{}", live.join("\n")), &[]);
    assert_eq!((config.customers.len(), config.monitors.len(), config.mail_rules.len()), (1, 2, 2));
    assert_eq!((config.mail_services.len(), config.people.len(), config.groups.len()), (1, 1, 1));
    assert_eq!((config.hours.len(), config.holidays.len(), config.calendars.len()), (2, 1, 3));
    assert_eq!((config.bastions.len(), config.hosts.len(), config.redaction_rules.len()), (2, 1, 1));
    assert_eq!((config.spaces.len(), config.ticket_rules.len(), config.calendar_rules.len()), (1, 4, 2));
}

#[test]
fn no_key_stands_twice_in_the_table_and_every_reason_is_one_line() {
    let keys: Vec<&Key> = all().collect();
    for (at, key) in keys.iter().enumerate() {
        let twin = keys.iter().skip(at + 1).find(|k| (k.section, k.key) == (key.section, key.key));
        assert!(twin.is_none(), "{key:?}");
        assert!(!key.why.is_empty() && !key.why.contains('\n') && key.why.ends_with('.'), "{key:?}");
    }
    for section in SECTIONS {
        assert!(!section.about.contains('\n') && section.about.ends_with('.'), "{}", section.path);
        assert!(
            section.id.is_none_or(|id| section.key(id).is_some_and(|key| key.default.is_none())),
            "{}",
            section.path
        );
    }
}

#[test]
fn every_rule_speaks_of_keys_that_there_are() {
    use super::super::rules::{self, Rule};
    let is = |(section, key): &(&str, &str)| keys::section(section).is_some_and(|section| section.key(key).is_some());
    for rule in rules::all() {
        let named: Vec<(&str, &str)> = match rule {
            Rule::Once(name, _) => vec![*name],
            Rule::Leads(name, to) | Rule::LeadsPart(name, _, to) => vec![*name, *to],
            Rule::Needs(name, _, others, _) => others.iter().copied().chain([*name]).collect(),
            Rule::OneOf(section, when, names, _) => when.iter().chain(*names).map(|key| (*section, *key)).collect(),
            Rule::NotBoth(section, one, other, _) => vec![(*section, *one), (*section, *other)],
        };
        assert!(named.iter().all(is), "{named:?}");
    }
}

/// What a reader copies from the guide works, given the secrets' files and the monitor that it speaks of.
#[test]
fn every_piece_of_configuration_in_the_guide_can_be_used() {
    let guide = std::fs::read_to_string(example_path().parent().unwrap().join("docs/guide/safety-net.md")).unwrap();
    let pieces: Vec<&str> =
        guide.split("```toml\n").skip(1).map(|rest| rest.split_once("```").expect("an end").0).collect();
    assert!(pieces.len() > 8, "the guide's pieces were not found");
    let monitor = "[[mail.monitor]]\nname = \"zabbix-tokyo\"\n";
    for piece in pieces {
        let known = if piece.contains(monitor) { "" } else { monitor };
        let folder = Folder::with(&format!("{piece}\n{known}"));
        std::fs::create_dir(folder.path("secrets")).unwrap();
        for file in piece.split("{ file = \"").skip(1) {
            folder.write(file.split('"').next().unwrap(), b"https://example.jp/secret\n");
        }
        assert!(folder.load(&[]).is_ok(), "{piece}\n{}", folder.error(&[]));
    }
}

/// The pieces of each of these pages are one file, in their order.
#[test]
fn what_the_guide_says_of_people_tickets_calendars_and_hosts_can_be_used_as_it_stands() {
    for page in ["people-and-hours", "tickets", "calendar", "hosts"] {
        let path = example_path().parent().unwrap().join(format!("docs/guide/{page}.md"));
        let guide = std::fs::read_to_string(path).unwrap();
        let pieces = guide.split("```toml\n").skip(1).map(|rest| rest.split_once("```").expect("an end").0);
        let text = pieces.collect::<Vec<_>>().join("\n");
        let folder = Folder::with(&text);
        std::fs::create_dir(folder.path("secrets")).unwrap();
        for file in text.split("{ file = \"").skip(1) {
            folder.write(file.split('"').next().unwrap(), b"https://example.jp/secret\n");
        }
        folder.write("secrets/backlog-hook", b"0123456789abcdef0123456789abcdef\n");
        let config = folder.load(&[]).unwrap_or_else(|error| panic!("{page}: {error}"));
        let roster = crate::wiring::people::roster(&config).unwrap();
        assert_eq!(roster.unknown_names(), Vec::<String>::new(), "{page}");
        assert_eq!(crate::wiring::bridges::settings(&config).unwrap().spaces.len(), config.spaces.len(), "{page}");
        crate::wiring::bridges::calendar_settings(&config).unwrap();
        let (inventory, complaints) = crate::wiring::inventory::inventory(&config, &Default::default());
        let left_out = complaints.iter().filter(|complaint| complaint.says.contains("left out")).count();
        assert_eq!((inventory.hosts().count(), left_out), (config.hosts.len(), 0), "{page}: {complaints:?}");
        let tables = config.hours.len() + config.calendars.len() + config.hosts.len();
        assert!(!text.is_empty() && tables > 0, "{page}");
    }
}
