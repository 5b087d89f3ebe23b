//! Prior boxes on the cells of feature maps, as single-shot detectors have them (Liu et al., "SSD: Single Shot MultiBox
//! Detector", arXiv:1512.02325, section 2.2).
//!
//! A feature map of stride `s` over an input of `W` x `H` pixels has `ceil(W / s)` x `ceil(H / s)` cells. The priors of
//! the cell in column `i` and row `j` are squares of `m` pixels, one for each of the map's sizes:
//!
//! ```text
//! x = (i + 0.5) s / W     y = (j + 0.5) s / H     width = m / W     height = m / H
//! ```
//!
//! each limited to 0..1 if the priors are clipped. Their order is: by feature map, row, column, size.

use crate::error::{Code, Error, Result};
use crate::manifest::{PriorGrid, Priors};

/// Centre x, centre y, width and height of each prior, 0..1 across an input of `width` x `height` pixels.
///
/// # Errors
/// `BadManifest` unless there are exactly `count`; nothing is generated then.
pub fn priors(spec: &Priors, [width, height]: [usize; 2], count: usize) -> Result<Vec<[f64; 4]>> {
    let described = match spec {
        Priors::Grid(grid) => grid_len(grid, [width, height]),
        Priors::List(list) => list.len(),
    };
    if described != count {
        return Err(Error::new(
            Code::BadManifest,
            format!("the manifest's priors are {described}, but the model has {count} boxes"),
            format!("check strides and min_sizes for an input of {width}x{height} pixels"),
        ));
    }
    Ok(match spec {
        Priors::Grid(grid) => generate(grid, [width, height]),
        Priors::List(list) => list.clone(),
    })
}

fn cells(size: usize, stride: u32) -> usize {
    size.div_ceil(stride.max(1) as usize)
}

fn grid_len(grid: &PriorGrid, [width, height]: [usize; 2]) -> usize {
    let maps = grid.strides.iter().zip(&grid.min_sizes);
    maps.map(|(&stride, sizes)| cells(width, stride).saturating_mul(cells(height, stride)).saturating_mul(sizes.len()))
        .fold(0, usize::saturating_add)
}

fn generate(grid: &PriorGrid, [width, height]: [usize; 2]) -> Vec<[f64; 4]> {
    let mut priors = Vec::new();
    for (&stride, sizes) in grid.strides.iter().zip(&grid.min_sizes) {
        let centre = |cell: usize, size: usize| (cell as f64 + 0.5) * f64::from(stride) / size as f64;
        for row in 0..cells(height, stride) {
            for column in 0..cells(width, stride) {
                priors.extend(sizes.iter().map(|&side| {
                    let [x, y] = [centre(column, width), centre(row, height)];
                    let prior = [x, y, side / width as f64, side / height as f64];
                    if grid.clip { prior.map(|v| v.clamp(0.0, 1.0)) } else { prior }
                }));
            }
        }
    }
    priors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_row_by_row_and_clipped() {
        let grid = |clip| {
            Priors::Grid(PriorGrid { strides: vec![32, 64], min_sizes: vec![vec![16.0, 60.0], vec![96.0]], clip })
        };
        // 64x48 pixels: 2x2 cells of two priors, 1x1 cell of one.
        let clipped = priors(&grid(true), [64, 48], 9).unwrap();
        assert_eq!(clipped[0], [0.25, 1.0 / 3.0, 0.25, 1.0 / 3.0]);
        assert_eq!(clipped[1], [0.25, 1.0 / 3.0, 0.9375, 1.0], "60 of 48 pixels are too high");
        assert_eq!(clipped[2][0], 0.75, "the next column");
        assert_eq!(clipped[4], [0.25, 1.0, 0.25, 1.0 / 3.0], "the next row");
        assert_eq!(clipped[8], [0.5, 2.0 / 3.0, 1.0, 1.0], "the next map");
        assert_eq!(priors(&grid(false), [64, 48], 9).unwrap()[8], [0.5, 2.0 / 3.0, 1.5, 2.0]);
    }

    #[test]
    fn another_number_is_refused_before_anything_is_made() {
        let strides = vec![1; 1000];
        let grid = Priors::Grid(PriorGrid { strides, min_sizes: vec![vec![1.0; 1000]; 1000], clip: true });
        let error = priors(&grid, [65535, 65535], 9).unwrap_err();
        assert_eq!(error.code, Code::BadManifest);
        assert!(error.reason.contains("9 boxes"), "{error}");
        assert!(priors(&Priors::List(vec![[0.5, 0.5, 1.0, 1.0]]), [64, 48], 2).is_err());
    }
}
