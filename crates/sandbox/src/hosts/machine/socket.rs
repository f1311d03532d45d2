//! Which sockets a machine has open.

use super::super::cast::Role;
use super::super::trouble::Trouble;
use super::Machine;

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Socket {
    pub proto: &'static str,
    pub state: &'static str,
    pub local: String,
    pub peer: String,
    pub program: String,
    pub pid: u32,
    pub queued: u32,
    pub backlog: u32,
}

/// port, address, unit
type Listener = (u16, &'static str, &'static str);

impl Machine {
    fn listeners(&self) -> Vec<Listener> {
        let mut all = vec![(22, "0.0.0.0", self.ssh_unit())];
        all.extend(match self.role {
            Role::Bastion => Vec::new(),
            Role::Nginx => vec![(80, "0.0.0.0", "nginx.service"), (443, "0.0.0.0", "nginx.service")],
            Role::Java => vec![(8080, "0.0.0.0", "orders.service"), (8081, "127.0.0.1", "orders.service")],
            Role::Postgres => vec![(5432, "0.0.0.0", "postgresql-16.service")],
            Role::Mysql => vec![(3306, "0.0.0.0", "mysqld.service"), (33060, "0.0.0.0", "mysqld.service")],
            Role::Redis => vec![(6379, "127.0.0.1", "redis-server.service")],
            Role::Docker => vec![(443, "0.0.0.0", "docker"), (8080, "0.0.0.0", "docker")],
            Role::Batch => vec![(873, "127.0.0.1", self.cron_unit())],
            Role::Router => vec![(179, "0.0.0.0", "bird.service")],
        });
        all
    }

    pub(in crate::hosts) fn sockets(&self) -> Vec<Socket> {
        let processes = self.processes();
        let mut all = Vec::new();
        for (port, address, unit) in self.listeners() {
            let Some(owner) = processes.iter().find(|p| p.unit == unit) else { continue };
            let socket = Socket {
                proto: "tcp",
                state: "LISTEN",
                local: format!("{address}:{port}"),
                peer: "0.0.0.0:*".into(),
                program: owner.name().trim_end_matches(':').to_owned(),
                pid: owner.pid,
                queued: if self.has(&Trouble::HighLoad) && port != 22 { 129 } else { 0 },
                backlog: 128,
            };
            all.extend(self.connections(port, &socket));
            all.push(socket);
        }
        if let Some(chrony) = processes.iter().find(|p| p.unit == self.chrony_unit()) {
            all.push(Socket {
                proto: "udp",
                state: "UNCONN",
                local: "127.0.0.1:323".into(),
                peer: "0.0.0.0:*".into(),
                program: "chronyd".into(),
                pid: chrony.pid,
                queued: 0,
                backlog: 0,
            });
        }
        all.reverse();
        all
    }

    fn connections(&self, port: u16, listener: &Socket) -> Vec<Socket> {
        let busy = self.suffers(|t| matches!(t, Trouble::DbConnections | Trouble::HighLoad | Trouble::QueueFull));
        let count = match port {
            22 => 1,
            _ if busy => 180,
            _ => 8 + (self.wave(&format!("port/{port}"), 120) * 30.0) as u32,
        };
        let mut dice = self.dice(&format!("peers/{port}"));
        let peers = (0..count).map(|n| Socket {
            state: if port != 22 && n % 9 == 8 { "TIME-WAIT" } else { "ESTAB" },
            local: format!("{}:{port}", self.spec.address),
            peer: format!("10.20.{}.{}:{}", dice.between(1, 3), dice.between(5, 60), dice.between(32_768, 60_999)),
            queued: 0,
            backlog: 0,
            ..listener.clone()
        });
        peers.collect()
    }
}
