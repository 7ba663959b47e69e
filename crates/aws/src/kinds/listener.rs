//! A listener of the load balancer: forwards to one target group, or redirects to HTTPS.

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, Certificate, Listener as Live, MutualAuthenticationAttributes,
    ProtocolEnum, RedirectActionConfig, RedirectActionStatusCodeEnum, Rule,
};
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Id, Impact, Kind, Mark, Needs,
    Pace, Phase, Ref, Resend, Scope, Settles, Tags, settled, tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::call;
use crate::kinds::load_balancer::{tag, tags_of_all, to_tags, untag};
use crate::kinds::{LoadBalancer, LoadBalancerOut, TargetGroup, TargetGroupOut};
use crate::{Aws, Reads, Writes};

/// A listener.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Port.
    pub port: i32,
    /// Certificate and policy; plain HTTP without.
    pub tls: Option<Tls>,
    /// What it does with requests.
    pub then: Then,
}

/// How a listener speaks TLS.
#[derive(Debug, Clone)]
pub struct Tls {
    /// ARN of the certificate.
    pub certificate: String,
    /// Name of the security policy.
    pub policy: &'static str,
}

/// What a listener does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// To the target group.
    Forward,
    /// To the same address over HTTPS, for good.
    RedirectToHttps,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerOut {
    /// ARN.
    pub arn: String,
}

#[async_trait]
impl Kind for Listener {
    type Cloud = Aws;
    /// Load balancer, the group to forward to, the listener to redirect to.
    type Needs = (
        Ref<LoadBalancer>,
        Option<Ref<TargetGroup>>,
        Option<Ref<Listener>>,
    );
    type Out = ListenerOut;
    const NAME: &'static str = "elasticloadbalancing/listener";
    const PACE: Pace = Pace::seconds(1, 1, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &ListenerOut) -> String {
        out.arn.clone()
    }
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, (balancer, group, _): &<Self::Needs as Needs>::Maybe) -> Attrs {
        let forward_to = match group {
            Some(group) => Attr::of(group.as_ref().map(|group| group.arn.clone())),
            None => Attr::Known(Value::Null),
        };
        Attrs::new()
            .with(
                "load_balancer",
                Attr::of(balancer.as_ref().map(|b| b.arn.clone())),
            )
            .with("port", self.port)
            .with("protocol", self.protocol().as_str())
            .with(
                "certificate",
                Attr::Known(json!(self.tls.as_ref().map(|tls| &tls.certificate))),
            )
            .with(
                "tls_policy",
                Attr::Known(json!(self.tls.as_ref().map(|tls| tls.policy))),
            )
            .with("forward_to", forward_to)
            .with(
                "redirect",
                Attr::Known(match self.then {
                    Then::Forward => Value::Null,
                    Then::RedirectToHttps => {
                        redirect(Some("HTTPS"), Some("443"), Some("HTTP_301"), [None; 3])
                    }
                }),
            )
            .with("sticky", false)
            .with("client_certificates", "off")
            .with("rules", Attr::set(Vec::<String>::new()))
    }
    fn impact(field: &str) -> Impact {
        match field {
            "load_balancer" => Impact::Replace,
            // A target group does not go while a listener forwards to it.
            "forward_to" => Impact::Tied,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<ListenerOut>>, Fault> {
        let mut candidates = Vec::new();
        for balancer in scope.found.all::<LoadBalancerOut>() {
            let request = reads
                .clients
                .elb
                .describe_listeners()
                .load_balancer_arn(&balancer.arn);
            let pages = request.into_paginator().items().send();
            let found: Vec<Live> = match call(
                "elasticloadbalancing:DescribeListeners",
                pages.try_collect(),
            )
            .await
            {
                Err(fault) if fault.class == Class::Gone => continue,
                found => found?,
            };
            let arns = found.iter().filter_map(|live| live.listener_arn.clone());
            let mut marks = tags_of_all(reads, arns.collect()).await?;
            for live in found {
                let arn = live.listener_arn.clone().unwrap_or_default();
                let tags = marks.remove(&arn).unwrap_or_default();
                let ours =
                    tags.contains_key(tags::ID) || scope.recorded.iter().any(|out| out.arn == arn);
                let rules = if ours {
                    rules(reads, &arn).await?
                } else {
                    Vec::new()
                };
                candidates.push(Candidate {
                    attrs: attrs_of(&live, &balancer.arn)
                        .with("rules", Attr::set(rules.iter().map(rule_text))),
                    // Whatever else listens on our load balancer is nothing that we want.
                    mark: if ours {
                        Mark::Tags(tags)
                    } else {
                        let port = live.port().unwrap_or_default();
                        Mark::Child(Id::new(format!("unexpected/listener-{port}")))
                    },
                    out: ListenerOut { arn },
                    name: None,
                    pristine: false,
                    health: Health::Ready,
                    notes: Vec::new(),
                });
            }
        }
        Ok(candidates)
    }

    async fn phases(_: &Reads, outs: &[ListenerOut]) -> Vec<Result<Phase<ListenerOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        needs: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<ListenerOut>, Fault> {
        let (balancer, group, _) = needs;
        let action = self.action(group.as_deref())?;
        let answer = writes
            .call("elasticloadbalancing:CreateListener", |c| {
                c.elb
                    .create_listener()
                    .load_balancer_arn(&balancer.arn)
                    .port(self.port)
                    .protocol(self.protocol())
                    .set_ssl_policy(self.tls.as_ref().map(|tls| tls.policy.to_owned()))
                    .set_certificates(self.certificates())
                    .default_actions(action)
                    .set_tags(Some(to_tags(tags)))
                    .send()
            })
            .await?;
        let live = answer.listeners.unwrap_or_default().into_iter().next();
        let arn = live.and_then(|live| live.listener_arn).unwrap_or_default();
        Ok(Created::complete(self, needs, ListenerOut { arn }))
    }

    async fn update(
        &self,
        writes: &Writes,
        (_, group, _): &<Self::Needs as Needs>::Known,
        out: &ListenerOut,
        _: &Tags,
        changes: &[Change],
    ) -> Result<ListenerOut, Fault> {
        let (rules_differ, differs): (Vec<&Change>, Vec<&Change>) =
            changes.iter().partition(|change| change.root() == "rules");
        if !rules_differ.is_empty() {
            remove_rules(writes, &out.arn).await?;
        }
        if differs.is_empty() {
            return Ok(out.clone());
        }
        let no_certificates = self.tls.as_ref().map(|_| {
            let mode = MutualAuthenticationAttributes::builder().mode("off");
            mode.build()
        });
        let action = self.action(group.as_deref())?;
        writes
            .call("elasticloadbalancing:ModifyListener", |c| {
                c.elb
                    .modify_listener()
                    .listener_arn(&out.arn)
                    .port(self.port)
                    .protocol(self.protocol())
                    .set_ssl_policy(self.tls.as_ref().map(|tls| tls.policy.to_owned()))
                    .set_certificates(self.certificates())
                    .set_mutual_authentication(no_certificates)
                    .default_actions(action)
                    .send()
            })
            .await?;
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &ListenerOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.arn, tags).await
    }

    async fn untag(writes: &Writes, out: &ListenerOut, keys: &[String]) -> Result<(), Fault> {
        untag(writes, &out.arn, keys).await
    }

    async fn delete(writes: &Writes, outs: &[ListenerOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let answer = writes
                .call("elasticloadbalancing:DeleteListener", |c| {
                    c.elb.delete_listener().listener_arn(&out.arn).send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

impl Listener {
    fn protocol(&self) -> ProtocolEnum {
        match self.tls {
            Some(_) => ProtocolEnum::Https,
            None => ProtocolEnum::Http,
        }
    }

    fn certificates(&self) -> Option<Vec<Certificate>> {
        let tls = self.tls.as_ref()?;
        let certificate = Certificate::builder().certificate_arn(&tls.certificate);
        Some(vec![certificate.build()])
    }

    fn action(&self, group: Option<&TargetGroupOut>) -> Result<Action, Fault> {
        let redirect = RedirectActionConfig::builder()
            .protocol("HTTPS")
            .port("443")
            .status_code(RedirectActionStatusCodeEnum::Http301)
            .build();
        let action = Action::builder();
        Ok(match (self.then, group) {
            (Then::RedirectToHttps, _) => action
                .r#type(ActionTypeEnum::Redirect)
                .redirect_config(redirect),
            (Then::Forward, Some(group)) => action
                .r#type(ActionTypeEnum::Forward)
                .target_group_arn(&group.arn),
            (Then::Forward, None) => {
                let what = "a listener that forwards has nothing to forward to";
                return Err(Fault::new(Class::Refused, Self::NAME, what));
            }
        }
        .build())
    }
}

/// Rules beside the default one.
async fn rules(reads: &Reads, listener: &str) -> Result<Vec<Rule>, Fault> {
    let request = reads.clients.elb.describe_rules().listener_arn(listener);
    let pages = request.into_paginator().items().send();
    let found: Vec<Rule> = call("elasticloadbalancing:DescribeRules", pages.try_collect()).await?;
    let others = found
        .into_iter()
        .filter(|rule| rule.is_default != Some(true));
    Ok(others.collect())
}

/// `10: path-pattern -> forward arn:…`.
fn rule_text(rule: &Rule) -> String {
    let when = rule.conditions().iter().filter_map(|c| c.field());
    let when: Vec<&str> = when.collect();
    let then = rule.actions().iter().map(|action| {
        let to = action.target_group_arn().unwrap_or_default();
        let what = action.r#type().map_or("", ActionTypeEnum::as_str);
        format!("{what} {to}").trim_end().to_owned()
    });
    let then: Vec<String> = then.collect();
    let priority = rule.priority().unwrap_or_default();
    format!("{priority}: {} -> {}", when.join(" and "), then.join(", "))
}

async fn remove_rules(writes: &Writes, listener: &str) -> Result<(), Fault> {
    for rule in rules(&writes.reads, listener).await? {
        let answer = writes
            .call("elasticloadbalancing:DeleteRule", |c| {
                c.elb.delete_rule().set_rule_arn(rule.rule_arn).send()
            })
            .await;
        match answer {
            Err(fault) if fault.class != Class::Gone => return Err(fault),
            _ => {}
        }
    }
    Ok(())
}

/// Whether one of its targets keeps clients to itself.
fn is_sticky(action: &Action) -> bool {
    let forward = action.forward_config();
    let sticky = forward.and_then(|forward| forward.target_group_stickiness_config());
    sticky.is_some_and(|sticky| sticky.enabled == Some(true))
}

/// Where to, and whether for good; host, path and query are those of the request unless said
/// otherwise (`RedirectActionConfig`, API reference).
fn redirect(
    protocol: Option<&str>,
    port: Option<&str>,
    status: Option<&str>,
    [host, path, query]: [Option<&str>; 3],
) -> Value {
    json!([
        protocol,
        port,
        status,
        host.unwrap_or("#{host}"),
        path.unwrap_or("/#{path}"),
        query.unwrap_or("#{query}"),
    ])
}

fn attrs_of(live: &Live, balancer: &str) -> Attrs {
    let action = live.default_actions().first();
    let clients = live.mutual_authentication().and_then(|m| m.mode());
    let redirect = action.and_then(Action::redirect_config).map(|to| {
        let status = to.status_code().map(RedirectActionStatusCodeEnum::as_str);
        let rest = [to.host(), to.path(), to.query()];
        redirect(to.protocol(), to.port(), status, rest)
    });
    let certificate = live.certificates().first();
    Attrs::new()
        .with("load_balancer", balancer)
        .with("port", live.port().unwrap_or_default())
        .with("protocol", live.protocol().map_or("", ProtocolEnum::as_str))
        .with(
            "certificate",
            Attr::Known(json!(certificate.and_then(Certificate::certificate_arn))),
        )
        .with(
            "tls_policy",
            // Emulators name one for plain HTTP too.
            Attr::Known(match live.protocol() {
                Some(ProtocolEnum::Https) => json!(live.ssl_policy()),
                _ => Value::Null,
            }),
        )
        .with(
            "forward_to",
            Attr::Known(json!(action.and_then(Action::target_group_arn))),
        )
        .with("redirect", Attr::Known(json!(redirect)))
        .with("sticky", action.is_some_and(is_sticky))
        .with("client_certificates", clients.unwrap_or("off"))
}
