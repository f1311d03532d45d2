//! Hours put to the test: sentences in tables, and random rosters against a naive clock.

mod oracle;
mod random;
mod tables;
mod times;
