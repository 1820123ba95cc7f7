import fs from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { DistillError, describeIoError } from '../protocol/errors';
import type { Layer, RunEvent, SampleEvent, StageId } from '../protocol/events';
import type { LayerData, SampleKey } from '../protocol/panel';
import { writeWhole } from './files';
import { runFiles } from './run-folder';

/** A picture before it is written; `data` is row-major, [height, width, channels]. */
export interface LayerContents extends Omit<Layer, 'file'> {
  data: Uint8Array | Float32Array;
}

/** Larger than any image of a dataset; what the journal says of a picture decides how much memory is asked for. */
const MOST_BYTES = 256 * 2 ** 20;

const bytesPerElement: Record<Layer['dtype'], number> = { uint8: 1, float32: 4 };

/**
 * Writes the layers of a sample as raw little-endian arrays, `samples/<stage>-<step>/<id>/<layer>.bin`, each beside and
 * renamed, and describes them for the journal. Errors: disk-full, io.
 */
export function writeSample(
  runFolder: string,
  sample: { stage: StageId; step: number; id: string; layers: readonly LayerContents[] },
): Layer[] {
  const step = `${sample.stage}-${String(sample.step).padStart(6, '0')}`;
  const relative = `${runFiles.samples}/${step}/${fileName(sample.id)}`;
  const folder = join(runFolder, relative);
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw describeIoError(error, folder);
  }
  return sample.layers.map(({ data, ...layer }) => {
    const expected = layer.height * layer.width * layer.channels;
    if (data.length !== expected)
      throw new RangeError(`Layer ${layer.name}: ${data.length} values for a shape of ${expected}.`);
    const file = `${relative}/${layer.name}.bin`;
    writeWhole(join(runFolder, file), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return { ...layer, file };
  });
}

/**
 * Reads a layer that the journal names. A journal may come from anywhere: the file must lie in the run's `samples`, and
 * its size must fit the shape before memory is asked for. Errors: run-broken, io.
 */
export async function readLayer(runFolder: string, layer: Layer): Promise<LayerData> {
  const { file: relative, ...shape } = layer;
  const file = join(runFolder, relative);
  const expected = shape.height * shape.width * shape.channels * bytesPerElement[shape.dtype];
  const outside = () => brokenLayer(file, 'The journal names a file outside of the run’s samples.');
  if (relative.split('/').includes('..')) throw outside();
  if (expected > MOST_BYTES)
    throw brokenLayer(file, `A picture of ${shape.width} x ${shape.height} is more than can be shown.`);
  try {
    const samples = await realpath(join(runFolder, runFiles.samples));
    // A link in the samples, or the samples themselves, may lead anywhere.
    if (
      !(await realpath(file)).startsWith(samples + sep) ||
      samples !== join(await realpath(runFolder), runFiles.samples)
    )
      throw outside();
    const { size } = await stat(file);
    if (size !== expected)
      throw brokenLayer(file, `It has ${size} bytes; its shape in the journal takes ${expected}.`);
    const bytes = await readFile(file);
    const data = new ArrayBuffer(bytes.length);
    new Uint8Array(data).set(bytes);
    return { ...shape, data };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw brokenLayer(file, 'The picture is missing.');
    throw describeIoError(error, file);
  }
}

/** The newest event of this sample, if the run has it. */
export function findSample(events: readonly RunEvent[], key: SampleKey): SampleEvent | undefined {
  const found = events.findLast(
    (event) =>
      event.kind === 'sample' && event.stage === key.stage && event.step === key.step && event.id === key.id,
  );
  return found?.kind === 'sample' ? found : undefined;
}

/** All layers of a sample. Errors: run-broken, io. */
export function readSample(runFolder: string, sample: SampleEvent): Promise<LayerData[]> {
  return Promise.all(sample.layers.map((layer) => readLayer(runFolder, layer)));
}

/** Ids come from file names of data sets and may hold anything; distinct ids stay distinct. */
function fileName(id: string): string {
  if (/^\w[\w.-]*$/.test(id) && id.length <= 100) return id;
  const safe = id.replace(/[^\w-]+/g, '-').slice(0, 80);
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(id)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `_${safe}-${hash.toString(16)}`;
}

function brokenLayer(where: string, what: string): DistillError {
  return new DistillError('run-broken', what, {
    where,
    remedy: 'Choose another step; the run itself and its other pictures are not affected.',
  });
}
