//! Sealed originals in a bucket: put only under a name that is free. Never lists more than one; deletes only
//! where retention says so.

use crate::{EvidenceError, Settings};
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use object_store::{Error, MultipartUpload, ObjectStore, ObjectStoreExt, PutMode, PutOptions, RetryConfig};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl Objects {
    pub fn open(settings: &Settings, rest: &str) -> Result<Self, EvidenceError> {
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let bad = |why: String| EvidenceError::Url { url: settings.url.clone(), why };
        let prefix = Path::parse(prefix.trim_end_matches('/')).map_err(|e| bad(e.to_string()))?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_retry(patience());
        if let Some(s3) = &settings.s3 {
            builder = builder
                .with_region(&s3.region)
                .with_access_key_id(&s3.access_key)
                .with_secret_access_key(&s3.secret_key);
            if let Some(token) = &s3.session_token {
                builder = builder.with_token(token);
            }
            if let Some(endpoint) = &s3.endpoint {
                builder = builder.with_endpoint(endpoint).with_allow_http(true);
            }
        }
        let store = builder.build().map_err(|e| bad(e.to_string()))?;
        Ok(Self::over(Arc::new(store), prefix))
    }

    pub fn over(store: Arc<dyn ObjectStore>, prefix: Path) -> Self {
        Self { store, prefix }
    }

    fn at(&self, name: &str) -> Path {
        name.split('/').fold(self.prefix.clone(), |path, part| path.join(part))
    }

    pub async fn is_empty(&self) -> Result<bool, EvidenceError> {
        let listed = self.store.list_with_delimiter(Some(&self.prefix)).await.map_err(|e| away(&e))?;
        Ok(listed.objects.is_empty() && listed.common_prefixes.is_empty())
    }

    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<bool, EvidenceError> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&self.at(name), bytes.into(), options).await {
            Ok(_) => Ok(true),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(false),
            Err(e) => Err(away(&e)),
        }
    }

    pub async fn get(&self, name: &str) -> Result<Vec<u8>, EvidenceError> {
        let found = match self.store.get(&self.at(name)).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Err(EvidenceError::NotFound { name: name.to_owned() }),
            Err(e) => return Err(away(&e)),
        };
        Ok(found.bytes().await.map_err(|e| away(&e))?.to_vec())
    }

    /// A stream without a name yet: what is small is put at once when it ends, what is large goes up in parts.
    pub fn begin(&self, name: &str) -> Upload {
        Upload { objects: self.clone(), name: name.to_owned(), waiting: Vec::new(), begun: None }
    }

    pub async fn length(&self, name: &str) -> Result<u64, EvidenceError> {
        match self.store.head(&self.at(name)).await {
            Ok(about) => Ok(about.size),
            Err(Error::NotFound { .. }) => Err(EvidenceError::NotFound { name: name.to_owned() }),
            Err(e) => Err(away(&e)),
        }
    }

    pub async fn range(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, EvidenceError> {
        let wanted = range.end.saturating_sub(range.start);
        if wanted == 0 {
            return Ok(Vec::new());
        }
        let found = match self.store.get_range(&self.at(name), range).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Err(EvidenceError::NotFound { name: name.to_owned() }),
            Err(e) => return Err(away(&e)),
        };
        if found.len() as u64 == wanted {
            Ok(found.to_vec())
        } else {
            Err(EvidenceError::Damaged { name: name.to_owned(), why: "it is cut off" })
        }
    }

    /// What is not there is gone already.
    pub async fn remove(&self, name: &str) -> Result<(), EvidenceError> {
        match self.store.delete(&self.at(name)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(away(&e)),
        }
    }
}

/// Amazon takes no part under 5 MiB but the last.
const PART_BYTES: usize = 8 << 20;

/// A stream on its way up. Nobody sees it before it is whole.
#[derive(Debug)]
pub struct Upload {
    objects: Objects,
    name: String,
    waiting: Vec<u8>,
    begun: Option<Box<dyn MultipartUpload>>,
}

impl Upload {
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), EvidenceError> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() < PART_BYTES {
            return Ok(());
        }
        let part = std::mem::take(&mut self.waiting);
        let upload = match &mut self.begun {
            Some(begun) => begun,
            None => {
                let begun =
                    self.objects.store.put_multipart(&self.objects.at(&self.name)).await.map_err(|e| away(&e))?;
                self.begun.insert(begun)
            }
        };
        upload.put_part(part.into()).await.map_err(|e| away(&e))
    }

    /// False if the name is taken.
    pub async fn finish(mut self) -> Result<bool, EvidenceError> {
        let Some(mut upload) = self.begun.take() else { return self.objects.put(&self.name, self.waiting).await };
        // A name is used once; the protocol has no condition for uploads in parts.
        if self.objects.length(&self.name).await.is_ok() {
            upload.abort().await.map_err(|e| away(&e))?;
            return Ok(false);
        }
        if !self.waiting.is_empty() {
            upload.put_part(std::mem::take(&mut self.waiting).into()).await.map_err(|e| away(&e))?;
        }
        upload.complete().await.map_err(|e| away(&e))?;
        Ok(true)
    }

    pub async fn abort(mut self) {
        if let Some(mut upload) = self.begun.take() {
            // What is left is cleared away by the bucket's rule for uploads that were not finished.
            let _ = upload.abort().await;
        }
    }
}

/// Whoever puts comes again later by himself.
fn patience() -> RetryConfig {
    RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() }
}

/// What the library says may be long; its beginning tells what is the matter.
fn away(error: &Error) -> EvidenceError {
    EvidenceError::Away { why: error.to_string().chars().take(300).collect() }
}
