//! The sockets: accepts connections within a bound, gives each a time to say what it wants, and ends them gently.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::nag::{Nag, Over};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::Service;

/// More than any team's browsers and PagerDuty's deliveries; the files of the process are not endless.
const MOST_CONNECTIONS: usize = 8_192;
/// A client that has not said what it wants by then is let go.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
const GOODBYE: Duration = Duration::from_secs(10);
/// Whoever came last has this long to begin; who says nothing then is idle.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Serves until told to stop, then lets what is under way end.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let mut open = Open {
        router,
        slots: Arc::new(Semaphore::new(MOST_CONNECTIONS)),
        graceful: GracefulShutdown::new(),
        connections: JoinSet::new(),
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
    open.take_the_last(listener);
    // A goodbye closes a connection of which nothing was read yet, although a request may lie there.
    let _ = tokio::time::timeout(LAST_WORD, open.all_ended()).await;
    let _ = tokio::time::timeout(GOODBYE, open.graceful.shutdown()).await;
    open.connections.shutdown().await;
}

/// The connections of one listener.
struct Open {
    router: Router,
    slots: Arc<Semaphore>,
    graceful: GracefulShutdown,
    connections: JoinSet<()>,
}

impl Open {
    fn take(&mut self, stream: TcpStream, peer: SocketAddr) {
        let Ok(slot) = self.slots.clone().try_acquire_owned() else { return };
        let connection = connection(stream, peer, self.router.clone(), &self.graceful);
        self.connections.spawn(async move {
            connection.await;
            drop(slot);
        });
    }

    async fn all_ended(&mut self) {
        while self.connections.join_next().await.is_some() {}
    }

    /// Closing a listener cuts whoever the system has connected and nobody has accepted yet, maybe with a webhook on its
    /// way. So newcomers are turned away first, then those who wait are taken in, and only then is it closed.
    fn take_the_last(&mut self, listener: TcpListener) {
        let Ok(listener) = listener.into_std() else { return };
        turn_away(&listener);
        while let Ok((stream, peer)) = listener.accept() {
            if stream.set_nonblocking(true).is_ok()
                && let Ok(stream) = TcpStream::from_std(stream)
            {
                self.take(stream, peer);
            }
        }
    }
}

/// Lets the listener drop every packet that arrives for it: a newcomer's greeting is then as if it had never come, and
/// its repeat finds the port closed.
#[cfg(target_os = "linux")]
fn turn_away(listener: &std::net::TcpListener) {
    use std::os::fd::AsRawFd;
    // One instruction: keep zero bytes of the packet.
    let mut drop_all = libc::sock_filter { code: 0x06, jt: 0, jf: 0, k: 0 };
    let program = libc::sock_fprog { len: 1, filter: &raw mut drop_all };
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
const fn turn_away(_listener: &std::net::TcpListener) {}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
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
