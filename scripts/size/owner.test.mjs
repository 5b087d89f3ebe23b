// @vitest-environment node
import { expect, test } from "vitest";
import { ownerOf } from "./owner.mjs";

test.each([
  ["shiftwise::npu::rescale::round_shift::h0123456789abcdef", "shiftwise::npu::rescale"],
  ["shiftwise::npu::executor::Executor::run::{{closure}}::h0123456789abcdef", "shiftwise::npu::executor"],
  ["<shiftwise::error::Error as core::fmt::Display>::fmt::h0123456789abcdef", "shiftwise::error"],
  [
    "<f32 as shiftwise::onnx::fold::arithmetic::Number>::subtract::h0123456789abcdef",
    "shiftwise::onnx::fold::arithmetic",
  ],
  ["<&mut serde_json::read::SliceRead as serde_json::read::Read>::next::h0123456789abcdef", "serde_json::read"],
  ["<&T as core::fmt::Display>::fmt::h0123456789abcdef", "core::fmt"],
  [
    "shiftwise::manifest::_::<impl serde::Deserialize for shiftwise::manifest::InputSpec>::deserialize",
    "shiftwise::manifest",
  ],
  ["core::ptr::drop_in_place<alloc::vec::Vec<u8>>::h0123456789abcdef", "core::ptr"],
  ["<core[c5930c85a12de822]::fmt::Formatter>::debug_list", "core::fmt"],
  ["dlmalloc::malloc", "dlmalloc"],
  ["engine_open", "(no Rust name)"],
  ["", "(no Rust name)"],
])("%s", (name, module) => {
  expect(ownerOf(name)).toEqual({ crate: module.split("::")[0], module });
});
