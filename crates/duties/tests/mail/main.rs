//! Reading mail, tested from the outside: the corpus in `../corpus`, and what holds of any bytes.

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod monitors;
#[cfg(test)]
mod properties;
