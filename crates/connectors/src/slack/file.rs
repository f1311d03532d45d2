//! A file into Slack, in Slack's three steps: an address, the bytes, and that it is complete. Until the last one nobody sees it, so
//! only that one can leave doubt.

use super::answer;
use super::client::{Client, later};
use super::method::Method;
use super::word;
use crate::gate::{self, Sent};
use crate::{Call, CallError, Kind, Secret};
use http::header::HeaderValue;
use serde::Deserialize;
use serde_json::json;

#[derive(Clone, Copy)]
pub struct Upload<'a> {
    pub bytes: &'a [u8],
    pub filename: &'a str,
    pub title: &'a str,
    /// What it shows, for those who can't see it.
    pub alt: Option<&'a str>,
    /// Absent: it stays our own, and can be shown by an image block of a message, which can be looked up where this can't.
    pub channel: Option<&'a str>,
    pub thread_ts: Option<&'a str>,
}

/// The bytes may be anybody's business.
impl std::fmt::Debug for Upload<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload")
            .field("bytes", &self.bytes.len())
            .field("filename", &self.filename)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Place {
    upload_url: Secret,
    file_id: String,
}

const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

impl Client {
    /// Gives the file's id.
    pub async fn upload(&self, call: &Call, upload: &Upload<'_>) -> Result<String, CallError> {
        let started = tokio::time::Instant::now();
        let place = self.place(call, upload).await?;
        let sent = self.files.post(&later(call, started), &place.upload_url, BYTES, upload.bytes.to_vec()).await;
        sent.and_then(|sent| taken(&sent, self.files.host())).map_err(harmless)?;
        self.complete(&later(call, started), upload, &place.file_id).await?;
        Ok(place.file_id)
    }

    async fn place(&self, call: &Call, upload: &Upload<'_>) -> Result<Place, CallError> {
        if upload.bytes.is_empty() || upload.filename.is_empty() {
            let text = "a file needs a name and at least one byte; nothing was sent";
            return Err(CallError::new(Kind::BadRequest, true, text));
        }
        let length = upload.bytes.len().to_string();
        let mut fields = vec![("filename", upload.filename), ("length", length.as_str())];
        fields.extend(upload.alt.map(|alt| ("alt_txt", alt)));
        answer::read(&self.form(call, Method::UploadUrl, &fields).await?, false)
    }

    async fn complete(&self, call: &Call, upload: &Upload<'_>, file_id: &str) -> Result<(), CallError> {
        let mut body = json!({ "files": [{ "id": file_id, "title": upload.title }] });
        if let Some(channel) = upload.channel {
            body["channel_id"] = json!(channel);
            if let Some(thread_ts) = upload.thread_ts {
                body["thread_ts"] = json!(thread_ts);
            }
        }
        self.json(call, Method::CompleteUpload, &body).await?;
        Ok(())
    }
}

fn harmless(error: CallError) -> CallError {
    CallError { write: false, ..error }
}

/// Any 2xx but a page for people.
fn taken(sent: &Sent, host: &str) -> Result<(), CallError> {
    let response = &sent.response;
    let is_2xx = (200..300).contains(&response.status);
    let kind = match is_2xx {
        true if gate::is_page(&response.body) => Kind::InTheWay,
        true => return Ok(()),
        false => gate::kind(response),
    };
    let advice = word::advice(kind, "").unwrap_or("the file is begun anew");
    let text = format!("{} ({}): {host} did not take the file; {advice}", word::headline(kind), response.status);
    let retry_after_ms = sent.wait_ms.filter(|_| kind == Kind::Limited);
    Err(CallError { kind, status: Some(response.status), code: None, text, retry_after_ms, write: false })
}
