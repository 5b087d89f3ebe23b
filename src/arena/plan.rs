//! Where the tensors of a run lie in one buffer: planned once per network, from when each is first written to when it is
//! last read, so that running allocates nothing and memory is that of the busiest moment.
//!
//! Placement is greedy: the largest tensor first, each at the lowest place that no tensor alive at the same time holds.

use crate::order;

/// A tensor's length in elements, and the first and last step at which its place is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    pub len: usize,
    pub first: usize,
    pub last: usize,
}

impl Life {
    fn meets(&self, other: &Life) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// When the place of each of `tensors` tensors is taken: inputs from the start, outputs to the end, what a step reads and
/// writes meanwhile. `len` has no length for a tensor that lies elsewhere.
pub fn lives<R: IntoIterator<Item = usize>>(
    tensors: usize,
    len: impl Fn(usize) -> Option<usize>,
    inputs: impl Iterator<Item = usize>,
    steps: impl ExactSizeIterator<Item = (R, usize)>,
    outputs: impl Iterator<Item = usize>,
) -> Vec<Option<Life>> {
    let mut lives: Vec<Option<Life>> = vec![None; tensors];
    let mut live = |tensor: usize, step: usize| {
        if let Some(len) = len(tensor) {
            let life = lives[tensor].get_or_insert(Life { len, first: step, last: step });
            life.last = step;
        }
    };
    // Inputs are written one after the other, before the first step.
    inputs.for_each(|tensor| live(tensor, 0));
    let end = steps.len();
    for (step, (reads, writes)) in steps.enumerate() {
        reads.into_iter().for_each(|tensor| live(tensor, step));
        live(writes, step);
    }
    outputs.for_each(|tensor| live(tensor, end));
    lives
}

/// Tensors begin at multiples of this many elements: vectors read from aligned places.
const ALIGNMENT: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    places: Vec<Option<Place>>,
    len: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    start: usize,
    len: usize,
}

impl Plan {
    /// `None` stands for a tensor that lies elsewhere, such as a constant.
    pub fn new(lives: &[Option<Life>]) -> Self {
        let len = |tensor: usize| lives[tensor].map(|life| life.len);
        let largest_first = order::by(lives.len(), &|a, b| len(b).cmp(&len(a)));
        let order: Vec<(usize, Life)> =
            largest_first.into_iter().filter_map(|tensor| Some((tensor, lives[tensor]?))).collect();
        let mut plan = Plan { places: vec![None; lives.len()], len: 0 };
        // By where they start, so that gaps are found in one pass.
        let mut placed: Vec<(usize, Life)> = Vec::with_capacity(order.len());
        for (tensor, life) in order {
            let mut start = 0usize;
            for (other, held) in placed.iter().filter(|(_, held)| held.meets(&life)) {
                if start + life.len <= *other {
                    break;
                }
                start = start.max((other + held.len).next_multiple_of(ALIGNMENT));
            }
            plan.places[tensor] = Some(Place { start, len: life.len });
            plan.len = plan.len.max(start + life.len);
            placed.insert(placed.partition_point(|(other, _)| *other <= start), (start, life));
        }
        plan
    }

    /// Elements that the buffer must have.
    pub fn elements(&self) -> usize {
        self.len
    }

    /// A tensor's elements; `None` for one that lies elsewhere.
    pub fn get<'a, T>(&self, memory: &'a [T], tensor: usize) -> Option<&'a [T]> {
        let place = self.places[tensor]?;
        memory.get(place.start..place.start + place.len)
    }

    /// A tensor's elements to be written, and the rest of the buffer to be read meanwhile.
    pub fn split<'a, T>(&self, memory: &'a mut [T], tensor: usize) -> Option<(Others<'a, T>, &'a mut [T])> {
        let place = self.places[tensor]?;
        let (before, rest) = memory.split_at_mut_checked(place.start)?;
        let (own, after) = rest.split_at_mut_checked(place.len)?;
        Some((Others { before, after, after_start: place.start + place.len }, own))
    }
}

/// A buffer less the tensor that is being written.
#[derive(Debug, Clone, Copy)]
pub struct Others<'a, T> {
    before: &'a [T],
    after: &'a [T],
    after_start: usize,
}

impl<'a, T> Others<'a, T> {
    /// `None` for a tensor that lies elsewhere, or that shares its place with the one being written.
    pub fn get(&self, plan: &Plan, tensor: usize) -> Option<&'a [T]> {
        let place = plan.places[tensor]?;
        match place.start.checked_sub(self.after_start) {
            Some(start) => self.after.get(start..start + place.len),
            None => self.before.get(place.start..place.start + place.len),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lives() -> impl Strategy<Value = Vec<Option<Life>>> {
        let life =
            (0usize..200, 0usize..12, 0usize..6).prop_map(|(len, first, more)| Life { len, first, last: first + more });
        proptest::collection::vec(proptest::option::weighted(0.9, life), 0..20)
    }

    proptest! {
        #[test]
        fn tensors_alive_together_never_share_a_place(lives in lives()) {
            let plan = Plan::new(&lives);
            let mut memory: Vec<u16> = vec![0; plan.elements()];
            for (tensor, life) in lives.iter().enumerate() {
                prop_assert_eq!(plan.get(&memory, tensor).map(<[u16]>::len), life.map(|life| life.len));
            }
            // At every step: what is alive is written, each with its own number, and all of it must stay.
            for step in 0..18 {
                let alive = || (0..lives.len()).filter(|&t| lives[t].is_some_and(|life| (life.first..=life.last).contains(&step)));
                for tensor in alive() {
                    plan.split(&mut memory, tensor).unwrap().1.fill(tensor as u16 + 1);
                }
                for tensor in alive() {
                    prop_assert!(plan.get(&memory, tensor).unwrap().iter().all(|&x| x == tensor as u16 + 1));
                    for other in alive().filter(|&other| other != tensor) {
                        let (others, own) = plan.split(&mut memory, tensor).unwrap();
                        prop_assert_eq!(own.len(), lives[tensor].unwrap().len);
                        prop_assert!(others.get(&plan, other).unwrap().iter().all(|&x| x == other as u16 + 1));
                    }
                }
            }
        }
    }

    /// A chain needs room for two neighbours, however long it is.
    #[test]
    fn a_chain_needs_two_places() {
        let lives: Vec<_> = (0..10).map(|i| Some(Life { len: 100, first: i, last: i + 1 })).collect();
        assert_eq!(Plan::new(&lives).elements(), 112 + 100);
    }
}
