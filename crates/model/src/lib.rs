//! The words of operations and their arithmetic: incidents and the facts they follow from, signals, actions, roles,
//! scopes, signatures. Never does IO, never asks the time, never reads the environment.

pub mod act;
pub mod action;
pub mod calendar;
pub mod canonical;
pub mod capsule;
pub mod chain;
pub mod connection;
pub mod customer;
pub mod event;
pub mod host;
pub mod hours;
pub mod incident;
pub mod mail;
pub mod message;
pub mod orchestration;
pub mod person;
pub mod plan;
pub mod press;
pub mod redaction;
pub mod reference;
pub mod scope;
pub mod setting;
pub mod signal;
pub mod signature;
pub mod text;
pub mod ticket;
pub mod time;
pub mod visit;

pub use scope::Scope;
pub use time::Micros;
