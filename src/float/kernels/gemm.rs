//! Matrix multiplication by a constant matrix: `out[m][n] = bias[n] + sum over k of a[m][k] * b[k][n]`.
//!
//! `b` is packed once into panels of [`LANES`] columns, so that the inner loop reads it in order. A register tile of
//! [`ROWS`] rows by one panel keeps its sums in registers. The order of the sum depends on `k` alone: products in
//! ascending `k`, a partial sum per [`SUM_BLOCK`] of them, `((bias + partial 0) + partial 1) + ...`.

use bytemuck::cast;
use wide::{f32x4, f32x8};

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
    /// `column(n)` is column `n` of the matrix, in pieces, and `bias(n)` its bias.
    pub fn pack<'a, C: Iterator<Item = &'a [f32]>>(
        depth: usize,
        columns: usize,
        column: impl Fn(usize) -> C,
        bias: impl Fn(usize) -> f32,
    ) -> Self {
        let panels = columns.div_ceil(LANES);
        let (mut data, mut biases) = (vec![[0.0; LANES]; panels * depth], vec![[0.0; LANES]; panels]);
        for n in 0..columns {
            let (panel, lane) = (n / LANES, n % LANES);
            biases[panel][lane] = bias(n);
            let mut rows = data[panel * depth..][..depth].iter_mut();
            for piece in column(n) {
                // As many rows as the piece is long: `zip` asks the second iterator last.
                for (&weight, row) in piece.iter().zip(&mut rows) {
                    row[lane] = weight;
                }
            }
        }
        Panels { depth, columns, data, bias: biases }
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
                    m += if rows - m < ROWS { tile.one(b) } else { tile.full(b) };
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
    /// Returns how many rows it computed. (Unrolled by hand: compilers that are to write little code do not.)
    #[inline(always)]
    fn full(mut self, b: &[[f32; LANES]]) -> usize {
        let row = |m: usize| &self.a[m * self.a_stride..][..b.len()];
        let rows = row(0).iter().zip(row(1)).zip(row(2)).zip(row(3)).zip(b);
        let [mut s0, mut s1, mut s2, mut s3] = [f32x8::ZERO; ROWS];
        for ((((a0, a1), a2), a3), b) in rows {
            let b = f32x8::from(*b);
            s0 += all(*a0) * b;
            s1 += all(*a1) * b;
            s2 += all(*a2) * b;
            s3 += all(*a3) * b;
        }
        self.add(0, s0);
        self.add(1, s1);
        self.add(2, s2);
        self.add(3, s3);
        ROWS
    }

    /// The same for the first row alone.
    #[inline(always)]
    fn one(mut self, b: &[[f32; LANES]]) -> usize {
        let pairs = self.a.iter().zip(b);
        let sum = pairs.fold(f32x8::ZERO, |sum, (a, b)| sum + all(*a) * f32x8::from(*b));
        self.add(0, sum);
        1
    }

    /// Adds a partial sum to the total of row `m`.
    #[inline(always)]
    fn add(&mut self, m: usize, sum: f32x8) {
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
}

/// The value in every lane.
#[inline(always)]
fn all(a: f32) -> f32x8 {
    let four: f32x4 = cast([a, a, a, a]);
    cast([four, four])
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
            let by_columns: Vec<f32> = (0..depth * columns).map(|i| b[i % depth * columns + i / depth]).collect();
            let column = |n: usize| std::iter::once(&by_columns[n * depth..][..depth]);
            let panels = Panels::pack(depth, columns, column, |n| bias[n]);
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
        let by_columns: Vec<f32> = (0..depth * columns).map(|i| b[i % depth * columns + i / depth]).collect();
        let column = |n: usize| std::iter::once(&by_columns[n * depth..][..depth]);
        let panels = Panels::pack(depth, columns, column, |_| 0.25);
        let mut all = vec![0.0; rows * columns];
        panels.multiply(rows, &a, depth, &mut all, columns);
        for m in 0..rows {
            let mut one = vec![0.0; columns];
            panels.multiply(1, &a[m * depth..], depth, &mut one, columns);
            assert_eq!(one, all[m * columns..][..columns]);
        }
    }
}
