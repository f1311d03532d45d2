//! A name server of one's own on a loopback port: it knows the TXT records that it is given, nothing else, and can be silent.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

const TXT: u16 = 16;
const HEAD_BYTES: usize = 12;

pub struct Names {
    pub address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    is_silent: AtomicBool,
    is_over: AtomicBool,
    asked: AtomicUsize,
}

impl Names {
    pub fn start(texts: &[(&str, &str)]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let address = socket.local_addr().unwrap();
        let state = Arc::new(State::default());
        let texts: BTreeMap<String, String> =
            texts.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
        let own = Arc::clone(&state);
        std::thread::spawn(move || {
            let mut buffer = [0_u8; 1_500];
            while !own.is_over.load(SeqCst) {
                let Ok((length, peer)) = socket.recv_from(&mut buffer) else { continue };
                own.asked.fetch_add(1, SeqCst);
                if own.is_silent.load(SeqCst) {
                    continue;
                }
                if let Some(answer) = answer(&buffer[..length], &texts) {
                    let _ = socket.send_to(&answer, peer);
                }
            }
        });
        Self { address, state }
    }

    pub fn be_silent(&self, is: bool) {
        self.state.is_silent.store(is, SeqCst);
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.state.asked.load(SeqCst)
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.state.is_over.store(true, SeqCst);
    }
}

/// One question, one answer: the text, or that there is no such name.
fn answer(asked: &[u8], texts: &BTreeMap<String, String>) -> Option<Vec<u8>> {
    let (name, end) = name(asked)?;
    let kind = u16::from_be_bytes([*asked.get(end)?, *asked.get(end + 1)?]);
    let text = texts.get(&name).filter(|_| kind == TXT);
    let is_known = texts.contains_key(&name);
    let mut out = asked.get(..2)?.to_vec();
    out.extend([0x84, if is_known { 0x80 } else { 0x83 }, 0, 1, 0, u8::from(text.is_some()), 0, 0, 0, 0]);
    out.extend_from_slice(asked.get(HEAD_BYTES..end + 4)?);
    if let Some(text) = text {
        out.extend([0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 60]);
        let parts: Vec<&[u8]> = text.as_bytes().chunks(255).collect();
        out.extend(u16::try_from(text.len() + parts.len()).ok()?.to_be_bytes());
        for part in parts {
            out.push(u8::try_from(part.len()).ok()?);
            out.extend_from_slice(part);
        }
    }
    Some(out)
}

/// The question's name, and where it ends.
fn name(asked: &[u8]) -> Option<(String, usize)> {
    let (mut at, mut labels) = (HEAD_BYTES, Vec::new());
    loop {
        let length = usize::from(*asked.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        labels.push(String::from_utf8_lossy(asked.get(at..at + length)?).to_lowercase());
        at += length;
    }
}
