//! The second path, for when PagerDuty can't page: a webhook, mail through a relay, and SMS by Amazon SNS. Each says what
//! surely did not happen and what may have; none retries, and none shows a secret.

mod mail;
mod sms;
mod sms_text;
mod webhook;

#[cfg(test)]
pub(crate) mod tests;

pub use mail::{Encryption, Mail, Mailer, MailerError, MailerSetup};
pub use sms::{Sms, SmsSetup};
pub use sms_text::fit;
pub use webhook::{Page, Person, Webhook, WebhookSetup};
