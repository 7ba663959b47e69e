//! The Windows instance to look at the network from inside, and what Fleet Manager needs for it.

use std::collections::BTreeMap;

use aws::kinds::{Instance, InstanceProfile, KeyPair, Peer, Role, Subnet};
use reconciler::Ref;
use serde_json::Value;

use crate::network::{admit, let_out};
use crate::services::TEST_ENVIRONMENT as SERVICES;
use crate::{Drawing, Ground, Kept, ids};

impl Drawing<'_> {
    pub(crate) fn test_environment(&mut self, ground: &Ground, kept: &Kept) {
        let mut ground = Ground {
            vpc: ground.vpc.clone(),
            subnets: ground.subnets.clone(),
            cidrs: ground.cidrs.clone(),
            endpoints: Vec::new(),
        };
        let endpoint_group = self.group(
            "test/endpoint-group",
            &ground.vpc,
            "Systems Manager endpoints",
            Vec::new(),
            admit(443, "tcp", &self.vpc_ranges.clone()),
        );
        for service in SERVICES {
            self.interface(
                &mut ground,
                &format!("test/endpoint-{service}"),
                service,
                &endpoint_group,
            );
        }
        let mut rules = self.to_vpc("-1", 0);
        let s3 = Peer::PrefixList(self.around.s3_prefix_list.clone());
        rules.push(let_out("tcp", 443, s3));
        let group = self.group(
            "test/group",
            &ground.vpc,
            "Windows instance",
            Vec::new(),
            rules,
        );
        let role = Role {
            name: self.naming.global("windows"),
            service: "ec2.amazonaws.com".into(),
            trust_condition: Value::Null,
            inline: BTreeMap::new(),
            managed: vec![format!(
                "arn:{}:iam::aws:policy/AmazonSSMManagedInstanceCore",
                self.around.partition
            )],
        };
        let role = self.add("test/role", (), role);
        let name = self.naming.global("windows");
        let profile = self.add("test/instance-profile", role, InstanceProfile { name });
        let name = self.naming.of("windows");
        let key = self.add(ids::KEY_PAIR, (), KeyPair { name });
        let instance = Instance {
            instance_type: "r6i.large".into(),
            image: self.env.closed_network_test_environment_ami_id.clone(),
            volume_gib: 100,
            user_data: user_data(self.env.closed_network_test_environment_auto_stop_hours),
        };
        // A subnet more, in an earlier zone, is no reason to replace the instance.
        let here =
            |subnet: &&Ref<Subnet>| Some(subnet.id().as_str()) == kept.instance_subnet.as_deref();
        let subnet = ground
            .subnets
            .iter()
            .find(here)
            .unwrap_or(&ground.subnets[0]);
        let subnet = subnet.clone();
        let endpoints = ground.endpoints(&SERVICES);
        self.add(
            ids::INSTANCE,
            (subnet, group, key, profile, endpoints),
            instance,
        );
    }
}

/// Stops itself some hours after every start: the mission warns that it otherwise never does.
fn user_data(hours: u32) -> String {
    if hours == 0 {
        return "<powershell></powershell>".into();
    }
    let seconds = u64::from(hours) * 3600;
    format!("<powershell>shutdown.exe /s /t {seconds}</powershell><persist>true</persist>")
}
