//! The store's own tests: every case runs on SQLite and, where a server is at hand, on PostgreSQL. Time moves by the
//! store's clock; nothing here waits for luck.

mod actions;
mod bed;
mod breakers;
mod child;
mod claims;
mod clock;
mod crash;
mod disk;
mod dropped;
mod duty_memory;
mod house;
mod incidents;
mod intake;
mod lanes;
mod migration;
mod outcomes;
mod schema;
mod scope;
mod shown;
mod stopped;
mod timers;
mod trail;
mod unwritable;
mod words;
