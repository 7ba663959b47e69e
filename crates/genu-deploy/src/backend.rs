//! Where states are: a directory or an S3 bucket.

use std::path::PathBuf;
use std::sync::Arc;

use aws::{Address, Settings, StateBucket};
use state::{Home, Local, Notes, Reader};

use crate::cli::Cli;
use crate::exit::Failure;

/// Where the states of all environments are.
#[derive(Debug, Clone)]
pub(crate) enum Backend {
    Local(PathBuf),
    S3 { bucket: StateBucket, url: String },
}

impl Backend {
    /// What `--state` names. `region` is where to begin asking for a bucket.
    pub(crate) async fn open(cli: &Cli, region: Option<&str>) -> Result<Self, Failure> {
        Self::at(cli, &cli.state, region).await
    }

    /// What `url`, a directory or `s3://BUCKET/PREFIX`, names.
    pub(crate) async fn at(cli: &Cli, url: &str, region: Option<&str>) -> Result<Self, Failure> {
        let Some(address) = address(url)? else {
            return Ok(Self::Local(PathBuf::from(url)));
        };
        let bucket = StateBucket::open(&settings(cli, region), &address).await?;
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self::S3 { bucket, url })
    }

    /// Names of the environments that have a state here, sorted.
    pub(crate) async fn environments(&self) -> Result<Vec<String>, Failure> {
        Ok(match self {
            Self::Local(root) => state::environments(root)?,
            Self::S3 { bucket, .. } => bucket.environments().await?,
        })
    }

    /// The state of `env`, to look at.
    pub(crate) fn reader(&self, env: &str) -> Arc<dyn Reader> {
        match self {
            Self::Local(root) => Arc::new(Local::new(root, env)),
            Self::S3 { bucket, .. } => Arc::new(bucket.reader(env)),
        }
    }

    /// The state of `env`, to change.
    pub(crate) fn home(&self, env: &str) -> Arc<dyn Home> {
        match self {
            Self::Local(root) => Arc::new(Local::new(root, env)),
            Self::S3 { bucket, .. } => Arc::new(bucket.home(env)),
        }
    }

    /// What is kept beside the state of `env`.
    pub(crate) fn notes(&self, env: &str) -> Arc<dyn Notes> {
        match self {
            Self::Local(root) => Arc::new(Local::new(root, env)),
            Self::S3 { bucket, .. } => Arc::new(bucket.home(env)),
        }
    }

    /// For people.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Local(root) => root.display().to_string(),
            Self::S3 { url, .. } => url.clone(),
        }
    }
}

/// The address of a bucket; `None` for a directory.
pub(crate) fn address(url: &str) -> Result<Option<Address>, Failure> {
    let address = Address::parse(url).transpose();
    address.map_err(|fault| Failure {
        code: crate::exit::INVALID,
        message: fault.message.clone(),
        hint: fault.hint,
    })
}

/// How to reach a bucket of states.
pub(crate) fn settings(cli: &Cli, region: Option<&str>) -> Settings {
    Settings {
        region: region.map(ToOwned::to_owned),
        endpoint_url: cli.endpoint_url.clone(),
        rate_profile: cli.rate_profile,
    }
}
