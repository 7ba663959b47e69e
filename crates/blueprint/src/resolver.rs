//! The inbound resolver endpoint for DNS servers on premises.

use aws::kinds::ResolverEndpoint;

use crate::network::admit;
use crate::{Drawing, Ground, Kept, ids};

impl Drawing<'_> {
    pub(crate) fn resolver(&mut self, ground: &Ground, kept: &Kept) {
        let clients = self.clients.clone();
        let mut rules = admit(53, "tcp", &clients);
        rules.extend(admit(53, "udp", &clients));
        // Answers follow the question's connection; nothing is asked from here but the VPC's DNS.
        rules.extend(self.to_vpc("-1", 0));
        let group = self.group(
            "resolver/group",
            &ground.vpc,
            "Inbound resolver endpoint",
            Vec::new(),
            rules,
        );
        // An address is kept only where its subnet still has it.
        let addresses = ground.cidrs.iter().map(|cidr| {
            let within = |address: &&String| {
                address
                    .parse()
                    .is_ok_and(|address: std::net::Ipv4Addr| cidr.contains(&address))
            };
            kept.resolver_addresses.iter().find(within).cloned()
        });
        let spec = ResolverEndpoint {
            name: format!("{}-resolver", self.naming.prefix()),
            addresses: addresses.collect(),
        };
        self.add(ids::RESOLVER, (ground.subnets.clone(), group), spec);
    }
}
