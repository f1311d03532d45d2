//! A wire that a test holds in its hand: everything that goes to a server passes here, and may be held up or cut at any
//! time. It never looks at what passes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    Whole,
    /// Nothing passes, nothing is refused.
    Hung,
    /// What is open is cut, what is new is refused.
    Cut,
    /// The proxy's own end.
    Gone,
}

#[derive(Clone)]
struct State(Arc<AtomicU8>);

impl State {
    fn wire(&self) -> Wire {
        [Wire::Whole, Wire::Hung, Wire::Cut, Wire::Gone][self.0.load(SeqCst) as usize]
    }
}

pub struct Proxy {
    pub address: SocketAddr,
    state: State,
}

impl Proxy {
    /// Connections go to these servers in turn; one that refuses is passed over.
    pub fn to(servers: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let state = State(Arc::new(AtomicU8::new(0)));
        let own = state.clone();
        std::thread::spawn(move || accept(&listener, &servers, &own));
        Self { address, state }
    }

    pub fn set(&self, wire: Wire) {
        self.state.0.store(wire as u8, SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.set(Wire::Gone);
    }
}

fn accept(listener: &TcpListener, servers: &[SocketAddr], state: &State) {
    let next = AtomicUsize::new(0);
    while state.wire() != Wire::Gone {
        match listener.accept() {
            Ok((client, _)) if matches!(state.wire(), Wire::Whole | Wire::Hung) => join(client, servers, &next, state),
            Ok(_) => {}
            Err(_) => std::thread::sleep(LOOK_EVERY),
        }
    }
}

fn join(client: TcpStream, servers: &[SocketAddr], next: &AtomicUsize, state: &State) {
    let server =
        (0..servers.len()).find_map(|_| TcpStream::connect(servers[next.fetch_add(1, SeqCst) % servers.len()]).ok());
    let Some(server) = server else { return };
    client.set_nonblocking(false).unwrap();
    for (from, to) in [(&client, &server), (&server, &client)] {
        let (from, to, state) = (from.try_clone().unwrap(), to.try_clone().unwrap(), state.clone());
        std::thread::spawn(move || pump(from, to, &state));
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, state: &State) {
    let _ = (from.set_read_timeout(Some(Duration::from_millis(20))), to.set_nodelay(true));
    let mut bytes = [0; 16 << 10];
    loop {
        match state.wire() {
            Wire::Whole => {}
            Wire::Hung => {
                std::thread::sleep(LOOK_EVERY);
                continue;
            }
            Wire::Cut | Wire::Gone => {
                let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
                return;
            }
        }
        match from.read(&mut bytes) {
            Ok(0) => {
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
            Ok(read) if to.write_all(&bytes[..read]).is_ok() => {}
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
            _ => {
                let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
                return;
            }
        }
    }
}
