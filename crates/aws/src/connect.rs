//! From the environment's settings to clients: region, credentials, endpoint, time-outs, trust.

use std::sync::Arc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use reconciler::{Class, Fault};
use state::Store;

use crate::clients::{Reads, Writes};
use crate::limits::{Limits, RateProfile};
use crate::surroundings::caller;
use crate::trust::Bundle;
use crate::web_files::WebFiles;

/// What the user said about how to reach AWS.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Region of the configuration; the SDK's own otherwise.
    pub region: Option<String>,
    /// Endpoint of an emulator.
    pub endpoint_url: Option<String>,
    /// Forced rate profile.
    pub rate_profile: Option<RateProfile>,
}

/// A reachable account, looked at and not yet touched.
#[derive(Debug)]
pub struct Connection {
    config: SdkConfig,
    path_style: bool,
    rate: RateProfile,
    /// Twelve digits.
    pub account: String,
    /// Who calls, an ARN.
    pub arn: String,
    /// Where.
    pub region: String,
    partition: String,
}

/// After so long a call is given up. A state's lease lasts longer than this after its last check.
pub(crate) const CALL: Duration = Duration::from_secs(30);

/// The SDK's configuration, as the user's settings have it.
pub(crate) async fn load(settings: &Settings) -> Result<SdkConfig, Fault> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(4))
        .timeout_config(
            // Shorter than the margin of a state lease, so that no call outlives its lock.
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .operation_attempt_timeout(CALL)
                .build(),
        );
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(url) = &settings.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(bundle) = Bundle::of_user().await? {
        loader = loader.http_client(bundle.client()?);
    }
    Ok(loader.load().await)
}

/// Finds region and credentials and asks AWS who is calling.
///
/// # Errors
/// No region, no credentials, an unreadable CA bundle or profile, an unreachable endpoint.
pub async fn connect(settings: &Settings) -> Result<Connection, Fault> {
    let config = load(settings).await?;
    let Some(region) = config.region().map(ToString::to_string) else {
        return Err(
            Fault::new(Class::Refused, "settings", "no region is set").hint(
                "set `region` in the configuration, AWS_REGION, or a region in the AWS profile",
            ),
        );
    };
    let emulated = config.endpoint_url().is_some();
    let (account, arn) = match caller(&config).await {
        Err(fault) => return Err(crate::regions::explained(&config, &region, fault).await),
        who => who?,
    };
    let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
    Ok(Connection {
        rate: settings.rate_profile.unwrap_or(if emulated {
            RateProfile::None
        } else {
            RateProfile::AWS
        }),
        path_style: emulated,
        config,
        account,
        arn,
        region,
        partition,
    })
}

impl Connection {
    /// Clients that only look.
    #[must_use]
    pub fn reads(&self) -> Reads {
        Reads::new(
            &self.config,
            self.path_style,
            self.account.clone(),
            self.region.clone(),
            self.partition.clone(),
        )
    }

    /// The objects of the web bucket `bucket`; to be changed as long as `fence` holds, without one to
    /// be looked at.
    #[must_use]
    pub fn web_files(&self, bucket: &str, fence: Option<Arc<dyn Store>>) -> WebFiles {
        let (bucket, owner) = (bucket.to_owned(), self.account.clone());
        WebFiles::new(&self.config, self.path_style, bucket, owner, fence)
    }

    /// Clients that may change things, as long as `fence` holds; each changing call is sent once.
    #[must_use]
    pub fn writes(&self, fence: Arc<dyn Store>) -> Writes {
        let once = self
            .config
            .to_builder()
            .retry_config(RetryConfig::disabled())
            .build();
        let limits = Limits::new(self.rate);
        Writes::new(self.reads(), &once, self.path_style, limits, fence)
    }
}
