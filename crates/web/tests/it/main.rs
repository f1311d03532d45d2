//! The pages as a whole: they render in both languages, say the same in both, trust no string and can be read.

#![expect(clippy::expect_used, reason = "a test that can't read its own files or views must stop")]

mod acts;
mod bridges;
mod contrast;
mod feed;
mod gallery;
mod locales;
mod net;
mod pages;
mod runs;
mod sample;
mod slack;
mod templates;
mod words;
