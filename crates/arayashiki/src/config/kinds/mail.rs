//! Addresses of people and of mail, and Amazon's names. A mail address is never repeated in an error: one may be secret.

use crate::config::problem::nearest;
use crate::config::raw::Text;

const NULL_SENDER: &str = "<>";

pub fn address(text: &Text) -> Result<String, String> {
    if is_address(&text.text) {
        return Ok(text.text.clone());
    }
    Err("is no mail address; write it alone, such as \"ops@example.jp\"".to_owned())
}

pub fn is_address(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(user, host)| !user.is_empty() && !host.is_empty());
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;".contains(c));
    plain && parts.is_some_and(|(_, host)| !host.contains('@'))
}

/// An address, or `@domain` for all of a domain's; in lower case, since no server tells them apart by it.
pub fn recipient(text: &Text) -> Result<String, String> {
    let form = "write \"alerts@example.jp\", or \"@example.jp\" for every address of a domain";
    let whole_domain = text.text.strip_prefix('@').filter(|domain| is_domain(domain));
    match whole_domain.map(|_| text.text.clone()).or_else(|| address(text).ok()) {
        Some(address) => Ok(address.to_lowercase()),
        None => Err(format!("is no mail address; {form}")),
    }
}

pub fn sender(text: &Text) -> Result<String, String> {
    if text.text == NULL_SENDER {
        return Ok(String::new());
    }
    recipient(text).map_err(|what| format!("{what}, or \"<>\" for the null sender"))
}

pub fn domain(text: &Text) -> Result<String, String> {
    if is_domain(&text.text) {
        return Ok(text.text.to_lowercase());
    }
    Err(format!("{} is no domain; write it alone, such as \"example.jp\"", text.named()))
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    text.contains('.') && text.split('.').all(is_label)
}

/// A reader that is built in.
pub fn reader(text: &Text) -> Result<String, String> {
    if duties::mail::readers().any(|reader| reader == text.text) {
        return Ok(text.text.clone());
    }
    let hint = match nearest(&text.text, duties::mail::readers()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("there are {}", duties::mail::readers().collect::<Vec<_>>().join(", ")),
    };
    Err(format!("{} is no reader; {hint}", text.named()))
}

/// E.164: what every carrier in the world understands.
pub fn phone(text: &Text) -> Result<String, String> {
    let digits = text.text.strip_prefix('+').unwrap_or_default();
    let is_number = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if is_number && !digits.starts_with('0') {
        return Ok(text.text.clone());
    }
    Err("is no phone number with its country; write \"+\" and digits alone, such as \"+819012345678\"".to_owned())
}

pub fn topic(text: &Text) -> Result<String, String> {
    let parts: Vec<&str> = text.text.split(':').collect();
    match parts.as_slice() {
        ["arn", partition, "sns", region, account, name]
            if partition.starts_with("aws") && !region.is_empty() && !account.is_empty() && !name.is_empty() =>
        {
            Ok(text.text.clone())
        }
        _ => {
            let form = "write it such as \"arn:aws:sns:ap-northeast-1:123456789012:alert-mail\"";
            Err(format!("{} is no topic's ARN; {form}", text.named()))
        }
    }
}

/// A program without it would know none of the hosts that whoever wrote this counts on.
pub fn live_region(text: &Text) -> Result<String, String> {
    if cfg!(feature = "aws") {
        return region(text);
    }
    Err(format!(
        "{} can't be asked, since this program was built without the feature aws; build it with `--features aws`, or leave this empty and let \
         `aws ec2 describe-instances` write a file that [inventory] ec2 names",
        text.named()
    ))
}

pub fn region(text: &Text) -> Result<String, String> {
    let is_plain = text.text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_plain && text.text.contains('-') {
        return Ok(text.text.clone());
    }
    Err(format!("{} is no region; write it such as \"ap-northeast-1\"", text.named()))
}
