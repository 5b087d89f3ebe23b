import { afterEach, describe, expect, it, vi } from "vitest";
import { EngineError } from "./engine/errors";
import { fetchModel, modelAddress } from "./remote";

const PAGE = "https://host.example/shiftwise/index.html#v=1";

describe("a model's address", () => {
  it("may lie beside the page, or anywhere over https", () => {
    expect(modelAddress("models/a.onnx", PAGE).href).toBe("https://host.example/shiftwise/models/a.onnx");
    expect(modelAddress("https://other.example/a.onnx", PAGE).href).toBe("https://other.example/a.onnx");
    expect(modelAddress("/a.onnx", "http://127.0.0.1:5173/x/").href).toBe("http://127.0.0.1:5173/a.onnx");
  });

  it("is refused where it leads elsewhere", () => {
    for (const address of [
      "http://other.example/a.onnx",
      "javascript:alert(1)",
      "file:///a.onnx",
      "https://",
      "data:,x",
    ]) {
      expect(() => modelAddress(address, PAGE), address).toThrow(EngineError);
    }
  });
});

describe("fetching", () => {
  afterEach(() => vi.unstubAllGlobals());
  const address = "https://other.example/net.onnx?version=2";
  const serve = (files: Record<string, () => Response>) =>
    vi.stubGlobal("fetch", (url: URL) => Promise.resolve(files[url.href]?.() ?? new Response(null, { status: 404 })));

  it("brings the model and the manifest beside it, and says how far it is", async () => {
    serve({
      [address]: () => new Response(new Uint8Array([1, 2, 3]), { headers: { "content-length": "3" } }),
      "https://other.example/net.shiftwise.json?version=2": () => new Response('{"version":1}'),
    });
    const seen: number[] = [];
    const loaded = await fetchModel(address, { onProgress: ({ done, total }) => seen.push(done / total) });
    expect([...loaded.model]).toEqual([1, 2, 3]);
    expect(loaded).toMatchObject({ manifest: '{"version":1}', samples: [], calibration: [] });
    expect(seen.at(-1)).toBe(1);
  });

  it("needs no manifest", async () => {
    serve({ [address]: () => new Response(new Uint8Array(1)) });
    expect(await fetchModel(address, {})).toMatchObject({ manifest: undefined });
  });

  it("says in one sentence what is wrong", async () => {
    serve({});
    await expect(fetchModel(address, {})).rejects.toThrow(/^the server answered 404 for 'https:.*'; check the address/);
    serve({ [address]: () => new Response("", { headers: { "content-length": String(2 ** 28 + 1) } }) });
    await expect(fetchModel(address, {})).rejects.toThrow(/larger than 256 MiB; use a smaller model/);
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(fetchModel(address, {})).rejects.toThrow(/cannot be fetched; check the address/);
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    vi.stubGlobal("fetch", () => {
      controller.abort();
      return Promise.reject(controller.signal.reason);
    });
    await expect(fetchModel(address, { signal: controller.signal })).rejects.toBe(controller.signal.reason);
  });
});
