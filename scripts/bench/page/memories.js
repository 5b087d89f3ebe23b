// Finds every wasm memory of this Worker, whoever makes it: engines do not tell.

const { Memory, instantiate, instantiateStreaming } = WebAssembly;
const found = new Set();

function note({ exports }) {
  for (const value of Object.values(exports)) if (value instanceof Memory) found.add(value);
}

/** To be called before an engine is loaded. */
export function watchMemories() {
  WebAssembly.Memory = new Proxy(Memory, {
    construct(target, args) {
      const memory = new target(...args);
      found.add(memory);
      return memory;
    },
  });
  const watched =
    (original) =>
    async (...args) => {
      const result = await original.apply(WebAssembly, args);
      note(result.instance ?? result);
      return result;
    };
  WebAssembly.instantiate = watched(instantiate);
  WebAssembly.instantiateStreaming = watched(instantiateStreaming);
}

/** Memories never shrink: after a run, this is the most that was needed. */
export const memoryBytes = () => [...found].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
