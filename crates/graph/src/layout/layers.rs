//! A first order of cards: each below all that come before it. Cycles are cut where they are met.

/// Layers of the cards that have arrows, from first to last.
pub(crate) fn layers(count: usize, pairs: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut before = vec![Vec::new(); count];
    let mut after = vec![Vec::new(); count];
    for &(one, other) in pairs {
        before[other].push(one);
        after[one].push(other);
    }
    let linked = |card: &usize| !before[*card].is_empty() || !after[*card].is_empty();
    let mut rest: Vec<usize> = (0..count).filter(linked).collect();
    let mut rank = vec![None; count];
    let mut depth = 0;
    while !rest.is_empty() {
        let ready = |card: &usize| before[*card].iter().all(|other| rank[*other].is_some());
        let mut layer: Vec<usize> = rest.iter().copied().filter(ready).collect();
        if layer.is_empty() {
            layer.push(rest[0]);
        }
        for card in &layer {
            rank[*card] = Some(depth);
        }
        rest.retain(|card| rank[*card].is_none());
        depth += 1;
    }
    sink(&mut rank, &before, &after, depth);
    let mut layers = vec![Vec::new(); depth];
    for (card, rank) in rank.into_iter().enumerate() {
        if let Some(rank) = rank {
            layers[rank].push(card);
        }
    }
    layers
}

/// What more cards wait for than it waits for itself moves down to them: shorter arrows, and less
/// crowding at the top.
fn sink(rank: &mut [Option<usize>], before: &[Vec<usize>], after: &[Vec<usize>], depth: usize) {
    for layer in (0..depth).rev() {
        for card in 0..rank.len() {
            if rank[card] != Some(layer) || after[card].len() <= before[card].len() {
                continue;
            }
            let first = after[card].iter().filter_map(|other| rank[*other]).min();
            let lowest = first.and_then(|first| first.checked_sub(1));
            rank[card] = rank[card].max(lowest);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn without_cycles_everything_is_below_what_comes_before_it(
            pairs in prop::collection::vec((0..12_usize, 0..12_usize), 0..30),
        ) {
            let pairs: Vec<_> = pairs.into_iter().filter(|(one, other)| one < other).collect();
            let layers = layers(12, &pairs);
            let layer = |card| layers.iter().position(|layer| layer.contains(&card));
            for (one, other) in pairs {
                prop_assert!(layer(one).unwrap() < layer(other).unwrap());
            }
        }

        #[test]
        fn every_linked_card_has_one_layer(
            pairs in prop::collection::vec((0..8_usize, 0..8_usize), 0..30),
        ) {
            let mut placed: Vec<usize> = layers(8, &pairs).concat();
            placed.sort_unstable();
            let mut linked: Vec<usize> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
            linked.sort_unstable();
            linked.dedup();
            prop_assert_eq!(placed, linked);
        }
    }
}
