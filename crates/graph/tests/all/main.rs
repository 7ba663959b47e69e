//! What holds for every graph, whatever is written in it.

#[path = "../../examples/graphs/mod.rs"]
mod graphs;
#[cfg(test)]
mod picture;
#[cfg(test)]
mod places;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod strategies;
#[cfg(test)]
mod texts;
