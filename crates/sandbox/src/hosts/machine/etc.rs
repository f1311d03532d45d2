//! The settings under `/etc`: accounts, names, services, schedules. Some hold secrets in plain sight.

use super::super::cast::Role;
use super::net::NAME_SERVER;
use super::{Distro, Machine, USER};

/// name, id, comment, home, shell
type User = (&'static str, u32, &'static str, &'static str, &'static str);

pub(super) fn users(machine: &Machine) -> Vec<User> {
    let none = if machine.distro == Distro::Debian { "/usr/sbin/nologin" } else { "/sbin/nologin" };
    let own = if machine.distro.is_busybox() { "/bin/ash" } else { "/bin/bash" };
    let mut all: Vec<User> = vec![
        ("root", 0, "root", "/root", own),
        ("daemon", 1, "daemon", "/usr/sbin", none),
        ("nobody", 65_534, "nobody", "/nonexistent", none),
        ("sshd", 105, "", "/run/sshd", none),
        (USER, 1_000, "Diagnostics", "/var/lib/diag", own),
        ("deploy", 1_001, "Deployments", "/srv/deploy", own),
        ("agent", 997, "Monitoring agent", "/opt/monitor", none),
    ];
    all.extend(match machine.role {
        Role::Nginx => vec![("www-data", 33, "www-data", "/var/www", none)],
        Role::Java => vec![("app", 998, "Orders API", "/opt/orders", none)],
        Role::Postgres => vec![("postgres", 26, "PostgreSQL Server", "/var/lib/pgsql", own)],
        Role::Mysql => vec![("mysql", 27, "MySQL Server", "/var/lib/mysql", none)],
        Role::Redis => vec![("redis", 112, "", "/var/lib/redis", none)],
        Role::Batch => vec![("batch", 998, "Jobs", "/srv/batch", own)],
        Role::Router => vec![("bird", 113, "", "/run/bird", none)],
        Role::Bastion | Role::Docker => Vec::new(),
    });
    all
}

impl Machine {
    pub(super) fn passwd(&self) -> String {
        users(self)
            .iter()
            .map(|(name, id, about, home, shell)| format!("{name}:x:{id}:{id}:{about}:{home}:{shell}\n"))
            .collect()
    }

    pub(super) fn hosts_file(&self) -> String {
        format!(
            "127.0.0.1\tlocalhost\n{}\t{} {}\n\n::1\tip6-localhost ip6-loopback\n",
            self.spec.address,
            self.fqdn(),
            self.spec.hostname
        )
    }

    pub(super) fn resolv_conf(&self) -> String {
        format!(
            "search {}.example.com\nnameserver {NAME_SERVER}\nnameserver 10.20.0.3\noptions timeout:2 attempts:2\n",
            self.spec.customer.unwrap_or("noc")
        )
    }

    pub(super) fn fstab(&self) -> String {
        let own = self.mounts().into_iter().filter(|m| !m.is_virtual());
        own.map(|m| format!("{}\t{}\t{}\tdefaults\t0\t2\n", m.device, m.path, m.kind)).collect()
    }

    pub(super) fn crontab(&self) -> String {
        let job = if self.role == Role::Batch { "30 2 * * * batch /srv/batch/bin/nightly.sh\n" } else { "" };
        format!(
            "SHELL=/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n\
                 17 * * * * root run-parts /etc/cron.hourly\n\
                 25 6 * * * root run-parts /etc/cron.daily\n{job}"
        )
    }

    /// The application's settings, as deployment tools leave them.
    pub(super) fn app_environment(&self) -> String {
        let s = &self.secrets;
        format!(
            "RAILS_ENV=production\nDATABASE_URL=postgres://shop:{}@db-primary:5432/shop\n\
                 AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}\n\
                 REDIS_URL=redis://:{}@cache01:6379/0\nSMTP_PASSWORD={}\nSLACK_WEBHOOK={}\n",
            s.db_password, s.aws_key_id, s.aws_secret, s.redis_password, s.smtp_password, s.webhook
        )
    }

    pub(super) fn nginx_conf(&self) -> String {
        format!(
            "user www-data;\nworker_processes auto;\nevents {{ worker_connections 768; }}\nhttp {{\n  include \
                 mime.types;\n  access_log /var/log/nginx/access.log;\n  upstream shop {{ server \
                 unix:/run/puma/shop.sock; }}\n  server {{\n    listen 443 ssl;\n    server_name \
                 shop.example.com;\n    ssl_certificate /etc/ssl/shop/fullchain.pem;\n    ssl_certificate_key \
                 /etc/ssl/shop/privkey.pem;\n    location / {{ proxy_pass http://shop; proxy_set_header \
                 X-Internal-Token {}; }}\n  }}\n\
                 }}\n",
            self.secrets.session
        )
    }

    pub(super) fn redis_conf(&self) -> String {
        format!(
            "bind 127.0.0.1\nport 6379\nmasterauth {}\nmaxmemory 3gb\nmaxmemory-policy noeviction\n\
                 appendonly yes\ndir /var/lib/redis\n",
            self.secrets.redis_password
        )
    }
}
