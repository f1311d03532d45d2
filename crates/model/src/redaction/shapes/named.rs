//! Values after a telling name: environments, INI, YAML, JSON, logs, tables, and what people write in Japanese. Patterns and hints only.

use super::super::{check, value};
use super::{Shape, after, checked, token};

/// What may stand between a telling name and its value.
macro_rules! joined {
    ($name:expr) => {
        concat!(
            "(?i)(?:",
            $name,
            ")",
            "(?:[_.-]?(?:[0-9]{1,3}|old|new|current|prod|production|dev|stg|staging|test|main|primary|replica|master|slave|value|text|plain|b64|base64|enc|encrypted|raw))?",
            "[\"'`\\\\\\])}]{0,5}\\s*(?:=>|:=|={1,3}|:|\\|)\\s*"
        )
    };
}

pub(super) const SHAPES: &[Shape] = &[
    after(
        "password",
        &["passw", "passphrase", "pass-phrase", "pass_phrase", "passcode", "authtok", "passwort"],
        joined!("passw(?:or)?d|passwort|pass[_-]?phrase|passcode|authtok"),
        value::password,
    ),
    after(
        "password",
        &["pass", "pwd", "psw", "pw", "psk"],
        joined!(
            "(?:^|[^a-z0-9])(?:pass|pswd|psw|pwd|pw|psk|wpa_psk)|(?-i:[a-z](?:Pass|Pwd|Pw|Psw))|(?:db|pg|smtp|ftp|mysql|redis|mail|admin|root|sql|store|key|user|bind|login|http|proxy|rabbitmq|mongo)_?(?:pass|pwd|pw)"
        ),
        value::password,
    ),
    after(
        "password",
        &["パスワード", "暗証番号", "パスフレーズ", "合言葉", "ＰＷ", "パスコード"],
        "(?:パスワード|暗証番号|パスフレーズ|合言葉|ＰＷ|パスコード)[ \\t]{0,4}(?:「|『|】(?:：|:)?|(?:」|\\)|）)?[ \\t]{0,4}(?:：|:|=|＝|は|→|\\|))[ \\t]{0,4}(?:「|『)?",
        value::japanese,
    ),
    after(
        "secret",
        &["トークン", "秘密鍵", "apiキー", "シークレット", "アクセスキー", "認証キー", "認証情報", "秘密の"],
        "(?i:トークン|秘密鍵|apiキー|シークレット(?:キー)?|アクセスキー|認証キー|認証情報|秘密の質問の答え)[ \\t]{0,4}(?:「|『|】(?:：|:)?|(?:」|\\)|）)?[ \\t]{0,4}(?:：|:|=|＝|は|→|\\|))[ \\t]{0,4}(?:「|『)?",
        value::japanese,
    ),
    after(
        "secret",
        &["secret_key_base", "client_secret", "secret"],
        joined!("secret(?:[_ -]?(?:key(?:[_ -]?base)?|value|string|id|hash))?"),
        value::secret,
    ),
    after("token", &["token"], joined!("token(?:[_-]?(?:secret|value|key))?"), value::secret),
    after(
        "key",
        &["key"],
        joined!(
            "(?:api|access|private|auth|authentication|authorization|encryption|encrypt|signing|sign|master|shared|account|licen[sc]e|hmac|session|application|app|admin|root|write|ingest|ingestion|consumer|client|deploy|storage|webhook|jwt|crypt|crypto|cipher|aes|preshared|pre-shared|tsig|activation|recovery|unseal|bearer|wep|wpa|vapid|cookie|django|flask|secure_auth|logged_in|nonce|ssl|tls|server|product|serial|enc|pass|gateway|user|service)[_ .-]?key(?:[_-]?(?:data|base|material))?"
        ),
        value::secret,
    ),
    after("credential", &["credential", "creds"], joined!("credentials?|creds"), value::secret),
    after("salt", &["salt"], joined!("(?:^|[^a-z])salt|_salt|(?-i:[a-z]Salt)"), value::generated),
    after(
        "generated-value",
        &[
            "key",
            "auth",
            "cred",
            "sess",
            "jwt",
            "bearer",
            "xsrf",
            "csrf",
            "ticket",
            "cookie",
            "seed",
            "hash_secret",
            "sig",
        ],
        joined!(
            "(?:^|[^a-z])(?:key|auth|cred|session|jwt|bearer|xsrf|csrf|ticket|cookie|seed|sid)|(?-i:[a-z](?:Key|Auth|Cred|Session|Ticket|Cookie|Seed))|[a-z0-9](?:_key|_auth|_cred|_session|_ticket|_cookie|_seed)"
        ),
        value::generated,
    ),
    checked(
        "pin",
        &["pin"],
        r#"(?i)(?:^|[^a-z])pin(?:[ _-]?(?:code|number|no))?["']?\s*[:=]\s*["']?([0-9]{4,12})\b"#,
        check::is_value,
    ),
    token(
        "secret",
        &["secret key is", "token is", "password is", "password to", "パスワードを"],
        r#"(?i)(?:secret key|access token|api token|api key|password) (?:is|to|set to)[:\s]\s*["'`]?([A-Za-z0-9!@#$%^&*+/=_.~-]*[0-9!@#$%^&*+=][A-Za-z0-9!@#$%^&*+/=_.~-]{3,})"#,
    ),
];
