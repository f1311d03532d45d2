//! Whether a request is Slack's and of now: the v0 signature over the body as it came, and a window of five minutes against
//! replays. Compares in constant time and says to the caller alone what was wrong.

/// Slack's own libraries let exactly so much pass.
const WINDOW_S: u64 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("no signing secret is configured, so nobody can be told from Slack: set [slack] signing_secret")]
    NoSecret,
    #[error("the time of the request is missing or is no number of seconds")]
    NoTime,
    #[error(
        "the request is {0} s away from this machine's clock, which is more than five minutes: a replay, or a clock that is wrong"
    )]
    NotNow(u64),
    #[error("the signature is not of this body under a secret of ours: is [slack] signing_secret that of the app?")]
    Forged,
}

/// Checks the two headers against the body as it came. Several secrets are for the days of a rotation.
pub fn verify(
    signing_secrets: &[impl AsRef<[u8]>],
    timestamp: &str,
    signature: &str,
    raw: &[u8],
    now_s: i64,
) -> Result<(), Refused> {
    if signing_secrets.iter().all(|secret| secret.as_ref().is_empty()) {
        return Err(Refused::NoSecret);
    }
    let said_s = seconds(timestamp).ok_or(Refused::NoTime)?;
    // An empty secret is one that anybody knows.
    let secrets: Vec<&[u8]> = signing_secrets.iter().map(AsRef::as_ref).filter(|secret| !secret.is_empty()).collect();
    if !model::signature::slack(timestamp, signature, raw, &secrets) {
        return Err(Refused::Forged);
    }
    match now_s.abs_diff(said_s) {
        away_s if away_s > WINDOW_S => Err(Refused::NotNow(away_s)),
        _ => Ok(()),
    }
}

/// Digits alone: a sign or a space would be another text for the same number.
fn seconds(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
