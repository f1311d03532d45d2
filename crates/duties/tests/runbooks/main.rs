//! Runbooks from the outside: their mistakes, their scripts in real shells, and what is said of what came back.

mod frame;
mod hostile;
mod injection;
mod judged;
mod lint;
mod shells;
mod shipped;
