//! Whose keys sign: those that the AWS SDK finds where it looks everywhere, or given ones. Keeps none: they may end within the hour.

use super::refusal::Trouble;
use crate::sigv4::Credentials;
use crate::{Kind, Secret};
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::ProvideCredentials as _;
use std::error::Error as _;
use std::time::Duration;

#[derive(Clone, Debug)]
pub enum Keys {
    /// The environment, `~/.aws`, a web identity, the container's or the machine's role, in this order.
    Found,
    Given(Credentials),
}

/// The machine's own address for keys answers at once, or there is none.
const PATIENCE: Duration = Duration::from_secs(20);
const REMEDY: &str = "give the machine, the container or the pod a role that may ec2:DescribeInstances, or set AWS_ACCESS_KEY_ID and \
                      AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, for the service";

impl Keys {
    pub(super) async fn credentials(&self, region: &str) -> Result<Credentials, Trouble> {
        match self {
            Self::Given(credentials) => Ok(credentials.clone()),
            Self::Found => match tokio::time::timeout(PATIENCE, found(region)).await {
                Ok(found) => found,
                Err(_) => Err(none("nobody answered in time")),
            },
        }
    }
}

async fn found(region: &str) -> Result<Credentials, Trouble> {
    let settings = aws_config::defaults(BehaviorVersion::latest()).region(Region::new(region.to_owned())).load().await;
    let provider = settings.credentials_provider().ok_or_else(|| none("nothing is set"))?;
    let found = provider.provide_credentials().await.map_err(|error| {
        let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        none(&why)
    })?;
    Ok(Credentials {
        access_key: found.access_key_id().to_owned(),
        secret_key: Secret::new(found.secret_access_key()),
        session_token: found.session_token().map(Secret::new),
    })
}

fn none(why: &str) -> Trouble {
    let says = format!("no AWS credentials were found ({})", model::text::cut(why, 160));
    Trouble::new(Kind::Auth, says, REMEDY)
}
