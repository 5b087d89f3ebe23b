//! Single kernels of both executors beside what the processor can do at most, measured in the same run:
//!
//!     cargo bench --bench kernels
//!     cargo bench --bench kernels -- depthwise
//!
//! Natively compiled: good for comparing one kernel with its former self and with the ceiling. What the page takes is
//! measured by `npm run bench`.

mod ceiling;
mod float;
mod integer;
mod layer;

use std::cell::RefCell;
use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, Throughput};
use layer::{Layer, Shape};
use shiftwise::error::Result;

/// What was measured: name, operations of a run, and seconds of the fastest run.
type Measured = RefCell<Vec<(String, u64, f64)>>;

/// Times `run`, which does `operations` multiply-accumulates (or elements), and keeps its fastest batch: the one that was
/// disturbed least.
fn bench<T>(criterion: &mut Criterion, measured: &Measured, name: &str, operations: u64, run: impl Fn() -> T) {
    let mut group = criterion.benchmark_group("kernels");
    group.throughput(Throughput::Elements(operations));
    let mut fastest = f64::INFINITY;
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|times| {
            let begin = Instant::now();
            for _ in 0..times {
                black_box(run());
            }
            let elapsed = begin.elapsed();
            fastest = fastest.min(elapsed.as_secs_f64() / times as f64);
            elapsed
        });
    });
    group.finish();
    // Nothing was measured where the command line asks for other kernels.
    if fastest.is_finite() {
        measured.borrow_mut().push((name.to_owned(), operations, fastest));
    }
}

/// Prints rates, and what part of the ceiling each kernel reaches.
fn compare(ceiling: &str, measured: &Measured) {
    let measured = measured.borrow();
    let rate = |operations: u64, seconds: f64| operations as f64 / seconds / 1e9;
    let top = measured.iter().find(|(name, ..)| name == ceiling).map(|&(_, operations, s)| rate(operations, s));
    println!("\n{:34}{:>12}{:>12}", "", "G a second", "of ceiling");
    for (name, operations, seconds) in measured.iter() {
        let rate = rate(*operations, *seconds);
        let share = top.map_or("-".to_owned(), |top| format!("{:.2}", rate / top));
        println!("{name:34}{rate:>12.2}{share:>12}");
    }
    println!();
}

fn integer_layers(criterion: &mut Criterion) -> Result<()> {
    let measured = Measured::default();
    let ceiling = ceiling::Integer::new();
    bench(criterion, &measured, "ceiling, integer products", ceiling::MACS, || ceiling.run());
    for (name, layer) in [
        ("integer pointwise 14x14 96-576", Layer::dense(14, [96, 576], 1)),
        ("integer pointwise 7x7 960-160", Layer::dense(7, [960, 160], 1)),
        ("integer 3x3 28x28 128-128", Layer::dense(28, [128, 128], 3)),
        // 16 products an output: the rescale is most of the work.
        ("integer pointwise 112x112 16-96", Layer::dense(112, [16, 96], 1)),
        ("integer depthwise 56x56 144", Layer::depthwise(56, 144, 1)),
        ("integer depthwise 56x56 144 by 2", Layer::depthwise(56, 144, 2)),
    ] {
        let step = integer::OneStep::conv(layer)?;
        bench(criterion, &measured, name, layer.macs(), || step.run());
    }
    compare("ceiling, integer products", &measured);
    Ok(())
}

fn float_layers(criterion: &mut Criterion) -> Result<()> {
    let measured = Measured::default();
    let ceiling = ceiling::Float::new();
    bench(criterion, &measured, "ceiling, float products", ceiling::MACS, || ceiling.run());
    for (name, layer) in [
        ("float pointwise 14x14 96-576", Layer::dense(14, [96, 576], 1)),
        ("float 3x3 28x28 128-128", Layer::dense(28, [128, 128], 3)),
        ("float depthwise 56x56 144", Layer::depthwise(56, 144, 1)),
    ] {
        let node = float::OneNode::conv(layer)?;
        bench(criterion, &measured, name, layer.macs(), || node.run());
    }
    compare("ceiling, float products", &measured);
    Ok(())
}

fn additions(criterion: &mut Criterion) -> Result<()> {
    let measured = Measured::default();
    let shape = Shape { side: 56, channels: 24 };
    let ceiling = ceiling::Bytes::new(shape.len());
    bench(criterion, &measured, "ceiling, mean of two bytes", shape.len() as u64, || ceiling.run());
    let step = integer::OneStep::add(shape)?;
    bench(criterion, &measured, "integer add 56x56 24", shape.len() as u64, || step.run());
    compare("ceiling, mean of two bytes", &measured);
    Ok(())
}

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    integer_layers(&mut criterion)?;
    float_layers(&mut criterion)?;
    additions(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}
