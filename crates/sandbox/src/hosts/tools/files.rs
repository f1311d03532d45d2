//! Commands about files and folders. They write nothing but scratch.

use super::super::machine::disk::Entry;
use super::super::shell::pattern::{marks, matches};
use super::Call;
use super::options::{Options, number};
use super::storage::human;

fn mode_text(entry: &Entry) -> String {
    let bits = |shift: u32| {
        let own = entry.mode >> shift & 7;
        [(4, 'r'), (2, 'w'), (1, 'x')]
            .iter()
            .map(|(bit, letter)| if own & bit != 0 { *letter } else { '-' })
            .collect::<String>()
    };
    let sticky = if entry.mode & 0o1000 != 0 { "t" } else { "" };
    let mut text = format!("{}{}{}{}", if entry.is_folder { 'd' } else { '-' }, bits(6), bits(3), bits(0));
    if !sticky.is_empty() {
        text.pop();
        text.push('t');
    }
    text
}

fn long(call: &Call<'_, '_>, entry: &Entry, name: &str, is_human: bool) -> String {
    let size = if is_human { human(entry.size, false) } else { entry.size.to_string() };
    let at = call.machine.time(call.machine.now, "%b %e %H:%M");
    format!("{} 1 {:<8} {:<8} {size:>10} {at} {name}", mode_text(entry), entry.owner, entry.group)
}

pub(super) fn ls(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-I", "--color", "--time-style"]);
    let mut paths = options.operands().to_vec();
    if paths.is_empty() {
        paths.push(".".into());
    }
    let mut status = 0;
    let many = paths.len() > 1;
    for (n, path) in paths.iter().enumerate() {
        let own = call.disk.absolute(&call.cwd, path);
        let Some(entry) = call.disk.entry(&own) else {
            let cannot = if call.machine.distro.is_busybox() {
                format!("{path}: No such file or directory")
            } else {
                format!("cannot access '{path}': No such file or directory")
            };
            call.complain(&cannot);
            status = if call.machine.distro.is_busybox() { 1 } else { 2 };
            continue;
        };
        if !entry.is_folder || options.has("-d") {
            list(call, &options, &[(path.clone(), entry)]);
            continue;
        }
        if many {
            call.say(format!("{}{path}:\n", if n > 0 { "\n" } else { "" }));
        }
        let inside: Vec<(String, Entry)> = call
            .disk
            .list(&own)
            .into_iter()
            .filter_map(|name| {
                let path = if own == "/" { format!("/{name}") } else { format!("{own}/{name}") };
                Some((name, call.disk.entry(&path)?))
            })
            .collect();
        if options.has("-l") {
            call.line(format!("total {}", inside.iter().map(|(_, e)| e.size / 1024).sum::<u64>()));
        }
        list(call, &options, &inside);
    }
    status
}

fn list(call: &mut Call<'_, '_>, options: &Options, entries: &[(String, Entry)]) {
    let mut entries = entries.to_vec();
    if options.has("-S") {
        entries.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.size));
    }
    if options.has("-r") {
        entries.reverse();
    }
    for (name, entry) in &entries {
        let line = if options.has("-l") { long(call, entry, name, options.has("-h")) } else { name.clone() };
        call.line(line);
    }
}

pub(super) fn stat(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-c", "-f", "--format", "--printf"]);
    let mut status = 0;
    for path in options.operands() {
        let Some(entry) = call.disk.entry(&call.disk.absolute(&call.cwd, path)) else {
            call.complain(&format!("cannot statx '{path}': No such file or directory"));
            status = 1;
            continue;
        };
        let now = call.machine.now.as_second().to_string();
        let format = options
            .value_of(&["-c", "--format"])
            .unwrap_or("  File: %n\n  Size: %s\nAccess: (%a/%A)  Uid: %U  Gid: %G");
        let kind = if entry.is_folder { "directory" } else { "regular file" };
        let pairs = [
            ("%n", path.clone()),
            ("%s", entry.size.to_string()),
            ("%a", format!("{:o}", entry.mode)),
            ("%A", mode_text(&entry)),
            ("%U", entry.owner.into()),
            ("%G", entry.group.into()),
            ("%Y", now.clone()),
            ("%X", now.clone()),
            ("%Z", now),
            ("%F", kind.into()),
        ];
        let text = pairs.iter().fold(format.to_owned(), |text, (mark, value)| text.replace(mark, value));
        call.line(text);
    }
    status
}

pub(super) fn readlink(call: &mut Call<'_, '_>) -> i32 {
    let path = call.options(&[]).operands().first().cloned().unwrap_or_default();
    let own = call.disk.absolute(&call.cwd, &path);
    if call.disk.entry(&own).is_none() {
        return 1;
    }
    call.line(own);
    0
}

/// `find PATH… [-name P] [-type f|d] [-size +100M] [-maxdepth N] [-xdev] [-mmin …] [-mtime …] [-printf F]`
pub(super) fn find(call: &mut Call<'_, '_>) -> i32 {
    let args = call.args[1..].to_vec();
    let split = args.iter().position(|own| own.starts_with(['-', '!', '('])).unwrap_or(args.len());
    let roots = if split == 0 { vec![".".to_owned()] } else { args[..split].to_vec() };
    let tests = &args[split..];
    let value = |flag: &str| tests.iter().position(|own| own == flag).and_then(|at| tests.get(at + 1)).cloned();
    let depth = number(value("-maxdepth").as_deref()).unwrap_or(usize::MAX);
    let has_exec = tests.iter().any(|own| own == "-exec");
    let (mut status, mut found) = (0, Vec::new());
    for root in roots {
        let own = call.disk.absolute(&call.cwd, &root);
        if call.disk.entry(&own).is_none() {
            call.complain(&format!("'{root}': No such file or directory"));
            status = 1;
            continue;
        }
        for path in call.disk.below(&own) {
            let rest = path.strip_prefix(&own).unwrap_or_default();
            let Some(entry) = call.disk.entry(&path) else { continue };
            if rest.matches('/').count() > depth || !is_wanted(&entry, &path, &value) {
                continue;
            }
            let text = match value("-printf") {
                Some(format) => {
                    let own = super::print::unescaped(&format);
                    let pairs = [
                        ("%p", path.clone()),
                        ("%s", entry.size.to_string()),
                        ("%k", (entry.size / 1024).to_string()),
                        ("%f", path.rsplit('/').next().unwrap_or_default().to_owned()),
                        ("%u", entry.owner.to_owned()),
                    ];
                    pairs.iter().fold(own, |text, (mark, value)| text.replace(mark, value))
                }
                None if tests.iter().any(|own| own == "-ls") => format!("{}\n", long(call, &entry, &path, false)),
                None if tests.iter().any(|own| own == "-print0") => format!("{path}\0"),
                None if has_exec => {
                    found.push(path);
                    continue;
                }
                None => format!("{path}\n"),
            };
            call.say(text);
        }
    }
    if has_exec && !found.is_empty() {
        execute(call, tests, &found);
    }
    status
}

/// `-exec ls -l {} +`: another tool of the machine, with all that was found.
fn execute(call: &mut Call<'_, '_>, tests: &[String], found: &[String]) {
    let words = tests.iter().skip_while(|own| *own != "-exec").skip(1).take_while(|own| *own != "+" && *own != ";");
    let words: Vec<String> = words.cloned().collect();
    let Some(tool) = words.first().and_then(|name| super::named(call.machine, name)).as_deref().and_then(super::find)
    else {
        return;
    };
    let args = words.iter().flat_map(|own| if own == "{}" { found.to_vec() } else { vec![own.clone()] });
    let before = std::mem::replace(&mut call.args, args.collect());
    tool(call);
    call.args = before;
}

fn is_wanted(entry: &Entry, path: &str, value: &impl Fn(&str) -> Option<String>) -> bool {
    let name: Vec<char> = path.rsplit('/').next().unwrap_or_default().chars().collect();
    let fits_name = value("-name").or_else(|| value("-iname")).is_none_or(|own| matches(&marks(&own), &name));
    let fits_kind = value("-type").is_none_or(|own| (own == "d") == entry.is_folder);
    let fits_size = value("-size").is_none_or(|own| {
        let digits: String = own.chars().filter(char::is_ascii_digit).collect();
        let unit = match own.chars().last() {
            Some('k') => 1024,
            Some('M') => 1024 * 1024,
            Some('G') => 1024 * 1024 * 1024,
            _ => 512,
        };
        let limit = digits.parse::<u64>().unwrap_or(0) * unit;
        if own.starts_with('-') { entry.size < limit } else { entry.size > limit }
    });
    fits_name && fits_kind && fits_size
}

/// The size of what lies below, in kibibytes; a mount point holds what its file system does.
fn weight_kb(call: &Call<'_, '_>, path: &str) -> u64 {
    let mount = call.machine.mounts().into_iter().find(|m| m.path == path && path != "/");
    let files = call
        .disk
        .below(path)
        .into_iter()
        .filter_map(|own| call.disk.entry(&own))
        .filter(|e| !e.is_folder && !e.path.starts_with("/proc"));
    let sum: u64 = files.map(|e| e.size.div_ceil(1024)).sum();
    mount.map_or(sum, |m| m.used_kb.max(sum))
}

pub(super) fn du(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-d", "--max-depth", "--exclude", "-t"]);
    let mut roots = options.operands().to_vec();
    if roots.is_empty() {
        roots.push(".".into());
    }
    let depth =
        if options.has("-s") { 0 } else { number(options.value_of(&["-d", "--max-depth"])).unwrap_or(usize::MAX) };
    let mut status = 0;
    for root in roots {
        let own = call.disk.absolute(&call.cwd, &root);
        if call.disk.entry(&own).is_none() {
            call.complain(&format!("cannot access '{root}': No such file or directory"));
            status = 1;
            continue;
        }
        let mut below = call.disk.below(&own);
        below.reverse();
        for path in below {
            let rest = path.strip_prefix(&own).unwrap_or_default();
            let is_shown = path == own || call.disk.is_folder(&path) || options.has("-a");
            if rest.matches('/').count() > depth || !is_shown || (path.starts_with("/proc") && own == "/") {
                continue;
            }
            let kb = if call.disk.is_folder(&path) {
                weight_kb(call, &path).max(4)
            } else {
                call.disk.entry(&path).map_or(0, |e| e.size.div_ceil(1024))
            };
            let shown = match () {
                () if options.has("-h") => human(kb * 1024, false),
                () if options.has("-m") => kb.div_ceil(1024).to_string(),
                () => kb.to_string(),
            };
            call.line(format!("{shown}\t{path}"));
        }
    }
    status
}

type Deed = fn(&mut Call<'_, '_>, &str, &Options) -> Result<(), String>;

fn each(call: &mut Call<'_, '_>, verb: &str, deed: Deed) -> i32 {
    let options = call.options(&["-m", "-d", "-r", "-t"]);
    let mut status = 0;
    for path in options.operands() {
        if let Err(says) = deed(call, path, &options) {
            call.complain(&format!("cannot {verb} '{path}': {says}"));
            status = 1;
        }
    }
    status
}

pub(super) fn mkdir(call: &mut Call<'_, '_>) -> i32 {
    each(call, "create directory", |call, path, options| {
        let (cwd, user) = (call.cwd.clone(), call.user.clone());
        if options.has("-p") && call.disk.is_folder(&call.disk.absolute(&cwd, path)) {
            return Ok(());
        }
        call.disk.make_folder(&cwd, path, &user).map_err(|p| p.to_string())
    })
}

pub(super) fn rmdir(call: &mut Call<'_, '_>) -> i32 {
    each(call, "remove directory", |call, path, _| {
        let cwd = call.cwd.clone();
        let own = call.disk.absolute(&cwd, path);
        if call.disk.below(&own).len() > 1 {
            return Err(super::super::machine::disk::Problem::NotEmpty.to_string());
        }
        call.disk.remove(&cwd, path, true).map_err(|p| p.to_string())
    })
}

pub(super) fn rm(call: &mut Call<'_, '_>) -> i32 {
    each(call, "remove", |call, path, options| {
        let cwd = call.cwd.clone();
        let own = call.disk.absolute(&cwd, path);
        if options.has("-f") && call.disk.entry(&own).is_none() {
            return Ok(());
        }
        call.disk.remove(&cwd, path, options.any(&["-r", "-R"])).map_err(|p| p.to_string())
    })
}

pub(super) fn touch(call: &mut Call<'_, '_>) -> i32 {
    each(call, "touch", |call, path, _| {
        let (cwd, user) = (call.cwd.clone(), call.user.clone());
        call.disk.write(&cwd, path, &user, b"", true).map_err(|p| p.to_string())
    })
}

pub(super) fn mktemp(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-p", "-t"]);
    let path = format!("/tmp/tmp.{}", call.machine.dice(&format!("mktemp/{}", call.machine.now)).secret(10));
    let (cwd, user) = (call.cwd.clone(), call.user.clone());
    let made = if options.has("-d") {
        call.disk.make_folder(&cwd, &path, &user)
    } else {
        call.disk.write(&cwd, &path, &user, b"", false)
    };
    match made {
        Ok(()) => {
            call.line(path);
            0
        }
        Err(problem) => {
            call.complain(&format!("failed to create file via template '{path}': {problem}"));
            1
        }
    }
}
