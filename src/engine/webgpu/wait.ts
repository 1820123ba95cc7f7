const sleeper = new Int32Array(new SharedArrayBuffer(4));
const SHORTEST_MS = 0.02;
const LONGEST_MS = 1;

/**
 * Waits without returning to the event loop until `done`. Dawn's binding handles what the device has finished in
 * `tick`, which it asks for through setImmediate as long as something is outstanding; those requests are collected
 * here, since the immediates would run only after the wait, and the last one is handed over at the end.
 */
export function waitFor(done: () => boolean, tick: () => void): void {
  const own = globalThis.setImmediate;
  let asked: (() => void) | undefined;
  globalThis.setImmediate = ((callback: () => void) => {
    asked = callback;
  }) as unknown as typeof setImmediate;
  try {
    // Short waits first: most of what is asked for is nearly there.
    for (let ms = SHORTEST_MS; ; ms = Math.min(2 * ms, LONGEST_MS)) {
      tick();
      if (done()) break;
      Atomics.wait(sleeper, 0, 0, ms);
    }
  } finally {
    globalThis.setImmediate = own;
    if (asked) setImmediate(asked);
  }
}
