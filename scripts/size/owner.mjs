// Whose code a function is, by its demangled name.

/**
 * The path of a Rust function without its generic arguments: "<alloc::vec::Vec<T> as Clone>::clone" is the vector's,
 * "shiftwise::npu::kernels::conv::PackedConv::run::h0123..." a method's. Empty where the name is no path.
 */
function pathOf(name) {
  let inner = name.replace(/::h[0-9a-f]{16}$/, "").replace(/^_?<+&?(mut )?/, "");
  // What implements a trait owns the code: a type of ours, or else the trait.
  const [type, trait] = inner.split(" as ");
  const isPath = (text) => /^[a-z_][a-z0-9_]*::/.test(text ?? "");
  inner = isPath(type) ? type : isPath(trait) ? trait : isPath(name) ? name : "";
  return inner.replace(/[<>{(].*$/, "").replace(/::$/, "");
}

/** @returns {{ crate: string, module: string }}  "" for what has no Rust name, such as glue and the allocator's C */
export function ownerOf(name) {
  const parts = pathOf(name).split("::");
  // Modules are in small letters, types in capitals; the last part is the function itself.
  const modules = parts.slice(0, -1).filter((part, index) => index === 0 || /^[a-z_]/.test(part));
  return { crate: parts[0] || "(no Rust name)", module: modules.join("::") || parts[0] || "(no Rust name)" };
}
