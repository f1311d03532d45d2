//! The stream under an SSH connection, with a handle to end it from outside and a limit on how long a write may stall.
//!
//! A session of russh that waits for its peer in the middle of a write or a key exchange hears nothing else: neither that its owner is
//! gone nor that the peer is dead. Only its stream can wake it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A connection's two directions: a socket, or a tunnel through a bastion.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

pub(super) struct Wire {
    inner: Box<dyn Duplex>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    stall: Duration,
    /// Runs while a write waits.
    stalled: Pin<Box<Sleep>>,
    is_stalled: bool,
}

impl Wire {
    pub(super) fn new(inner: Box<dyn Duplex>, cut: CancellationToken, stall: Duration) -> Self {
        let (cut, stalled) = (Box::pin(cut.cancelled_owned()), Box::pin(sleep(stall)));
        Self { inner, cut, stall, stalled, is_stalled: false }
    }

    fn is_cut(&mut self, cx: &mut Context<'_>) -> bool {
        self.cut.as_mut().poll(cx).is_ready()
    }

    /// The end of a write that has been waiting for too long.
    fn poll_stall(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        if !self.is_stalled {
            self.is_stalled = true;
            self.stalled.as_mut().reset(Instant::now() + self.stall);
        }
        self.stalled.as_mut().poll(cx).map(|()| io::Error::new(io::ErrorKind::TimedOut, "the other side takes no more"))
    }
}

fn was_cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "closed from this side")
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.is_cut(cx) {
            return Poll::Ready(Err(was_cut()));
        }
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_cut(cx) {
            return Poll::Ready(Err(was_cut()));
        }
        match Pin::new(&mut self.inner).poll_write(cx, buf) {
            Poll::Ready(done) => {
                self.is_stalled = false;
                Poll::Ready(done)
            }
            Poll::Pending => self.poll_stall(cx).map(Err),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    /// Goes through even when it is cut: a tunnel's bastion has to hear of the end.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_reader_that_waits_is_woken_by_the_cut() {
        let (near, _far) = tokio::io::duplex(16);
        let cut = CancellationToken::new();
        let mut wire = Wire::new(Box::new(near), cut.clone(), Duration::from_secs(1));
        let reading = async {
            let mut byte = [0];
            wire.read(&mut byte).await.unwrap_err().kind()
        };
        let (kind, ()) = tokio::join!(reading, async { cut.cancel() });
        assert_eq!(kind, io::ErrorKind::ConnectionAborted);
    }

    #[tokio::test]
    async fn a_write_that_nobody_takes_ends_by_itself_and_a_slow_one_does_not() {
        let (near, mut far) = tokio::io::duplex(4);
        let mut wire = Wire::new(Box::new(near), CancellationToken::new(), Duration::from_millis(300));
        let slowly = async {
            let mut taken = [0; 4];
            for _ in 0..4 {
                sleep(Duration::from_millis(100)).await;
                far.read_exact(&mut taken).await.unwrap();
            }
            far
        };
        let (written, _far) = tokio::join!(wire.write_all(&[7; 16]), slowly);
        written.unwrap();
        wire.write_all(&[7; 4]).await.unwrap();
        assert_eq!(wire.write_all(&[7]).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
