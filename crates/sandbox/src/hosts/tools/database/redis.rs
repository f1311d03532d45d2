//! `redis-cli`.

use super::super::super::trouble::Trouble;
use super::super::Call;
use super::is_up;

const MAX_MEMORY: u64 = 3_221_225_472;

pub(in super::super) fn redis_cli(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-h", "-p", "-a", "-n", "-u", "-s", "--user", "--pass"]);
    let port = options.value("-p").unwrap_or("6379").to_owned();
    if !is_up(call) || port != "6379" {
        call.error(&format!("Could not connect to Redis at 127.0.0.1:{port}: Connection refused"));
        return 1;
    }
    let words: Vec<String> = options.operands().iter().map(|own| own.to_lowercase()).collect();
    let text = answer(call, &words);
    call.say(text);
    0
}

fn answer(call: &Call<'_, '_>, words: &[String]) -> String {
    let full = call.machine.has(&Trouble::QueueFull);
    let clients: u32 = if full { 212 } else { 24 };
    match (words.first().map(String::as_str), words.get(1).map(String::as_str)) {
        (Some("ping"), _) => "PONG\n".into(),
        (Some("info"), section) => info(call, section, full, clients),
        (Some("dbsize"), _) => format!("(integer) {}\n", keys(full)),
        (Some("llen"), _) => format!("(integer) {}\n", if full { 18_422 } else { 3 }),
        (Some("slowlog"), Some("get")) if full => {
            let at = call.machine.now.as_second() - 41;
            format!(
                "1) 1) (integer) 8123\n   2) (integer) {at}\n   3) (integer) 41207\n   4) 1) \"LRANGE\"\n      \
                     2) \"orders\"\n      3) \"0\"\n      4) \"-1\"\n"
            )
        }
        (Some("slowlog" | "latency"), _) => "(empty array)\n".into(),
        (Some("client"), Some("list")) => (0..clients).map(client).collect(),
        (Some("config"), Some("get")) => format!("maxmemory\n{MAX_MEMORY}\n"),
        (Some(other), _) => format!("(error) ERR unknown command '{other}', with args beginning with: \n"),
        (None, _) => String::new(),
    }
}

fn keys(full: bool) -> u32 {
    if full { 918_273 } else { 41_207 }
}

fn client(n: u32) -> String {
    format!(
        "id={n} addr=10.20.1.{}:{} laddr=127.0.0.1:6379 fd={} name= age={} idle={} flags=N db=0 cmd=brpop\n",
        31 + n % 4,
        40_000 + n,
        8 + n,
        900 + n * 7,
        n % 5
    )
}

fn info(call: &Call<'_, '_>, section: Option<&str>, full: bool, clients: u32) -> String {
    let machine = call.machine;
    let used = if full {
        MAX_MEMORY - 41_207_808
    } else {
        (MAX_MEMORY as f64 * (0.3 + 0.2 * machine.wave("redis", 900))) as u64
    };
    let all = [
        ("Server", format!("redis_version:7.0.15\nuptime_in_seconds:{}\ntcp_port:6379\n", machine.uptime_s())),
        (
            "Clients",
            format!("connected_clients:{clients}\nblocked_clients:{}\nmaxclients:10000\n", if full { 61 } else { 4 }),
        ),
        (
            "Memory",
            format!(
                "used_memory:{used}\nused_memory_human:{:.2}G\nmaxmemory:{MAX_MEMORY}\n\
             maxmemory_policy:noeviction\nmem_fragmentation_ratio:1.12\n",
                used as f64 / 1_073_741_824.0
            ),
        ),
        (
            "Persistence",
            "loading:0\nrdb_changes_since_last_save:412\nrdb_last_bgsave_status:ok\n\
             aof_enabled:1\naof_last_write_status:ok\n"
                .into(),
        ),
        (
            "Stats",
            format!(
                "total_connections_received:{}\nrejected_connections:0\nexpired_keys:8123\n\
             evicted_keys:0\n",
                machine.uptime_s() / 4
            ),
        ),
        ("Replication", "role:master\nconnected_slaves:0\n".into()),
        ("Keyspace", format!("db0:keys={},expires=812,avg_ttl=41207\n", keys(full))),
    ];
    let is_wanted =
        |name: &str| section.is_none_or(|own| own == name.to_lowercase() || own == "all" || own == "everything");
    all.iter().filter(|(name, _)| is_wanted(name)).map(|(name, body)| format!("# {name}\n{body}\n")).collect()
}
