//! The real OpenSSH client against the world, with the files that the world writes for it.

use std::process::Stdio;

use sandbox::hosts::{Act, Fault, Options};
use tokio::process::Command;

use crate::client::{Visitor, visitor};

/// None where there is no OpenSSH.
#[expect(
    clippy::print_stderr,
    clippy::panic,
    reason = "a test that can't run says so; one that cannot go on has failed"
)]
async fn ssh(own: &Visitor, host: &str, command: &str) -> Option<std::process::Output> {
    let mut ssh = Command::new("ssh");
    ssh.arg("-F").arg(&own.files.ssh_config).args(["-o", "BatchMode=yes", host, command]);
    match ssh.stdin(Stdio::null()).kill_on_drop(true).output().await {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: no ssh on this machine");
            None
        }
        Err(error) => panic!("ssh does not run: {error}"),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn openssh_finds_its_way_by_the_written_files() {
    let own = visitor(Options::default()).await;
    for (host, hostname) in
        [("bastion-tokyo", "bastion-tokyo"), ("hoshino-db-primary", "db-primary"), ("minato-gw-west", "gw-west")]
    {
        let Some(told) = ssh(&own, host, "hostname; ls /nowhere; exit 4").await else { return };
        assert_eq!(
            (text(&told.stdout).as_str(), told.status.code()),
            (format!("{hostname}\n").as_str(), Some(4)),
            "{}",
            text(&told.stderr)
        );
        assert!(text(&told.stderr).contains("/nowhere"));
    }
}

#[tokio::test]
async fn openssh_refuses_a_changed_key() {
    let own = visitor(Options::default()).await;
    own.world.fault(Fault::on("hoshino-web01", Act::HostKeyChanged));
    let Some(told) = ssh(&own, "hoshino-web01", "hostname").await else { return };
    assert_eq!(told.status.code(), Some(255));
    assert!(text(&told.stderr).contains("REMOTE HOST IDENTIFICATION HAS CHANGED"), "{}", text(&told.stderr));
    assert!(own.world.ran().is_empty());
}

#[tokio::test]
async fn the_written_files_are_for_their_owner() {
    use std::os::unix::fs::PermissionsExt;
    let own = visitor(Options::default()).await;
    let mode = std::fs::metadata(&own.files.key).expect("the key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let inventory = std::fs::read_to_string(&own.files.inventory).expect("the inventory");
    assert_eq!(inventory.matches("[[bastion]]").count(), 2);
    assert!(inventory.contains("[[host]]\nname = \"hoshino-web01\"\naddress = \"10.20.1.11:22\"\nuser = \"diag\"\n"));
    assert!(inventory.contains("via = \"bastion-tokyo\"\ncustomer = \"hoshino\"\nmatch = [\"web01\"]\n"));
    let known = std::fs::read_to_string(&own.files.known_hosts).expect("known hosts");
    assert_eq!(known.lines().count(), own.world.info().hosts.len());
    assert_eq!(known, own.world.known_hosts().expect("the same"));
}
