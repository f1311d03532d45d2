//! The probe against real OpenSSH servers: `scripts/services install`, then ARAYASHIKI_SSHD names scripts/sshd.

#[cfg(test)]
mod bed;
#[cfg(test)]
mod chains;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod output;
#[cfg(test)]
mod pool;
#[cfg(test)]
mod rekey;
#[cfg(test)]
mod sshd;
#[cfg(test)]
mod trust;
