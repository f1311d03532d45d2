//! Runbooks from the outside: their mistakes, their scripts in real shells, and what is said of what came back.

#[cfg(test)]
mod frame;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod injection;
#[cfg(test)]
mod judged;
#[cfg(test)]
mod lint;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod shells;
#[cfg(test)]
mod shipped;
