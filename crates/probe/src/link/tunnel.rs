//! A connection to the next hop through a bastion, as a stream. Its channel is emptied all the time, whether or not anybody reads the
//! stream: a bastion's connection is one queue for all its tunnels, and one that is not emptied would stop the others.
//!
//! What waits here is bounded by the next hop's own SSH windows: a run that is read slowly gives its host no more room. A host that sends
//! more than it was given is cut off.

use super::Use;
use bytes::{Buf, Bytes};
use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long the bastion has to close a tunnel of its own accord after its end.
const LINGER: Duration = Duration::from_secs(1);

pub(crate) struct Tunnel {
    arrived: UnboundedReceiver<Bytes>,
    current: Bytes,
    held: Arc<AtomicUsize>,
    writer: Pin<Box<dyn AsyncWrite + Send>>,
    _gone: DropGuard,
}

/// What goes on behind the stream, to be run as a task.
pub(super) struct Pump {
    read: ChannelReadHalf,
    write: ChannelWriteHalf<Msg>,
    arrived: Option<UnboundedSender<Bytes>>,
    held: Arc<AtomicUsize>,
    max_held_bytes: usize,
    gone: CancellationToken,
    bastion: Use,
}

/// The stream of a channel that a bastion has opened, and its pump.
pub(super) fn over(channel: russh::Channel<Msg>, bastion: Use, max_held_bytes: usize) -> (Tunnel, Pump) {
    let (read, write) = channel.split();
    let (sender, arrived) = unbounded_channel();
    let (held, gone) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
    let tunnel = Tunnel {
        arrived,
        current: Bytes::new(),
        held: held.clone(),
        writer: Box::pin(write.make_writer()),
        _gone: gone.clone().drop_guard(),
    };
    (tunnel, Pump { read, write, arrived: Some(sender), held, max_held_bytes, gone, bastion })
}

impl Pump {
    pub(super) async fn run(mut self) {
        let gone = self.gone.clone();
        loop {
            tokio::select! {
                message = self.read.wait() => match message {
                    Some(ChannelMsg::Close) | None => return,
                    Some(ChannelMsg::Eof) => self.arrived = None,
                    Some(ChannelMsg::Data { data }) => self.take(data),
                    Some(_) => {}
                },
                () = gone.cancelled() => return self.end().await,
            }
        }
    }

    fn take(&mut self, data: Bytes) {
        // To a reader, nothing is the end.
        if data.is_empty() {
            return;
        }
        let held = self.held.fetch_add(data.len(), Ordering::Relaxed) + data.len();
        if held > self.max_held_bytes {
            tracing::warn!(bastion = %self.bastion.name(), held, "a host sent more than its windows allow: cut off");
            self.arrived = None;
        }
        if let Some(arrived) = &self.arrived {
            // Nobody reads any more: the end is near.
            let _ = arrived.send(data);
        }
    }

    /// Nobody reads any more. The bastion closes the channel when the next hop hangs up; when it does not, we do, which costs the
    /// connection a little memory for good.
    async fn end(mut self) {
        let closing = async {
            let _ = self.write.eof().await;
            while !matches!(self.read.wait().await, Some(ChannelMsg::Close) | None) {}
        };
        if timeout(LINGER, closing).await.is_err() {
            self.bastion.wear();
            let _ = timeout(LINGER, self.write.close()).await;
        }
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.current.is_empty() {
            // The end of the sender is the end of the stream.
            let Some(next) = ready!(self.arrived.poll_recv(cx)) else { return Poll::Ready(Ok(())) };
            self.current = next;
        }
        let n = self.current.len().min(buf.remaining());
        buf.put_slice(&self.current[..n]);
        self.current.advance(n);
        self.held.fetch_sub(n, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.writer.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.as_mut().poll_shutdown(cx)
    }
}
