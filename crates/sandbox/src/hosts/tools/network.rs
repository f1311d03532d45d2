//! The network as the usual commands show it: addresses, routes, names, a ping.

use super::super::machine::net::{GATEWAY, NAME_SERVER, Nic};
use super::super::trouble::Trouble;
use super::Call;
use super::options::{Options, number};

fn cards(call: &Call<'_, '_>) -> Vec<Nic> {
    std::iter::once(call.machine.nic()).chain(call.machine.uplink()).collect()
}

pub(super) fn ip(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&[]);
    let is_brief = options.any(&["-b"]) || call.args.iter().any(|own| own == "-br" || own == "-brief");
    let has_counters = options.any(&["-s", "-stats", "-statistics"]);
    match options.operands().first().map(String::as_str).unwrap_or_default() {
        "a" | "addr" | "address" => addresses(call, is_brief, true, has_counters),
        "l" | "link" => addresses(call, is_brief, false, has_counters),
        "r" | "route" | "ro" => routes(call),
        "n" | "neigh" | "neighbour" => {
            let nic = call.machine.nic();
            call.line(format!("{GATEWAY} dev {} lladdr 52:54:00:12:34:56 REACHABLE", nic.name));
            call.line(format!(
                "{NAME_SERVER} dev {} lladdr 52:54:00:12:34:57 {}",
                nic.name,
                if call.machine.names_resolve() { "REACHABLE" } else { "FAILED" }
            ));
        }
        "rule" => {
            call.say("0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n")
        }
        other => {
            let other = other.to_owned();
            call.error(&format!("Object \"{other}\" is unknown, try \"ip help\"."));
            return 1;
        }
    }
    0
}

fn addresses(call: &mut Call<'_, '_>, is_brief: bool, with_address: bool, has_counters: bool) {
    let cards = cards(call);
    if is_brief {
        call.line(if with_address {
            "lo               UNKNOWN        127.0.0.1/8 ::1/128"
        } else {
            "lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP>"
        });
        for nic in cards {
            let state = if nic.is_up { "UP" } else { "DOWN" };
            let rest = if with_address {
                format!("{}/16", nic.address)
            } else {
                format!("{} <BROADCAST,MULTICAST,UP,LOWER_UP>", nic.mac)
            };
            call.line(format!("{:<16} {state:<14} {rest}", nic.name));
        }
        return;
    }
    call.say(
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    \
         link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n",
    );
    if with_address {
        call.say("    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n");
    }
    for (n, nic) in cards.iter().enumerate() {
        let (flags, state) = if nic.is_up {
            ("BROADCAST,MULTICAST,UP,LOWER_UP", "UP")
        } else {
            ("NO-CARRIER,BROADCAST,MULTICAST,UP", "DOWN")
        };
        call.say(format!(
            "{}: {}: <{flags}> mtu 1500 qdisc fq_codel state {state} group default qlen 1000\n    \
             link/ether {} brd ff:ff:ff:ff:ff:ff\n",
            n + 2,
            nic.name,
            nic.mac
        ));
        if with_address {
            call.say(format!(
                "    inet {}/16 brd 10.20.255.255 scope global {}\n       valid_lft forever preferred_lft forever\n",
                nic.address, nic.name
            ));
        }
        if has_counters {
            call.say(format!(
                "    RX:  bytes packets errors dropped  missed   mcast\n    {:>10} {:>7} {:>6} {:>7}       \
                     0       0\n    TX:  bytes packets errors dropped carrier collsns\n    {:>10} {:>7} \
                     {:>6}       0       0       0\n",
                nic.rx_bytes,
                nic.rx_packets,
                nic.rx_errors,
                nic.rx_dropped,
                nic.tx_bytes,
                nic.tx_packets,
                nic.tx_errors
            ));
        }
    }
}

fn routes(call: &mut Call<'_, '_>) {
    let nic = call.machine.nic();
    call.line(format!("default via {GATEWAY} dev {} proto static metric 100", nic.name));
    call.line(format!("10.20.0.0/16 dev {} proto kernel scope link src {} metric 100", nic.name, nic.address));
}

pub(super) fn route(call: &mut Call<'_, '_>) -> i32 {
    let nic = call.machine.nic();
    call.say(format!(
        "Kernel IP routing table\n\
         Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n\
         0.0.0.0         {GATEWAY:<15} 0.0.0.0         UG    100    0        0 {}\n\
         10.20.0.0       0.0.0.0         255.255.0.0     U     100    0        0 {}\n",
        nic.name, nic.name
    ));
    0
}

pub(super) fn ifconfig(call: &mut Call<'_, '_>) -> i32 {
    for nic in cards(call) {
        call.say(format!(
            "{}: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet {}  netmask 255.255.0.0  \
                 broadcast 10.20.255.255\n        ether {}  txqueuelen 1000  (Ethernet)\n        RX packets {}  \
                 bytes {}\n        RX errors {}  dropped {}  overruns 0  frame 0\n        TX packets {}  bytes \
                 {}\n        TX errors {}  dropped 0 overruns 0  carrier 0  collisions 0\n\
                 \n",
            nic.name,
            nic.address,
            nic.mac,
            nic.rx_packets,
            nic.rx_bytes,
            nic.rx_errors,
            nic.rx_dropped,
            nic.tx_packets,
            nic.tx_bytes,
            nic.tx_errors
        ));
    }
    0
}

pub(super) fn ethtool(call: &mut Call<'_, '_>) -> i32 {
    let name = call.options(&[]).operands().first().cloned().unwrap_or_default();
    let Some(nic) = cards(call).into_iter().find(|own| own.name == name) else {
        call.error("netlink error: no device matches name (offset 24)\nnetlink error: No such device");
        return 75;
    };
    call.say(format!(
        "Settings for {name}:\n\tSpeed: 1000Mb/s\n\tDuplex: Full\n\tLink detected: {}\n",
        if nic.is_up { "yes" } else { "no" }
    ));
    0
}

/// The address of a name or of an address.
fn known(call: &Call<'_, '_>, name: &str) -> Option<String> {
    let is_address = name.split('.').count() == 4 && name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if is_address { Some(name.to_owned()) } else { call.machine.resolve(name) }
}

pub(super) fn ping(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-c", "-W", "-w", "-i", "-s", "-I"]);
    let name = options.operands().last().cloned().unwrap_or_default();
    let count = number(options.value("-c")).unwrap_or(4).min(100);
    let Some(address) = known(call, &name) else {
        if !call.machine.names_resolve() {
            call.pause(4_000);
        }
        call.complain(&format!(
            "{name}: {}",
            if call.machine.names_resolve() {
                "Name or service not known"
            } else {
                "Temporary failure in name resolution"
            }
        ));
        return 2;
    };
    let loses = call.machine.suffers(|t| matches!(t, Trouble::PacketLoss | Trouble::LinkDown));
    call.line(format!("PING {name} ({address}) 56(84) bytes of data."));
    let mut dice = call.machine.dice(&format!("ping/{address}/{}", call.machine.now.as_second()));
    let mut got = Vec::new();
    for n in 1..=count {
        if n > 1 {
            call.pause(200);
        }
        if loses && dice.chance(40) {
            continue;
        }
        let tenths = dice.between(2, if loses { 900 } else { 9 });
        got.push(tenths);
        call.line(format!("64 bytes from {address}: icmp_seq={n} ttl=63 time={}.{} ms", tenths / 10, tenths % 10));
    }
    let lost = (count - got.len()) * 100 / count.max(1);
    call.say(format!(
        "\n--- {name} ping statistics ---\n\
             {count} packets transmitted, {} received, {lost}% packet loss, time {}ms\n",
        got.len(),
        count * 200
    ));
    if let (Some(low), Some(high)) = (got.iter().min(), got.iter().max()) {
        let mean = got.iter().sum::<i64>() / i64::try_from(got.len()).unwrap_or(1);
        call.line(format!(
            "rtt min/avg/max/mdev = {}.{}00/{}.{}00/{}.{}00/0.120 ms",
            low / 10,
            low % 10,
            mean / 10,
            mean % 10,
            high / 10,
            high % 10
        ));
    }
    i32::from(got.is_empty())
}

pub(super) fn dig(call: &mut Call<'_, '_>) -> i32 {
    let is_short = call.args.iter().any(|own| own == "+short");
    let words: Vec<String> = call.args[1..].iter().filter(|own| !own.starts_with(['+', '@', '-'])).cloned().collect();
    let name = words.first().cloned().unwrap_or_else(|| ".".into());
    if !call.machine.names_resolve() {
        call.pause(5_000);
        call.say(format!(
            ";; communications error to {NAME_SERVER}#53: timed out\n\
             ;; communications error to 10.20.0.3#53: timed out\n\n; <<>> DiG 9.18.28 <<>> {name}\n\
             ;; global options: +cmd\n;; no servers could be reached\n"
        ));
        return 9;
    }
    let address = known(call, &name);
    if is_short {
        if let Some(address) = address {
            call.line(address);
        }
        return 0;
    }
    let answer =
        address.as_ref().map_or(String::new(), |own| format!(";; ANSWER SECTION:\n{name}.\t\t300\tIN\tA\t{own}\n\n"));
    let status = if address.is_some() { "NOERROR" } else { "NXDOMAIN" };
    call.say(format!(
        "\n; <<>> DiG 9.18.28 <<>> {name}\n;; global options: +cmd\n;; Got answer:\n\
         ;; ->>HEADER<<- opcode: QUERY, status: {status}, id: 41207\n\
         ;; flags: qr rd ra; QUERY: 1, ANSWER: {}, AUTHORITY: 0, ADDITIONAL: 1\n\n\
         ;; QUESTION SECTION:\n;{name}.\t\t\tIN\tA\n\n{answer};; Query time: 2 msec\n\
         ;; SERVER: {NAME_SERVER}#53({NAME_SERVER}) (UDP)\n",
        u8::from(address.is_some())
    ));
    0
}

pub(super) fn nslookup(call: &mut Call<'_, '_>) -> i32 {
    let name = call.options(&[]).operands().first().cloned().unwrap_or_default();
    if !call.machine.names_resolve() {
        call.pause(5_000);
        call.line(";; connection timed out; no servers could be reached");
        return 1;
    }
    call.say(format!("Server:\t\t{NAME_SERVER}\nAddress:\t{NAME_SERVER}#53\n\n"));
    match known(call, &name) {
        Some(address) => {
            call.say(format!("Name:\t{name}\nAddress: {address}\n\n"));
            0
        }
        None => {
            call.line(format!("** server can't find {name}: NXDOMAIN"));
            1
        }
    }
}

pub(super) fn host(call: &mut Call<'_, '_>) -> i32 {
    let name = call.options(&["-W", "-t"]).operands().first().cloned().unwrap_or_default();
    match known(call, &name) {
        Some(address) => {
            call.line(format!("{name} has address {address}"));
            0
        }
        None if call.machine.names_resolve() => {
            call.line(format!("Host {name} not found: 3(NXDOMAIN)"));
            1
        }
        None => {
            call.pause(5_000);
            call.line(";; connection timed out; no servers could be reached");
            1
        }
    }
}

pub(super) fn getent(call: &mut Call<'_, '_>) -> i32 {
    let words = call.options(&[]).operands().to_vec();
    match words.first().map(String::as_str) {
        Some("hosts" | "ahosts" | "ahostsv4") => {
            let name = words.get(1).cloned().unwrap_or_default();
            if !call.machine.names_resolve() {
                call.pause(4_000);
            }
            match known(call, &name) {
                Some(address) => {
                    call.line(format!("{address:<15} {name}"));
                    0
                }
                None => 2,
            }
        }
        Some(base @ ("passwd" | "group")) => {
            let text = call.machine.content(&format!("/etc/{base}")).unwrap_or_default();
            let name = words.get(1).cloned();
            let own: Vec<&str> =
                text.lines().filter(|line| name.as_ref().is_none_or(|n| line.starts_with(&format!("{n}:")))).collect();
            let status = if own.is_empty() { 2 } else { 0 };
            own.into_iter().for_each(|line| call.line(line));
            status
        }
        _ => 1,
    }
}

pub(super) fn resolvectl(call: &mut Call<'_, '_>) -> i32 {
    let options = Options::gather(&call.args[1..], &[]);
    let nic = call.machine.nic_name();
    match options.operands().first().map(String::as_str) {
        Some("query") => {
            let name = options.operands().get(1).cloned().unwrap_or_default();
            match known(call, &name) {
                Some(address) => {
                    call.say(format!("{name}: {address}    -- link: {nic}\n"));
                    0
                }
                None => {
                    call.error(&format!(
                        "{name}: resolve call failed: All attempts to contact name servers or networks failed"
                    ));
                    1
                }
            }
        }
        _ => {
            call.say(format!(
                "Global\n       Protocols: +LLMNR +mDNS -DNSOverTLS DNSSEC=no/unsupported\n\
                 resolv.conf mode: stub\n\nLink 2 ({nic})\nCurrent Scopes: DNS\n     Protocols: +DefaultRoute\n\
                 Current DNS Server: {NAME_SERVER}\n   DNS Servers: {NAME_SERVER} 10.20.0.3\n"
            ));
            0
        }
    }
}
