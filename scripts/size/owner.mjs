// Whose code a function is, by its demangled name.

const unknown = "(no Rust name)";

const isPath = (text) => /^[a-z_][a-z0-9_]*::/.test(text);

/**
 * Where a function stands: of a method of a type's, the type; of a trait's for a type that has no path, the trait. Without
 * generic arguments and the hashes that tell copies apart. Empty where there is no such place.
 */
function placeOf(name) {
  const plain = name.replace(/\[[0-9a-f]{16}\]/g, "").replace(/::h[0-9a-f]{16}$/, "");
  if (isPath(plain)) return plain;
  const [type, trait = ""] = plain.replace(/^<[<&]*(mut )?/, "").split(" as ");
  return [type, trait].find(isPath) ?? "";
}

/**
 * The crate, and the module with the crate in front.
 *
 * @param {string} name  as in "shiftwise::npu::rescale::round_shift::h0123456789abcdef"
 */
export function ownerOf(name) {
  const [crate, ...parts] = placeOf(name)
    .replace(/[<>{(].*$/, "")
    .replace(/(::)?$/, "")
    .split("::");
  if (crate === "") return { crate: unknown, module: unknown };
  // A path ends in the function. Before it stand modules, in small letters, and types; "_" is a derive's.
  const types = parts.findIndex((part) => !/^[a-z]/.test(part));
  const modules = parts.slice(0, types < 0 ? -1 : types);
  return { crate, module: [crate, ...modules].join("::") };
}
