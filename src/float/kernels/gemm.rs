//! Matrix multiplication by a constant matrix: `out[m][n] = bias[n] + sum over k of a[m][k] * b[k][n]`.
//!
//! `b` is packed once into panels of [`LANES`] columns, so that the inner loop reads it in order. A register tile of
//! [`ROWS`] rows by one panel keeps its sums in registers. The order of the sum depends on `k` alone: products in
//! ascending `k`, a partial sum per [`SUM_BLOCK`] of them, `((bias + partial 0) + partial 1) + ...`.

use bytemuck::cast;
use wide::{f32x4, f32x8};

use super::{LANES, SUM_BLOCK};
use crate::splat;

/// Rows of the register tile: 4 rows of 8 lanes are 8 of the 16 registers that SSE2 and WebAssembly engines have.
const ROWS: usize = 4;

/// One value of each of a tile's rows.
pub type Step = [f32; ROWS];

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
    /// `out[m * out_stride..][..columns]`. `tiles` is memory whose content does not matter.
    pub fn multiply(
        &self,
        rows: usize,
        (a, a_stride): (&[f32], usize),
        (out, out_stride): (&mut [f32], usize),
        tiles: &mut Vec<Step>,
    ) {
        let full = rows / ROWS;
        tiles.resize(full * SUM_BLOCK.min(self.depth), [0.0; ROWS]);
        let mut start = 0;
        // A matrix without rows still has its bias as the result: hence "at least once".
        loop {
            let end = (start + SUM_BLOCK).min(self.depth);
            let row = Row { a, stride: a_stride, start, len: end - start };
            for (number, tile) in tiles.chunks_exact_mut((end - start).max(1)).take(full).enumerate() {
                let m = number * ROWS;
                interleave(tile, [row.at(m), row.at(m + 1), row.at(m + 2), row.at(m + 3)]);
            }
            for (panel, bias) in self.bias.iter().enumerate() {
                let b = &self.data[panel * self.depth + start..panel * self.depth + end];
                let mut tiles = tiles.chunks_exact(b.len().max(1));
                let first = panel * LANES;
                let to = To { first, columns: (self.columns - first).min(LANES), bias: (start == 0).then_some(bias) };
                let mut m = 0;
                while m + ROWS <= rows {
                    let sums = product(tiles.next().unwrap_or_default(), b);
                    to.add(sums[0], out, m * out_stride);
                    to.add(sums[1], out, (m + 1) * out_stride);
                    to.add(sums[2], out, (m + 2) * out_stride);
                    to.add(sums[3], out, (m + 3) * out_stride);
                    m += ROWS;
                }
                while m < rows {
                    to.add(product_of_one(row.at(m), b), out, m * out_stride);
                    m += 1;
                }
            }
            start = end;
            if start >= self.depth {
                return;
            }
        }
    }
}

/// Of each row of the left matrix, the part that a block of the sum takes.
#[derive(Clone, Copy)]
struct Row<'a> {
    a: &'a [f32],
    stride: usize,
    start: usize,
    len: usize,
}

impl<'a> Row<'a> {
    #[inline(always)]
    fn at(self, m: usize) -> &'a [f32] {
        &self.a[m * self.stride + self.start..][..self.len]
    }
}

/// Writes the rows of a tile side by side, so that one pointer walks over all of them.
fn interleave(tile: &mut [Step], [a, b, c, d]: [&[f32]; ROWS]) {
    let (fours, rest) = tile.as_chunks_mut::<4>();
    let chunks = [a.as_chunks().0, b.as_chunks().0, c.as_chunks().0, d.as_chunks().0];
    let rows = chunks[0].iter().zip(chunks[1]).zip(chunks[2]).zip(chunks[3]);
    for (steps, (((a, b), c), d)) in fours.iter_mut().zip(rows) {
        *steps = cast(f32x4::transpose([f32x4::new(*a), f32x4::new(*b), f32x4::new(*c), f32x4::new(*d)]));
    }
    let done = a.len() - rest.len();
    let rows = a[done..].iter().zip(&b[done..]).zip(&c[done..]).zip(&d[done..]);
    for (step, (((a, b), c), d)) in rest.iter_mut().zip(rows) {
        *step = [*a, *b, *c, *d];
    }
}

/// Sums of a tile's products with a panel. (Unrolled by hand: compilers that are to write little code do not.)
#[inline(always)]
fn product(tile: &[Step], b: &[[f32; LANES]]) -> [f32x8; ROWS] {
    let [mut s0, mut s1, mut s2, mut s3] = [f32x8::ZERO; ROWS];
    let (mut step, mut row) = (tile.as_ptr(), b.as_ptr());
    // SAFETY: both pointers stay in their slices. (Pointers, because an index would be scaled twice in every step.)
    unsafe {
        let end = step.add(tile.len().min(b.len()));
        while step != end {
            let (a, b) = (&*step, f32x8::from(*row));
            s0 += splat::f32x8(a[0]) * b;
            s1 += splat::f32x8(a[1]) * b;
            s2 += splat::f32x8(a[2]) * b;
            s3 += splat::f32x8(a[3]) * b;
            (step, row) = (step.add(1), row.add(1));
        }
    }
    [s0, s1, s2, s3]
}

/// The same for a single row.
#[inline(always)]
fn product_of_one(row: &[f32], b: &[[f32; LANES]]) -> f32x8 {
    let mut sum = f32x8::ZERO;
    for (a, b) in row.iter().zip(b) {
        sum += splat::f32x8(*a) * f32x8::from(*b);
    }
    sum
}

/// Where a panel's sums go in a row of the result.
struct To<'a> {
    first: usize,
    /// Columns of the panel that exist.
    columns: usize,
    /// Present in the first block of the sum: what the total starts from. Later blocks add to what is there.
    bias: Option<&'a [f32; LANES]>,
}

impl To<'_> {
    /// `row` is where the row begins.
    #[inline(always)]
    fn add(&self, sum: f32x8, out: &mut [f32], row: usize) {
        let start = row + self.first;
        match out.get_mut(start..).and_then(<[f32]>::first_chunk_mut::<LANES>) {
            Some(full) if self.columns == LANES => {
                let before = self.bias.unwrap_or(full);
                *full = (f32x8::from(*before) + sum).to_array();
            }
            _ => self.add_part(sum.to_array(), &mut out[start..][..self.columns]),
        }
    }

    #[inline(never)]
    fn add_part(&self, sum: [f32; LANES], out: &mut [f32]) {
        for (i, (value, sum)) in out.iter_mut().zip(sum).enumerate() {
            *value = self.bias.map_or(*value, |bias| bias[i]) + sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dot_in_blocks, random};
    use super::*;
    use proptest::prelude::*;

    /// A matrix that is stored row by row, column by column.
    fn by_columns(b: &[f32], depth: usize, columns: usize) -> Vec<f32> {
        (0..depth * columns).map(|i| b[i % depth * columns + i / depth]).collect()
    }

    proptest! {
        #[test]
        fn multiply_is_the_triple_loop(
            rows in 1usize..11, columns in 1usize..20, depth in prop_oneof![1usize..20, 250usize..600], seed in 0u64..1000,
        ) {
            let (a, b, bias) = (random(rows * depth, seed), random(depth * columns, seed + 1), random(columns, seed + 2));
            let by_columns = by_columns(&b, depth, columns);
            let column = |n: usize| std::iter::once(&by_columns[n * depth..][..depth]);
            let panels = Panels::pack(depth, columns, column, |n| bias[n]);
            let mut out = vec![0.0; rows * columns];
            panels.multiply(rows, (&a, depth), (&mut out, columns), &mut Vec::new());
            let dot = |(m, n)| dot_in_blocks((0..depth).map(|k| (a[m * depth + k], b[k * columns + n])), bias[n]);
            let expected: Vec<f32> = (0..rows * columns).map(|i| dot((i / columns, i % columns))).collect();
            prop_assert_eq!(out, expected);
        }
    }

    #[test]
    fn the_result_does_not_depend_on_the_tile_a_row_falls_into() {
        let (rows, columns, depth) = (7, 13, 600);
        let (a, b) = (random(rows * depth, 1), random(depth * columns, 2));
        let by_columns = by_columns(&b, depth, columns);
        let column = |n: usize| std::iter::once(&by_columns[n * depth..][..depth]);
        let panels = Panels::pack(depth, columns, column, |_| 0.25);
        let mut all = vec![0.0; rows * columns];
        panels.multiply(rows, (&a, depth), (&mut all, columns), &mut Vec::new());
        for m in 0..rows {
            let mut one = vec![0.0; columns];
            panels.multiply(1, (&a[m * depth..], depth), (&mut one, columns), &mut Vec::new());
            assert_eq!(one, all[m * columns..][..columns]);
        }
    }
}
