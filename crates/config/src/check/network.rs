//! Ranges, a VPC of the user's own, a domain of the user's own.

use super::Found;
use crate::input::Environment;

pub(super) fn ranges(env: &Environment, found: &mut Found<'_>) {
    let cidr = env.closed_network_vpc_ipv4_cidr;
    if cidr.addr() != cidr.network() {
        found.wrong(
            "closedNetworkVpcIpv4Cidr",
            format!("{cidr} has host bits; the range is {}", cidr.trunc()),
        );
    } else if !(16..=24).contains(&cidr.prefix_len()) {
        found.wrong(
            "closedNetworkVpcIpv4Cidr",
            format!("{cidr}: AWS allows at most /16, and the network needs at least /24"),
        );
    }
    for client in &env.closed_network_client_cidrs {
        if client.addr() != client.network() {
            let range = client.trunc();
            found.wrong(
                "closedNetworkClientCidrs",
                format!("{client} has host bits; the range is {range}"),
            );
        }
        if client.prefix_len() == 0 {
            found.wrong(
                "closedNetworkClientCidrs",
                format!("{client} is everybody; name the ranges that clients come from"),
            );
        }
    }
}

pub(super) fn imported(env: &Environment, found: &mut Found<'_>) {
    let is_id = |text: &str, prefix: &str| {
        text.strip_prefix(prefix).is_some_and(|digits| {
            matches!(digits.len(), 8 | 17) && digits.chars().all(|c| c.is_ascii_hexdigit())
        })
    };
    let vpc = env.closed_network_vpc_id.as_deref();
    if let Some(id) = vpc.filter(|id| !is_id(id, "vpc-")) {
        found.wrong(
            "closedNetworkVpcId",
            format!("{id:?} is no VPC id; one such as vpc-0123456789abcdef0 is expected"),
        );
    }
    let Some(subnets) = &env.closed_network_subnet_ids else {
        if vpc.is_none() && env.closed_network_allow_public_subnets {
            found.wrong(
                "closedNetworkAllowPublicSubnets",
                "only means something with closedNetworkVpcId: the subnets of a new VPC are closed",
            );
        }
        return;
    };
    if vpc.is_none() {
        found.wrong(
            "closedNetworkSubnetIds",
            "subnets need closedNetworkVpcId, the VPC that they are in",
        );
    }
    for id in subnets.iter().filter(|id| !is_id(id, "subnet-")) {
        found.wrong(
            "closedNetworkSubnetIds",
            format!("{id:?} is no subnet id; one such as subnet-0123456789abcdef0 is expected"),
        );
    }
    let mut different = subnets.clone();
    different.sort();
    different.dedup();
    if different.len() < subnets.len() {
        found.wrong("closedNetworkSubnetIds", "names a subnet twice");
    } else if subnets.len() < 2 {
        found.wrong(
            "closedNetworkSubnetIds",
            "at least two subnets are needed, in different availability zones",
        );
    }
}

pub(super) fn domain(env: &Environment, found: &mut Found<'_>) {
    let (domain, certificate) = (
        env.closed_network_domain_name.as_deref(),
        env.closed_network_certificate_arn.as_deref(),
    );
    match (domain, certificate) {
        (Some(_), None) => found.wrong(
            "closedNetworkDomainName",
            "needs closedNetworkCertificateArn: give both or none",
        ),
        (None, Some(_)) => found.wrong(
            "closedNetworkCertificateArn",
            "needs closedNetworkDomainName: give both or none",
        ),
        _ => {}
    }
    if let Some(name) = domain
        && let Some(reason) = not_a_domain(name)
    {
        found.wrong("closedNetworkDomainName", reason);
    }
    let Some(arn) = certificate else { return };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, "acm", region, account, id] = parts[..] else {
        return not_a_certificate(arn, found);
    };
    if !arn.starts_with("arn:aws") || !id.starts_with("certificate/") {
        return not_a_certificate(arn, found);
    }
    if let Some(ours) = env.region.as_deref().filter(|ours| *ours != region) {
        found.wrong(
            "closedNetworkCertificateArn",
            format!("is in {region}; a load balancer takes certificates of its own region, {ours}"),
        );
    }
    let ours = env.account.as_deref().filter(|ours| !ours.is_empty());
    if let Some(ours) = ours.filter(|ours| *ours != account) {
        found.wrong(
            "closedNetworkCertificateArn",
            format!("is of account {account}, not of {ours}"),
        );
    }
}

fn not_a_certificate(arn: &str, found: &mut Found<'_>) {
    found.wrong(
        "closedNetworkCertificateArn",
        format!("{arn:?} is no ARN of a certificate; arn:aws:acm:REGION:ACCOUNT:certificate/ID is expected"),
    );
}

/// Why a private hosted zone cannot bear this name, or must not.
fn not_a_domain(name: &str) -> Option<String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if let Some(bare) = name.strip_suffix('.') {
        return Some(format!("write it without the dot at its end: {bare}"));
    }
    if name.chars().any(|c| c.is_ascii_uppercase()) {
        return Some(format!("write it in lower case: {}", name.to_lowercase()));
    }
    if name == "amazonaws.com" || name.ends_with(".amazonaws.com") {
        return Some("would hide AWS's own names from the whole VPC".into());
    }
    if !name.contains('.') || name.len() > 253 || !name.split('.').all(label) {
        return Some(format!(
            "{name:?} is no domain; a name such as genu.closed is expected"
        ));
    }
    None
}
