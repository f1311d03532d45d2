//! Short messages through Amazon SNS, by its query protocol and our own signature. SNS knows no key of ours, so a message of
//! unknown outcome can't be looked up: a person may get it twice.

use super::sms_text::fit;
use crate::gate::{self, Sent};
use crate::http::{Http, Request, Settings, SetupError};
use crate::sigv4::{self, Credentials, Scope, Unsigned};
use crate::{Call, CallError, Kind, Limiter};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method};
use url::form_urlencoded;

/// What an operator configures.
#[derive(Clone, Debug)]
pub struct SmsSetup {
    /// For example `ap-northeast-1`; it must be one that SNS sends short messages from.
    pub region: String,
    pub credentials: Credentials,
    /// Another endpoint than the region's own.
    pub url: Option<String>,
    /// Up to eleven letters and digits that are shown as the sender, where the country allows it.
    pub sender_id: Option<String>,
    /// How many short messages one text may take: 1 or 2.
    pub parts: usize,
    pub http: Settings,
}

/// SMS by one AWS account in one region.
#[derive(Debug)]
pub struct Sms {
    http: Http,
    limiter: Limiter,
    region: String,
    credentials: Credentials,
    sender_id: Option<String>,
    parts: usize,
}

/// Accounts begin at about one a second.
const MESSAGES_PER_MINUTE: u32 = 60;
const FORM: &str = "application/x-www-form-urlencoded";
const MAX_SAID_CHARS: usize = 300;

impl Sms {
    pub fn new(setup: &SmsSetup) -> Result<Self, SetupError> {
        let url = setup.url.clone().unwrap_or_else(|| format!("https://sns.{}.amazonaws.com", setup.region));
        let http = Http::new(&url, setup.http)?;
        Ok(Self {
            http,
            limiter: Limiter::new(MESSAGES_PER_MINUTE),
            region: setup.region.clone(),
            credentials: setup.credentials.clone(),
            sender_id: setup.sender_id.clone(),
            parts: setup.parts,
        })
    }

    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// Sends `text`, cut so that `link` behind it is whole, and returns SNS's id. The number is E.164: `+81…`.
    pub async fn send(&self, call: &Call, phone: &str, text: &str, link: Option<&str>) -> Result<String, CallError> {
        let text = fit(text, link, self.parts);
        if !is_phone(phone) || text.is_empty() {
            let why = "a short message needs a text and a number as +81…, with digits alone; nothing was sent";
            return Err(CallError::new(Kind::BadRequest, true, why));
        }
        let body = self.form(phone, &text).into_bytes();
        let headers = self.headers(&body, call)?;
        let request = Request { method: Method::POST, path: &[], query: &[], headers, body: Some(body) };
        let answer =
            gate::send(&self.http, &self.limiter, "Amazon SNS", call, request).await.and_then(|sent| check(&sent));
        answer.map_err(|error| self.redacted(error))
    }

    fn form(&self, phone: &str, text: &str) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", "Publish").append_pair("Version", "2010-03-31");
        form.append_pair("PhoneNumber", phone).append_pair("Message", text);
        let kind = Some(("AWS.SNS.SMS.SMSType", "Transactional"));
        let sender = self.sender_id.as_deref().map(|id| ("AWS.SNS.SMS.SenderID", id));
        for (n, (name, value)) in (1..).zip([kind, sender].into_iter().flatten()) {
            let at = format!("MessageAttributes.entry.{n}");
            form.append_pair(&format!("{at}.Name"), name);
            form.append_pair(&format!("{at}.Value.DataType"), "String");
            form.append_pair(&format!("{at}.Value.StringValue"), value);
        }
        form.finish()
    }

    fn headers(&self, body: &[u8], call: &Call) -> Result<HeaderMap, CallError> {
        let (url, headers) = (self.http.base(), &[(CONTENT_TYPE.as_str(), FORM)]);
        let request = Unsigned { method: &Method::POST, url, headers, body };
        let scope = Scope { region: &self.region, service: "sns" };
        let signed = sigv4::sign(&request, &scope, &self.credentials, call.now);
        let mut headers = signed.map_err(|e| CallError::new(Kind::BadRequest, true, e.to_string()))?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
        Ok(headers)
    }

    fn redacted(&self, error: CallError) -> CallError {
        let keys = &self.credentials;
        let error = error.redacted(&keys.secret_key).redacted(&keys.access_key.clone().into());
        keys.session_token.iter().fold(error, CallError::redacted)
    }
}

/// `+` and 7 to 15 digits, the first of which is no zero.
fn is_phone(phone: &str) -> bool {
    let Some(digits) = phone.strip_prefix('+') else { return false };
    (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}

fn check(sent: &Sent) -> Result<String, CallError> {
    let response = &sent.response;
    let body = String::from_utf8_lossy(&response.body);
    if (200..300).contains(&response.status) {
        return element(&body, "MessageId").filter(|id| !id.is_empty()).ok_or_else(|| unreadable(sent));
    }
    let code = element(&body, "Code");
    // AWS answers in XML, which begins like a page for people; only its error makes it AWS's.
    let known = code.as_deref().and_then(of_code);
    let kind =
        known.unwrap_or_else(|| if code.is_some() { gate::of_status(response.status) } else { gate::kind(response) });
    let said = [code, element(&body, "Message")].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let said: String = said.chars().take(MAX_SAID_CHARS).collect();
    let said = if said.is_empty() { said } else { format!(" \u{201c}{said}\u{201d}") };
    let text = format!("Amazon SNS answered {}{said}: {}", response.status, advice(kind));
    let retry_after_ms = sent.wait_ms.filter(|_| kind == Kind::Limited);
    Err(CallError { kind, status: Some(response.status), code: None, text, retry_after_ms, write: sent.write })
}

fn unreadable(sent: &Sent) -> CallError {
    let text = "Amazon SNS answered without a message id: is the endpoint right, and no proxy on the way? Whether the short \
                message went out can't be told";
    CallError::new(Kind::Unreadable, sent.write, text).with_status(sent.response.status)
}

fn of_code(code: &str) -> Option<Kind> {
    Some(match code {
        "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "MissingAuthenticationToken"
        | "IncompleteSignature"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "UnrecognizedClientException"
        | "OptInRequired" => Kind::Auth,
        "AuthorizationError" | "AccessDenied" | "AccessDeniedException" => Kind::Forbidden,
        "Throttling"
        | "ThrottlingException"
        | "Throttled"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestThrottled" => Kind::Limited,
        "InternalError" | "InternalFailure" | "ServiceUnavailable" => Kind::Server,
        "InvalidParameter" | "InvalidParameterValue" | "ValidationError" | "ValidationException" | "InvalidAction" => {
            Kind::BadRequest
        }
        _ => return None,
    })
}

const fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::Auth => "check the access key, its secret, the region and this machine's clock; nothing was sent",
        Kind::Forbidden => "the access key needs sns:Publish for phone numbers; nothing was sent",
        Kind::Limited => "it goes out when the limit allows",
        Kind::Server => "it has trouble of its own; whether the short message went out can't be told",
        Kind::InTheWay => {
            "a proxy or a sign-in page is on the way: let this machine reach it directly; it is tried again"
        }
        _ => {
            "check the number, whether its owner opted out, and whether the account is still in the SMS sandbox; nothing was \
             sent"
        }
    }
}

/// The text of the first element of this name that has no attributes: all that these answers need of XML.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(entities.iter().fold(text.trim().to_owned(), |text, (entity, c)| text.replace(entity, c)))
}
