/** How many Workers evaluate many pictures: as many as the machine has use and memory for. */

/** More than this gain little: they share memory bandwidth, and the page needs a core of its own. */
const MOST_WORKERS = 4;
/** Fewer jobs than this are done before a further Worker has started. */
const JOBS_PER_WORKER = 8;
/** Of the machine's memory, where the browser tells it; else of a small machine's. */
const SHARE_OF_MEMORY = 0.25;
const SMALL_MACHINE_GIB = 4;
/** One instance without a model, roughly. */
const EMPTY_INSTANCE = 32 * 2 ** 20;
/**
 * One instance holds the file, float weights as read and as packed for the kernels, three integer networks (a quarter
 * of the file each, packed too) and the activations of a picture.
 */
const BYTES_PER_MODEL_BYTE = 6;

export interface Machine {
  cores: number;
  /** GiB; absent where the browser does not tell. */
  memory: number | undefined;
}

export function thisMachine(): Machine {
  const { hardwareConcurrency, deviceMemory } = navigator as Navigator & { deviceMemory?: number };
  return { cores: hardwareConcurrency || 1, memory: deviceMemory };
}

export function poolSize({ cores, memory }: Machine, modelBytes: number, jobs: number): number {
  const room = (memory ?? SMALL_MACHINE_GIB) * 2 ** 30 * SHARE_OF_MEMORY;
  const fitting = Math.floor(room / (EMPTY_INSTANCE + BYTES_PER_MODEL_BYTE * modelBytes));
  return Math.max(1, Math.min(cores, MOST_WORKERS, fitting, Math.ceil(jobs / JOBS_PER_WORKER)));
}
