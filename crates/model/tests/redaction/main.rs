//! Redaction held against a corpus: planted secrets must be gone however the output is cut, ordinary output must stay as it is.

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod ordinary;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod random;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod streams;
