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
        // An address is kept only where its subnet still has it: in a VPC of the user's own, where
        // others may have taken it, in the very same subnet.
        let imported = self.around.imported.as_ref();
        let addresses = ground.cidrs.iter().enumerate().map(|(n, cidr)| {
            let same = |(subnet, address): &&(String, String)| {
                let within = address
                    .parse()
                    .is_ok_and(|address: std::net::Ipv4Addr| cidr.contains(&address));
                within && imported.is_none_or(|i| i.subnets[n].id == *subnet)
            };
            let kept = kept.resolver_addresses.iter().find(same);
            kept.map(|(_, address)| address.clone())
        });
        let spec = ResolverEndpoint {
            name: format!("{}-resolver", self.naming.prefix()),
            addresses: addresses.collect(),
        };
        self.add(ids::RESOLVER, (ground.subnets.clone(), group), spec);
    }
}
