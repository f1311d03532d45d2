//! The receiver from the outside, over real sockets: conversations, hostile senders, TLS, a stop, and other people's programs.

#[cfg(test)]
mod bodies;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod stop;
#[cfg(test)]
mod talk;
#[cfg(test)]
mod tls;
