// What frames cost, from the events of a trace that Chromium recorded.

/** What the browser has to record for it. */
export const CATEGORIES = [
  "devtools.timeline",
  "disabled-by-default-devtools.timeline",
  "disabled-by-default-devtools.timeline.frame",
];

/** How long a frame may take at 60 a second, in ms. */
export const BUDGET = 1000 / 60;

/**
 * Main-thread work of each frame, in ms: every task from one frame's begin to the next one's, which is to say scripts,
 * styles, layout and paint, the drawing of canvases included.
 *
 * @param {readonly object[]} events of a trace of one page
 * @returns {{ clock: number[], cpu: number[], drawn: number, seconds: number }} work by the clock, and as the thread
 *   computed; how many frames reached the screen; the time that all took
 */
export function framesOf(events) {
  const { pid, tid } = mainThread(events);
  const own = events.filter((event) => event.pid === pid).sort((a, b) => a.ts - b.ts);
  const begins = own.filter((event) => event.name === "BeginMainThreadFrame" && event.tid === tid).map(({ ts }) => ts);
  const clock = begins.slice(1).map(() => 0);
  const cpu = [...clock];
  let begun = 0;
  for (const task of own.filter((event) => event.name === "RunTask" && event.tid === tid && event.dur !== undefined)) {
    // A frame begins inside the task that makes it.
    while (begun < begins.length && begins[begun] < task.ts + task.dur) begun++;
    const frame = begun - 1;
    if (frame < 0 || frame >= clock.length) continue;
    clock[frame] += task.dur / 1e3;
    cpu[frame] += (task.tdur ?? task.dur) / 1e3;
  }
  const [first, last] = [begins[0], begins.at(-1)];
  const drawn = own.filter(({ name, ts }) => name === "DrawFrame" && ts >= first && ts < last).length;
  return { clock, cpu, drawn, seconds: (last - first) / 1e6 };
}

/** Of the page that made most frames: those that nobody sees make none. */
function mainThread(events) {
  const threads = new Map();
  for (const { name, pid, tid } of events) {
    if (name !== "BeginMainThreadFrame") continue;
    const thread = threads.get(`${pid} ${tid}`) ?? { pid, tid, frames: 0 };
    thread.frames++;
    threads.set(`${pid} ${tid}`, thread);
  }
  const [most] = [...threads.values()].sort((a, b) => b.frames - a.frames);
  if (!most) throw new RangeError("the trace has no frames");
  return most;
}
