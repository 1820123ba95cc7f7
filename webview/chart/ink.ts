/** Red, green, blue in 0..255 and alpha in 0..1. */
export type Ink = readonly [number, number, number, number];

const known = new Map<string, Ink>();
let probe: OffscreenCanvasRenderingContext2D | undefined;

/** Any CSS colour in numbers, as the browser paints it. */
export function inkOf(color: string): Ink {
  let ink = known.get(color);
  if (!ink) {
    probe ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = color;
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
    ink = [r!, g!, b!, a! / 255];
    known.set(color, ink);
  }
  return ink;
}
