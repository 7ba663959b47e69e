//! Who answers names in a VPC of the user's own beside Amazon's DNS: servers of its DHCP options, and
//! Route 53 Resolver rules associated with it.

use aws_sdk_route53resolver::types::Filter;
use reconciler::Fault;

use crate::call::call;
use crate::clients::Reads;
use crate::ec2::filter;

/// What AWS calls its own DNS in a set of DHCP options.
const AMAZON: &str = "AmazonProvidedDNS";
/// How the ids of the rules begin that Route 53 makes by itself for every VPC.
const AUTODEFINED: &str = "rslvr-autodefined-";

/// A Resolver rule that is associated with the VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolverRule {
    /// `rslvr-rr-…`.
    pub id: String,
    /// What it does with names; none when the rule itself could not be seen.
    pub answers: Option<Answers>,
}

/// What a Resolver rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// The names, without the dot at the end: this one and all below it; empty for all names.
    pub domain: String,
    /// Whether it leaves them to Amazon's DNS (`SYSTEM`); all others send them elsewhere.
    pub system: bool,
    /// Where to.
    pub targets: Vec<String>,
}

/// DNS servers of a set of DHCP options that are not Amazon's; none when Amazon's alone answer.
///
/// # Errors
/// A failed read.
pub async fn foreign_name_servers(reads: &Reads, options: &str) -> Result<Vec<String>, Fault> {
    let request = reads.clients.ec2.describe_dhcp_options();
    let request = request.filters(filter("dhcp-options-id", [options]));
    let answer = call("ec2:DescribeDhcpOptions", request.send()).await?;
    let sets = answer.dhcp_options().iter();
    let configurations = sets.flat_map(aws_sdk_ec2::types::DhcpOptions::dhcp_configurations);
    let servers = configurations.filter(|one| one.key() == Some("domain-name-servers"));
    let servers = servers.flat_map(aws_sdk_ec2::types::DhcpConfiguration::values);
    let servers = servers.map(|server| server.value().unwrap_or("a server without an address"));
    let servers = servers.filter(|server| *server != AMAZON);
    Ok(servers.map(ToOwned::to_owned).collect())
}

/// Resolver rules that are associated with a VPC, without those that Route 53 makes by itself. Two
/// calls, and one where there is none.
///
/// # Errors
/// A failed read.
pub async fn resolver_rules(reads: &Reads, vpc: &str) -> Result<Vec<ResolverRule>, Fault> {
    let resolver = &reads.clients.resolver;
    let here = Filter::builder().name("VPCId").values(vpc).build();
    let request = resolver.list_resolver_rule_associations().filters(here);
    let found: Vec<_> = call(
        "route53resolver:ListResolverRuleAssociations",
        request.into_paginator().items().send().try_collect(),
    )
    .await?;
    let mut ids: Vec<String> = found
        .into_iter()
        .map(|one| {
            one.resolver_rule_id
                .unwrap_or_else(|| "a rule without an id".to_owned())
        })
        .filter(|id| !id.starts_with(AUTODEFINED))
        .collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rules: Vec<_> = call(
        "route53resolver:ListResolverRules",
        resolver
            .list_resolver_rules()
            .into_paginator()
            .items()
            .send()
            .try_collect(),
    )
    .await?;
    let answers = |id: &str| {
        let rule = rules.iter().find(|rule| rule.id() == Some(id))?;
        let targets = rule.target_ips().iter();
        let targets = targets.map(|target| target.ip().or(target.ipv6()).unwrap_or("?").to_owned());
        Some(Answers {
            domain: rule.domain_name()?.trim_end_matches('.').to_lowercase(),
            system: rule.rule_type()?.as_str() == "SYSTEM",
            targets: targets.collect(),
        })
    };
    Ok(ids
        .into_iter()
        .map(|id| ResolverRule {
            answers: answers(&id),
            id,
        })
        .collect())
}
