/** Errors of the engine as the page sees them: the wasm module's own, and those of the Worker around it. */

/** Codes of the Worker itself; the wasm module's codes are listed in src/error.rs. */
export type WorkerCode = "worker-crashed" | "worker-stuck";

/** What crosses from the Worker: a plain object, since class instances do not survive the copy. */
export interface ErrorData {
  code: string;
  node?: string | null | undefined;
  reason: string;
  hint: string;
  message: string;
}

export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: string;
  readonly node: string | null;
  readonly reason: string;
  readonly hint: string;

  constructor(data: ErrorData) {
    super(data.message);
    this.code = data.code;
    this.node = data.node ?? null;
    this.reason = data.reason;
    this.hint = data.hint;
  }

  /** An error that the page itself finds, in the same form as the engine's. */
  static of(code: string, reason: string, hint: string): EngineError {
    return new EngineError({ code, reason, hint, message: hint ? `${reason}; ${hint}` : reason });
  }
}

export function isErrorData(value: unknown): value is ErrorData {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as ErrorData).code === "string" &&
    typeof (value as ErrorData).message === "string"
  );
}

/** Plain data for whatever was thrown in the Worker. What is not the engine's own error is a crash. */
export function toErrorData(thrown: unknown): ErrorData {
  if (isErrorData(thrown)) {
    const { code, node, reason, hint, message } = thrown;
    return { code, node: node ?? null, reason, hint, message };
  }
  return crashed(thrown instanceof Error ? thrown.message : String(thrown));
}

export function crashed(detail: string): ErrorData {
  const reason = `the engine stopped (${detail})`;
  const hint = "it was started again with what was open; please report this with the model";
  return { code: "worker-crashed" satisfies WorkerCode, reason, hint, message: `${reason}; ${hint}` };
}

export function stuck(seconds: number): ErrorData {
  const reason = `the engine did not answer for ${seconds} seconds and was started again`;
  const hint = "try a smaller model or picture";
  return { code: "worker-stuck" satisfies WorkerCode, reason, hint, message: `${reason}; ${hint}` };
}

export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}

/** The message to show for anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
