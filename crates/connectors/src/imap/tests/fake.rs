//! A small IMAP server with one mailbox, which does as it is told: serves, stumbles, or lies.

use super::{PASSWORD, USER};
use model::Micros;
use rustls::ServerConfig;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

#[derive(Clone, Debug)]
pub struct Lying {
    pub uid: u32,
    pub at: Micros,
    pub raw: Vec<u8>,
    pub flags: BTreeSet<String>,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// In place of the greeting.
    Greeting(&'static str),
    Login(&'static str),
    Select(&'static str),
    /// The connection is cut while this mail is being given, so often.
    CutAt(u32, usize),
    /// The mail is refused, for ever.
    RefuseAt(u32),
    /// Somebody removes the mail just before it is given.
    ExpungeAt(u32),
    /// The mail is asked for and nothing comes.
    SilentAt(u32),
    Store,
    /// A mail comes in while another one is being flagged, once.
    NewsAtStore(Micros),
    Idle,
    /// The connection ends as soon as it idles, once.
    ByeAtIdle,
}

#[derive(Debug)]
pub struct World {
    pub mails: Vec<Lying>,
    pub moved: Vec<Lying>,
    pub uid_validity: u32,
    pub uid_next: u32,
    pub capabilities: &'static str,
    pub folders: BTreeSet<String>,
    pub faults: Vec<Fault>,
    pub tells_uid_next: bool,
    pub connections: usize,
}

impl World {
    pub fn put(&mut self, at: Micros, raw: Vec<u8>) -> u32 {
        let uid = self.uid_next;
        self.mails.push(Lying { uid, at, raw, flags: BTreeSet::new() });
        self.uid_next += 1;
        uid
    }

    fn has(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }
}

pub type Log = Arc<Mutex<Vec<String>>>;

#[derive(Clone)]
struct Shared {
    world: Arc<Mutex<World>>,
    log: Log,
    news: Arc<Notify>,
}

pub struct Fake {
    pub port: u16,
    pub log: Log,
    shared: Shared,
    _tasks: JoinSet<()>,
}

/// How the fake meets its clients.
pub enum Meet {
    Plain,
    Tls(Arc<ServerConfig>),
    StartTls(Arc<ServerConfig>),
}

impl Fake {
    pub async fn start() -> Self {
        Self::meeting(Meet::Plain).await
    }

    pub async fn meeting(meet: Meet) -> Self {
        let world = World {
            mails: Vec::new(),
            moved: Vec::new(),
            uid_validity: 7,
            uid_next: 1,
            capabilities: "IMAP4rev1 IDLE MOVE UIDPLUS",
            folders: BTreeSet::new(),
            faults: Vec::new(),
            tells_uid_next: true,
            connections: 0,
        };
        let log = Log::default();
        let shared = Shared { world: Arc::new(Mutex::new(world)), log: log.clone(), news: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut tasks = JoinSet::new();
        let (of_task, meet) = (shared.clone(), Arc::new(meet));
        tasks.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((tcp, _)) = listener.accept().await {
                let (shared, meet) = (of_task.clone(), meet.clone());
                clients.spawn(async move { welcome(shared, &meet, tcp).await });
            }
        });
        Self { port, log, shared, _tasks: tasks }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap()
    }

    /// A mail comes in, and those who idle are told.
    pub fn put(&self, at: Micros, raw: Vec<u8>) -> u32 {
        let uid = self.world().put(at, raw);
        self.shared.news.notify_waiters();
        uid
    }

    pub fn said(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

async fn welcome(shared: Shared, meet: &Meet, tcp: tokio::net::TcpStream) {
    shared.world.lock().unwrap().connections += 1;
    match meet {
        Meet::Plain => {
            let _ = Talk { shared, io: BufReader::new(tcp), told: 0 }.talk(true).await;
        }
        Meet::Tls(config) => {
            if let Ok(tls) = TlsAcceptor::from(config.clone()).accept(tcp).await {
                let _ = Talk { shared, io: BufReader::new(tls), told: 0 }.talk(true).await;
            }
        }
        Meet::StartTls(config) => {
            let mut plain = Talk { shared: shared.clone(), io: BufReader::new(tcp), told: 0 };
            // What stands behind the OK must never be believed.
            if plain.until_starttls().await.is_some()
                && let Ok(tls) = TlsAcceptor::from(config.clone()).accept(plain.io.into_inner()).await
            {
                let _ = Talk { shared, io: BufReader::new(tls), told: 0 }.talk(false).await;
            }
        }
    }
}

struct Talk<S> {
    shared: Shared,
    io: BufReader<S>,
    /// How many mails this client knows of; nothing is told twice.
    told: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap()
    }

    /// What this client does not know yet.
    fn news(&mut self) -> String {
        let now = self.world().mails.len();
        let is_news = now > self.told;
        self.told = now;
        if is_news { format!("* {now} EXISTS\r\n") } else { String::new() }
    }

    async fn say(&mut self, text: &str) -> Option<()> {
        self.io.write_all(text.as_bytes()).await.ok()?;
        self.io.flush().await.ok()
    }

    async fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.io.read_line(&mut line).await.ok()?;
        let line = line.trim_end().to_owned();
        let (_, command) = line.split_once(' ').unwrap_or_default();
        if !command.is_empty() {
            self.shared.log.lock().unwrap().push(format!("C: {command}"));
        }
        (read > 0).then_some(line)
    }

    async fn until_starttls(&mut self) -> Option<()> {
        self.say("* OK ready\r\n").await?;
        let line = self.hear().await?;
        let (tag, command) = line.split_once(' ')?;
        if command != "STARTTLS" {
            return self.say(&format!("{tag} BAD only STARTTLS\r\n")).await.and(None);
        }
        self.say(&format!("{tag} OK go on\r\n")).await
    }

    async fn talk(mut self, greets: bool) -> Option<()> {
        if greets {
            let odd = self.world().faults.iter().find_map(|fault| match fault {
                Fault::Greeting(text) => Some(*text),
                _ => None,
            });
            self.say(odd.unwrap_or("* OK ready\r\n")).await?;
        }
        loop {
            let line = self.hear().await?;
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            let verb = command.split(' ').next().unwrap_or_default();
            match verb {
                "LOGIN" => self.login(tag, command).await?,
                "CAPABILITY" => {
                    let all = self.world().capabilities;
                    self.say(&format!("* CAPABILITY {all}\r\n{tag} OK done\r\n")).await?;
                }
                "SELECT" | "EXAMINE" => self.select(tag).await?,
                "NOOP" | "CREATE" => {
                    if let Some(folder) = command.strip_prefix("CREATE ") {
                        let folder = folder.trim_matches('"').to_owned();
                        self.world().folders.insert(folder);
                    }
                    let news = self.news();
                    self.say(&format!("{news}{tag} OK done\r\n")).await?;
                }
                "FETCH" => self.fetch(tag, command, false).await?,
                "UID" => self.uid(tag, command.split_once(' ')?.1).await?,
                "IDLE" => self.idle(tag).await?,
                "LOGOUT" => return self.say(&format!("* BYE\r\n{tag} OK done\r\n")).await,
                _ => self.say(&format!("{tag} BAD no such command\r\n")).await?,
            }
        }
    }

    async fn login(&mut self, tag: &str, command: &str) -> Option<()> {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let right = command == format!("LOGIN {} {}", quoted(USER), quoted(PASSWORD));
        let refusal = self.world().faults.iter().find_map(|fault| match fault {
            Fault::Login(text) => Some(*text),
            _ => None,
        });
        let answer = refusal.unwrap_or(if right { "OK welcome" } else { "NO [AUTHENTICATIONFAILED] wrong" });
        self.say(&format!("{tag} {answer}\r\n")).await
    }

    async fn select(&mut self, tag: &str) -> Option<()> {
        let refusal = self.world().faults.iter().find_map(|fault| match fault {
            Fault::Select(text) => Some(*text),
            _ => None,
        });
        if let Some(refusal) = refusal {
            return self.say(&format!("{tag} {refusal}\r\n")).await;
        }
        let told;
        let text = {
            let world = self.world();
            let next = if world.tells_uid_next {
                format!("* OK [UIDNEXT {}] next\r\n", world.uid_next)
            } else {
                String::new()
            };
            let (exists, validity) = (world.mails.len(), world.uid_validity);
            told = exists;
            format!("* FLAGS (\\Seen)\r\n* {exists} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY {validity}] ok\r\n{next}")
        };
        self.told = told;
        self.say(&format!("{text}{tag} OK [READ-WRITE] done\r\n")).await
    }

    async fn uid(&mut self, tag: &str, command: &str) -> Option<()> {
        let (verb, rest) = command.split_once(' ')?;
        let (set, what) = rest.split_once(' ').unwrap_or((rest, ""));
        match verb {
            "FETCH" => return self.fetch(tag, command, true).await,
            "STORE" if self.world().has(&Fault::Store) => {
                return self.say(&format!("{tag} NO [NOPERM] not allowed\r\n")).await;
            }
            "STORE" => {
                let flag = what.split(['(', ')']).nth(1)?.to_owned();
                let last = self.world().uid_next;
                self.world().mails.iter_mut().filter(|mail| is_in(set, mail.uid, last)).for_each(|mail| {
                    mail.flags.insert(flag.clone());
                });
                self.news_at_store();
            }
            "COPY" | "MOVE" => {
                let known = self.world().folders.contains(what.trim_matches('"'));
                if !known {
                    return self.say(&format!("{tag} NO [TRYCREATE] no such folder\r\n")).await;
                }
                let mut world = self.world();
                let last = world.uid_next;
                let copied: Vec<Lying> =
                    world.mails.iter().filter(|mail| is_in(set, mail.uid, last)).cloned().collect();
                world.moved.extend(copied);
                if verb == "MOVE" {
                    world.mails.retain(|mail| !is_in(set, mail.uid, last));
                }
            }
            "EXPUNGE" => {
                let mut world = self.world();
                let last = world.uid_next;
                world.mails.retain(|mail| !(is_in(set, mail.uid, last) && mail.flags.contains("\\Deleted")));
            }
            _ => return self.say(&format!("{tag} BAD what?\r\n")).await,
        }
        let news = self.news();
        self.say(&format!("{news}{tag} OK done\r\n")).await
    }

    fn news_at_store(&self) {
        let mut world = self.world();
        let at = world.faults.iter().position(|fault| matches!(fault, Fault::NewsAtStore(_)));
        if let Some(Fault::NewsAtStore(at)) = at.map(|at| world.faults.remove(at)) {
            world.put(at, super::mail("came while flagging"));
        }
    }

    async fn fetch(&mut self, tag: &str, command: &str, by_uid: bool) -> Option<()> {
        let mut words = command.splitn(3, ' ').skip(1);
        let (set, what) = (words.next()?.to_owned(), words.next()?.to_owned());
        let chosen = self.chosen(&set, by_uid);
        for (sequence, mail) in chosen {
            if what.contains("BODY.PEEK[]") {
                match self.stumble(mail.uid) {
                    Some(Stumble::Cut) => {
                        let begun = format!("* {sequence} FETCH (UID {} BODY[] {{500}}\r\nReturn", mail.uid);
                        return self.say(&begun).await.and(None);
                    }
                    Some(Stumble::Refused) => {
                        return self.say(&format!("{tag} NO [SERVERBUG] can't read it\r\n")).await;
                    }
                    Some(Stumble::Silent) => return std::future::pending().await,
                    Some(Stumble::Gone) => continue,
                    None => {}
                }
            }
            let answer = answer(sequence, &mail, &what);
            self.io.write_all(&answer).await.ok()?;
        }
        self.say(&format!("* 1 FETCH (FLAGS (\\Seen))\r\n* 9 FETCH (UID 9 FLAGS ())\r\n{tag} OK done\r\n")).await
    }

    fn chosen(&self, set: &str, by_uid: bool) -> Vec<(usize, Lying)> {
        let world = self.world();
        let numbered = world.mails.iter().enumerate().map(|(n, mail)| (n + 1, mail.clone()));
        let last = if by_uid {
            world.mails.last().map_or(0, |mail| mail.uid)
        } else {
            u32::try_from(world.mails.len()).unwrap()
        };
        numbered
            .filter(|(n, mail)| is_in(set, if by_uid { mail.uid } else { u32::try_from(*n).unwrap() }, last))
            .collect()
    }

    fn stumble(&self, uid: u32) -> Option<Stumble> {
        let mut world = self.world();
        let gone = world.faults.iter().position(|fault| *fault == Fault::ExpungeAt(uid));
        if let Some(at) = gone {
            world.faults.remove(at);
            world.mails.retain(|mail| mail.uid != uid);
            return Some(Stumble::Gone);
        }
        world.faults.iter_mut().find_map(|fault| match fault {
            Fault::CutAt(at, times) if *at == uid && *times > 0 => {
                *times -= 1;
                Some(Stumble::Cut)
            }
            Fault::RefuseAt(at) if *at == uid => Some(Stumble::Refused),
            Fault::SilentAt(at) if *at == uid => Some(Stumble::Silent),
            _ => None,
        })
    }

    async fn idle(&mut self, tag: &str) -> Option<()> {
        let bye = {
            let mut world = self.world();
            let at = world.faults.iter().position(|fault| *fault == Fault::ByeAtIdle);
            at.map(|at| world.faults.remove(at)).is_some()
        };
        if bye {
            return self.say("* BYE shutting down\r\n").await.and(None);
        }
        if self.world().has(&Fault::Idle) {
            return self.say(&format!("{tag} NO not now\r\n")).await;
        }
        let news = self.shared.news.clone();
        let first = self.news();
        self.say(&format!("{first}+ idling\r\n")).await?;
        loop {
            let told = news.notified();
            tokio::pin!(told);
            told.as_mut().enable();
            let more = self.news();
            if !more.is_empty() {
                self.say(&format!("* OK still here\r\n{more}")).await?;
            }
            let mut line = String::new();
            tokio::select! {
                () = told => {}
                read = self.io.read_line(&mut line) => {
                    read.ok().filter(|read| *read > 0)?;
                    assert_eq!(line, "DONE\r\n");
                    return self.say(&format!("{tag} OK done\r\n")).await;
                }
            }
        }
    }
}

enum Stumble {
    Cut,
    Refused,
    Silent,
    Gone,
}

fn answer(sequence: usize, mail: &Lying, what: &str) -> Vec<u8> {
    let uid = mail.uid;
    if !what.contains("BODY.PEEK[]") {
        let date = mail.at.timestamp().strftime("%e-%b-%Y %H:%M:%S +0000");
        let bytes = mail.raw.len();
        return format!("* {sequence} FETCH (UID {uid} INTERNALDATE \"{date}\" RFC822.SIZE {bytes})\r\n").into_bytes();
    }
    let part =
        what.split(['<', '>']).nth(1).and_then(|part| part.strip_prefix("0.")).and_then(|n| n.parse::<usize>().ok());
    let text = &mail.raw[..part.unwrap_or(usize::MAX).min(mail.raw.len())];
    let origin = if part.is_some() { "<0>" } else { "" };
    let mut bytes = format!("* {sequence} FETCH (UID {uid} BODY[]{origin} {{{}}}\r\n", text.len()).into_bytes();
    bytes.extend_from_slice(text);
    bytes.extend_from_slice(b")\r\n");
    bytes
}

/// Whether a number is in a set such as `1:3,7` or `5:*`, where `*` is the last one whatever stands before it.
fn is_in(set: &str, n: u32, last: u32) -> bool {
    set.split(',').any(|part| {
        let number = |text: &str| if text == "*" { last } else { text.parse().unwrap() };
        let (from, to) = part.split_once(':').unwrap_or((part, part));
        let (from, to) = (number(from), number(to));
        (from.min(to)..=from.max(to)).contains(&n)
    })
}
