//! Web servers and clients: `nginx`, `curl`, `wget`, `openssl`. A request goes to the machine itself, to the cloud's address for metadata, or
//! nowhere.

use super::super::cast::Role;
use super::super::machine::distro::Distro;
use super::super::trouble::Trouble;
use super::Call;
use super::options::{Options, duration_ms};
use crate::clock::plus_s;

/// What a request comes to: a status and a body, or the number and the words of a failure.
enum Reply {
    Answer(u16, String),
    Failure(i32, String),
    /// Nothing, until the client loses patience.
    Silence,
}

const METADATA: &str = "169.254.169.254";

struct Target {
    is_tls: bool,
    host: String,
    port: u16,
    path: String,
}

fn target(url: &str) -> Target {
    let (is_tls, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (scheme == "https", rest),
        None => (false, url),
    };
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| (&rest[..at], &rest[at..]));
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    let (host, port) = authority
        .rsplit_once(':')
        .and_then(|(h, p)| Some((h, p.parse().ok()?)))
        .unwrap_or((authority, if is_tls { 443 } else { 80 }));
    Target { is_tls, host: host.to_owned(), port, path: path.to_owned() }
}

fn ask(call: &Call<'_, '_>, url: &str, checks_certificate: bool, token: bool) -> Reply {
    let to = target(url);
    let machine = call.machine;
    if to.host == METADATA {
        return metadata(call, &to.path, token);
    }
    let Some(address) = (if to.host.starts_with(|c: char| c.is_ascii_digit()) {
        Some(to.host.clone())
    } else {
        machine.resolve(&to.host)
    }) else {
        return Reply::Failure(6, format!("Could not resolve host: {}", to.host));
    };
    let is_own = address.starts_with("127.")
        || address == machine.spec.address
        || address.starts_with("198.51.100.") && machine.role == Role::Nginx;
    let listens = machine.sockets().iter().any(|s| s.state == "LISTEN" && s.local.ends_with(&format!(":{}", to.port)));
    if !is_own || !listens {
        return Reply::Failure(
            7,
            format!("Failed to connect to {} port {} after 1 ms: Couldn't connect to server", to.host, to.port),
        );
    }
    let is_expired = machine.suffers(|t| matches!(t, Trouble::CertExpired { days } if *days < 0));
    if to.is_tls && is_expired && checks_certificate {
        return Reply::Failure(60, "SSL certificate problem: certificate has expired".into());
    }
    served(call, &to.path)
}

fn served(call: &Call<'_, '_>, path: &str) -> Reply {
    let machine = call.machine;
    if machine.has(&Trouble::HighLoad) || machine.has(&Trouble::HeapFull) {
        return Reply::Silence;
    }
    match (machine.role, path) {
        (Role::Nginx, "/nginx_status" | "/stub_status") => {
            let active = 12 + (machine.wave("web", 90) * 60.0) as u32;
            let all = machine.uptime_s() * 9;
            Reply::Answer(
                200,
                format!(
                    "Active connections: {active} \n\
                 server accepts handled requests\n {all} {all} {} \n\
                 Reading: 0 Writing: {} Waiting: {} \n",
                    all * 3,
                    active / 4,
                    active - active / 4
                ),
            )
        }
        _ if machine.has(&Trouble::UpstreamErrors) => Reply::Answer(
            502,
            "<html>\r\n\
             <head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
             <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n\
             </html>\r\n"
                .into(),
        ),
        (Role::Java, "/actuator/health" | "/health") => Reply::Answer(
            200,
            "{\"status\":\"UP\",\"components\":{\"db\":{\"status\":\"UP\"},\"diskSpace\":{\"status\":\"UP\"}}}".into(),
        ),
        (_, "/" | "/health" | "/healthz") => Reply::Answer(200, "ok\n".into()),
        _ => Reply::Answer(404, "<html><head><title>404 Not Found</title></head></html>\r\n".into()),
    }
}

/// The instance metadata service in its second version: without a token it refuses.
fn metadata(call: &Call<'_, '_>, path: &str, has_token: bool) -> Reply {
    let machine = call.machine;
    if machine.distro != Distro::Amazon {
        return Reply::Silence;
    }
    if path == "/latest/api/token" {
        return Reply::Answer(200, machine.dice("metadata token").secret(56));
    }
    if !has_token {
        return Reply::Answer(401, String::new());
    }
    let id = format!("i-0{}", machine.dice("instance").hex(16));
    let body = match path.trim_end_matches('/') {
        "/latest/meta-data/instance-id" => id,
        "/latest/meta-data/instance-type" => "m6i.xlarge".into(),
        "/latest/meta-data/placement/availability-zone" => "ap-northeast-1a".into(),
        "/latest/meta-data/placement/region" => "ap-northeast-1".into(),
        "/latest/meta-data/local-ipv4" => machine.spec.address.clone(),
        "/latest/meta-data/local-hostname" | "/latest/meta-data/hostname" => {
            format!("{}.ap-northeast-1.compute.internal", machine.spec.hostname)
        }
        "/latest/meta-data/ami-id" => format!("ami-0{}", machine.dice("image").hex(16)),
        "/latest/meta-data/mac" => machine.nic().mac,
        "/latest/meta-data/instance-life-cycle" => "on-demand".into(),
        "/latest/meta-data/iam/security-credentials" => "app-role".into(),
        "/latest/meta-data/iam/security-credentials/app-role" => format!(
            "{{\n  \"Code\" : \"Success\",\n  \"AccessKeyId\" : \"{}\",\n  \"SecretAccessKey\" : \"{}\"\n\
             }}",
            machine.secrets.aws_key_id, machine.secrets.aws_secret
        ),
        "/latest/meta-data/events/maintenance/scheduled" => "[]".into(),
        "/latest/dynamic/instance-identity/document" => format!(
            "{{\n  \"instanceId\" : \"{id}\",\n  \"instanceType\" : \"m6i.xlarge\",\n  \"region\" \
                 : \"ap-northeast-1\",\n  \"privateIp\" : \"{}\"\n\
             }}",
            machine.spec.address
        ),
        "/latest/meta-data" => "ami-id\nhostname\ninstance-id\ninstance-life-cycle\ninstance-type\n\
             local-hostname\nlocal-ipv4\nmac\nplacement/"
            .into(),
        _ => return Reply::Answer(404, String::new()),
    };
    Reply::Answer(200, body)
}

const CURL: [&str; 18] = [
    "-m",
    "-o",
    "-w",
    "-H",
    "-X",
    "-d",
    "-u",
    "-A",
    "--max-time",
    "--connect-timeout",
    "--output",
    "--write-out",
    "--header",
    "--request",
    "--resolve",
    "--retry",
    "--unix-socket",
    "-T",
];

pub(super) fn curl(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&CURL);
    let url = options.operands().last().cloned().unwrap_or_default();
    let quiet = options.any(&["-s", "--silent"]);
    let shows_errors = !quiet || options.any(&["-S", "--show-error"]);
    let has_token = [options.values("-H"), options.values("--header")]
        .concat()
        .iter()
        .any(|h| h.to_lowercase().starts_with("x-aws-ec2-metadata-token:"));
    let patience_ms =
        options.value_of(&["-m", "--max-time", "--connect-timeout"]).and_then(duration_ms).unwrap_or(120_000);
    let fail = |call: &mut Call<'_, '_>, code: i32, says: &str| {
        if shows_errors {
            call.error(&format!("curl: ({code}) {says}"));
        }
        write_out(call, &options, 0);
        code
    };
    match ask(call, &url, !options.any(&["-k", "--insecure"]), has_token) {
        Reply::Failure(code, says) => fail(call, code, &says),
        Reply::Silence => {
            call.pause(patience_ms);
            fail(call, 28, &format!("Operation timed out after {patience_ms} milliseconds with 0 bytes received"))
        }
        Reply::Answer(status, _) if status >= 400 && options.any(&["-f", "--fail"]) => {
            fail(call, 22, &format!("The requested URL returned error: {status}"))
        }
        Reply::Answer(status, body) => {
            let head = format!(
                "HTTP/1.1 {status} {}\r\nServer: nginx\r\nContent-Length: {}\r\n\r\n",
                if status == 200 { "OK" } else { "Error" },
                body.len()
            );
            let (only_head, with_head) = (options.any(&["-I", "--head"]), options.any(&["-i", "--include"]));
            let text = match (only_head, with_head) {
                (true, _) => head,
                (_, true) => head + &body,
                _ => body,
            };
            if options.value_of(&["-o", "--output"]) != Some("/dev/null") {
                call.say(text);
            }
            write_out(call, &options, status);
            0
        }
    }
}

fn write_out(call: &mut Call<'_, '_>, options: &Options, status: u16) {
    if let Some(format) = options.value_of(&["-w", "--write-out"]) {
        let text = super::print::unescaped(format);
        let text = [
            ("%{http_code}", format!("{status:03}")),
            ("%{response_code}", format!("{status:03}")),
            ("%{time_total}", "0.012417".into()),
            ("%{time_connect}", "0.000312".into()),
            ("%{size_download}", "512".into()),
        ]
        .iter()
        .fold(text, |text, (mark, value)| text.replace(mark, value));
        call.say(text);
    }
}

pub(super) fn wget(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-O", "-T", "-t", "--timeout", "--tries", "--header", "--method"]);
    let url = options.operands().last().cloned().unwrap_or_default();
    let has_token =
        options.values("--header").iter().any(|h| h.to_lowercase().starts_with("x-aws-ec2-metadata-token:"));
    match ask(call, &url, !options.has("--no-check-certificate"), has_token) {
        Reply::Answer(status, body) if status < 400 => {
            if matches!(options.value("-O"), Some("-")) {
                call.say(body);
            }
            0
        }
        Reply::Answer(status, _) => {
            call.complain(&format!("server returned error: HTTP/1.1 {status}"));
            8
        }
        Reply::Failure(_, says) => {
            call.complain(&says);
            4
        }
        Reply::Silence => {
            call.pause(options.value_of(&["-T", "--timeout"]).and_then(duration_ms).unwrap_or(900_000));
            call.complain("download timed out");
            4
        }
    }
}

pub(super) fn nginx(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-c", "-p", "-g", "-s"]);
    match () {
        () if options.any(&["-v", "-V"]) => {
            call.error("nginx version: nginx/1.22.1");
            0
        }
        () if options.any(&["-t", "-T"]) => {
            if !call.is_root() {
                call.error(
                    "nginx: [alert] could not open error log file: open() \"/var/log/nginx/error.log\" \
                     failed (13: Permission denied)",
                );
            }
            call.error(
                "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n\
                 nginx: configuration file /etc/nginx/nginx.conf test is successful",
            );
            if options.has("-T") {
                call.say(format!(
                    "# configuration file /etc/nginx/nginx.conf:\n{}",
                    call.machine.content("/etc/nginx/nginx.conf").unwrap_or_default()
                ));
            }
            0
        }
        () => {
            call.error("nginx: [alert] kill(1, 1) failed (1: Operation not permitted)");
            1
        }
    }
}

/// The day on which the host's certificate ends.
fn certificate_end(call: &Call<'_, '_>) -> jiff::Timestamp {
    let days = call
        .machine
        .troubles()
        .find_map(|t| if let Trouble::CertExpired { days } = t { Some(*days) } else { None })
        .unwrap_or(61);
    plus_s(call.machine.now, days * 86_400 + 3_600)
}

pub(super) fn openssl(call: &mut Call<'_, '_>) -> i32 {
    let words = call.args[1..].to_vec();
    let has = |flag: &str| words.iter().any(|own| own == flag);
    let value = |flag: &str| words.iter().position(|own| own == flag).and_then(|at| words.get(at + 1)).cloned();
    match words.first().map(String::as_str) {
        Some("version") => {
            call.line(if call.machine.distro == Distro::Debian {
                "OpenSSL 3.0.14 4 Jun 2024"
            } else {
                "OpenSSL 3.0.8 7 Feb 2023"
            });
            0
        }
        Some("s_client") => {
            let to = value("-connect").unwrap_or_default();
            let port = to.rsplit(':').next().unwrap_or("443").to_owned();
            let listens =
                call.machine.sockets().iter().any(|s| s.state == "LISTEN" && s.local.ends_with(&format!(":{port}")));
            if !listens {
                call.error(
                    "80ABCDEF:error:8000006F:system library:BIO_connect:Connection refused\n\
                     connect:errno=111",
                );
                return 1;
            }
            call.say(format!(
                "CONNECTED(00000003)\n---\nCertificate chain\n 0 s:CN = {0}\n   i:C = JP, O = \
                 Example Trust, CN = Example R3\n\
                 ---\nServer certificate\n{1}subject=CN = {0}\n\
                 issuer=C = JP, O = Example Trust, CN = Example R3\n---\nVerify return code: {2}\n\
                 ---\n",
                call.machine.fqdn(),
                CERTIFICATE,
                if call.machine.suffers(|t| matches!(t, Trouble::CertExpired { days } if *days < 0)) {
                    "10 (certificate has expired)"
                } else {
                    "0 (ok)"
                }
            ));
            0
        }
        Some("x509") => x509(call, &has, &value),
        _ => {
            call.error("Invalid command; type \"help\" for a list.");
            1
        }
    }
}

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMIIFazCCBFOgAwIBAgISA0xample\n-----END CERTIFICATE-----\n";

fn x509(call: &mut Call<'_, '_>, has: &impl Fn(&str) -> bool, value: &impl Fn(&str) -> Option<String>) -> i32 {
    let text = match value("-in") {
        Some(file) => match call.disk.read(&call.cwd, &file, &call.user) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(problem) => {
                call.error(&format!("Could not open file or uri for loading certificate from {file}: {problem}"));
                return 1;
            }
        },
        None => String::from_utf8_lossy(&call.input.rest()).into_owned(),
    };
    if !text.contains("BEGIN CERTIFICATE") {
        call.error("Could not read certificate from <stdin>\nUnable to load certificate");
        return 1;
    }
    let end = certificate_end(call);
    let date = |at: jiff::Timestamp| at.strftime("%b %e %H:%M:%S %Y GMT").to_string();
    if has("-subject") {
        call.line(format!("subject=CN = {}", call.machine.fqdn()));
    }
    if has("-issuer") {
        call.line("issuer=C = JP, O = Example Trust, CN = Example R3");
    }
    if has("-startdate") || has("-dates") {
        call.line(format!("notBefore={}", date(plus_s(end, -90 * 86_400))));
    }
    if has("-enddate") || has("-dates") {
        call.line(format!("notAfter={}", date(end)));
    }
    if has("-fingerprint") {
        call.line(format!("sha256 Fingerprint={}", call.machine.dice("certificate").hex(64).to_uppercase()));
    }
    if let Some(seconds) = value("-checkend").and_then(|own| own.parse::<i64>().ok()) {
        let holds = end > plus_s(call.machine.now, seconds);
        call.line(if holds { "Certificate will not expire" } else { "Certificate will expire" });
        return i32::from(!holds);
    }
    0
}
