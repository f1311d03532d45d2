//! The whole program, tested from the outside: its binary, its sockets, its files. Never looks into its memory; the
//! judge is a simulated PagerDuty in a process of its own.

#[cfg(test)]
mod bridges;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod buttons;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod judge;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod meet;
#[cfg(test)]
mod mirror;
#[cfg(test)]
mod net;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod postgres_away;
#[cfg(test)]
mod power_cut;
#[cfg(test)]
mod repair;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod rolling;
#[cfg(test)]
mod sabotage;
#[cfg(test)]
mod spool;
#[cfg(test)]
mod story;
#[cfg(test)]
mod stranger;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod world;
