//! Tests that run as WebAssembly in a real browser: what the page will run, compiled as the page compiles it.
//! On other targets this file is empty. `npm run test:wasm` runs it.
#![cfg(target_arch = "wasm32")]

#[path = "image/pillow.rs"]
mod pillow;

use shiftwise::graph::Layout;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

// In a dedicated worker, as on the page.
wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// `usize` has 32 bits here and 64 in the native tests: the arithmetic on axes must not notice.
#[wasm_bindgen_test]
fn layouts_convert_shapes_both_ways() {
    for rank in 0..=6 {
        let shape: Vec<usize> = (0..rank).map(|axis| 2 + axis * axis).collect();
        let layout = Layout::channels_last(rank);
        assert_eq!(layout.to_onnx(&layout.to_stored(&shape)), shape, "rank {rank}");
    }
}

/// The same bytes as natively, whatever instructions either has (N11).
#[wasm_bindgen_test]
fn pictures_are_resized_as_natively() {
    pillow::compare();
}
