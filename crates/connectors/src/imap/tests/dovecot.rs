//! A real Dovecot, where there is one: its own folder, its own port, gone with the test.

use super::watch::Watch;
use super::*;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

struct Dovecot {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // Dovecot ends its own children when it is asked to.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

fn account(option: &str) -> String {
    let output = Command::new("id").arg(option).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// `None` where Dovecot is not installed.
async fn dovecot() -> Option<Dovecot> {
    if !Path::new("/usr/sbin/dovecot").exists() {
        println!("skipped: dovecot is not installed");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    // Dovecot lets no mail belong to the superuser.
    let (user, group) =
        if is_root() { ("mail".to_owned(), "mail".to_owned()) } else { (account("-un"), account("-gn")) };
    let at = folder.path().display();
    let config = format!(
        "base_dir = {at}/run\nstate_dir = {at}/state\nlog_path = {at}/log\nprotocols = imap\nlisten = 127.0.0.1\nssl = no\n\
         disable_plaintext_auth = no\nmail_location = maildir:{at}/mail\nfirst_valid_uid = 1\nfirst_valid_gid = 1\n\
         default_internal_user = {user}\ndefault_login_user = {user}\ndefault_internal_group = {group}\n\
         passdb {{\n driver = static\n args = nopassword=y\n}}\n\
         userdb {{\n driver = static\n args = uid={user} gid={group} home={at}\n}}\n\
         service imap-login {{\n chroot =\n inet_listener imap {{\n port = {port}\n }}\n inet_listener imaps {{\n port = 0\n }}\n}}\n\
         service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n"
    );
    std::fs::write(folder.path().join("dovecot.conf"), config).unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    if is_root() {
        Command::new("chown").arg(format!("{user}:{group}")).arg(folder.path()).status().unwrap();
    }
    let mut command = Command::new("/usr/sbin/dovecot");
    command.arg("-F").arg("-c").arg(folder.path().join("dovecot.conf")).stdin(Stdio::null());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let dovecot = Dovecot { child, folder, port };
    dovecot.is_up().await;
    Some(dovecot)
}

impl Dovecot {
    async fn is_up(&self) {
        for _ in 0..600 {
            if look_in(&self.settings()).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("Dovecot did not come up: {:?}\n{log}", look_in(&self.settings()).await);
    }

    fn settings(&self) -> Settings {
        settings(self.port)
    }

    /// Delivered as a local mail server does: written whole, then renamed.
    fn put(&self, name: &str, raw: &[u8]) {
        let (made, new) =
            (self.folder.path().join("mail/tmp").join(name), self.folder.path().join("mail/new").join(name));
        std::fs::write(&made, raw).unwrap();
        std::fs::set_permissions(&made, std::fs::Permissions::from_mode(0o666)).unwrap();
        std::fs::rename(made, new).unwrap();
    }

    fn count(&self, folder: &str) -> usize {
        let count =
            |path: &str| std::fs::read_dir(self.folder.path().join("mail").join(path)).map_or(0, Iterator::count);
        count(&format!("./{folder}/new")) + count(&format!("./{folder}/cur"))
    }

    /// As after a restore by a tool that does not keep the server's own files.
    fn renumber(&self) {
        for entry in std::fs::read_dir(self.folder.path().join("mail")).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("dovecot") {
                std::fs::remove_file(path).unwrap();
            }
        }
        std::fs::write(
            self.folder.path().join("mail/dovecot-uidlist"),
            "3 V99 N100 G0123456789abcdef0123456789abcdef\n",
        )
        .unwrap();
        let all = self.folder.path().join("mail/dovecot-uidlist");
        std::fs::set_permissions(all, std::fs::Permissions::from_mode(0o666)).unwrap();
    }
}

#[tokio::test]
async fn a_real_server_is_followed_over_idle_moved_from_and_numbered_anew() {
    let Some(dovecot) = dovecot().await else { return };
    dovecot.put("1", &mail("old"));
    let settings = Settings { done: Done::Move("Taken".into()), ..dovecot.settings() };
    let mailbox = look_in(&settings).await.unwrap();
    assert!(mailbox.has_idle && mailbox.has_move && mailbox.exists == 1, "{mailbox:?}");
    let watch = Watch::start(settings.clone(), None, std::sync::Arc::default());
    let begun = watch.begun().await;
    assert!(begun.told.contains(&Status::Baseline { left_alone: 1 }), "{:?}", begun.told);
    for n in 2..=40 {
        dovecot.put(&n.to_string(), &mail(&n.to_string()));
    }
    let seen = watch.fetched(39).await;
    assert!(seen.fetched.iter().any(|one| one.raw == mail("40")), "{:?}", seen.uids());
    watch.until("all are moved", |seen| seen.kept.last().is_some_and(|cursor| cursor.last_uid == 40)).await;
    let seen = watch.end().await;
    assert_eq!(seen.troubles(), []);
    assert_eq!((dovecot.count(""), dovecot.count(".Taken")), (1, 39));

    let cursor = *seen.kept.last().unwrap();
    dovecot.renumber();
    let watch = Watch::start(settings, Some(cursor), std::sync::Arc::default());
    let seen = watch.begun().await;
    assert!(
        seen.told.iter().any(|status| matches!(status, Status::Renumbered { new: 0, old: 1, .. })),
        "{:?}",
        seen.told
    );
    assert_eq!(seen.fetched.iter().map(|one| (one.raw.clone(), one.is_old)).collect::<Vec<_>>(), [(mail("old"), true)]);
    assert_ne!(seen.kept[0].uid_validity, cursor.uid_validity);
    watch.end().await;
}
