//! The distributions: what their shells say, how their tools differ, what they are called.

use super::disk::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::hosts) enum Distro {
    Debian,
    Amazon,
    Rhel,
    Alpine,
}

impl Distro {
    pub(in crate::hosts) fn is_busybox(self) -> bool {
        self == Self::Alpine
    }

    /// Whether `sh` is bash.
    pub(in crate::hosts) fn has_bash(self) -> bool {
        self.has_rpm()
    }

    pub(in crate::hosts) fn has_rpm(self) -> bool {
        matches!(self, Self::Amazon | Self::Rhel)
    }

    pub(in crate::hosts) fn has_systemd(self) -> bool {
        self != Self::Alpine
    }

    /// What the shell begins with when it complains.
    pub(in crate::hosts) fn shell_says(self, name: &str, what: &str) -> String {
        match self {
            Self::Debian => format!("{name}: 1: {what}"),
            Self::Amazon | Self::Rhel => format!("{name}: line 1: {what}"),
            Self::Alpine => format!("{name}: {what}"),
        }
    }

    pub(in crate::hosts) fn not_found(self, command: &str) -> String {
        if self.has_bash() { format!("{command}: command not found") } else { format!("{command}: not found") }
    }

    pub(in crate::hosts) fn cannot_open(self, file: &str, problem: Problem) -> String {
        match self {
            Self::Debian if problem == Problem::Missing => format!("cannot open {file}: No such file"),
            Self::Debian => format!("cannot open {file}: {problem}"),
            Self::Alpine => format!("can't open {file}: {problem}"),
            Self::Amazon | Self::Rhel => format!("{file}: {problem}"),
        }
    }

    pub(in crate::hosts) fn cannot_create(self, file: &str, problem: Problem) -> String {
        match self {
            Self::Debian => format!("cannot create {file}: {problem}"),
            Self::Alpine => format!("can't create {file}: {problem}"),
            Self::Amazon | Self::Rhel => format!("{file}: {problem}"),
        }
    }

    pub(in crate::hosts) fn kernel(self) -> &'static str {
        match self {
            Self::Debian => "6.1.0-25-amd64",
            Self::Amazon => "6.1.109-118.189.amzn2023.x86_64",
            Self::Rhel => "5.14.0-427.35.1.el9_4.x86_64",
            Self::Alpine => "6.6.52-0-virt",
        }
    }

    pub(in crate::hosts) fn kernel_build(self) -> &'static str {
        match self {
            Self::Debian => "#1 SMP PREEMPT_DYNAMIC Debian 6.1.106-3 (2024-08-26)",
            Self::Amazon => "#1 SMP PREEMPT_DYNAMIC Tue Sep 10 08:58:51 UTC 2024",
            Self::Rhel => "#1 SMP PREEMPT_DYNAMIC Wed Sep 4 12:26:21 EDT 2024",
            Self::Alpine => "#1-Alpine SMP PREEMPT_DYNAMIC 2024-09-18 19:46:52",
        }
    }

    pub(in crate::hosts) fn pretty(self) -> &'static str {
        match self {
            Self::Debian => "Debian GNU/Linux 12 (bookworm)",
            Self::Amazon => "Amazon Linux 2023.6.20241010",
            Self::Rhel => "Red Hat Enterprise Linux 9.4 (Plow)",
            Self::Alpine => "Alpine Linux v3.20",
        }
    }

    pub(in crate::hosts) fn os_release(self) -> String {
        let (name, id, version, like) = match self {
            Self::Debian => ("Debian GNU/Linux", "debian", "12", ""),
            Self::Amazon => ("Amazon Linux", "amzn", "2023", "fedora"),
            Self::Rhel => ("Red Hat Enterprise Linux", "rhel", "9.4", "fedora"),
            Self::Alpine => ("Alpine Linux", "alpine", "3.20.3", ""),
        };
        let like = if like.is_empty() { String::new() } else { format!("ID_LIKE=\"{like}\"\n") };
        format!(
            "PRETTY_NAME=\"{}\"\nNAME=\"{name}\"\nVERSION_ID=\"{version}\"\nID={id}\n\
                 {like}HOME_URL=\"https://www.example.org/{id}\"\n",
            self.pretty()
        )
    }

    /// How the server introduces itself.
    pub(in crate::hosts) fn ssh_id(self) -> &'static str {
        match self {
            Self::Debian => "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3",
            Self::Amazon | Self::Rhel => "SSH-2.0-OpenSSH_8.7",
            Self::Alpine => "SSH-2.0-OpenSSH_9.7",
        }
    }

    /// Where the package manager keeps the system's log of everything.
    pub(in crate::hosts) fn system_log(self) -> &'static str {
        match self {
            Self::Debian => "/var/log/syslog",
            _ => "/var/log/messages",
        }
    }
}
