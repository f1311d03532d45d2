//! DATA and BDAT: reads a body, hands the mail over, and answers only when it is known what became of it.

use super::{Leave, Mail, Session, Step};
use crate::body::{Body, Overflow};
use crate::counts::one_more;
use crate::data::{Scan, is_looping};
use crate::{Received, Refused};
use futures_util::FutureExt;
use model::mail::Envelope;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

const TOO_BIG: &str = "552 5.3.4 The mail is too big; EHLO tells how big one may be";
const CROWDED: &str = "452 4.3.1 Too much mail is being received; try again later";

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) async fn data(&mut self) -> Step {
        match &self.mail {
            None => return self.bad("503 5.5.1 MAIL and RCPT first"),
            Some(mail) if mail.body.is_some() => {
                return self.bad("503 5.5.1 This mail came by BDAT: go on with it, or RSET");
            }
            Some(mail) if mail.recipients.is_empty() => return self.bad(self.nobody()),
            Some(_) => {}
        }
        self.wire.say("354 Send it; end with a dot alone in a line");
        let body = self.dotted().await?;
        self.finish(body).await
    }

    /// RFC 2033 wants 503 of LMTP.
    fn nobody(&self) -> &'static str {
        if self.is_lmtp() { "503 5.5.1 No valid recipients" } else { "554 5.5.1 No valid recipients" }
    }

    async fn dotted(&mut self) -> Result<Body, Leave> {
        let until = self.until(self.settings().timeouts.data);
        let mut body = Body::new(&self.server.budget, self.settings().max_bytes);
        let mut scan = Scan::default();
        loop {
            let (used, has_ended) = scan.take(self.wire.unread(), &mut |bytes| body.push(bytes));
            self.wire.consume(used);
            if has_ended {
                return Ok(body);
            }
            self.is_worth_reading(body.came())?;
            self.wire.fill(until).await?;
        }
    }

    /// The rest of a mail that is too big is read, so that the sender hears why; but not for ever.
    fn is_worth_reading(&self, bytes: usize) -> Step {
        let most = self.settings().max_bytes.saturating_mul(2).saturating_add(1 << 20);
        if bytes <= most {
            return Ok(());
        }
        one_more(&self.server.counts.too_big);
        Err(Leave::Saying(TOO_BIG))
    }

    pub(super) async fn chunk(&mut self, bytes: usize, is_last: bool) -> Step {
        let mut mail = self.mail.take().filter(|mail| !mail.recipients.is_empty());
        let body = mail.as_mut().and_then(|mail| mail.body.take());
        let mut body = body.unwrap_or_else(|| Body::new(&self.server.budget, self.settings().max_bytes));
        if let Err(leave) = self.counted(bytes, &mut body).await {
            self.mail = mail;
            return Err(leave);
        }
        let Some(mail) = mail else { return self.bad("503 5.5.1 MAIL and RCPT first; this chunk is thrown away") };
        if is_last {
            self.mail = Some(mail);
            return self.finish(body).await;
        }
        match body.overflow() {
            Some(overflow) => {
                let answer = self.overflowed(overflow);
                self.useless(answer)
            }
            None => self.go_on(mail, body, bytes),
        }
    }

    fn go_on(&mut self, mail: Mail, body: Body, bytes: usize) -> Step {
        self.mail = Some(Mail { body: Some(body), ..mail });
        let answer = format!("250 2.0.0 {bytes} bytes received");
        if bytes == 0 {
            return self.useless(&answer);
        }
        self.wire.say(&answer);
        Ok(())
    }

    async fn counted(&mut self, bytes: usize, body: &mut Body) -> Step {
        self.is_worth_reading(body.came().saturating_add(bytes))?;
        let until = self.until(self.settings().timeouts.data);
        let mut left = bytes;
        while left > 0 {
            if self.wire.unread().is_empty() {
                self.wire.fill(until).await?;
            }
            let piece = left.min(self.wire.unread().len());
            body.push(&self.wire.unread()[..piece]);
            self.wire.consume(piece);
            left -= piece;
        }
        Ok(())
    }

    fn overflowed(&self, overflow: Overflow) -> &'static str {
        match overflow {
            Overflow::TooBig => {
                one_more(&self.server.counts.too_big);
                TOO_BIG
            }
            Overflow::Crowded => {
                one_more(&self.server.counts.crowded);
                CROWDED
            }
        }
    }

    /// Hands over what came, and says what became of it: in LMTP once for each recipient.
    async fn finish(&mut self, body: Body) -> Step {
        let Some(mail) = self.mail.take() else { return Ok(()) };
        let answers = if self.is_lmtp() { mail.recipients.len() } else { 1 };
        let (answer, is_accepted) = match body.finish() {
            Err(overflow) => (self.overflowed(overflow), false),
            Ok((raw, _)) if is_looping(&raw) => {
                one_more(&self.server.counts.looping);
                ("554 5.4.6 The mail runs in a circle: it has more than a hundred Received headers", false)
            }
            // The share of memory is held until the mail is out of our hands.
            Ok((raw, _share)) => self.hand_over(mail, raw).await,
        };
        for _ in 0..answers {
            self.wire.say(answer);
        }
        self.patience.useless = if is_accepted { 0 } else { self.patience.useless };
        let said = self.wire.flush().await;
        if is_accepted && said.is_err() {
            one_more(&self.server.counts.answer_lost);
        }
        Ok(said?)
    }

    async fn hand_over(&self, mail: Mail, raw: Vec<u8>) -> (&'static str, bool) {
        let counts = &self.server.counts;
        let bytes = raw.len() as u64;
        match self.outcome(Received { envelope: self.envelope(mail), raw }).await {
            Ok(()) => {
                one_more(&counts.accepted);
                counts.accepted_bytes.fetch_add(bytes, Ordering::Relaxed);
                tracing::debug!(peer = %self.peer, bytes, "a mail was accepted");
                ("250 2.0.0 Ok: it is safe here", true)
            }
            Err(Refused::NotDurable) => {
                one_more(&counts.not_durable);
                ("451 4.3.0 The mail can't be made safe now; try again later", false)
            }
            Err(Refused::Busy) => {
                one_more(&counts.busy);
                ("451 4.3.2 Too much is under way; try again later", false)
            }
        }
    }

    /// A taker that panics or takes too long has not said that the mail is durable.
    async fn outcome(&self, received: Received) -> Result<(), Refused> {
        let deliver = self.server.deliver.clone();
        let taken = AssertUnwindSafe(async move { deliver(received).await }).catch_unwind();
        match timeout(self.settings().timeouts.deliver, taken).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => {
                tracing::error!(peer = %self.peer, "a mail was not taken because of a bug; its sender tries again");
                Err(Refused::NotDurable)
            }
            Err(_) => Err(Refused::NotDurable),
        }
    }

    fn envelope(&self, mail: Mail) -> Envelope {
        Envelope {
            door: self.settings().protocol.door(),
            from: mail.from,
            recipients: mail.recipients,
            peer: Some(self.peer.to_string()),
            helo: self.helo.clone(),
            tls: self.is_tls,
            checked: None,
            place: None,
        }
    }
}
