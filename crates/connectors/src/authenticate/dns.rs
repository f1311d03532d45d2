//! A small DNS server over UDP for tests: answers from a table, counts what it is asked.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

#[derive(Clone, Debug)]
pub enum Record {
    Txt(String),
    A(Ipv4Addr),
    /// The server's own trouble.
    Fails,
    /// The question is heard and nothing is said.
    Silent,
}

pub struct Dns {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

type Table = BTreeMap<String, Record>;

impl Dns {
    pub async fn start(records: &[(&str, Record)]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let table: Table = records.iter().map(|(name, record)| (format!("{name}."), record.clone())).collect();
        let mut tasks = JoinSet::new();
        let log = asked.clone();
        tasks.spawn(async move {
            let mut packet = [0; 1_500];
            while let Ok((bytes, from)) = socket.recv_from(&mut packet).await {
                let (name, kind, end) = question(&packet[..bytes]);
                log.lock().unwrap().push(name.clone());
                if let Some(answer) = answer(&packet[..end], &table, &name, kind) {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        Self { address, asked, _tasks: tasks }
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The name, the type, and where the question ends.
fn question(packet: &[u8]) -> (String, u16, usize) {
    let mut name = String::new();
    let mut at = 12;
    while packet[at] != 0 {
        let length = usize::from(packet[at]);
        name.push_str(&String::from_utf8_lossy(&packet[at + 1..at + 1 + length]).to_lowercase());
        name.push('.');
        at += length + 1;
    }
    (name, u16::from_be_bytes([packet[at + 1], packet[at + 2]]), at + 5)
}

fn answer(asked: &[u8], table: &Table, name: &str, kind: u16) -> Option<Vec<u8>> {
    let (code, data) = match table.get(name) {
        Some(Record::Silent) => return None,
        Some(Record::Fails) => (2, None),
        Some(Record::Txt(text)) if kind == 16 => (0, Some(txt(text))),
        Some(Record::A(address)) if kind == 1 => (0, Some(address.octets().to_vec())),
        Some(_) => (0, None),
        None => (3, None),
    };
    let mut packet = asked.to_vec();
    packet[2..4].copy_from_slice(&[0x84, 0x80 | code]);
    packet[4..12].copy_from_slice(&[0, 1, 0, u8::from(data.is_some()), 0, 0, 0, 0]);
    if let Some(data) = data {
        packet.extend_from_slice(&[0xc0, 12]);
        packet.extend_from_slice(&kind.to_be_bytes());
        packet.extend_from_slice(&[0, 1, 0, 0, 0, 60]);
        packet.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
        packet.extend_from_slice(&data);
    }
    Some(packet)
}

fn txt(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(255).flat_map(|part| [&[u8::try_from(part.len()).unwrap()], part].concat()).collect()
}
