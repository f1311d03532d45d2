//! Where sealed originals lie: a folder, or a bucket. Knows nothing of what is inside.

use crate::folder::{Folder, Part};
use crate::{EvidenceError, Settings, blocking};
use std::ops::Range;
use std::path::Path;

/// Access to a bucket.
#[derive(Clone)]
pub struct S3 {
    pub region: String,
    pub access_key: String,
    pub secret_key: String,
    pub session_token: Option<String>,
    /// An S3 of one's own, over plain HTTP too.
    pub endpoint: Option<String>,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3").field("region", &self.region).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
pub enum Place {
    Folder(Folder),
    #[cfg(feature = "s3")]
    Objects(crate::objects::Objects),
}

impl Place {
    /// `may_make`: begins one where there is none.
    pub async fn open(settings: &Settings, may_make: bool) -> Result<Self, EvidenceError> {
        let url = &settings.url;
        let bad = |why: &str| EvidenceError::Url { url: url.clone(), why: why.to_owned() };
        if let Some(path) = url.strip_prefix("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(bad("it names no folder: file:data/evidence"));
            }
            let path = Path::new(path).to_owned();
            let open = move || if may_make { Folder::open(&path) } else { Ok(Folder::look(&path)) };
            return blocking(open).await.map(Self::Folder);
        }
        match url.strip_prefix("s3://") {
            Some(rest) => Self::bucket(settings, rest),
            None => Err(bad("it begins with file: or s3://")),
        }
    }

    #[cfg(feature = "s3")]
    fn bucket(settings: &Settings, rest: &str) -> Result<Self, EvidenceError> {
        crate::objects::Objects::open(settings, rest).map(Self::Objects)
    }

    #[cfg(not(feature = "s3"))]
    fn bucket(settings: &Settings, _rest: &str) -> Result<Self, EvidenceError> {
        let why = "this program was built without S3: build it with the feature s3, or use file:".to_owned();
        Err(EvidenceError::Url { url: settings.url.clone(), why })
    }

    pub async fn is_empty(&self) -> Result<bool, EvidenceError> {
        match self {
            Self::Folder(folder) => {
                let folder = folder.clone();
                blocking(move || folder.is_empty()).await
            }
            #[cfg(feature = "s3")]
            Self::Objects(objects) => objects.is_empty().await,
        }
    }

    /// False if the name is taken.
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<bool, EvidenceError> {
        match self {
            Self::Folder(folder) => {
                let (folder, name) = (folder.clone(), name.to_owned());
                blocking(move || folder.put(&name, &bytes)).await
            }
            #[cfg(feature = "s3")]
            Self::Objects(objects) => objects.put(name, bytes).await,
        }
    }

    pub async fn get(&self, name: &str) -> Result<Vec<u8>, EvidenceError> {
        match self {
            Self::Folder(folder) => {
                let (folder, name) = (folder.clone(), name.to_owned());
                blocking(move || folder.get(&name)).await
            }
            #[cfg(feature = "s3")]
            Self::Objects(objects) => objects.get(name).await,
        }
    }

    /// Where a stream goes until it has its name.
    pub async fn begin(&self, name: &str) -> Result<Sink, EvidenceError> {
        match self {
            Self::Folder(folder) => {
                let (folder, name) = (folder.clone(), name.to_owned());
                blocking(move || folder.begin().map(|part| Sink::File { folder, name, part })).await
            }
            #[cfg(feature = "s3")]
            Self::Objects(objects) => Ok(Sink::Upload(objects.begin(name))),
        }
    }

    pub async fn length(&self, name: &str) -> Result<u64, EvidenceError> {
        match self {
            Self::Folder(folder) => {
                let (folder, name) = (folder.clone(), name.to_owned());
                blocking(move || folder.length(&name)).await
            }
            #[cfg(feature = "s3")]
            Self::Objects(objects) => objects.length(name).await,
        }
    }

    pub async fn range(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, EvidenceError> {
        match self {
            Self::Folder(folder) => {
                let (folder, name) = (folder.clone(), name.to_owned());
                blocking(move || folder.range(&name, range)).await
            }
            #[cfg(feature = "s3")]
            Self::Objects(objects) => objects.range(name, range).await,
        }
    }

    pub async fn remove(&self, name: &str) -> Result<(), EvidenceError> {
        match self {
            Self::Folder(folder) => {
                let (folder, name) = (folder.clone(), name.to_owned());
                blocking(move || folder.remove(&name)).await
            }
            #[cfg(feature = "s3")]
            Self::Objects(objects) => objects.remove(name).await,
        }
    }
}

/// An unfinished stream on its way to its place.
#[derive(Debug)]
pub enum Sink {
    File {
        folder: Folder,
        name: String,
        part: Part,
    },
    #[cfg(feature = "s3")]
    Upload(crate::objects::Upload),
}

impl Sink {
    /// Takes itself along, so that a thread that writes files can have it.
    pub async fn write(self, bytes: Vec<u8>) -> Result<Self, EvidenceError> {
        match self {
            Self::File { folder, name, mut part } => {
                blocking(move || part.write(&bytes).map(|()| Self::File { folder, name, part })).await
            }
            #[cfg(feature = "s3")]
            Self::Upload(mut upload) => upload.write(&bytes).await.map(|()| Self::Upload(upload)),
        }
    }

    /// Gives it its name; false if the name is taken.
    pub async fn finish(self) -> Result<bool, EvidenceError> {
        match self {
            Self::File { folder, name, part } => blocking(move || folder.finish(&part, &name)).await,
            #[cfg(feature = "s3")]
            Self::Upload(upload) => upload.finish().await,
        }
    }

    pub async fn abort(self) {
        match self {
            // Dropped, it is gone.
            Self::File { .. } => {}
            #[cfg(feature = "s3")]
            Self::Upload(upload) => upload.abort().await,
        }
    }
}
