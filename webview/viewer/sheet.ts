import { channelsOf, color, type Layer, sameColors } from '../paint/layer';
import { type Cut, pick, sameCut } from '../paint/pick';

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/**
 * A layer as it is seen, pixel for pixel of the screen. Values are picked anew when another part is seen, coloured anew
 * when only colours change, and left alone when nothing does.
 */
export class Sheet {
  readonly #canvas = new OffscreenCanvas(1, 1);
  readonly #context = this.#canvas.getContext('2d')!;
  #layer: Layer | undefined;
  #cut: Cut | undefined;
  #values: Uint8Array | Float32Array = new Uint8Array();
  #image: ImageData | undefined;

  paint(layer: Layer, cut: Cut): void {
    const before = this.#layer;
    const picked = before?.plane === layer.plane && this.#cut !== undefined && sameCut(this.#cut, cut);
    if (picked && sameColors(before, layer)) return;
    if (!picked) this.#pick(layer, cut);
    this.#layer = layer;
    this.#cut = cut;
    const image = this.#image!;
    color(layer, this.#values, new Uint32Array(image.data.buffer));
    this.#context.putImageData(image, 0, 0);
  }

  drawOn(context: Context): void {
    context.drawImage(this.#canvas, 0, 0);
  }

  #pick(layer: Layer, cut: Cut): void {
    const { width, height } = cut;
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#image = new ImageData(width, height);
    }
    const channels = channelsOf(layer);
    const length = width * height * channels;
    if (layer.kind === 'heat') {
      if (!(this.#values instanceof Float32Array) || this.#values.length !== length)
        this.#values = new Float32Array(length);
      pick(layer.plane, channels, cut, this.#values);
    } else {
      if (!(this.#values instanceof Uint8Array) || this.#values.length !== length)
        this.#values = new Uint8Array(length);
      pick(layer.plane, channels, cut, this.#values);
    }
  }
}

/**
 * Draws layers over each other, from the bottom up.
 * @param sheets those of an earlier drawing, kept for the next
 * @param opacity of the layers that fade, 0..1
 */
export function stack(
  context: Context,
  layers: readonly Layer[],
  sheets: Sheet[],
  cut: Cut,
  opacity: number,
): void {
  context.clearRect(0, 0, cut.width, cut.height);
  sheets.length = Math.min(sheets.length, layers.length);
  layers.forEach((layer, i) => {
    sheets[i] ??= new Sheet();
    const sheet = sheets[i];
    sheet.paint(layer, cut);
    context.globalAlpha = layer.fades ? opacity : (layer.alpha ?? 1);
    sheet.drawOn(context);
  });
  context.globalAlpha = 1;
}
