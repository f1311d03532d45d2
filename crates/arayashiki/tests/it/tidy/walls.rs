//! The walls between the crates: who may know whom, and who may touch what.

use super::{files, none, root};

const OURS: [&str; 11] =
    ["model", "duties", "store", "connectors", "smtp", "evidence", "probe", "engine", "web", "sandbox", "arayashiki"];

/// Whom each crate may depend on, of ours.
fn may_know(name: &str) -> &'static [&'static str] {
    match name {
        "duties" | "store" | "connectors" | "smtp" | "evidence" => &["model"],
        "engine" => &["model", "duties", "store", "connectors", "evidence", "probe"],
        "web" => &["model", "duties", "store", "evidence"],
        "arayashiki" => {
            &["model", "duties", "store", "connectors", "smtp", "evidence", "probe", "engine", "web", "sandbox"]
        }
        _ => &[],
    }
}

/// Names under `[dependencies]`.
fn dependencies(manifest: &str) -> Vec<String> {
    let table: toml::Table = manifest.parse().unwrap();
    let names = table.get("dependencies").and_then(|d| d.as_table()).into_iter().flat_map(toml::Table::keys);
    names.map(String::to_owned).collect()
}

#[test]
fn no_crate_knows_one_that_it_must_not_know() {
    let mut found = Vec::new();
    for name in OURS {
        let manifest = std::fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        for dependency in dependencies(&manifest) {
            if OURS.contains(&dependency.as_str()) && !may_know(name).contains(&dependency.as_str()) {
                found.push(format!("{name} depends on {dependency}"));
            }
        }
    }
    let folders = std::fs::read_dir(root().join("crates")).unwrap();
    let unknown = folders.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    found.extend(unknown.filter(|name| !OURS.contains(&name.as_str())).map(|name| format!("{name} has no walls yet")));
    none(found);
}

#[test]
fn only_the_store_speaks_to_databases_only_connectors_call_out_and_only_the_probe_opens_ssh() {
    let walls: [(&str, &[&str]); 6] = [
        ("rusqlite", &["store"]),
        ("tokio_postgres", &["store"]),
        ("deadpool_postgres", &["store"]),
        ("reqwest", &["connectors", "sandbox"]),
        ("lettre", &["connectors"]),
        // The sandbox is the other side of it.
        ("russh", &["probe", "sandbox"]),
    ];
    let mut found = Vec::new();
    for file in files().iter().filter(|file| file.is_program()) {
        for (word, crates) in walls {
            if !crates.contains(&file.of()) && file.program_text().contains(word) {
                found.push(format!("{} has {word}", file.path));
            }
        }
    }
    none(found);
}

#[test]
fn no_crate_but_the_leaf_reads_the_environment() {
    let mut found = Vec::new();
    for file in files().iter().filter(|file| file.is_program() && file.of() != "arayashiki") {
        for word in ["env::var(", "env::vars(", "env::var_os(", "env::vars_os(", "env::args"] {
            if file.program_text().contains(word) {
                found.push(format!("{} has {word}", file.path));
            }
        }
    }
    none(found);
}

#[test]
fn pure_crates_have_no_runtime_no_socket_and_no_clock() {
    let mut found = Vec::new();
    for file in files().iter().filter(|file| file.is_program() && ["model", "duties"].contains(&file.of())) {
        for word in ["tokio", "std::net", "std::fs", "SystemTime", "Instant::now", "Timestamp::now", "async fn"] {
            if file.program_text().contains(word) {
                found.push(format!("{} has {word}", file.path));
            }
        }
    }
    none(found);
}
