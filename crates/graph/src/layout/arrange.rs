//! Cards of one group onto rows and columns: what comes first stands above, and arrows are short.
//!
//! A start by layers, then a search: two places are swapped as long as that makes arrows shorter.
//! It ends because every swap lowers a sum of whole numbers.

use super::layers::layers;

/// Where the cards of a group stand.
#[derive(Debug, Clone)]
pub(crate) struct Arrangement {
    pub(crate) rows: usize,
    /// Column and row of each card.
    pub(crate) places: Vec<(usize, usize)>,
    /// How long and how backward its arrows are; smaller is better.
    pub(crate) cost: i64,
}

/// Passes over all pairs of places; each is a whole round of improvement.
const PASSES: usize = 30;

struct Board {
    columns: usize,
    /// Card in each place, row by row.
    places: Vec<Option<usize>>,
    /// Place of each card.
    at: Vec<usize>,
    /// Neighbours of each card, and whether they come after it.
    near: Vec<Vec<(usize, bool)>>,
}

/// Places `count` cards into `columns`; of each pair the first comes before the second.
pub(crate) fn arrange(count: usize, pairs: &[(usize, usize)], columns: usize) -> Arrangement {
    let mut board = Board::start(count, pairs, columns);
    let mut passes = 0;
    while passes < PASSES && board.improve() {
        passes += 1;
    }
    board.result()
}

impl Board {
    fn start(count: usize, pairs: &[(usize, usize)], columns: usize) -> Self {
        let mut near = vec![Vec::new(); count];
        for &(before, after) in pairs {
            near[before].push((after, true));
            near[after].push((before, false));
        }
        let mut places = Vec::new();
        for layer in layers(count, pairs) {
            places.extend(layer.into_iter().map(Some));
            places.resize(places.len().next_multiple_of(columns), None);
        }
        // Cards without arrows fill what is free.
        let mut free = 0;
        for card in (0..count).filter(|card| near[*card].is_empty()) {
            while places.get(free).is_some_and(Option::is_some) {
                free += 1;
            }
            places.resize(places.len().max(free + 1).next_multiple_of(columns), None);
            places[free] = Some(card);
        }
        let mut at = vec![0; count];
        for (place, card) in places.iter().enumerate() {
            if let Some(card) = card {
                at[*card] = place;
            }
        }
        Self {
            columns,
            places,
            at,
            near,
        }
    }

    fn distance(&self, before: usize, after: usize) -> i64 {
        let (from, to) = (self.at[before], self.at[after]);
        let across = (from % self.columns).abs_diff(to % self.columns);
        let (up, down) = (from / self.columns, to / self.columns);
        let cost = match down.checked_sub(up) {
            None => 40 + 25 * (up - down) + 4 * across,
            Some(0) => 30 + 6 * across,
            // In the same column an arrow would have to go round what stands between.
            Some(rows) if across == 0 => 14 * (rows - 1),
            Some(rows) => 9 * (rows - 1) + 7 * across,
        };
        i64::try_from(cost).unwrap_or(i64::MAX)
    }

    /// Cost of a card: of its arrows, and of standing low.
    fn cost(&self, card: Option<usize>) -> i64 {
        let Some(card) = card else { return 0 };
        let arrows = self.near[card].iter().map(|&(other, after)| {
            if after {
                self.distance(card, other)
            } else {
                self.distance(other, card)
            }
        });
        let row = i64::try_from(self.at[card] / self.columns).unwrap_or(i64::MAX);
        arrows.sum::<i64>() + 2 * row
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.places.swap(one, other);
        for place in [one, other] {
            if let Some(card) = self.places[place] {
                self.at[card] = place;
            }
        }
    }

    fn improve(&mut self) -> bool {
        let mut better = false;
        for one in 0..self.places.len() {
            for other in one + 1..self.places.len() {
                let (a, b) = (self.places[one], self.places[other]);
                let before = self.cost(a) + self.cost(b);
                self.swap(one, other);
                if self.cost(a) + self.cost(b) < before {
                    better = true;
                } else {
                    self.swap(one, other);
                }
            }
        }
        better
    }

    /// Without rows in which nothing stands.
    fn result(&self) -> Arrangement {
        let cards = 0..self.at.len();
        let cost = cards.map(|card| self.cost(Some(card))).sum();
        let rows = self.places.chunks(self.columns);
        let kept = rows.map(|row| row.iter().any(Option::is_some));
        let mut rows = 0;
        let number = kept.map(|kept| {
            rows += usize::from(kept);
            rows
        });
        let number: Vec<usize> = number.collect();
        let place = |at: &usize| (at % self.columns, number[at / self.columns] - 1);
        Arrangement {
            rows,
            places: self.at.iter().map(place).collect(),
            cost,
        }
    }
}
