//! One command on one channel: feeds it, hands on what it says, watches its limits, and ends it on the host when one of them is met.
//! Knows nothing of connections.

mod kill;

use crate::outcome::{Chunk, Exit, Killed, Outcome, Stopped, Stream};
use crate::settings::{Limits, Settings};
use bytes::Bytes;
use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Error, Sig};
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// What to run, and within what.
pub(crate) struct Command {
    pub(crate) text: String,
    pub(crate) stdin: Option<Vec<u8>>,
    pub(crate) limits: Limits,
    /// When the whole call began.
    pub(crate) began: Instant,
    pub(crate) out: Sender<Chunk>,
    pub(crate) stop: CancellationToken,
    /// Everything is to stop.
    pub(crate) closing: CancellationToken,
}

/// How it ended.
pub(crate) enum End {
    /// The host would not run it.
    Refused,
    /// The channel may be followed by another one on the same connection if `is_clean`.
    Ran { outcome: Outcome, is_clean: bool },
}

/// A command that is under way.
struct Run<'a> {
    read: ChannelReadHalf,
    command: &'a Command,
    exit: Exit,
    was_told_eof: bool,
    out_bytes: u64,
    err_bytes: u64,
}

/// Why nothing more is read.
enum Over {
    Refused,
    Closed,
    Lost,
    Stopped(Stopped),
}

type Halt<'a> = Pin<&'a mut (dyn Future<Output = Stopped> + Send)>;

/// Runs a command on a channel that was just opened. `why_lost` is asked when the connection is gone.
pub(crate) async fn run(
    channel: Channel<Msg>,
    command: &Command,
    settings: &Settings,
    host_key: String,
    why_lost: impl FnOnce() -> Option<String>,
) -> Result<End, Error> {
    let (read, write) = channel.split();
    write.exec(true, command.text.as_bytes()).await?;
    let started = Instant::now();
    let mut run = Run { read, command, exit: Exit::Missing, was_told_eof: false, out_bytes: 0, err_bytes: 0 };
    let over = run.until_over(&write, started).await;
    let grace = Duration::from_millis(settings.grace_ms);
    let (stopped, killed, is_clean) = match over {
        Over::Refused => return Ok(End::Refused),
        Over::Closed => (None, Killed::NotNeeded, true),
        // The host had said all there was to say.
        Over::Lost if run.was_told_eof && run.exit != Exit::Missing => (None, Killed::NotNeeded, false),
        Over::Lost => {
            let why = why_lost().unwrap_or_else(|| "the connection is gone".to_owned());
            (Some(Stopped::Cut { why }), Killed::Nobody, false)
        }
        Over::Stopped(why) => {
            let (killed, is_clean) = kill::kill(&mut run.read, &write, grace, &mut run.exit).await;
            (Some(why), killed, is_clean)
        }
    };
    let outcome = Outcome {
        exit: run.exit,
        stopped,
        out_bytes: run.out_bytes,
        err_bytes: run.err_bytes,
        host_key,
        killed,
        waited_ms: millis(started - command.began),
        elapsed_ms: millis(started.elapsed()),
    };
    Ok(End::Ran { outcome, is_clean })
}

impl Run<'_> {
    async fn until_over(&mut self, write: &ChannelWriteHalf<Msg>, started: Instant) -> Over {
        let halt = halt(self.command, started);
        tokio::pin!(halt);
        let feed = feed(write, self.command.stdin.as_deref());
        tokio::pin!(feed);
        let mut is_fed = false;
        loop {
            let message = tokio::select! {
                biased;
                why = &mut halt => return Over::Stopped(why),
                // A command that does not read to the end is none of our concern.
                _ = &mut feed, if !is_fed => {
                    is_fed = true;
                    continue;
                }
                message = self.read.wait() => message,
            };
            if let Some(over) = self.hear(message, halt.as_mut()).await {
                return over;
            }
        }
    }

    async fn hear(&mut self, message: Option<ChannelMsg>, halt: Halt<'_>) -> Option<Over> {
        match message {
            None => return Some(Over::Lost),
            Some(ChannelMsg::Data { data }) => {
                return self.hand_on(Stream::Out, data, halt).await.err().map(Over::Stopped);
            }
            Some(ChannelMsg::ExtendedData { data, ext: 1 }) => {
                return self.hand_on(Stream::Err, data, halt).await.err().map(Over::Stopped);
            }
            Some(ChannelMsg::Failure) if self.has_said_nothing() => return Some(Over::Refused),
            Some(ChannelMsg::Eof) => self.was_told_eof = true,
            Some(ChannelMsg::Close) => return Some(Over::Closed),
            Some(message) => note_exit(&message, &mut self.exit),
        }
        None
    }

    fn has_said_nothing(&self) -> bool {
        self.exit == Exit::Missing && self.out_bytes + self.err_bytes == 0
    }

    /// Waits until whoever listens takes it: meanwhile nothing more is read, and the host gets no more room.
    async fn hand_on(&mut self, stream: Stream, mut bytes: Bytes, halt: Halt<'_>) -> Result<(), Stopped> {
        let limit = self.command.limits.output_bytes;
        let room = limit - (self.out_bytes + self.err_bytes).min(limit);
        let is_too_much = bytes.len() as u64 > room;
        if is_too_much {
            bytes.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        }
        let n = bytes.len() as u64;
        if n > 0 {
            tokio::select! {
                biased;
                sent = self.command.out.send(Chunk { stream, bytes }) => sent.map_err(|_| Stopped::Cancelled)?,
                why = halt => return Err(why),
            }
        }
        match stream {
            Stream::Out => self.out_bytes += n,
            Stream::Err => self.err_bytes += n,
        }
        if is_too_much { Err(Stopped::TooMuch { limit }) } else { Ok(()) }
    }
}

/// Ends when the command must.
async fn halt(command: &Command, started: Instant) -> Stopped {
    let step = started + Duration::from_millis(command.limits.step_ms);
    let total = command.began + Duration::from_millis(command.limits.total_ms);
    tokio::select! {
        () = command.stop.cancelled() => Stopped::Cancelled,
        () = command.closing.cancelled() => Stopped::Cancelled,
        () = sleep_until(step.min(total)) => if step <= total { Stopped::StepTimeout } else { Stopped::TotalTimeout },
    }
}

async fn feed(write: &ChannelWriteHalf<Msg>, stdin: Option<&[u8]>) -> Result<(), Error> {
    if let Some(stdin) = stdin {
        write.data_bytes(Bytes::copy_from_slice(stdin)).await?;
    }
    write.eof().await
}

/// Keeps what a host says of a command's end.
fn note_exit(message: &ChannelMsg, exit: &mut Exit) {
    match message {
        ChannelMsg::ExitStatus { exit_status } => *exit = Exit::Status(*exit_status),
        ChannelMsg::ExitSignal { signal_name, core_dumped, error_message, .. } => {
            *exit = Exit::Signal { name: name(signal_name), core: *core_dumped, message: error_message.clone() };
        }
        _ => {}
    }
}

fn name(signal: &Sig) -> String {
    match signal {
        Sig::Custom(name) => name.clone(),
        signal => format!("{signal:?}"),
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
