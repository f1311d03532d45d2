//! The databases' own clients. What is asked is read as a statement about known tables, and answered from the server's state; what is not
//! known is answered as the server would answer it, never with an invention.

mod mysql;
mod postgres;
mod redis;
mod sql;

pub(super) use mysql::{mysql, mysqladmin};
pub(super) use postgres::{pg_isready, psql};
pub(super) use redis::redis_cli;

use super::Call;

fn is_up(call: &Call<'_, '_>) -> bool {
    !call.machine.is_down(call.machine.main_unit())
}
