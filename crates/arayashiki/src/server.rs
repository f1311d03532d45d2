//! The sockets: accepts connections within a bound, gives each a time to say what it wants, and ends them gently.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::nag::{Nag, Over};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::Service;

/// More than any team's browsers and PagerDuty's deliveries; the files of the process are not endless.
const MOST_CONNECTIONS: usize = 8_192;
/// A client that has not said what it wants by then is let go.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
const GOODBYE: Duration = Duration::from_secs(10);
/// What is being connected is connected by then.
const HANDSHAKE: Duration = Duration::from_millis(200);
/// Whoever asked before has this long to ask again; who says nothing then is idle.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Serves until told to stop, then lets what is under way end.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let (silent, begun) = mpsc::channel(1);
    let mut open = Open {
        router,
        slots: Arc::new(Semaphore::new(MOST_CONNECTIONS)),
        graceful: GracefulShutdown::new(),
        connections: JoinSet::new(),
        silent,
    };
    let mut nag = Nag::default();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = open.connections.join_next(), if !open.connections.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(Over { seconds }) = nag.over(Instant::now()) {
                    tracing::info!(seconds, "connections are accepted again");
                }
                open.take(stream, peer);
            }
            Err(error) => {
                // Out of files, mostly: what is open must end before more can begin.
                if let Some(failures) = nag.failed(Instant::now()) {
                    tracing::warn!(%error, failures, "a connection could not be accepted; it is tried again");
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    open.take_the_last(listener).await;
    open.end(begun).await;
}

/// The connections of one listener.
struct Open {
    router: Router,
    slots: Arc<Semaphore>,
    graceful: GracefulShutdown,
    connections: JoinSet<()>,
    /// Every connection holds one of these until its first request.
    silent: Silent,
}

type Silent = mpsc::Sender<Infallible>;

impl Open {
    fn take(&mut self, stream: TcpStream, peer: SocketAddr) {
        let Ok(slot) = self.slots.clone().try_acquire_owned() else { return };
        let connection = connection(stream, peer, self.router.clone(), &self.graceful, self.silent.clone());
        self.connections.spawn(async move {
            connection.await;
            drop(slot);
        });
    }

    async fn all_ended(&mut self) {
        while self.connections.join_next().await.is_some() {}
    }

    /// Closing a listener cuts whoever the system has connected and nobody has accepted yet, maybe with a webhook on its
    /// way. So newcomers are turned away first, then those who wait or are being connected are taken in, and only then is
    /// it closed.
    async fn take_the_last(&mut self, listener: TcpListener) {
        turn_away(&listener);
        let end = tokio::time::Instant::now() + HANDSHAKE;
        while let Ok(accepted) = tokio::time::timeout_at(end, listener.accept()).await {
            match accepted {
                Ok((stream, peer)) => self.take(stream, peer),
                Err(_) => break,
            }
        }
    }

    /// A goodbye closes a connection of which nothing was read yet, although a request may lie there or be on its way: one
    /// that never asked for anything has as long for it as at any other time.
    async fn end(mut self, mut begun: mpsc::Receiver<Infallible>) {
        let _ = tokio::time::timeout(LAST_WORD, self.all_ended()).await;
        drop(self.silent);
        let _ = tokio::time::timeout(HEADER_TIMEOUT, begun.recv()).await;
        let _ = tokio::time::timeout(GOODBYE, self.graceful.shutdown()).await;
        self.connections.shutdown().await;
    }
}

/// Lets the listener drop every greeting of a newcomer: it is then as if it had never come, and its repeat finds the port
/// closed. What belongs to a connection that is being made passes.
#[cfg(target_os = "linux")]
fn turn_away(listener: &TcpListener) {
    use std::os::fd::AsRawFd;
    const FLAGS: u32 = 13;
    const SYN: u32 = 2;
    let step = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
    // The byte of TCP's flags; if SYN is among them, keep zero bytes of the packet; otherwise all.
    let mut newcomers =
        [step(0x30, 0, 0, FLAGS), step(0x45, 0, 1, SYN), step(0x06, 0, 0, 0), step(0x06, 0, 0, u32::MAX)];
    let program = libc::sock_fprog { len: newcomers.len() as u16, filter: newcomers.as_mut_ptr() };
    #[expect(unsafe_code, reason = "std has no socket filters; the pointers are to locals of the right type")]
    unsafe {
        libc::setsockopt(
            listener.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            (&raw const program).cast(),
            size_of::<libc::sock_fprog>() as libc::socklen_t,
        );
    }
}

#[cfg(not(target_os = "linux"))]
const fn turn_away(_listener: &TcpListener) {}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    graceful: &GracefulShutdown,
    silent: Silent,
) -> impl Future<Output = ()> + Send + 'static {
    let _ = stream.set_nodelay(true);
    let silent = Mutex::new(Some(silent));
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        drop(silent.lock().unwrap_or_else(PoisonError::into_inner).take());
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request)
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(served);
    async move {
        // Whatever goes wrong on one connection is the client's to notice and concerns nobody else.
        let _ = watched.await;
    }
}

/// SIGTERM and Ctrl-C, from the moment of listening on: none is missed between two waits.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ends with SIGTERM or Ctrl-C.
pub async fn asked_to_stop() {
    match Signals::listen() {
        Ok(mut signals) => signals.next().await,
        Err(error) => tracing::error!(%error, "no signals can be heard: stopping"),
    }
}

/// As many files as the system allows us: its usual soft limit is a thousand connections, fewer than we take.
pub fn raise_file_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    #[expect(unsafe_code, reason = "std has no resource limits; the pointers are to a local of the right type")]
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 && limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
        }
    }
}
