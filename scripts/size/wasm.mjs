// Reads what a wasm file's sections say about its size (WebAssembly core specification, 5.5 and the name section of its
// appendix). Everything but names and code bodies is skipped.

const section = { custom: 0, import: 2, code: 10 };
const functionImport = 0;
const functionNames = 1;

class Reader {
  constructor(bytes, at = 0, end = bytes.length) {
    Object.assign(this, { bytes, at, end });
  }

  get isAtEnd() {
    return this.at >= this.end;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** An unsigned LEB128 number. */
  number() {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  text() {
    return this.block().read();
  }

  /** The next `length` bytes, or as many as a number before them says. */
  block(length = this.number()) {
    const block = new Reader(this.bytes, this.at, this.at + length);
    this.at = block.end;
    return block;
  }

  read() {
    return new TextDecoder().decode(this.bytes.subarray(this.at, this.end));
  }

  skipLimits() {
    const flags = this.byte();
    this.number();
    if (flags & 1) this.number();
  }
}

function* sectionsOf(bytes) {
  const file = new Reader(bytes, 8);
  while (!file.isAtEnd) {
    const id = file.byte();
    yield { id, content: file.block() };
  }
}

/** How many functions come from outside: they are numbered before the module's own. */
function importedFunctions(reader) {
  let count = 0;
  for (let left = reader.number(); left > 0; left--) {
    reader.text();
    reader.text();
    const kind = reader.byte();
    if (kind === functionImport) {
      reader.number();
      count++;
    } else if (kind === 3) {
      reader.at += 2; // A global: its type, and whether it changes.
    } else {
      if (kind === 1) reader.byte(); // A table: the type of its elements.
      reader.skipLimits();
    }
  }
  return count;
}

function namesOf(reader) {
  const names = new Map();
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const content = reader.block();
    if (id !== functionNames) continue;
    for (let left = content.number(); left > 0; left--) names.set(content.number(), content.text());
  }
  return names;
}

/**
 * Bytes of every function's body, with its name where the file tells it, and of every section.
 *
 * @param {Uint8Array} bytes  a wasm file
 * @returns {{ functions: { name: string, bytes: number }[], sections: Map<number, number> }}  sections by their number, of
 *   custom ones all together
 */
export function measure(bytes) {
  let [imported, names] = [0, new Map()];
  const bodies = [];
  const sections = new Map();
  for (const { id, content } of sectionsOf(bytes)) {
    sections.set(id, (sections.get(id) ?? 0) + content.end - content.at);
    if (id === section.import) imported = importedFunctions(content);
    if (id === section.code) {
      for (let left = content.number(); left > 0; left--) {
        const body = content.block();
        bodies.push(body.end - body.at);
      }
    }
    if (id === section.custom && content.text() === "name") names = namesOf(content);
  }
  const functions = bodies.map((size, index) => ({ name: names.get(imported + index) ?? "", bytes: size }));
  return { functions, sections };
}
