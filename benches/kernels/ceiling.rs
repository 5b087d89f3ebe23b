//! What the processor can do at most: products of a register tile whose operands stay in the first cache, with nothing
//! around it. How close a kernel comes to it is what counts, on whatever machine.

use std::hint::black_box;

use bytemuck::cast;
use wide::{f32x4, i16x8, i32x4};

/// Pixels of a tile; it has eight channels.
const ROWS: usize = 4;
const TAPS: usize = 512;
const TILES: usize = 64;

/// Multiply-accumulates of one call of [`Integer::run`] or [`Float::run`].
pub const MACS: u64 = (TILES * TAPS * ROWS * 8) as u64;

/// Pairs of 16-bit products into 32-bit sums.
pub struct Integer {
    /// A pair of activations in each.
    pixels: Vec<[i32; ROWS]>,
    weights: Vec<[i16x8; 2]>,
}

impl Integer {
    pub fn new() -> Self {
        let weights =
            |pair: usize| i16x8::new(std::array::from_fn(|lane| ((pair * 37 + lane * 11) % 255) as i16 - 127));
        let pixel = |pair: usize, row: usize| cast([(pair * 5 + row) as i16 % 256, (pair * 7 + row) as i16 % 256]);
        Integer {
            pixels: (0..TAPS / 2).map(|pair| std::array::from_fn(|row| pixel(pair, row))).collect(),
            weights: (0..TAPS / 2).map(|pair| [weights(2 * pair), weights(2 * pair + 1)]).collect(),
        }
    }

    pub fn run(&self) {
        for _ in 0..TILES {
            // One by one: an array of them would be kept in memory.
            let [mut a, mut b, mut c, mut d] = [[i32x4::ZERO; 2]; ROWS];
            for (pixels, weights) in black_box(&self.pixels).iter().zip(black_box(&self.weights)) {
                a = with_pair(a, pixels[0], weights);
                b = with_pair(b, pixels[1], weights);
                c = with_pair(c, pixels[2], weights);
                d = with_pair(d, pixels[3], weights);
            }
            black_box([a, b, c, d]);
        }
    }
}

#[inline(always)]
fn with_pair(sums: [i32x4; 2], pair: i32, weights: &[i16x8; 2]) -> [i32x4; 2] {
    let pair: i16x8 = cast([pair, pair, pair, pair]);
    [sums[0] + pair.dot(weights[0]), sums[1] + pair.dot(weights[1])]
}

/// Products and sums of 32-bit floats, each rounded.
pub struct Float {
    pixels: Vec<[f32; ROWS]>,
    weights: Vec<[f32x4; 2]>,
}

impl Float {
    pub fn new() -> Self {
        let number = |index: usize| (index % 17) as f32 / 8.0 - 1.0;
        let four = |start: usize| f32x4::new(std::array::from_fn(|lane| number(start + lane)));
        Float {
            pixels: (0..TAPS).map(|tap| std::array::from_fn(|row| number(3 * tap + row))).collect(),
            weights: (0..TAPS).map(|tap| [four(8 * tap), four(8 * tap + 4)]).collect(),
        }
    }

    pub fn run(&self) {
        for _ in 0..TILES {
            let mut sums = [[f32x4::ZERO; 2]; ROWS];
            for (pixels, weights) in black_box(&self.pixels).iter().zip(black_box(&self.weights)) {
                for (sum, &pixel) in sums.iter_mut().zip(pixels) {
                    let pixel = f32x4::splat(pixel);
                    sum[0] += pixel * weights[0];
                    sum[1] += pixel * weights[1];
                }
            }
            black_box(sums);
        }
    }
}

/// For element by element operators: the rounded mean of two streams of bytes.
pub struct Bytes {
    operands: [Vec<u8>; 2],
}

impl Bytes {
    pub fn new(len: usize) -> Self {
        Bytes { operands: [3, 4].map(|seed| crate::layer::bytes(len, seed)) }
    }

    pub fn run(&self) -> Vec<u8> {
        let [left, right] = &self.operands;
        left.iter().zip(right).map(|(&a, &b)| (u16::from(a) + u16::from(b)).div_ceil(2) as u8).collect()
    }
}
