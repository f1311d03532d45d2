//! Tokens of forges, package registries and what builds and keeps code. Patterns and hints only.

use super::super::{check, value};
use super::{Shape, after, checked, token};

pub(super) const SHAPES: &[Shape] = &[
    token("github-token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], r"\bgh[pousr]_[A-Za-z0-9]{30,}"),
    token("github-token", &["github_pat_"], r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    token(
        "gitlab-token",
        &[
            "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-",
            "glffct-", "glwt-",
        ],
        r"\bgl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-[A-Za-z0-9_.-]{16,}",
    ),
    token("gitlab-runner-token", &["GR1348941"], r"\bGR1348941[A-Za-z0-9_-]{16,}"),
    token("bitbucket-token", &["ATBB", "ATCTT3"], r"\b(?:ATBB[A-Za-z0-9]{24,}|ATCTT3[A-Za-z0-9_=+/-]{40,})"),
    token("atlassian-token", &["ATATT3"], r"\bATATT3[A-Za-z0-9_=+/-]{40,}"),
    token("npm-token", &["npm_"], r"\bnpm_[A-Za-z0-9]{36}\b"),
    after("npm-token", &["_authtoken", "_auth="], r#"(?i)_auth(?:token)?["']?\s*[=:]\s*"#, value::close),
    token("pypi-token", &["pypi-"], r"\bpypi-[A-Za-z0-9_-]{40,}"),
    token("rubygems-key", &["rubygems_"], r"\brubygems_[0-9a-f]{40,}"),
    token("nuget-key", &["oy2"], r"\boy2[a-z0-9]{43}\b"),
    checked("crates-token", &["cio"], r"\bcio[A-Za-z0-9]{32}\b", check::is_random),
    token("clojars-token", &["CLOJARS_"], r"\bCLOJARS_[0-9a-z]{40,}"),
    token("docker-token", &["dckr_"], r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    token("docker-auth", &["\"auth\""], r#""auth"\s*:\s*"([A-Za-z0-9+/]{8,}={0,2})""#),
    token("docker-auth", &["identitytoken", "registrytoken"], r#"(?i)"(?:identity|registry)token"\s*:\s*"([^"]{8,})"#),
    token("artifactory-key", &["AKCp", "cmVmdGtuOj"], r"\b(?:AKCp[A-Za-z0-9]{60,}|cmVmdGtuOj[A-Za-z0-9+/=]{30,})"),
    token("terraform-token", &[".atlasv1."], r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,}"),
    token("vault-token", &["hvs.", "hvb.", "hvr."], r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}"),
    checked(
        "vault-token",
        &["\"s.", "=s.", ": s.", " s.", "\ts.", "\0s."],
        r"\b(?:s|b|r)\.[A-Za-z0-9]{24}\b",
        check::is_mixed,
    ),
    token(
        "vault-unseal-key",
        &["unseal key", "recovery key"],
        r"(?i)(?:unseal|recovery) key(?: \d+)?(?: \(will be hidden\))?:\s*([A-Za-z0-9+/=]{20,})",
    ),
    token("vault-unseal-key", &["initial root token"], r"(?i)initial root token:\s*(\S{8,})"),
    token("circleci-token", &["CCIPAT_", "CCIPRJ_"], r"\bCCIP(?:AT|RJ)_[A-Za-z0-9_]{20,}"),
    token("buildkite-token", &["bkua_", "bkaj_"], r"\bbk(?:ua|aj)_[A-Za-z0-9]{30,}"),
    token("sonar-token", &["sqp_", "squ_", "sqa_"], r"\bsq[pua]_[0-9a-f]{40}\b"),
    token("pulumi-token", &["pul-"], r"\bpul-[0-9a-f]{40}\b"),
    token(
        "doppler-token",
        &["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."],
        r"\bdp\.(?:pt|ct|sa|scim|audit|st(?:\.[a-z0-9_-]+)?)\.[A-Za-z0-9]{30,}",
    ),
    token("1password-token", &["ops_eyJ"], r"\bops_eyJ[A-Za-z0-9+/=_-]{40,}"),
    token(
        "1password-key",
        &["A3-"],
        r"\bA3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}\b",
    ),
    token("age-key", &["AGE-SECRET-KEY-1"], r"\bAGE-SECRET-KEY-1[A-Z0-9]{40,}"),
    token("postman-key", &["PMAK-"], r"\bPMAK-[0-9a-f]{24}-[0-9a-f]{30,}"),
    token("linear-key", &["lin_api_", "lin_oauth_"], r"\blin_(?:api|oauth)_[A-Za-z0-9]{30,}"),
    token("figma-token", &["figd_", "figo_"], r"\bfig[do]_[A-Za-z0-9_-]{30,}"),
    token("notion-token", &["ntn_", "secret_"], r"\b(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43})\b"),
    token(
        "airtable-token",
        &["airtable", "bearer pat", "=pat", "\"pat", "'pat"],
        r"\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}\b",
    ),
];
