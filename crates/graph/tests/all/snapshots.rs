//! A small graph in every form.

use graph::{Edge, EdgeKind, Format, Graph, Group, Node, Status, render};

fn small() -> Graph {
    let node = |id: &str, group: &str, title: &str, lines: &[&str], status| Node {
        id: id.into(),
        group: group.into(),
        title: title.into(),
        lines: lines.iter().map(|line| (*line).into()).collect(),
        status,
    };
    let edge = |from: &str, to: &str, label: &str, kind| Edge {
        from: from.into(),
        to: to.into(),
        label: label.into(),
        kind,
    };
    let group = |id: &str, title: &str| Group {
        id: id.into(),
        title: title.into(),
    };
    Graph {
        title: "Closed network: priv".into(),
        subtitle: "\"as of\" now & here".into(),
        headings: vec!["Kind".into(), "AWS id".into()],
        groups: vec![
            group("network", "Network"),
            group("web", "Web <server>"),
            group("internet", "Internet"),
        ],
        nodes: vec![
            node(
                "network/vpc",
                "network",
                "vpc",
                &["ec2/vpc", "vpc-1"],
                Status::Live,
            ),
            node(
                "network/subnet-a",
                "network",
                "subnet-a",
                &["ec2/subnet", "subnet-1"],
                Status::Live,
            ),
            node(
                "web/load-balancer",
                "web",
                "load-balancer",
                &["elasticloadbalancing/load-balancer"],
                Status::Changed,
            ),
            node(
                "web/service",
                "web",
                "service",
                &["ecs/service", ""],
                Status::Missing,
            ),
            node(
                "internet",
                "internet",
                "インターネット",
                &[],
                Status::Barred,
            ),
        ],
        edges: vec![
            edge("network/subnet-a", "network/vpc", "", EdgeKind::Needs),
            edge("web/load-balancer", "network/vpc", "", EdgeKind::Needs),
            edge("web/load-balancer", "network/subnet-a", "", EdgeKind::Needs),
            edge("web/service", "network/subnet-a", "", EdgeKind::Needs),
            edge(
                "web/load-balancer",
                "web/service",
                "tcp 8080",
                EdgeKind::Reaches,
            ),
            edge("web/service", "internet", "no route", EdgeKind::Barred),
        ],
    }
}

#[test]
fn mermaid() {
    insta::assert_snapshot!(render(&small(), Format::Mermaid));
}

#[test]
fn dot() {
    insta::assert_snapshot!(render(&small(), Format::Dot));
}

#[test]
fn svg() {
    insta::assert_snapshot!(render(&small(), Format::Svg));
}

#[test]
fn html() {
    let mut page = render(&small(), Format::Html);
    // The picture has its own; style and script are files of theirs.
    for (open, close) in [
        ("<svg", "</svg>"),
        ("<style>", "</style>"),
        ("<script>", "</script>"),
    ] {
        let (from, to) = (
            page.find(open).unwrap(),
            page.find(close).unwrap() + close.len(),
        );
        page.replace_range(from..to, &format!("({})", open.trim_matches(['<', '>'])));
    }
    insta::assert_snapshot!(page);
}
