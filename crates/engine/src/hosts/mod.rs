//! What is found on hosts beside the incident, and what is asked of them.

pub mod ask;
pub mod say;
