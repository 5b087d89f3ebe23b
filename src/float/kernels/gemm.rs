//! Matrix multiplication by a constant matrix: `out[m][n] = bias[n] + sum over k of a[m][k] * b[k][n]`.
//!
//! `b` is packed once into panels of [`LANES`] columns, so that the inner loop reads it in order. A register tile of
//! [`ROWS`] rows by one panel keeps its sums in registers. The order of the sum depends on `k` alone: products in
//! ascending `k`, a partial sum per [`SUM_BLOCK`] of them, `((bias + partial 0) + partial 1) + ...`.

use wide::f32x8;

use super::{LANES, SUM_BLOCK};

/// Rows of the register tile: 4 rows of 8 lanes are 8 of the 16 registers that SSE2 and WebAssembly engines have.
const ROWS: usize = 4;

/// A constant matrix of `depth` rows and `columns` columns with a bias per column.
pub struct Panels {
    depth: usize,
    columns: usize,
    /// Panel by panel, each `depth` rows; columns beyond the last are zero.
    data: Vec<[f32; LANES]>,
    /// One row per panel.
    bias: Vec<[f32; LANES]>,
}

impl Panels {
    /// `weight(k, n)` is the matrix, `bias(n)` the bias.
    pub fn pack(
        depth: usize,
        columns: usize,
        weight: impl Fn(usize, usize) -> f32,
        bias: impl Fn(usize) -> f32,
    ) -> Self {
        let panels = columns.div_ceil(LANES);
        let lane = |n: usize, value: &dyn Fn() -> f32| if n < columns { value() } else { 0.0 };
        let mut data = Vec::with_capacity(panels * depth);
        for first in (0..columns).step_by(LANES) {
            for k in 0..depth {
                data.push(std::array::from_fn(|i| lane(first + i, &|| weight(k, first + i))));
            }
        }
        let bias = (0..columns)
            .step_by(LANES)
            .map(|first| std::array::from_fn(|i| lane(first + i, &|| bias(first + i))))
            .collect();
        Panels { depth, columns, data, bias }
    }

    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Multiplies `rows` rows. Row `m` of the left matrix is `a[m * a_stride..][..depth]`; row `m` of the result goes to
    /// `out[m * out_stride..][..columns]`.
    pub fn multiply(&self, rows: usize, a: &[f32], a_stride: usize, out: &mut [f32], out_stride: usize) {
        let mut start = 0;
        // A matrix without rows still has its bias as the result: hence "at least once".
        loop {
            let end = (start + SUM_BLOCK).min(self.depth);
            for (panel, bias) in self.bias.iter().enumerate() {
                let b = &self.data[panel * self.depth + start..panel * self.depth + end];
                let columns = (self.columns - panel * LANES).min(LANES);
                let mut m = 0;
                while m < rows {
                    let tile = Tile {
                        a: &a[m * a_stride + start..],
                        a_stride,
                        bias: (start == 0).then_some(bias),
                        out: &mut out[m * out_stride + panel * LANES..],
                        out_stride,
                        columns,
                    };
                    m += match rows - m {
                        1 => tile.run::<1>(b),
                        2 => tile.run::<2>(b),
                        3 => tile.run::<3>(b),
                        _ => tile.run::<ROWS>(b),
                    };
                }
            }
            start = end;
            if start >= self.depth {
                return;
            }
        }
    }
}

/// A few rows by one panel, over one block of the sum.
struct Tile<'a> {
    a: &'a [f32],
    a_stride: usize,
    /// Present in the first block: what the total starts from. Later blocks add to `out`.
    bias: Option<&'a [f32; LANES]>,
    out: &'a mut [f32],
    out_stride: usize,
    /// Columns of the panel that exist.
    columns: usize,
}

impl Tile<'_> {
    /// Returns how many rows it computed: `M`.
    #[inline(always)]
    fn run<const M: usize>(self, b: &[[f32; LANES]]) -> usize {
        let a: [&[f32]; M] = std::array::from_fn(|m| &self.a[m * self.a_stride..][..b.len()]);
        let mut sums = [f32x8::ZERO; M];
        for (k, row) in b.iter().enumerate() {
            let row = f32x8::from(*row);
            for m in 0..M {
                sums[m] += f32x8::splat(a[m][k]) * row;
            }
        }
        for (m, sum) in sums.into_iter().enumerate() {
            let out = &mut self.out[m * self.out_stride..][..self.columns];
            match <&mut [f32; LANES]>::try_from(&mut *out) {
                Ok(full) => {
                    let total = f32x8::from(*self.bias.unwrap_or(full));
                    *full = (total + sum).to_array();
                }
                Err(_) => {
                    for (i, (value, sum)) in out.iter_mut().zip(sum.to_array()).enumerate() {
                        *value = self.bias.map_or(*value, |bias| bias[i]) + sum;
                    }
                }
            }
        }
        M
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dot_in_blocks, random};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn multiply_is_the_triple_loop(
            rows in 1usize..11, columns in 1usize..20, depth in prop_oneof![1usize..20, 250usize..600], seed in 0u64..1000,
        ) {
            let (a, b, bias) = (random(rows * depth, seed), random(depth * columns, seed + 1), random(columns, seed + 2));
            let panels = Panels::pack(depth, columns, |k, n| b[k * columns + n], |n| bias[n]);
            let mut out = vec![0.0; rows * columns];
            panels.multiply(rows, &a, depth, &mut out, columns);
            let dot = |(m, n)| dot_in_blocks((0..depth).map(|k| (a[m * depth + k], b[k * columns + n])), bias[n]);
            let expected: Vec<f32> = (0..rows * columns).map(|i| dot((i / columns, i % columns))).collect();
            prop_assert_eq!(out, expected);
        }
    }

    #[test]
    fn the_result_does_not_depend_on_the_tile_a_row_falls_into() {
        let (rows, columns, depth) = (7, 13, 600);
        let (a, b) = (random(rows * depth, 1), random(depth * columns, 2));
        let panels = Panels::pack(depth, columns, |k, n| b[k * columns + n], |_| 0.25);
        let mut all = vec![0.0; rows * columns];
        panels.multiply(rows, &a, depth, &mut all, columns);
        for m in 0..rows {
            let mut one = vec![0.0; columns];
            panels.multiply(1, &a[m * depth..], depth, &mut one, columns);
            assert_eq!(one, all[m * columns..][..columns]);
        }
    }
}
