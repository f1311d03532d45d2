//! EC2's answers as they are known now: in memory where this process asks, in files for the next start and for the command line. A failure
//! leaves what was known.

use crate::cli::Failure;
use crate::config::Config;
use duties::inventory::{Complaint, Drafts, ec2_live};
use engine::hosts::Follow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

#[cfg(feature = "aws")]
mod ask;

/// What is known of each region, by its name.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<RwLock<BTreeMap<String, String>>>);

impl Live {
    /// Hosts of all regions, and why there are none or only old ones.
    pub fn drafts(&self, config: &Config, complaints: &mut Vec<Complaint>) -> Vec<Drafts> {
        let now = store::Clock::default().now();
        let regions = config.inventory.ec2_regions.iter();
        regions.map(|region| ec2_live::read(region, self.kept(config, region).as_deref(), now, complaints)).collect()
    }

    fn kept(&self, config: &Config, region: &str) -> Option<String> {
        let in_memory = self.0.read().unwrap_or_else(PoisonError::into_inner).get(region).cloned();
        in_memory.or_else(|| {
            let path = place(config, region)?.to_string_lossy().into_owned();
            super::files::fetch(&path).ok()?.pop().map(|file| file.text)
        })
    }

    /// What asks for as long as the process has hosts; `None` where there is nothing to ask.
    #[cfg(feature = "aws")]
    pub fn follow(&self, config: &Config) -> Result<Option<Follow>, Failure> {
        ask::follow(self, config)
    }

    #[cfg(not(feature = "aws"))]
    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "with the feature it can fail, and keeps what it hears"
    )]
    pub fn follow(&self, _: &Config) -> Result<Option<Follow>, Failure> {
        Ok(None)
    }

    /// Asked once, and kept in memory alone.
    pub async fn asked(config: &Config) -> Result<Self, Failure> {
        let live = Self::default();
        #[cfg(feature = "aws")]
        ask::once(&live, config).await?;
        #[cfg(not(feature = "aws"))]
        let _ = config;
        Ok(live)
    }

    #[cfg(feature = "aws")]
    fn keep(&self, region: &str, text: String) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(region.to_owned(), text);
    }
}

/// A region's name is plain, as the configuration sees to.
fn place(config: &Config, region: &str) -> Option<PathBuf> {
    Some(config.inventory.ec2_kept.as_ref()?.join(format!("{region}.json")))
}
