//! Sets of addresses, judged as a whole: a range is inside when every address of it is, whichever
//! ranges it is spread over.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::{Evidence, Expected};

/// A set of addresses, as few ranges as make it up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranges(Vec<IpNet>);

impl Ranges {
    pub(crate) fn new(ranges: impl IntoIterator<Item = IpNet>) -> Self {
        Self(IpNet::aggregate(&ranges.into_iter().collect()))
    }

    /// Who belongs to the network: the VPC and the clients.
    pub(crate) fn inside(evidence: &Evidence, expected: &Expected) -> Self {
        let clients = expected.clients.iter().copied().map(IpNet::V4);
        Self::new(evidence.vpc.ranges.iter().copied().chain(clients))
    }

    pub(crate) fn clients(expected: &Expected) -> Self {
        Self::new(expected.clients.iter().copied().map(IpNet::V4))
    }

    /// Ranges that are never routed on the internet.
    pub(crate) fn private() -> Self {
        let v4 = |a, b, bits| IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, 0, 0), bits));
        let v6 = |a, bits| {
            let address = Ipv6Addr::new(a, 0, 0, 0, 0, 0, 0, 0);
            IpNet::V6(Ipv6Net::new_assert(address, bits))
        };
        Self::new([
            v4(10, 0, 8),
            v4(100, 64, 10),
            v4(169, 254, 16),
            v4(172, 16, 12),
            v4(192, 168, 16),
            v6(0xfc00, 7),
            v6(0xfe80, 10),
        ])
    }

    pub(crate) fn and(&self, more: &[IpNet]) -> Self {
        Self::new(self.0.iter().chain(more).copied())
    }

    /// Whether all of `range` is in the set. As no two ranges of the set make up a third, one of
    /// them has to hold it alone.
    pub(crate) fn contain(&self, range: &IpNet) -> bool {
        self.0.iter().any(|own| own.contains(range))
    }

    /// Whether any of `range` is in the set. Of two ranges that share an address, one holds the
    /// other.
    pub(crate) fn overlap(&self, range: &IpNet) -> bool {
        self.contain(range) || self.0.iter().any(|own| range.contains(own))
    }

    pub(crate) fn as_slice(&self) -> &[IpNet] {
        &self.0
    }
}

/// `10.0.0.0/8, 192.168.0.0/16`.
pub(crate) fn listed<'r>(ranges: impl IntoIterator<Item = &'r IpNet>) -> String {
    let ranges: Vec<String> = ranges.into_iter().map(ToString::to_string).collect();
    ranges.join(", ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Ranges within 10.0.0.0/24, single addresses among them.
    fn range() -> impl Strategy<Value = IpNet> {
        (0u8..=255, 24u8..=32).prop_map(|(last, bits)| {
            IpNet::V4(Ipv4Net::new_assert([10, 0, 0, last].into(), bits).trunc())
        })
    }

    fn addresses() -> impl Iterator<Item = IpNet> {
        (0u8..=255).map(|last| IpNet::V4(Ipv4Net::new_assert([10, 0, 0, last].into(), 32)))
    }

    fn has(ranges: &[IpNet], address: &IpNet) -> bool {
        ranges.iter().any(|range| range.contains(address))
    }

    proptest! {
        #[test]
        fn containment_and_overlap_are_those_of_the_addresses(
            ranges in prop::collection::vec(range(), 0..24),
            asked in range(),
        ) {
            let set = Ranges::new(ranges.clone());
            let asked_for: Vec<IpNet> = addresses().filter(|a| asked.contains(a)).collect();
            prop_assert_eq!(set.contain(&asked), asked_for.iter().all(|a| has(&ranges, a)));
            prop_assert_eq!(set.overlap(&asked), asked_for.iter().any(|a| has(&ranges, a)));
        }

        #[test]
        fn more_ranges_never_contain_less(
            ranges in prop::collection::vec(range(), 0..8),
            more in prop::collection::vec(range(), 0..8),
            asked in range(),
        ) {
            let set = Ranges::new(ranges);
            prop_assert!(!set.contain(&asked) || set.and(&more).contain(&asked));
        }
    }

    #[test]
    fn halves_make_a_whole_and_families_stay_apart() {
        let all = |texts: &[&str]| Ranges::new(texts.iter().map(|text| text.parse().unwrap()));
        let everything: IpNet = "0.0.0.0/0".parse().unwrap();
        assert!(all(&["0.0.0.0/1", "128.0.0.0/1"]).contain(&everything));
        assert!(!all(&["0.0.0.0/1", "128.0.0.0/2"]).contain(&everything));
        assert!(!all(&["::/0"]).overlap(&everything));
        assert!(all(&["fd00::/9", "fd80::/9"]).contain(&"fd00::/8".parse().unwrap()));
    }
}
