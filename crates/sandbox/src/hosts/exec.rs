//! Plays a command in time: what it writes goes out as fast as the client takes it, pauses are waited for, faults disturb it. Everything
//! that was asked is in the journal before anything of it is answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use russh::server::{Handle, Msg};
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::faults::{Act, Moment};
use super::shell::{self, Asked, Beat, FOR_EVER_MS, Played};
use super::state::Hosts;

/// More is not taken from a client.
const MAX_STDIN_BYTES: usize = 8 * 1024 * 1024;
const CHUNK_BYTES: usize = 32 * 1024;
/// Frames begin so: what follows on standard input is the script, up to a last line that says that it is whole.
const FRAME: &str = "sh -c 's=$(cat); ";
const LAST_LINE: &str = "# end of step";
/// As the frame ends when the script did not arrive whole.
const NOT_WHOLE: i32 = 123;

pub(super) struct Run {
    pub hosts: Arc<Hosts>,
    pub node: usize,
    pub user: String,
    pub command: String,
    pub handle: Handle,
    pub cut: Arc<watch::Sender<u64>>,
}

/// How it ended.
enum End {
    Status(i32),
    Signal(Sig),
    /// The channel was closed without a word of it.
    NoStatus,
    /// The client closed the channel, or the connection is gone.
    Left,
    Cut,
}

#[derive(Default)]
struct Written {
    out: u64,
    err: u64,
}

pub(super) async fn play(run: Run, channel: Channel<Msg>) {
    let begun = Instant::now();
    let (mut read, write) = channel.split();
    let name = run.hosts.nodes[run.node].spec.name.clone();
    // A script that is sent belongs to the command, in the journal and for the faults.
    let is_framed = run.command.starts_with(FRAME);
    let mut stdin = if is_framed { collect(&mut read).await } else { None };
    let script = stdin.as_deref().map(|own| String::from_utf8_lossy(own).into_owned()).unwrap_or_default();
    let detail = json!({ "host": name, "user": run.user, "command": run.command, "stdin": script });
    let Ok(number) = run.hosts.journal.keep("host.command", detail).await else { return };
    let acts = run.hosts.faults.hit(&name, Moment::Command, &format!("{}\n{script}", run.command));
    let mut written = Written::default();
    let end = match hindered(&run, &acts, &mut read).await {
        Some(end) => end,
        None => {
            let before = run.hosts.scratch(run.node);
            let mut played = performed(&run, &acts, stdin.clone().unwrap_or_default()).await;
            if played.read_stdin && stdin.is_none() {
                stdin = collect(&mut read).await;
                played = performed(&run, &acts, stdin.unwrap_or_default()).await;
            }
            run.hosts.keep_scratch(run.node, &before, &played.scratch);
            let stage = Stage { write: &write, acts: &acts };
            stage.show(played, &mut read, &mut written).await
        }
    };
    let told = finish(&run, &write, end).await;
    let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let ended = json!({ "run": number, "host": name, "end": told, "out_bytes": written.out, "err_bytes": written.err, "ms": ms });
    // Nobody waits for this line any more: what was asked is already written down.
    let _kept = run.hosts.journal.keep("host.ended", ended).await;
}

/// What the client sends until it says that this is all.
async fn collect(read: &mut ChannelReadHalf) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(message) = read.wait().await {
        match message {
            ChannelMsg::Data { data } if all.len() < MAX_STDIN_BYTES => all.extend_from_slice(&data),
            ChannelMsg::Eof => return Some(all),
            ChannelMsg::Close | ChannelMsg::Signal { .. } => break,
            _ => {}
        }
    }
    Some(all)
}

/// Faults that come before anything happens.
async fn hindered(run: &Run, acts: &[Act], read: &mut ChannelReadHalf) -> Option<End> {
    for act in acts {
        let waits = async {
            match act {
                Act::Hang => run.hosts.faults.hang().await,
                Act::Delay { ms } => tokio::time::sleep(Duration::from_millis(*ms)).await,
                _ => {}
            }
        };
        tokio::select! {
            end = interrupted(read) => return Some(end),
            () = waits => {}
        }
    }
    None
}

/// A signal, or the client's going away.
async fn interrupted(read: &mut ChannelReadHalf) -> End {
    while let Some(message) = read.wait().await {
        match message {
            ChannelMsg::Signal { signal } => return End::Signal(signal),
            ChannelMsg::Close => return End::Left,
            _ => {}
        }
    }
    End::Left
}

async fn performed(run: &Run, acts: &[Act], stdin: Vec<u8>) -> Played {
    let machine = run.hosts.machine(run.node, acts);
    let (scratch, user, command) = (run.hosts.scratch(run.node), run.user.clone(), run.command.clone());
    let work = move || perform(&machine, scratch, (&user, &command, &stdin));
    let played = tokio::task::spawn_blocking(work).await;
    // A panic in there is as if the command had crashed.
    let crashed =
        |_| Played { beats: Vec::new(), status: 139, read_stdin: false, scratch: run.hosts.scratch(run.node) };
    played.unwrap_or_else(crashed)
}

fn perform(
    machine: &super::machine::Machine,
    scratch: super::machine::disk::Scratch,
    (user, command, stdin): (&str, &str, &[u8]),
) -> Played {
    if !command.starts_with(FRAME) {
        return shell::play(Asked { command, stdin, user, machine, scratch });
    }
    let text = String::from_utf8_lossy(stdin);
    let Some(script) = text.trim_end().strip_suffix(LAST_LINE) else {
        return Played { beats: Vec::new(), status: NOT_WHOLE, read_stdin: false, scratch };
    };
    let script = format!("export LC_ALL=C TERM=dumb; cd /\n{script}");
    shell::play(Asked { command: &script, stdin: b"", user, machine, scratch })
}

struct Stage<'a> {
    write: &'a ChannelWriteHalf<Msg>,
    acts: &'a [Act],
}

impl Stage<'_> {
    async fn show(&self, played: Played, read: &mut ChannelReadHalf, written: &mut Written) -> End {
        let status = played.status;
        let shown = async {
            for beat in self.disturbed(played.beats) {
                if let Some(end) = self.beat(beat, written).await {
                    return end;
                }
            }
            self.own_end(status)
        };
        tokio::select! {
            end = interrupted(read) => end,
            end = shown => end,
        }
    }

    fn own_end(&self, status: i32) -> End {
        let by_fault = self.acts.iter().find_map(|act| match act {
            Act::Signal { name } => Some(End::Signal(signal(name))),
            Act::NoStatus => Some(End::NoStatus),
            _ => None,
        });
        by_fault.unwrap_or(End::Status(status))
    }

    /// What comes instead of the command's own output, when a fault says so.
    fn disturbed(&self, beats: Vec<Beat>) -> Box<dyn Iterator<Item = Beat> + Send + '_> {
        for act in self.acts {
            match act {
                Act::Flood { bytes } => return Box::new(flood(*bytes)),
                Act::Binary { bytes } => return Box::new(noise(*bytes)),
                _ => {}
            }
        }
        Box::new(beats.into_iter())
    }

    async fn beat(&self, beat: Beat, written: &mut Written) -> Option<End> {
        let (bytes, is_err) = match beat {
            Beat::Pause(FOR_EVER_MS) => {
                std::future::pending::<()>().await;
                return None;
            }
            Beat::Pause(ms) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                return None;
            }
            Beat::Out(bytes) => (bytes, false),
            Beat::Err(bytes) => (bytes, true),
        };
        for part in bytes.chunks(self.chunk_bytes()) {
            if let Some(end) = self.part(part, is_err, written).await {
                return Some(end);
            }
        }
        None
    }

    fn chunk_bytes(&self) -> usize {
        let slow = self
            .acts
            .iter()
            .find_map(|act| if let Act::Slow { bytes_per_s } = act { Some(*bytes_per_s) } else { None });
        slow.map_or(CHUNK_BYTES, |rate| usize::try_from(rate / 10).unwrap_or(CHUNK_BYTES).clamp(1, CHUNK_BYTES))
    }

    async fn part(&self, part: &[u8], is_err: bool, written: &mut Written) -> Option<End> {
        let cut_at =
            self.acts.iter().find_map(|act| if let Act::Cut { after_bytes } = act { Some(*after_bytes) } else { None });
        let left = cut_at.map(|at| usize::try_from(at.saturating_sub(written.out + written.err)).unwrap_or(usize::MAX));
        let own = &part[..part.len().min(left.unwrap_or(usize::MAX))];
        let bytes = own.to_vec();
        let sent =
            if is_err { self.write.extended_data_bytes(1, bytes).await } else { self.write.data_bytes(bytes).await };
        *(if is_err { &mut written.err } else { &mut written.out }) += own.len() as u64;
        if sent.is_err() {
            return Some(End::Left);
        }
        if left.is_some_and(|left| left <= part.len()) {
            return Some(End::Cut);
        }
        if self.acts.iter().any(|act| matches!(act, Act::Slow { .. })) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        None
    }
}

/// Lines that differ, so that a missing piece shows.
fn flood(bytes: u64) -> impl Iterator<Item = Beat> + Send {
    let mut n = 0_u64;
    let mut left = bytes;
    std::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        while chunk.len() < CHUNK_BYTES {
            chunk.extend_from_slice(format!("line {n:010} of a long output, as a full log would be\n").as_bytes());
            n += 1;
        }
        chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len()));
        left -= chunk.len() as u64;
        Some(Beat::Out(chunk))
    })
}

fn noise(bytes: u64) -> impl Iterator<Item = Beat> + Send {
    let mut dice = crate::dice::Dice::new(bytes);
    let mut left = bytes;
    std::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        let mut chunk: Vec<u8> = (0..CHUNK_BYTES / 8).flat_map(|_| dice.next().to_le_bytes()).collect();
        chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len()));
        left -= chunk.len() as u64;
        Some(Beat::Out(chunk))
    })
}

fn signal(name: &str) -> Sig {
    match name.trim_start_matches("SIG") {
        "ABRT" => Sig::ABRT,
        "HUP" => Sig::HUP,
        "INT" => Sig::INT,
        "KILL" => Sig::KILL,
        "PIPE" => Sig::PIPE,
        "QUIT" => Sig::QUIT,
        "SEGV" => Sig::SEGV,
        "TERM" => Sig::TERM,
        other => Sig::Custom(other.to_owned()),
    }
}

/// Tells the client and says what was told. A client that is gone hears nothing, which is no error here.
async fn finish(run: &Run, write: &ChannelWriteHalf<Msg>, end: End) -> Value {
    let told = match end {
        End::Status(status) => {
            let _gone = write.exit_status(u32::try_from(status).unwrap_or(255)).await;
            json!({ "status": status })
        }
        End::Signal(signal) => {
            let name = format!("{signal:?}");
            let _gone =
                run.handle.exit_signal_request(write.id(), signal, false, "Terminated".into(), String::new()).await;
            json!({ "signal": name })
        }
        End::NoStatus => json!({ "no_status": true }),
        End::Left => json!({ "left": true }),
        End::Cut => {
            // What was written must be on its way before the cable is pulled.
            tokio::time::sleep(Duration::from_millis(50)).await;
            run.cut.send_modify(|n| *n += 1);
            return json!({ "cut": true });
        }
    };
    let _gone = write.eof().await;
    let _gone = write.close().await;
    told
}
