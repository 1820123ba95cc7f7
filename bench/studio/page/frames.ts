/** How long the page is busy with a frame: what a change of the picture costs, without waiting for the screen. */

const PATIENCE_MS = 2000;
/** Work that was put off comes soon after the last change. */
const AFTERMATH_MS = 400;

const channel = new MessageChannel();
channel.port1.start();

/**
 * The next frame, from its beginning until it has been laid out and painted, in ms: callbacks of a frame run in the order
 * they were asked for, and a message sent in one arrives when the frame is done.
 */
async function nextFrame(): Promise<number> {
  const began = await new Promise<number>((resolve) =>
    requestAnimationFrame(() => resolve(performance.now())),
  );
  await sent();
  return performance.now() - began;
}

/** After whatever goes on now, a frame for example. */
function sent(): Promise<void> {
  return new Promise((resolve) => {
    channel.port1.addEventListener('message', () => resolve(), { once: true });
    channel.port2.postMessage(null);
  });
}

/**
 * What one change costs: handling it, and the frame that shows it. A frame that does not show it yet does not end it; then
 * the time goes on until one does.
 * @param seen what is to be another afterwards
 */
async function frameOf(act: () => void, seen: () => string): Promise<number> {
  const before = seen();
  const frame = nextFrame();
  const began = performance.now();
  act();
  const handled = performance.now() - began;
  const busy = handled + (await frame);
  if (seen() !== before) return busy;
  for (;;) {
    await nextFrame();
    const waited = performance.now() - began;
    if (seen() !== before) return waited;
    if (waited > PATIENCE_MS) throw new Error(`Nothing changed: ${before}`);
  }
}

/** One change after the other, in each frame one, as somebody drags; and at the end what was put off until then. */
export async function framesOf(acts: readonly (() => void)[], seen: () => string): Promise<number[]> {
  const times: number[] = [];
  for (const act of acts) times.push(await frameOf(act, seen));
  let worst = 0;
  for (const until = performance.now() + AFTERMATH_MS; performance.now() < until; )
    worst = Math.max(worst, await nextFrame());
  return [...times, worst];
}

/** The time at which the frame that is being made, if one is, will have been painted; on the clock that all documents share. */
export async function done(): Promise<number> {
  await sent();
  return performance.timeOrigin + performance.now();
}

/** The same of the next frame. */
export async function painted(): Promise<number> {
  await nextFrame();
  return performance.timeOrigin + performance.now();
}
