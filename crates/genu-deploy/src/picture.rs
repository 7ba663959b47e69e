//! Pictures: the deployment with its live status, and who can reach what.

use std::path::Path;

use audit::{Access, Evidence, PartyKind, Reach, TargetKind, Way};
use aws::Connection;
use clap::ValueEnum;
use graph::{Edge, EdgeKind, Graph, Group, Node, Status};
use reconciler::{Action, Step};

use crate::checks::whole_file;
use crate::exit::Failure;
use crate::look::Look;

/// A form of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For Markdown.
    Mermaid,
    /// For Graphviz.
    Dot,
    /// For documents.
    Svg,
    /// For a browser; opens without network.
    Html,
}

/// The parts of the network, in the order in which the mission draws them.
const PARTS: [(&str, &str); 7] = [
    ("external", "Given, and never changed"),
    ("network", "Network"),
    ("endpoint", "VPC endpoints"),
    ("web", "Web server"),
    ("proxy", "Cognito proxies"),
    ("resolver", "Inbound resolver"),
    ("test", "Test environment"),
];

/// Prints a picture, or writes it to a file.
pub(crate) fn print(graph: &Graph, format: Format, out: Option<&Path>) -> Result<(), Failure> {
    let format = match format {
        Format::Mermaid => graph::Format::Mermaid,
        Format::Dot => graph::Format::Dot,
        Format::Svg => graph::Format::Svg,
        Format::Html => graph::Format::Html,
    };
    let text = graph::render(graph, format);
    match out {
        Some(file) => whole_file(file, &text),
        None => {
            anstream::print!("{text}");
            Ok(())
        }
    }
}

/// The deployment as planned and as seen.
pub(crate) fn deployment(name: &str, connection: &Connection, look: &Look) -> Graph {
    let steps = &look.plan.steps;
    let part = |step: &Step| step.id.group().to_owned();
    let groups = PARTS
        .iter()
        .filter(|(id, _)| steps.iter().any(|step| step.id.group() == *id))
        .map(|(id, title)| group(id, title));
    let edges = steps.iter().flat_map(|step| {
        step.needs.iter().map(|need| Edge {
            from: step.id.to_string(),
            to: need.to_string(),
            label: String::new(),
            kind: EdgeKind::Needs,
        })
    });
    Graph {
        title: format!("Closed network {name}"),
        subtitle: format!("account {} · {}", connection.account, connection.region),
        headings: vec!["Kind".to_owned(), "AWS id".to_owned()],
        groups: groups.collect(),
        nodes: steps
            .iter()
            .map(|step| Node {
                id: step.id.to_string(),
                group: part(step),
                title: step.id.to_string(),
                lines: vec![step.kind.to_owned(), identity(look, step)],
                status: status(look, step),
            })
            .collect(),
        edges: edges.collect(),
    }
}

fn identity(look: &Look, step: &Step) -> String {
    if step.external {
        let mut given = look.desired.givens();
        let given = given.find(|given| given.id == step.id);
        return given.map_or(String::new(), |given| given.identity.clone());
    }
    let seen = look.observation.identity(&look.catalog, step.id.as_str());
    seen.unwrap_or_default()
}

fn status(look: &Look, step: &Step) -> Status {
    match step.action {
        Action::None if step.external => Status::Outside,
        Action::None if look.observation.is_waited_for(&step.id) => Status::Pending,
        Action::None => Status::Live,
        Action::Create => Status::Missing,
        Action::Delete => Status::Unexpected,
        Action::Adopt | Action::Update | Action::Replace | Action::Blocked => Status::Changed,
    }
}

fn group(id: &str, title: &str) -> Group {
    Group {
        id: id.to_owned(),
        title: title.to_owned(),
    }
}

/// Who can reach what.
pub(crate) fn reach(name: &str, evidence: &Evidence, reach: &Reach) -> Graph {
    let shut_out = |party: &str| {
        let mut ways = reach.ways.iter().filter(|way| way.party == party);
        ways.all(|way| way.access == Access::Shut)
    };
    let parties = reach.parties.iter().map(|party| {
        let title = match party.kind {
            PartyKind::Vpc => "The VPC".to_owned(),
            PartyKind::Clients => "Clients on premises".to_owned(),
            PartyKind::Peering => format!("Peering {}", party.id),
            PartyKind::Transit => format!("Transit gateway {}", party.id),
            PartyKind::Internet => "Internet".to_owned(),
        };
        let ranges = party.ranges.iter().map(ToString::to_string);
        let mut lines = vec![
            party.name.clone(),
            ranges.collect::<Vec<String>>().join(" "),
        ];
        if shut_out(&party.id) {
            lines.push("reaches nothing".to_owned());
        }
        Node {
            id: party.id.clone(),
            group: "who".to_owned(),
            title,
            lines,
            status: match party.kind {
                PartyKind::Vpc => Status::Live,
                _ if shut_out(&party.id) => Status::Barred,
                _ => Status::Outside,
            },
        }
    });
    let targets = reach.targets.iter().map(|target| Node {
        id: target.id.clone(),
        group: "what".to_owned(),
        title: match target.kind {
            TargetKind::LoadBalancer => "Load balancer".to_owned(),
            TargetKind::Endpoints => "VPC endpoints".to_owned(),
            TargetKind::Resolver => "Inbound resolver".to_owned(),
            TargetKind::Proxies => "Cognito proxies".to_owned(),
            TargetKind::Instance => "Windows instance".to_owned(),
            TargetKind::Bucket => "Web bucket".to_owned(),
        },
        lines: vec![target.id.clone()],
        status: Status::Live,
    });
    Graph {
        title: format!("Who can reach what in {name}"),
        subtitle: format!(
            "{} of account {} · in brackets: let in, and no route leads there yet · where no arrow is, nobody is let in",
            evidence.vpc.id, evidence.account
        ),
        headings: vec!["What it is".to_owned(), "Ranges".to_owned()],
        groups: vec![group("who", "Who"), group("what", "What")],
        nodes: parties.chain(targets).collect(),
        // Of a party that gets anywhere only the ways are drawn; one that does not shows that.
        edges: reach
            .ways
            .iter()
            .filter(|way| way.access != Access::Shut || shut_out(&way.party))
            .map(edge)
            .collect(),
    }
}

fn edge(way: &Way) -> Edge {
    let ports = way.ports.iter().map(|ports| match ports.ports {
        Some((first, last)) if first == last => format!("{} {first}", ports.protocol),
        Some((first, last)) => format!("{} {first}-{last}", ports.protocol),
        None => ports.protocol.clone(),
    });
    let ports = ports.collect::<Vec<String>>().join(", ");
    let (label, kind) = match way.access {
        Access::Shut => (String::new(), EdgeKind::Barred),
        Access::Admitted => (format!("({ports})"), EdgeKind::Reaches),
        Access::Reaches => (ports, EdgeKind::Reaches),
    };
    Edge {
        from: way.party.clone(),
        to: way.target.clone(),
        label,
        kind,
    }
}
