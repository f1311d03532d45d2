//! `export`: everything of a kind, in a file that is whole or not there.

use super::{assert_mirrored, ends, exported, truth};
use crate::outside::parallel;
use crate::outside::process::err;
use crate::world::{Database, SHORT, World};
use std::path::Path;

/// Rows of RFC 4180.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let text = text.strip_prefix('\u{FEFF}').expect("the mark of UTF-8, for spreadsheets");
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            other => field.push(other),
        }
    }
    assert!(!quoted && row.is_empty() && field.is_empty(), "the last line has no end");
    rows
}

fn left_in(folder: &Path) -> usize {
    let parts = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    parts.filter(|name| name.to_string_lossy().ends_with(".part")).count()
}

#[test]
fn everything_that_is_kept_can_be_taken_out() {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| {
        let world = World::beside(*database, SHORT, &["--story", "past", "--history", "450", "--days", "100"]);
        let all = truth(&world.sandbox);
        let oldest = all.iter().map(|incident| incident["created_at"].as_str().unwrap()).min().unwrap();
        ends(&world.site.command(&["backfill", "--since", oldest]), 0);
        assert_mirrored(&world, &all);
        let folder = world.site.folder.path();
        let file = folder.join("incidents.csv");
        let name = file.to_string_lossy().into_owned();
        let export = ["export", "--what", "incidents", "--format", "csv", "--out", &name];
        let told = ends(&world.site.command(&export), 0);
        assert!(told.contains(&format!("{} incidents in", all.len())), "{told}");
        let table = rows(&std::fs::read_to_string(&file).unwrap());
        assert_eq!(table.len(), all.len() + 1);
        assert!(table.iter().all(|row| row.len() == table[0].len()));
        let column = |name: &str| table[0].iter().position(|column| column == name).unwrap();
        let (id, title, created) = (column("id"), column("title"), column("created_at"));
        for incident in &all {
            let row = table.iter().find(|row| incident["id"] == row[id].as_str()).unwrap();
            assert_eq!(
                (&incident["title"], &incident["created_at"]),
                (&row[title].as_str().into(), &row[created].as_str().into())
            );
        }
        assert!(table[1..].is_sorted_by_key(|row| row[created].clone()), "in the order of opening");
        // Nothing is overwritten unless that is said, and nothing half-written is left.
        let again = world.site.command(&export);
        ends(&again, 2);
        assert!(err(&again).contains("--force"), "{}", err(&again));
        std::fs::write(&file, "mine").unwrap();
        ends(&world.site.command(&[&export[..], &["--force"]].concat()), 0);
        assert_eq!(rows(&std::fs::read_to_string(&file).unwrap()), table);
        assert_eq!(left_in(folder), 0);
        let trail = exported(&world, "audit");
        assert_eq!(trail.iter().filter(|row| row["action"] == "data.export").count(), 5, "{trail:?}");
        assert!(trail.iter().any(|row| row["action"] == "backfill.ask" && row["detail"]["since"].is_string()));
    });
}

#[test]
fn what_is_not_kept_or_not_written_is_refused_in_words() {
    let world = World::new(Database::Sqlite, SHORT);
    for (what, format, out, word) in [
        ("runs", "json", "a", "no runs"),
        ("incidents", "parquet", "a", "no Parquet"),
        ("incidents", "csv", "/tmp", "folder"),
        ("incidents", "csv", "..", "names no file"),
        ("tickets", "csv", "a", "possible values"),
    ] {
        let output = world.site.command(&["export", "--what", what, "--format", format, "--out", out]);
        ends(&output, 2);
        assert!(err(&output).contains(word), "{what} {format}: {}", err(&output));
    }
    let nowhere = world.site.folder.path().join("no/such/folder.csv");
    let nowhere = nowhere.to_string_lossy();
    let output = world.site.command(&["export", "--what", "audit", "--format", "csv", "--out", &nowhere]);
    ends(&output, 1);
    assert!(err(&output).contains("can't be written"), "{}", err(&output));
    let empty = exported(&world, "incidents");
    assert!(empty.is_empty(), "{empty:?}");
}
