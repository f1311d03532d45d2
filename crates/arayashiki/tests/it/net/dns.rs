//! A name server of our own: TXT records from a table, and that there is nothing for everything else.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};

/// Answers as long as the test program runs.
pub fn serve(records: &[(&str, String)]) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let table: BTreeMap<String, String> =
        records.iter().map(|(name, text)| (format!("{name}."), text.clone())).collect();
    std::thread::spawn(move || {
        let mut packet = [0; 1_500];
        while let Ok((bytes, from)) = socket.recv_from(&mut packet) {
            let (name, kind, end) = question(&packet[..bytes]);
            let text = table.get(&name).filter(|_| kind == TXT);
            let _ = socket.send_to(&answer(&packet[..end], table.contains_key(&name), text), from);
        }
    });
    address
}

const TXT: u16 = 16;

/// The name, the type, and where the question ends.
fn question(packet: &[u8]) -> (String, u16, usize) {
    let (mut name, mut at) = (String::new(), 12);
    while packet[at] != 0 {
        let length = usize::from(packet[at]);
        name.push_str(&String::from_utf8_lossy(&packet[at + 1..=at + length]).to_lowercase());
        name.push('.');
        at += length + 1;
    }
    (name, u16::from_be_bytes([packet[at + 1], packet[at + 2]]), at + 5)
}

fn answer(asked: &[u8], is_known: bool, text: Option<&String>) -> Vec<u8> {
    let mut packet = asked.to_vec();
    packet[2..4].copy_from_slice(&[0x84, if is_known { 0x80 } else { 0x83 }]);
    packet[4..12].copy_from_slice(&[0, 1, 0, u8::from(text.is_some()), 0, 0, 0, 0]);
    if let Some(text) = text {
        let parts = text.as_bytes().chunks(255);
        let data: Vec<u8> = parts.flat_map(|part| [&[u8::try_from(part.len()).unwrap()], part].concat()).collect();
        packet.extend_from_slice(&[0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        packet.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
        packet.extend_from_slice(&data);
    }
    packet
}
