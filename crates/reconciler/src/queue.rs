//! The ready queue: what can start now, longest remaining way first. There are no waves.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;

/// Tasks by index, their order and what is left of it.
pub(crate) struct Queue {
    successors: Vec<Vec<usize>>,
    missing: Vec<usize>,
    /// Longest way from the start of a task to the end of all work.
    remaining: Vec<Duration>,
    ready: BTreeSet<(Reverse<Duration>, usize)>,
    dead: BTreeSet<usize>,
}

impl Queue {
    /// `after[i]` lists what has to be done before `i`. Cycles leave their tasks unready forever;
    /// typed references make them impossible for creates and deletes alike.
    pub(crate) fn new(weights: &[Duration], after: &[Vec<usize>]) -> Self {
        let mut successors = vec![Vec::new(); weights.len()];
        for (task, before) in after.iter().enumerate() {
            for &b in before {
                successors[b].push(task);
            }
        }
        let missing: Vec<usize> = after.iter().map(Vec::len).collect();
        let remaining = remaining(weights, &successors, &missing);
        let ready = (0..weights.len())
            .filter(|&task| missing[task] == 0)
            .map(|task| (Reverse(remaining[task]), task))
            .collect();
        Self {
            successors,
            missing,
            remaining,
            ready,
            dead: BTreeSet::new(),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }

    /// The ready task with the longest way ahead.
    pub(crate) fn pop(&mut self) -> Option<usize> {
        self.ready.pop_first().map(|(_, task)| task)
    }

    /// Every other ready task that satisfies `with`, up to `most`.
    pub(crate) fn pop_with(&mut self, most: usize, with: impl Fn(usize) -> bool) -> Vec<usize> {
        let batch: Vec<_> = self
            .ready
            .iter()
            .filter(|(_, task)| with(*task))
            .take(most)
            .copied()
            .collect();
        for entry in &batch {
            self.ready.remove(entry);
        }
        batch.into_iter().map(|(_, task)| task).collect()
    }

    /// `task` is done: what waited for it alone becomes ready.
    pub(crate) fn done(&mut self, task: usize) {
        for &next in &self.successors[task] {
            self.missing[next] -= 1;
            if self.missing[next] == 0 && !self.dead.contains(&next) {
                self.ready.insert((Reverse(self.remaining[next]), next));
            }
        }
    }

    /// `task` failed: everything that waits for it, directly or not, will never run. Returns what
    /// was not known to be blocked before.
    pub(crate) fn failed(&mut self, task: usize) -> Vec<usize> {
        let mut blocked = Vec::new();
        let mut stack = self.successors[task].clone();
        while let Some(next) = stack.pop() {
            if self.dead.insert(next) {
                blocked.push(next);
                stack.extend(&self.successors[next]);
            }
        }
        blocked.sort_unstable();
        blocked
    }
}

fn remaining(weights: &[Duration], successors: &[Vec<usize>], missing: &[usize]) -> Vec<Duration> {
    let mut missing = missing.to_vec();
    let mut order: Vec<usize> = (0..weights.len()).filter(|&t| missing[t] == 0).collect();
    let mut at = 0;
    while at < order.len() {
        for &next in &successors[order[at]] {
            missing[next] -= 1;
            if missing[next] == 0 {
                order.push(next);
            }
        }
        at += 1;
    }
    let mut ways = vec![Duration::ZERO; weights.len()];
    for &task in order.iter().rev() {
        let longest = successors[task].iter().map(|&next| ways[next]).max();
        ways[task] = weights[task] + longest.unwrap_or_default();
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_way_goes_first_and_failures_block_only_what_follows() {
        // 0 -> 2 -> 3 is long, 1 stands alone, 4 follows 1.
        let weights = [1, 5, 1, 9, 1].map(Duration::from_secs);
        let after = [vec![], vec![], vec![0], vec![2], vec![1]];
        let mut queue = Queue::new(&weights, &after);
        assert_eq!(queue.pop(), Some(0));
        assert_eq!(queue.pop(), Some(1));
        queue.done(1);
        assert_eq!(queue.failed(0), vec![2, 3]);
        assert_eq!(queue.pop(), Some(4));
        assert_eq!(queue.pop(), None);
    }
}
