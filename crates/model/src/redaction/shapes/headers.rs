//! Headers of HTTP, and sessions. Patterns and hints only.

use super::super::{check, value};
use super::{Shape, after, checked};

pub(super) const SHAPES: &[Shape] = &[
    after(
        "authorization",
        &["authorization"],
        r#"(?i)\b(?:proxy-)?authorization["'`\\]{0,4}\s*(?:=>|[:=,])\s*["'`\\]{0,4}(?:basic|bearer|token|digest|negotiate|ntlm|apikey|bot|splunk|geniekey|ssws|hmac|signature|aws4-hmac-sha256|oauth|key)[ ]+"#,
        value::header,
    ),
    after(
        "authorization",
        &["authorization"],
        r#"(?i)\b(?:proxy-|x-)?authorization["'`\\]{0,4}\s*(?:=>|[:=])\s*"#,
        value::secret,
    ),
    checked("bearer-token", &["bearer"], r#"(?i)\bbearer["'\s\x00:=]{1,4}([A-Za-z0-9._~+/=-]{16,})"#, check::is_random),
    checked("basic-login", &["basic "], r"(?i)\bbasic ([A-Za-z0-9+/]{12,}={0,2})", check::is_base64_login),
    after("cookie", &["cookie"], r#"(?i)(?:^|[^a-z-])cookie["'`\\]{0,4}\s*(?::|=>)\s*"#, value::cookie),
    after(
        "cookie",
        &["cookie"],
        r#"(?i)\bset-cookie2?["'`\\]{0,4}\s*(?::|=>)\s*["'`\\]{0,4}[^=;,\s"']{1,80}="#,
        value::set_cookie,
    ),
    after(
        "session-id",
        &["sess", "connect.sid", "sid=", "remember_"],
        r#"(?i)(?:phpsessid|jsessionid(?:sso)?|asp\.net_sessionid|aspsessionid\w*|connect\.sid|[\w.-]*session[_-]?id|[\w.-]*_session|laravel_session|remember_\w*token|\bsid)["'`\\]{0,4}\s*(?:=>|=|:)\s*"#,
        value::session,
    ),
];
