//! Writes every page in both languages into a folder, to be looked at: `cargo run -p web --example pages -- DIR`.
//! Shows sample data only; never part of the product.

#![expect(clippy::expect_used, reason = "the views are shared with the tests, which stop at the first fault")]

#[path = "../tests/it/gallery.rs"]
mod gallery;
#[path = "../tests/it/sample/mod.rs"]
mod sample;

use std::path::PathBuf;
use web::Language;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder =
        PathBuf::from(std::env::args().nth(1).ok_or("name a folder: cargo run -p web --example pages -- DIR")?);
    for language in Language::ALL {
        let into = folder.join(language.as_str());
        std::fs::create_dir_all(&into)?;
        for (name, html) in gallery::all(language) {
            std::fs::write(into.join(format!("{name}.html")), beside_its_files(&html))?;
        }
    }
    for file in ["arayashiki.css", "arayashiki.js", "favicon.svg"] {
        std::fs::copy(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("static").join(file), folder.join(file))?;
    }
    Ok(())
}

/// Opened from a folder, a page finds its files beside it instead of on a server.
fn beside_its_files(html: &str) -> String {
    ["arayashiki.css", "arayashiki.js", "favicon.svg"].iter().fold(html.to_owned(), |html, file| {
        html.replace(&web::static_files::href(file).unwrap_or_default(), &format!("../{file}"))
    })
}
