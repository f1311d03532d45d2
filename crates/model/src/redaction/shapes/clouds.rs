//! Keys of clouds and of what runs in them. Patterns and hints only.

use super::super::{check, value};
use super::{Shape, after, checked, token};

pub(super) const SHAPES: &[Shape] = &[
    token("aws-access-key", &["AKIA", "ASIA", "ABIA", "ACCA"], r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    after(
        "aws-secret-key",
        &["secret_access_key", "secretaccesskey", "secret-access-key", "aws_secret_key", "secret access key"],
        r#"(?i)(?:secret[_ -]?access[_ -]?key|aws_secret_key)["'`\\]{0,4}(?:\s*(?:=>|=|:)|[\s\x00])\s*"#,
        value::close,
    ),
    after(
        "aws-session-token",
        &["session_token", "sessiontoken", "security_token", "security-token", "session-token"],
        r#"(?i)(?:session[_-]?token|security[_-]token)["'`\\]{0,4}(?:\s*(?:=>|=|:)|[\s\x00])\s*"#,
        value::close,
    ),
    token(
        "aws-session-token",
        &["FwoGZXIvYXdz", "IQoJb3JpZ2lu"],
        r"\b(?:FwoGZXIvYXdz|IQoJb3JpZ2lu)[A-Za-z0-9/+=]{40,}",
    ),
    token("aws-bedrock-key", &["ABSKQmVkcm9ja0FQSUtleS"], r"\bABSKQmVkcm9ja0FQSUtleS[A-Za-z0-9/+=]{20,}"),
    token("aws-mws-token", &["amzn.mws."], r"\bamzn\.mws\.[0-9a-f-]{36}\b"),
    token("google-api-key", &["AIza"], r"\bAIza[0-9A-Za-z_-]{35}"),
    token("google-oauth-secret", &["GOCSPX-"], r"\bGOCSPX-[0-9A-Za-z_-]{20,}"),
    token("google-oauth-token", &["ya29."], r"\bya29\.[0-9A-Za-z_.-]{20,}"),
    token("google-refresh-token", &["1//0"], r"\b1//0[0-9A-Za-z_-]{30,}"),
    token("google-key-id", &["private_key_id"], r#"private_key_id\\{0,3}"\s*:\s*\\{0,3}"([0-9a-f]{40})"#),
    token(
        "azure-storage-key",
        &["accountkey", "account_key", "account-key"],
        r#"(?i)account[_-]?key["']?[\s\x00]*[=:\x00 ][\s\x00]*["']?([A-Za-z0-9+/]{80,}={0,2})"#,
    ),
    token(
        "azure-shared-key",
        &["sharedaccesskey", "sharedaccesssignature"],
        r#"(?i)sharedaccess(?:key|signature)["']?\s*[=:]\s*["']?([^;"'\s]{16,})"#,
    ),
    token("azure-client-secret", &["8Q~", "7Q~", "Q~"], r"\b[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    token("azure-devops-token", &["AZDO"], r"\b[A-Za-z0-9]{70,80}AZDO[A-Za-z0-9]{4}\b"),
    token(
        "azure-service-key",
        &["JQQJ99", "ACDb", "AzSe", "+ASt", "+AMC"],
        r"\b[A-Za-z0-9+/]{33,76}(?:JQQJ99|\+ASt|ACDb|AzSe|\+AMC)[A-Za-z0-9+/=]{2,44}",
    ),
    checked("alibaba-access-key", &["LTAI"], r"\bLTAI[A-Za-z0-9]{12,26}\b", check::is_random),
    checked("tencent-secret-id", &["AKID"], r"\bAKID[A-Za-z0-9]{32}\b", check::is_random),
    token("digitalocean-token", &["dop_v1_", "doo_v1_", "dor_v1_"], r"\bdo[opr]_v1_[0-9a-f]{40,}"),
    checked("digitalocean-spaces-key", &["DO00", "DO80"], r"\bDO(?:00|80)[A-Z0-9]{16}\b", check::is_random),
    token("heroku-key", &["HRKU-"], r"\bHRKU-[A-Za-z0-9_-]{30,}"),
    token(
        "flyio-token",
        &["FlyV1", "fo1_", "fm2_", "fm1r_", "fm1a_"],
        r"\b(?:fo1_[A-Za-z0-9_-]{20,}|(?:FlyV1 )?fm(?:2|1[ar])_[A-Za-z0-9+/=,_-]{20,})",
    ),
    token("cloudflare-origin-key", &["v1.0-"], r"\bv1\.0-[0-9a-f]{24}-[0-9a-f]{100,}"),
    token("netlify-token", &["nfp_", "nfc_", "nfo_"], r"\bnf[pco]_[A-Za-z0-9]{30,}"),
    token("supabase-key", &["sbp_", "sb_secret_"], r"\b(?:sbp_[0-9a-f]{40}|sb_secret_[A-Za-z0-9_-]{20,})"),
    token("planetscale-key", &["pscale_"], r"\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{20,}"),
    token("databricks-token", &["dapi"], r"\bdapi[0-9a-f]{32}(?:-\d)?\b"),
    token("neon-key", &["napi_"], r"\bnapi_[a-z0-9]{40,}"),
    token("scaleway-key", &["SCW"], r#"(?i)SCW_SECRET_KEY["']?\s*[=:]\s*["']?([0-9a-f-]{36})"#),
];
