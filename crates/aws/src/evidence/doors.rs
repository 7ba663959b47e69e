//! What could lead out of the VPC: gateways, peering, transit.

use audit::Doors;
use aws_sdk_ec2::types::{
    ConnectivityType, Ec2InstanceConnectEndpoint, Ec2InstanceConnectEndpointState,
    EgressOnlyInternetGateway, InternetGateway, NatGateway, NatGatewayState,
    TransitGatewayAttachmentState, TransitGatewayVpcAttachment, VpcPeeringConnection,
    VpcPeeringConnectionStateReasonCode, VpnState,
};
use reconciler::Fault;

use super::ours::Ours;
use super::unread::Unread;
use crate::call::call;
use crate::clients::Reads;
use crate::ec2::filter;

pub(super) async fn look(reads: &Reads, ours: &Ours<'_>) -> Result<Doors, Fault> {
    let (vpc, unread) = (ours.vpc.as_str(), &ours.unread);
    let ec2 = &reads.clients.ec2;
    let attached = || filter("attachment.vpc-id", [vpc]);
    let here = || filter("vpc-id", [vpc]);
    let (internet, egress_only, nat, transit, vpn_gateways, peerings, connect_endpoints) = tokio::try_join!(
        call(
            "ec2:DescribeInternetGateways",
            ec2.describe_internet_gateways()
                .filters(attached())
                .into_paginator()
                .items()
                .send()
                .try_collect()
        ),
        // They know no filter by VPC.
        call(
            "ec2:DescribeEgressOnlyInternetGateways",
            ec2.describe_egress_only_internet_gateways()
                .into_paginator()
                .items()
                .send()
                .try_collect()
        ),
        call(
            "ec2:DescribeNatGateways",
            ec2.describe_nat_gateways()
                .filter(here())
                .into_paginator()
                .items()
                .send()
                .try_collect()
        ),
        call(
            "ec2:DescribeTransitGatewayVpcAttachments",
            ec2.describe_transit_gateway_vpc_attachments()
                .filters(here())
                .into_paginator()
                .items()
                .send()
                .try_collect()
        ),
        vpn(reads, vpc, unread),
        peerings(reads, vpc, unread),
        connect_endpoints(reads, vpc, unread),
    )?;
    let internet: Vec<InternetGateway> = internet;
    let egress_only: Vec<EgressOnlyInternetGateway> = egress_only;
    let nat: Vec<NatGateway> = nat;
    let transit: Vec<TransitGatewayVpcAttachment> = transit;
    let egress_only = egress_only.into_iter().filter(|gateway| {
        let attachments = gateway.attachments();
        attachments.iter().any(|a| a.vpc_id() == Some(vpc))
    });
    let gone = [NatGatewayState::Deleted, NatGatewayState::Failed];
    let nat = nat.into_iter().filter(|gateway| {
        let state = gateway.state();
        state.is_none_or(|state| !gone.contains(state))
    });
    let open = [
        TransitGatewayAttachmentState::Available,
        TransitGatewayAttachmentState::Modifying,
        TransitGatewayAttachmentState::Pending,
    ];
    let transit = transit.into_iter().filter(|attachment| {
        let state = attachment.state();
        state.is_none_or(|state| open.contains(state))
    });
    Ok(Doors {
        internet_gateways: internet
            .into_iter()
            .map(|gateway| unread.id(gateway.internet_gateway_id, "an internet gateway"))
            .collect(),
        egress_only_gateways: egress_only
            .map(|gateway| {
                let id = gateway.egress_only_internet_gateway_id;
                unread.id(id, "an egress-only internet gateway")
            })
            .collect(),
        nat_gateways: nat
            .map(|gateway| {
                let public = gateway.connectivity_type() != Some(&ConnectivityType::Private);
                (unread.id(gateway.nat_gateway_id, "a NAT gateway"), public)
            })
            .collect(),
        vpn_gateways,
        connect_endpoints,
        peerings,
        transit_attachments: transit
            .map(|a| {
                let attachment = a.transit_gateway_attachment_id;
                (
                    unread.id(attachment, "a transit gateway attachment"),
                    unread.id(a.transit_gateway_id, "a transit gateway"),
                )
            })
            .collect(),
    })
}

/// EC2 Instance Connect Endpoints that stand in the VPC.
async fn connect_endpoints(
    reads: &Reads,
    vpc: &str,
    unread: &Unread,
) -> Result<Vec<String>, Fault> {
    let request = reads.clients.ec2.describe_instance_connect_endpoints();
    let request = request.filters(filter("vpc-id", [vpc])).into_paginator();
    let found: Vec<Ec2InstanceConnectEndpoint> = call(
        "ec2:DescribeInstanceConnectEndpoints",
        request.items().send().try_collect(),
    )
    .await?;
    let gone = [
        Ec2InstanceConnectEndpointState::DeleteComplete,
        Ec2InstanceConnectEndpointState::DeleteInProgress,
        Ec2InstanceConnectEndpointState::CreateFailed,
    ];
    let alive = found.into_iter().filter(|endpoint| {
        let state = endpoint.state();
        state.is_none_or(|state| !gone.contains(state))
    });
    Ok(alive
        .map(|e| {
            unread.id(
                e.instance_connect_endpoint_id,
                "an EC2 Instance Connect Endpoint",
            )
        })
        .collect())
}

/// Virtual private gateways attached to the VPC, with the number of connections behind each.
async fn vpn(reads: &Reads, vpc: &str, unread: &Unread) -> Result<Vec<(String, usize)>, Fault> {
    let ec2 = &reads.clients.ec2;
    let request = ec2.describe_vpn_gateways();
    let request = request.filters(filter("attachment.vpc-id", [vpc]));
    let found = call("ec2:DescribeVpnGateways", request.send()).await?;
    let found = found.vpn_gateways.unwrap_or_default().into_iter();
    let gateways = found.filter(|gateway| gateway.state() != Some(&VpnState::Deleted));
    let gateways: Vec<String> = gateways
        .map(|g| unread.id(g.vpn_gateway_id, "a virtual private gateway"))
        .collect();
    if gateways.is_empty() {
        return Ok(Vec::new());
    }
    let request = ec2.describe_vpn_connections();
    let request = request.filters(filter("vpn-gateway-id", gateways.clone()));
    let connections = call("ec2:DescribeVpnConnections", request.send()).await?;
    let behind = |gateway: &str| {
        let all = connections.vpn_connections().iter();
        let alive = all.filter(|connection| {
            connection.vpn_gateway_id() == Some(gateway)
                && connection.state() != Some(&VpnState::Deleted)
        });
        alive.count()
    };
    let counted = gateways
        .iter()
        .map(|gateway| (gateway.clone(), behind(gateway)));
    Ok(counted.collect())
}

/// Active peering connections, from either side, with who is at the other end.
async fn peerings(
    reads: &Reads,
    vpc: &str,
    unread: &Unread,
) -> Result<Vec<(String, String)>, Fault> {
    let side = |side: &str| {
        let request = reads.clients.ec2.describe_vpc_peering_connections();
        let request = request
            .filters(filter(&format!("{side}-vpc-info.vpc-id"), [vpc]))
            .into_paginator();
        call(
            "ec2:DescribeVpcPeeringConnections",
            request.items().send().try_collect(),
        )
    };
    let (asked, accepted): (Vec<VpcPeeringConnection>, Vec<VpcPeeringConnection>) =
        tokio::try_join!(side("requester"), side("accepter"))?;
    let all = asked.into_iter().chain(accepted);
    let active = all.filter(|peering| {
        let code = peering.status().and_then(|status| status.code());
        // One of which nothing is said may be active.
        code.is_none_or(|code| *code == VpcPeeringConnectionStateReasonCode::Active)
    });
    let named = active.map(|peering| {
        let sides = [peering.requester_vpc_info(), peering.accepter_vpc_info()];
        let other = sides
            .into_iter()
            .flatten()
            .find(|side| side.vpc_id() != Some(vpc));
        let other = other.map(|side| {
            let (id, owner) = (side.vpc_id(), side.owner_id());
            format!("{} of account {}", id.unwrap_or("?"), owner.unwrap_or("?"))
        });
        let id = peering.vpc_peering_connection_id.clone();
        (
            unread.id(id, "a peering connection"),
            other.unwrap_or_default(),
        )
    });
    Ok(named.collect())
}
