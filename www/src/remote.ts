/** A model from an address: fetched with progress, with the manifest and the pictures beside it. Nothing is sent. */

import { readSheet, type Loaded } from "./bundled";
import { EngineError } from "./engine/errors";
import type { CallOptions, Manifest } from "./engine/types";
import { takeaway as words } from "./strings/takeaway";

/** The engine's own limit. */
const MOST_BYTES = 256 * 2 ** 20;

/** The full address of a model; https, or from where the page is. */
export function modelAddress(given: string, page: string): URL {
  const here = new URL(page);
  const address = URL.canParse(given, here) ? new URL(given, here) : null;
  if (!address || (address.origin !== here.origin && address.protocol !== "https:")) {
    throw EngineError.of("io", words.badAddress(given), words.badAddressHint);
  }
  return address;
}

export async function fetchModel(given: string, options: CallOptions): Promise<Loaded> {
  const address = modelAddress(given, location.href);
  const model = await download(address, given, options);
  const manifest = await optional(new URL(address.href.replace(/(\.onnx)?(?=[?#]|$)/, ".shiftwise.json")), options);
  const text = await manifest?.text();
  const [samples, calibration] = await pictures(text, address, options);
  return { model, manifest: text, samples, calibration };
}

async function download(address: URL, given: string, { signal, onProgress }: CallOptions): Promise<Uint8Array> {
  const answer = await ask(address, signal);
  if (!answer) throw EngineError.of("io", words.unreachable(given), words.unreachableHint);
  if (!answer.ok) throw EngineError.of("io", words.refused(given, answer.status), words.unreachableHint);
  const tooLarge = () => EngineError.of("too-large", words.tooLarge(given, MOST_BYTES / 2 ** 20), words.tooLargeHint);
  const total = Number(answer.headers.get("content-length") ?? 0);
  if (total > MOST_BYTES) throw tooLarge();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = answer.body?.getReader();
  for (;;) {
    const part = await reader?.read().catch(() => {
      signal?.throwIfAborted();
      throw EngineError.of("io", words.unreachable(given), words.unreachableHint);
    });
    if (!part?.value) break;
    size += part.value.length;
    if (size > MOST_BYTES) {
      await reader?.cancel();
      throw tooLarge();
    }
    parts.push(part.value);
    // A compressed transfer is longer than it says: then there is no telling how far it is.
    onProgress?.({ done: size / 1e6, total: size <= total ? total / 1e6 : 0, what: words.fetching(given) });
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function ask(address: URL, signal: AbortSignal | undefined): Promise<Response | null> {
  // No cookies: what is fetched is what anybody gets.
  const answer = await fetch(address, { signal: signal ?? null, credentials: "omit" }).catch(() => null);
  signal?.throwIfAborted();
  return answer;
}

/** What may lie beside a model, and need not. */
async function optional(address: URL, { signal }: CallOptions): Promise<Blob | null> {
  const answer = await ask(address, signal);
  return answer?.ok ? answer.blob() : null;
}

/** The sheets that the manifest names. What is wrong with the manifest itself, the engine says when it reads it. */
async function pictures(manifest: string | undefined, address: URL, options: CallOptions) {
  let named: Partial<Manifest> = {};
  try {
    named = (JSON.parse(manifest ?? "{}") as Manifest | null) ?? {};
  } catch {
    // As above.
  }
  const { samples, calibration } = named;
  return Promise.all(
    [samples, calibration].map((sheet) =>
      readSheet(sheet, async (name) => {
        const blob = await optional(new URL(name, address), options);
        if (!blob) throw EngineError.of("io", words.unreachable(name), words.unreachableHint);
        return blob;
      }),
    ),
  ).then(([first = [], second = []]) => [first, second] as const);
}
