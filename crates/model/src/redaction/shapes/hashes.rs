//! Hashes of passwords, which are guessed at leisure once they are known. Digests of files and images are none. Patterns and hints only.

use super::super::check;
use super::{Shape, checked, token};

pub(super) const SHAPES: &[Shape] = &[
    token(
        "password-hash",
        &[
            "$1$", "$2a$", "$2b$", "$2x$", "$2y$", "$5$", "$6$", "$7$", "$y$", "$gy$", "$sha1$", "$md5", "$apr1$",
            "$argon2", "$scrypt$", "$pbkdf2", "$p$", "$h$", "$s$", "$bcrypt",
        ],
        r#"\$(?:1|2[abxy]|5|6|7|y|gy|sha1|md5|apr1|argon2(?:id|i|d)|scrypt|pbkdf2[\w-]*|bcrypt[\w-]*|P|H|S)\$(?:[a-z]+=\d+[,$]){0,5}[^\s:"',;<>\x00]{8,}"#,
    ),
    checked(
        "shadow-hash",
        &[":0:99999:", ":99999:", ":::", "::0:"],
        r"^[a-z_][\w.-]*:!?!?([^:*!\s]{13,}):\d*:\d*:\d*:",
        check::is_value,
    ),
    token(
        "htpasswd-hash",
        &[
            "{sha}",
            "{ssha",
            "{smd5}",
            "{crypt}",
            "{pbkdf2",
            "{md5}",
            "{sha256}",
            "{sha512}",
            "{argon2",
            "{bcrypt}",
            "{blf-crypt}",
            "{cleartext}",
            "{plain}",
            "{nt}",
        ],
        r"(?i)\{(?:SHA|SSHA\d*|SMD5|MD5|CRYPT|PBKDF2[\w-]*|SHA256|SHA512|ARGON2I?D?|BCRYPT|BLF-CRYPT|CLEARTEXT|PLAIN|NT)(?:\.(?:hex|b64))?\}([^\s,;<>]{4,})",
    ),
    token("mysql-hash", &["*"], r"(?:^|[^0-9A-Za-z*])(\*[0-9A-F]{40})\b"),
    token("mysql-hash", &["$A$005$"], r"\$A\$005\$[^'\x00]{20,}"),
    token("postgres-hash", &["SCRAM-SHA-"], r"\bSCRAM-SHA-(?:1|256|512)\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=:]+"),
    token("postgres-hash", &["md5"], r#"(?:["'|\s=]|^)(md5[0-9a-f]{32})(?:["'|\s,;]|$)"#),
    token(
        "django-hash",
        &["pbkdf2_sha", "bcrypt_sha256$", "scrypt$"],
        r"\b(?:pbkdf2_sha\d+\$\d+|bcrypt_sha256\$|scrypt\$)[^\s\x22',]{16,}",
    ),
    token(
        "werkzeug-hash",
        &["pbkdf2:sha", "scrypt:"],
        r"\b(?:pbkdf2:sha\d+(?::\d+)?|scrypt:\d+:\d+:\d+)\$[^\s\x22',]{16,}",
    ),
    token("nt-hash", &[":::"], r"^[^:\s]+:\d+:([0-9a-fA-F]{32}:[0-9a-fA-F]{32}):::"),
    token("kerberos-hash", &["$krb5"], r"\$krb5(?:tgs|asrep|pa)\$[^\s]{20,}"),
    token("password-hash", &["sha512:", "sha-512:"], r"(?i)\bsha-?512:\d+:[A-Za-z0-9+/=]{8,}:[A-Za-z0-9+/=]{40,}"),
];
