//! The served pages and API from outside, in process, against a SQLite store of each test's own.

#![cfg(test)]

mod acts;
mod api;
mod bed;
mod bridges;
mod calm;
mod causes;
mod doors;
mod feed;
mod hosted;
mod hours;
mod keep;
mod live;
mod net;
mod openapi;
mod pages;
mod polls;
mod roles;
mod rules;
mod runs;
mod scope;
mod seats;
mod shell;
mod shown;
mod slack;
mod sources;
