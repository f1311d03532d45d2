//! The store's own tests: every case runs on SQLite and, where a server is at hand, on PostgreSQL. Time moves by the
//! store's clock; nothing here waits for luck.

mod actions;
mod again;
mod bed;
mod breakers;
mod calls;
mod child;
mod claims;
mod clock;
mod crash;
mod disk;
mod dropped;
mod duty_memory;
mod every;
mod house;
mod incidents;
mod intake;
mod lanes;
mod mail_matches;
mod matches;
mod migration;
mod net;
mod outcomes;
mod plans;
mod schema;
mod scope;
mod search;
mod shown;
mod spool;
mod stopped;
mod tally;
mod timers;
mod trail;
mod unwritable;
mod upgrade;
mod words;
