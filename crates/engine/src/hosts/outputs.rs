//! Where the output of steps is kept whole: a stream each in the evidence store, finished or not there at all.

use super::judged;
use super::recorder::{Place, name};
use evidence::{Evidence, Writer};
use model::Micros;
use model::capsule::{self, Stored};
use probe::Stream;
use tokio::sync::OnceCell;

/// What was kept of one stream.
pub type Kept = Stored;

/// The evidence store, opened with the first output.
pub struct Outputs {
    settings: Option<evidence::Settings>,
    opened: OnceCell<Evidence>,
}

impl Outputs {
    pub fn new(settings: Option<evidence::Settings>) -> Self {
        Self { settings, opened: OnceCell::new() }
    }

    async fn evidence(&self) -> Result<&Evidence, String> {
        let Some(settings) = &self.settings else { return Err("no evidence store is configured".to_owned()) };
        self.opened.get_or_try_init(|| Evidence::open(settings)).await.map_err(|error| error.to_string())
    }

    /// Begins to keep a stream of a step. An earlier try that was never finished left nothing.
    pub async fn begin(&self, place: Place, stream: Stream, asked_at: Micros) -> Result<Writing, String> {
        let object = capsule::object(&judged::id(place.run, place.n), asked_at, name(stream));
        let writer = self.evidence().await?.writer(&object).await.map_err(|error| error.to_string())?;
        Ok(Writing { object, writer })
    }
}

/// A stream that is being kept.
pub struct Writing {
    object: String,
    writer: Writer,
}

impl Writing {
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.writer.write(bytes).await.map_err(|error| error.to_string())
    }

    pub async fn finish(self) -> Result<Kept, String> {
        let sealed = self.writer.finish().await.map_err(|error| error.to_string())?;
        Ok(Stored { object: self.object, sha256: hex::encode(sealed.digest), bytes: sealed.bytes, is_cut: false })
    }

    pub async fn abandon(self) {
        self.writer.abort().await;
    }
}
