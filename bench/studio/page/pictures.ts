const SIDE = 24;
const small = new OffscreenCanvas(SIDE, SIDE);

/** What a canvas shows, in small: another text for another picture; undefined while it shows nothing. */
export function glance(canvas: HTMLCanvasElement | null): string | undefined {
  if (!canvas || canvas.width === 0 || canvas.height === 0) return undefined;
  const context = small.getContext('2d', { willReadFrequently: true })!;
  context.clearRect(0, 0, SIDE, SIDE);
  context.drawImage(canvas, 0, 0, SIDE, SIDE);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  let hash = 0x811c9dc5;
  let opaque = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3]! > 0) opaque++;
    for (let k = 0; k < 4; k++) hash = Math.imul(hash ^ data[i + k]!, 0x01000193) >>> 0;
  }
  return opaque > 0 ? hash.toString(16) : undefined;
}
