import { pack } from '../paint/color';
import type { Ink } from './ink';

/**
 * The pixels of a plot, filled in upright bars. Thousands of bars are drawn in the time a canvas takes for hundreds of
 * rectangles.
 */
export class Raster {
  #image = new ImageData(1, 1);
  #pixels = new Uint32Array(this.#image.data.buffer);
  readonly #canvas = new OffscreenCanvas(1, 1);
  readonly #context = this.#canvas.getContext('2d')!;

  /** Begins anew, with nothing drawn. */
  clear(width: number, height: number): void {
    if (this.#image.width === width && this.#image.height === height) {
      this.#pixels.fill(0);
      return;
    }
    this.#image = new ImageData(width, height);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.#canvas.width = width;
    this.#canvas.height = height;
  }

  /** One pixel wide. Pixels that its ends cover in part show what was there before in part. */
  bar(x: number, top: number, bottom: number, ink: Ink): void {
    const { width, height } = this.#image;
    const from = Math.max(0, top);
    const to = Math.min(height, bottom);
    if (x < 0 || x >= width || to <= from) return;
    const alpha = ink[3];
    const first = Math.floor(from);
    const last = Math.ceil(to) - 1;
    if (first === last) {
      this.#blend(first * width + x, ink, alpha * (to - from));
      return;
    }
    this.#blend(first * width + x, ink, alpha * (first + 1 - from));
    this.#blend(last * width + x, ink, alpha * (to - last));
    const pixels = this.#pixels;
    const end = last * width + x;
    const pixel = pack(ink[0], ink[1], ink[2], Math.round(alpha * 255));
    for (let i = (first + 1) * width + x; i < end; i += width)
      if (alpha === 1 || pixels[i] === 0) pixels[i] = pixel;
      else this.#blend(i, ink, alpha);
  }

  drawOn(context: CanvasRenderingContext2D, left: number, top: number): void {
    this.#context.putImageData(this.#image, 0, 0);
    context.drawImage(this.#canvas, left, top);
  }

  /** Lays a colour over a pixel, as Porter and Duff's "over" does. */
  #blend(at: number, ink: Ink, alpha: number): void {
    const { data } = this.#image;
    const to = 4 * at;
    const rest = (data[to + 3]! / 255) * (1 - alpha);
    const whole = alpha + rest;
    const [over, under] = [alpha / whole, rest / whole];
    // A clamped array rounds.
    data[to] = ink[0] * over + data[to]! * under;
    data[to + 1] = ink[1] * over + data[to + 1]! * under;
    data[to + 2] = ink[2] * over + data[to + 2]! * under;
    data[to + 3] = 255 * whole;
  }
}
