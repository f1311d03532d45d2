//! Redaction held against a corpus: planted secrets must be gone however the output is cut, ordinary output must stay as it is.

mod corpus;
mod ordinary;
mod planted;
mod random;
mod rules;
mod streams;
