//! How a target group asks its targets whether they are well.

use aws_sdk_elasticloadbalancingv2::types::{ProtocolEnum, TargetGroup as Live};
use serde_json::{Value, json};

/// How targets are asked whether they are well: AWS's defaults for HTTP, and our path.
pub(super) struct HealthCheck {
    pub(super) path: String,
    pub(super) protocol: String,
    pub(super) port: String,
    pub(super) interval: i32,
    pub(super) timeout: i32,
    pub(super) healthy: i32,
    pub(super) unhealthy: i32,
    pub(super) codes: String,
    pub(super) enabled: bool,
}

impl HealthCheck {
    pub(super) fn at(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            protocol: "HTTP".into(),
            port: "traffic-port".into(),
            interval: 30,
            timeout: 5,
            healthy: 5,
            unhealthy: 2,
            codes: "200".into(),
            enabled: true,
        }
    }

    pub(super) fn of(live: &Live) -> Self {
        let usual = Self::at(live.health_check_path().unwrap_or_default());
        let text = |text: Option<&str>, usual: String| text.map_or(usual, ToOwned::to_owned);
        let matcher = live.matcher().and_then(|matcher| matcher.http_code());
        Self {
            protocol: text(
                live.health_check_protocol().map(ProtocolEnum::as_str),
                usual.protocol,
            ),
            port: text(live.health_check_port(), usual.port),
            interval: live.health_check_interval_seconds.unwrap_or(usual.interval),
            timeout: live.health_check_timeout_seconds.unwrap_or(usual.timeout),
            healthy: live.healthy_threshold_count.unwrap_or(usual.healthy),
            unhealthy: live.unhealthy_threshold_count.unwrap_or(usual.unhealthy),
            codes: text(matcher, usual.codes),
            enabled: live.health_check_enabled.unwrap_or(true),
            path: usual.path,
        }
    }

    pub(super) fn value(&self) -> Value {
        json!({
            "path": self.path,
            "protocol": self.protocol,
            "port": self.port,
            "interval_seconds": self.interval,
            "timeout_seconds": self.timeout,
            "healthy_threshold": self.healthy,
            "unhealthy_threshold": self.unhealthy,
            "codes": self.codes,
            "enabled": self.enabled,
        })
    }
}
