//! MAIL and RCPT: who sends, whom it is for, and why not.

use super::{Mail, Session, Step};
use crate::allow::Verdict;
use crate::command::Sender;
use crate::counts::one_more;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) fn mail(&mut self, sender: Sender) -> Step {
        if self.helo.is_none() {
            let hello = if self.is_lmtp() { "503 5.5.1 LHLO first" } else { "503 5.5.1 EHLO or HELO first" };
            return self.bad(hello);
        }
        if self.mail.is_some() {
            return self.bad("503 5.5.1 A mail is begun already: end it, or RSET");
        }
        if let Some(refusal) = self.refusal(&sender) {
            return self.useless(refusal);
        }
        self.mail = Some(Mail { from: sender.address, recipients: Vec::new(), body: None });
        self.useless("250 2.1.0 Ok")
    }

    fn refusal(&self, sender: &Sender) -> Option<&'static str> {
        let (settings, counts) = (self.settings(), &self.server.counts);
        if settings.tls_required && !self.is_tls {
            return Some("530 5.7.0 STARTTLS first");
        }
        if sender.is_binary {
            return Some("555 5.5.4 BODY=BINARYMIME is not supported; encode it");
        }
        if sender.size > settings.max_bytes {
            one_more(&counts.too_big);
            return Some("552 5.3.4 The mail is too big; EHLO tells how big one may be");
        }
        if !self.server.limits.may_send(self.peer, Instant::now()) {
            one_more(&counts.rate_limited);
            return Some("451 4.7.1 Too many mails a minute from your address; try again later");
        }
        None
    }

    pub(super) fn recipient(&mut self, to: String) -> Step {
        let most = self.settings().max_recipients;
        let verdict = self.server.allowed.verdict(&to);
        let counts = self.server.counts.clone();
        let Some(mail) = self.mail.as_mut().filter(|mail| mail.body.is_none()) else {
            return self.bad("503 5.5.1 RCPT comes after MAIL and before the content");
        };
        if mail.recipients.len() >= most {
            return self.useless("452 4.5.3 Too many recipients; send the rest another time");
        }
        match verdict {
            Verdict::Ours => {
                mail.recipients.push(to);
                self.wire.say("250 2.1.5 Ok");
                Ok(())
            }
            Verdict::Unknown => {
                one_more(&counts.unknown_recipient);
                self.useless("550 5.1.1 No such recipient: it is not on this server's list")
            }
            Verdict::Relay => {
                one_more(&counts.relay_refused);
                self.useless("550 5.7.1 This server takes mail for its own recipients only and relays nothing")
            }
        }
    }
}
