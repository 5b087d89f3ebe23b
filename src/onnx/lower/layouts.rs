//! Where a change of layout or shape leaves the stored data alone.

use crate::graph::Layout;

/// Axes of a tensor that matter for the order of its data, in stored order: those longer than 1.
fn stored_order(shape: &[usize], layout: &Layout) -> Vec<usize> {
    layout.0.iter().copied().filter(|&axis| shape[axis] != 1).collect()
}

/// Whether a tensor of ONNX shape `shape` has its elements in the same order in both layouts.
pub fn same_order(shape: &[usize], a: &Layout, b: &Layout) -> bool {
    stored_order(shape, a) == stored_order(shape, b)
}

/// The layout of a reshaped tensor whose stored data has not moved, or `None` when the reshape makes the order visible.
///
/// A reshape merges and splits runs of neighbouring axes: `[1, 6, 4, 5] -> [1, 2, 3, 20]` splits 6 into 2 and 3 and
/// merges 4 and 5. It keeps the data in place if the axes of each run are stored next to each other and in order; the
/// runs themselves may be stored in any order. So a channel shuffle costs nothing when stored channels-last.
pub fn after_reshape(from: &[usize], layout: &Layout, to: &[usize]) -> Option<Layout> {
    let order = stored_order(from, layout);
    let mut new_order = Vec::with_capacity(to.len());
    let mut position = 0;
    let runs = runs(from, to)?;
    while position < order.len() {
        let run = runs.iter().find(|run| run.from.first() == order.get(position))?;
        if order.get(position..position + run.from.len())? != run.from {
            return None;
        }
        new_order.extend(&run.to);
        position += run.from.len();
    }
    Some(with_unit_axes(to, new_order))
}

/// Neighbouring axes (longer than 1) of the two shapes that hold the same elements.
struct Run {
    from: Vec<usize>,
    to: Vec<usize>,
}

fn runs(from: &[usize], to: &[usize]) -> Option<Vec<Run>> {
    let long = |shape: &[usize]| (0..shape.len()).filter(|&axis| shape[axis] != 1).collect::<Vec<_>>();
    let (from_axes, to_axes) = (long(from), long(to));
    let (mut from_axes, mut to_axes) = (from_axes.into_iter().peekable(), to_axes.into_iter().peekable());
    let mut runs = Vec::new();
    while let (Some(first), Some(second)) = (from_axes.next(), to_axes.next()) {
        let mut run = Run { from: vec![first], to: vec![second] };
        let (mut left, mut right) = (from[first], to[second]);
        while left != right {
            if left < right {
                let axis = from_axes.next()?;
                run.from.push(axis);
                left = left.checked_mul(from[axis])?;
            } else {
                let axis = to_axes.next()?;
                run.to.push(axis);
                right = right.checked_mul(to[axis])?;
            }
        }
        runs.push(run);
    }
    (from_axes.peek().is_none() && to_axes.peek().is_none()).then_some(runs)
}

/// A layout that stores the long axes in the given order. Where axes of length 1 leave a choice, images are stored
/// channels-last and everything else as ONNX has it.
fn with_unit_axes(shape: &[usize], order: Vec<usize>) -> Layout {
    let rank = shape.len();
    let preferred = if rank == 4 {
        [Layout::channels_last(rank), Layout::identity(rank)]
    } else {
        [Layout::identity(rank), Layout::channels_last(rank)]
    };
    preferred.into_iter().find(|layout| stored_order(shape, layout) == order).unwrap_or_else(|| {
        let units = (0..rank).filter(|axis| shape[*axis] == 1);
        Layout(units.chain(order).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(axes: &[usize]) -> Layout {
        Layout(axes.to_vec())
    }

    #[test]
    fn a_flatten_of_one_pixel_moves_nothing() {
        let nhwc = Layout::channels_last(4);
        assert_eq!(after_reshape(&[1, 8, 1, 1], &nhwc, &[1, 8]), Some(stored(&[0, 1])));
        assert_eq!(after_reshape(&[1, 8, 2, 1], &nhwc, &[1, 16]), None);
        assert_eq!(after_reshape(&[1, 1, 4, 2], &nhwc, &[1, 8]), Some(stored(&[0, 1])));
        assert_eq!(after_reshape(&[1, 8], &Layout::identity(2), &[1, 8, 1, 1]), Some(nhwc));
    }

    #[test]
    fn boxes_of_a_detector_move_nothing() {
        assert_eq!(after_reshape(&[1, 30, 40, 6], &Layout::identity(4), &[1, 3600, 2]), Some(Layout::identity(3)));
        assert_eq!(after_reshape(&[1, 30, 40, 6], &Layout::channels_last(4), &[1, 3600, 2]), None);
    }

    #[test]
    fn a_channel_shuffle_moves_data_only_in_its_transpose() {
        let split = after_reshape(&[1, 6, 4, 5], &Layout::channels_last(4), &[1, 2, 3, 4, 5]);
        assert_eq!(split, Some(stored(&[0, 3, 4, 1, 2])));
        // Transposed by [0, 2, 1, 3, 4] the axes are [1, 3, 2, 4, 5], stored as [0, 3, 4, 2, 1]: the merge needs a move.
        assert_eq!(after_reshape(&[1, 3, 2, 4, 5], &stored(&[0, 3, 4, 2, 1]), &[1, 6, 4, 5]), None);
        let ordered = after_reshape(&[1, 3, 2, 4, 5], &Layout::identity(5), &[1, 6, 4, 5]);
        assert_eq!(ordered, Some(Layout::identity(4)));
    }

    #[test]
    fn merging_pixels_keeps_channels_last() {
        assert_eq!(after_reshape(&[2, 6, 4, 5], &Layout::channels_last(4), &[2, 6, 20]), Some(stored(&[0, 2, 1])));
        assert_eq!(after_reshape(&[2, 6, 20], &stored(&[0, 2, 1]), &[2, 6, 4, 5]), Some(Layout::channels_last(4)));
    }
}
