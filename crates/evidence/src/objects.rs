//! Sealed originals in a bucket: put only under a name that is free. Never lists more than one, never deletes.

use crate::{EvidenceError, Settings};
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions, RetryConfig};
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
}

/// Whoever puts comes again later by himself.
fn patience() -> RetryConfig {
    RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() }
}

/// What the library says may be long; its beginning tells what is the matter.
fn away(error: &Error) -> EvidenceError {
    EvidenceError::Away { why: error.to_string().chars().take(300).collect() }
}
