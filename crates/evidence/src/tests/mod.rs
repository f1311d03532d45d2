//! The store of originals: what goes in comes out, what is spoilt is told, what was promised survives.

mod damage;
mod disk;
mod keys;
mod kill;
#[cfg(feature = "s3")]
mod objects;
mod put;
mod signer;
mod streams;
mod trace;

use super::*;
use std::path::Path;

fn settings(folder: &Path) -> Settings {
    Settings::new(format!("file:{}", folder.join("evidence").display()), folder.join("evidence.key"))
}

async fn open(folder: &Path) -> Evidence {
    Evidence::open(&settings(folder)).await.unwrap()
}
