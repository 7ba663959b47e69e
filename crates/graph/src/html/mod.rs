//! One page that needs nothing else: the picture, what belongs to the card that is looked at, and
//! tables of everything. A policy forbids it any network; its style and script are known by hash.

mod policy;
mod tables;

use crate::escape::xml;
use crate::resolved::Resolved;
use crate::svg;

/// Style of the page. [`policy::STYLE`] is its hash.
const STYLE: &str = include_str!("page.css");
/// Highlights what belongs together. [`policy::SCRIPT`] is its hash. It reads the page and is the
/// same in every page: no text of the graph ever gets into a script.
const SCRIPT: &str = include_str!("page.js");

/// The page of `graph`.
pub(crate) fn render(graph: &Resolved) -> String {
    let (title, subtitle) = (xml(&graph.graph.title), xml(&graph.graph.subtitle));
    let (style, script) = (policy::STYLE, policy::SCRIPT);
    let picture = svg::render(graph);
    let (nodes, links) = (tables::nodes(graph), tables::links(graph));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"referrer\" content=\"no-referrer\"/>\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <main>\n<h1>{title}</h1>\n<p class=\"subtitle\">{subtitle}</p>\n\
         <p class=\"hint\" hidden=\"\">Point at a card to see what belongs to it; click to keep it, \
         Escape to let go.</p>\n\
         <figure>\n{picture}</figure>\n\
         <aside id=\"about\" hidden=\"\" aria-live=\"polite\"></aside>\n\
         {nodes}{links}</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
}
