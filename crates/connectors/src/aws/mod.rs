//! What calls to Amazon Web Services have in common: the signature. Talks to nobody by itself.

pub mod sigv4;
