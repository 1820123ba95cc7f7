import type { Layer, SampleEvent } from '../protocol/events';
import type { LayerData, SampleContents } from '../protocol/panel';
import { readSample } from './samples';

/** About what a panel shows of a picture before anyone zooms. */
const MOST_PIXELS = 512 * 256;

/**
 * A sample as it crosses to a page.
 * @param coarse of a large one every n-th row and column of its layers, without those that are only looked up: what is shown until
 *   all of it has come across
 * Errors: run-broken, io.
 */
export async function readContents(
  runFolder: string,
  sample: SampleEvent,
  coarse: boolean,
): Promise<SampleContents> {
  const largest = sample.layers.reduce<Layer | undefined>(
    (most, layer) => (most && pixels(most) >= pixels(layer) ? most : layer),
    undefined,
  );
  if (!coarse || !largest || pixels(largest) <= MOST_PIXELS)
    return { layers: await readSample(runFolder, sample) };
  const drawn = sample.layers.filter(({ name }) => name !== 'teacherTop' && name !== 'studentTop');
  const layers = await readSample(runFolder, { ...sample, layers: drawn });
  return { of: { height: largest.height, width: largest.width }, layers: layers.map(thinned) };
}

const pixels = ({ height, width }: { height: number; width: number }) => height * width;

function thinned(layer: LayerData): LayerData {
  const stride = Math.ceil(Math.sqrt(pixels(layer) / MOST_PIXELS));
  if (stride <= 1) return layer;
  const { channels, dtype } = layer;
  const [height, width] = [Math.ceil(layer.height / stride), Math.ceil(layer.width / stride)];
  const from = dtype === 'float32' ? new Float32Array(layer.data) : new Uint8Array(layer.data);
  const length = height * width * channels;
  const to = dtype === 'float32' ? new Float32Array(length) : new Uint8Array(length);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0, begin = (y * layer.width + x) * stride * channels; c < channels; c++)
        to[at++] = from[begin + c]!;
  return { ...layer, height, width, data: to.buffer };
}
