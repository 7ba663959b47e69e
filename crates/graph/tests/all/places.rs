//! Where things stand in the picture.

use graph::{Format, Graph, render};
use proptest::prelude::*;

use crate::graphs::{deployment, reachability};
use crate::picture::{Picture, overlap, picture, within};
use crate::strategies::{any_graph, group_titles};

/// Panics unless everything is in its place.
fn check(graph: &Graph) {
    let Picture {
        canvas,
        groups,
        cards,
        labels,
        ways,
    } = picture(graph);
    assert!(canvas[2] <= 1600);
    assert_eq!(groups.len(), group_titles(graph).len());
    assert_eq!(cards.len(), graph.nodes.len());
    for (index, (_, group)) in groups.iter().enumerate() {
        assert!(within(*group, canvas));
        assert!(
            groups[..index]
                .iter()
                .all(|(_, other)| !overlap(*group, *other))
        );
    }
    let mut homes: Vec<&str> = graph.groups.iter().map(|group| group.id.as_str()).collect();
    for (index, (_, card)) in cards.iter().enumerate() {
        let home = graph.nodes[index].group.as_str();
        if !homes.contains(&home) {
            homes.push(home);
        }
        let home = homes.iter().position(|id| *id == home).unwrap();
        assert!(within(*card, groups[home].1));
        assert!(
            cards[..index]
                .iter()
                .all(|(_, other)| !overlap(*card, *other))
        );
        for leg in ways.iter().flat_map(|way| way.windows(2)) {
            let line = [
                leg[0][0].min(leg[1][0]),
                leg[0][1].min(leg[1][1]),
                leg[0][0].max(leg[1][0]),
                leg[0][1].max(leg[1][1]),
            ];
            assert!(!overlap(line, *card), "an arrow runs through a card");
        }
    }
    assert!(labels.iter().all(|label| within(*label, canvas)));
    for point in ways.iter().flatten() {
        assert!(within([point[0], point[1], point[0], point[1]], canvas));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn cards_keep_to_their_groups_and_arrows_go_round_them(graph in any_graph()) {
        check(&graph);
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_same_graph_gives_the_same_text(graph in any_graph()) {
        for format in [Format::Mermaid, Format::Dot, Format::Svg, Format::Html] {
            prop_assert_eq!(render(&graph, format), render(&graph.clone(), format));
        }
    }
}

#[test]
fn a_whole_deployment_is_in_its_place() {
    check(&deployment(true));
    check(&deployment(false));
    check(&reachability());
}

#[test]
fn arrows_between_groups_are_few() {
    let graph = deployment(true);
    let ways = picture(&graph).ways.len();
    let group = |id: &str| id.split_once('/').unwrap().0.to_owned();
    let within = graph
        .edges
        .iter()
        .filter(|edge| group(&edge.from) == group(&edge.to));
    let groups = graph.groups.len();
    assert!(graph.edges.len() > 100);
    assert!(ways - within.count() <= groups * (groups - 1) / 2);
}

#[test]
fn a_status_is_told_without_colour() {
    let graph = deployment(false);
    let svg = render(&graph, Format::Svg);
    let document = roxmltree::Document::parse(&svg).unwrap();
    for word in ["changed", "missing", "pending", "unexpected"] {
        let texts = document
            .descendants()
            .filter(|node| node.has_tag_name("text"));
        assert!(
            texts.filter(|node| node.text() == Some(word)).count() > 0,
            "{word}"
        );
    }
}
