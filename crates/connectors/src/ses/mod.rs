//! Mails that Amazon SES received: what its notifications say, and where the mail itself is. Pure but for `S3`, which reads
//! one object. Never deletes what lies in the bucket.
//!
//! `read(message) -> Result<Receipt, NoMail>` takes the message of a `sns::Said::Notification`; `S3::new(&S3Settings)` and
//! `get(&call, bucket, key)` fetch a mail that SES put into a bucket.

mod receipt;
mod s3;

#[cfg(test)]
mod tests;

pub use receipt::{Content, NoMail, Receipt, Received, read};
pub use s3::{S3, S3Settings};
