//! Clients that look and clients that touch.
//!
//! Looking clients retry by themselves and refuse, before anything leaves the machine, every
//! operation that is not a read. Touching clients send once: the engine owns their retries,
//! because a create that the SDK sends again inside one `send()` makes two.

use std::future::Future;
use std::sync::Arc;

use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use reconciler::{Class, Fault};
use state::Store;

use crate::call::call;
use crate::limits::Limits;

/// One client a service.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    pub ec2: aws_sdk_ec2::Client,
    pub elb: aws_sdk_elasticloadbalancingv2::Client,
    pub ecs: aws_sdk_ecs::Client,
    pub scaling: aws_sdk_applicationautoscaling::Client,
    pub apigateway: aws_sdk_apigateway::Client,
    pub route53: aws_sdk_route53::Client,
    pub acm: aws_sdk_acm::Client,
    pub quotas: aws_sdk_servicequotas::Client,
    pub resolver: aws_sdk_route53resolver::Client,
    pub ssm: aws_sdk_ssm::Client,
    pub iam: aws_sdk_iam::Client,
    pub s3: aws_sdk_s3::Client,
    pub ecr: aws_sdk_ecr::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
}

macro_rules! client {
    ($sdk:ident, $config:expr, $guard:expr) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from($config)
                .interceptor($guard)
                .build(),
        )
    };
}

impl Clients {
    fn new(config: &SdkConfig, guard: Guard, path_style: bool) -> Self {
        let s3 = aws_sdk_s3::config::Builder::from(config)
            .interceptor(guard)
            .force_path_style(path_style)
            .build();
        Self {
            ec2: client!(aws_sdk_ec2, config, guard),
            elb: client!(aws_sdk_elasticloadbalancingv2, config, guard),
            ecs: client!(aws_sdk_ecs, config, guard),
            scaling: client!(aws_sdk_applicationautoscaling, config, guard),
            apigateway: client!(aws_sdk_apigateway, config, guard),
            route53: client!(aws_sdk_route53, config, guard),
            acm: client!(aws_sdk_acm, config, guard),
            quotas: client!(aws_sdk_servicequotas, config, guard),
            resolver: client!(aws_sdk_route53resolver, config, guard),
            ssm: client!(aws_sdk_ssm, config, guard),
            iam: client!(aws_sdk_iam, config, guard),
            s3: aws_sdk_s3::Client::from_conf(s3),
            ecr: client!(aws_sdk_ecr, config, guard),
            logs: client!(aws_sdk_cloudwatchlogs, config, guard),
        }
    }
}

/// Refuses what its clients are not for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Guard {
    ReadsOnly,
    Anything,
}

impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "ReadsOnly"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), aws_smithy_runtime_api::box_error::BoxError> {
        let name = config.load::<Metadata>().map(Metadata::name);
        let reads = ["Describe", "Get", "List", "Head", "Simulate"];
        match (self, name) {
            (Self::ReadsOnly, Some(name)) if !reads.iter().any(|r| name.starts_with(r)) => {
                Err(format!("{name} is not a read; this client only looks").into())
            }
            _ => Ok(()),
        }
    }

    fn modify_before_signing(
        &self,
        _: &mut aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), aws_smithy_runtime_api::box_error::BoxError> {
        let name = config
            .load::<Metadata>()
            .map(|m| (m.service().to_owned(), m.name().to_owned()));
        if let Some((service, operation)) = name {
            tracing::debug!(target: "genu_deploy::calls", service, operation, "call");
        }
        Ok(())
    }
}

/// Clients that only look.
#[derive(Debug)]
pub struct Reads {
    pub(crate) clients: Clients,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) partition: String,
}

impl Reads {
    pub(crate) fn new(
        config: &SdkConfig,
        path_style: bool,
        account: String,
        region: String,
        partition: String,
    ) -> Self {
        Self {
            clients: Clients::new(config, Guard::ReadsOnly, path_style),
            account,
            region,
            partition,
        }
    }

    /// `arn:<partition>:<service>:<region>:<account>:<rest>`.
    pub(crate) fn arn(&self, service: &str, rest: &str) -> String {
        let Self {
            partition,
            region,
            account,
            ..
        } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{rest}")
    }
}

/// Clients that may also change things.
pub struct Writes {
    pub(crate) reads: Reads,
    clients: Clients,
    limits: Limits,
    fence: Arc<dyn Store>,
}

impl Writes {
    pub(crate) fn new(
        reads: Reads,
        config: &SdkConfig,
        path_style: bool,
        limits: Limits,
        fence: Arc<dyn Store>,
    ) -> Self {
        Self {
            reads,
            clients: Clients::new(config, Guard::Anything, path_style),
            limits,
            fence,
        }
    }

    /// Makes a changing call when its bucket has a token, unless this process may no longer change
    /// anything.
    pub(crate) async fn call<T, E, F>(
        &self,
        operation: &'static str,
        send: impl FnOnce(&Clients) -> F,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.limits.take(operation).await;
        self.fence.hold().await.map_err(|lost| {
            let fault = Fault::new(Class::Refused, operation, lost.with_causes());
            fault.hint("nothing was sent; the same command goes on later")
        })?;
        call(operation, send(&self.clients)).await
    }
}

impl AsRef<Reads> for Writes {
    fn as_ref(&self) -> &Reads {
        &self.reads
    }
}
