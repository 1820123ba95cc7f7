import { statSync } from 'node:fs';
import {
  type BrowserAnswer,
  type BrowserRequest,
  type BrowserSample,
  UNKNOWN_CLASS,
} from '../protocol/dataset-browser';
import type { SplitName } from '../protocol/dataset-report';
import { datasetFacts } from '../protocol/datasets';
import { DistillError } from '../protocol/errors';
import { CheckCache, checkCacheFile } from './check/cache';
import type { CheckedAs } from './check/check';
import { tallyValues } from './check/pair';
import { pairProblems } from './check/problems';
import { type PairRecord, valuesOf } from './check/record';
import { type DatasetLayout, type SampleFiles, UNKNOWN } from './datasets/layout';
import { type ImageFile, readImageFile, readLabelFile } from './image-file';
import { upright } from './orientation';
import type { IndexImage } from './png';
import { asLabelled, sizeProblem } from './sample-parts';

/** Pixels that are sent of a picture; of larger ones every second, third, ... */
const MAX_PIXELS = 16e6;
const IGNORED = 255;

/** Answers what a sample browser asks about one dataset. */
export class SampleBrowser {
  readonly #as: CheckedAs;
  readonly #layout: DatasetLayout;
  #cache: CheckCache | undefined;
  #cachedAt = 0;

  constructor(as: CheckedAs, layout: DatasetLayout) {
    this.#as = as;
    this.#layout = layout;
  }

  opened(): Extract<BrowserAnswer, { kind: 'opened' }> {
    const { classes, root, samples } = this.#layout;
    const splits = (['train', 'val', 'test'] satisfies SplitName[]).map((split) => ({
      split,
      count: samples[split].length,
    }));
    return {
      kind: 'opened',
      title: datasetFacts(this.#as).title,
      folder: root,
      classes,
      splits: splits.filter(({ count }) => count > 0),
    };
  }

  /** Never rejects: what went wrong is the answer. */
  async answer(request: BrowserRequest): Promise<BrowserAnswer> {
    try {
      return request.kind === 'find'
        ? this.#find(request)
        : await browsedSample(this.#layout, request.split, request.index);
    } catch (error) {
      return { kind: 'problem', message: error instanceof Error ? error.message : String(error) };
    }
  }

  #find({ request, split, name, classId, problems }: Extract<BrowserRequest, { kind: 'find' }>) {
    const samples = this.#layout.samples[split];
    const wanted = name.toLowerCase();
    const cache = this.#records();
    const { labels } = this.#layout;
    let known = 0;
    const found: number[] = [];
    for (const [index, files] of samples.entries()) {
      const record = cache.get(files);
      if (record) known++;
      if (!files.id.toLowerCase().includes(wanted)) continue;
      if (classId !== null) {
        const has = record && [...valuesOf(record.map)].some(({ value }) => labels.ids[value] === classId);
        if (!has) continue;
      }
      if (problems && !(record && pairProblems({ split, id: files.id }, record, labels).length > 0)) continue;
      found.push(index);
    }
    const indices = Int32Array.from(found).buffer;
    return { kind: 'found' as const, request, split, indices, known, of: samples.length };
  }

  /** Of the last check; another process may have made one meanwhile. */
  #records(): CheckCache {
    const file = checkCacheFile(this.#layout.root);
    const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (!this.#cache || changed !== this.#cachedAt) {
      this.#cache = CheckCache.open(this.#layout.root, file);
      this.#cachedAt = changed;
    }
    return this.#cache;
  }
}

/** A sample to look at, whatever is wrong with it. */
async function browsedSample(layout: DatasetLayout, split: SplitName, index: number): Promise<BrowserSample> {
  const files = layout.samples[split][index];
  if (!files) throw new RangeError(`The ${split} split has ${layout.samples[split].length} samples.`);
  const problems: string[] = [];
  const read = async <T>(reading: Promise<T>): Promise<T | undefined> => {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof DistillError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const [image, raw] = [await read(readImageFile(files.image)), await read(readLabelFile(files.label))];
  const sent = pictures(image, raw, files, problems, layout);
  if (raw && sent.label) {
    const map = { width: raw.width, height: raw.height, ...tallyValues(raw) };
    const record = { ...files, stamp: [0, 0, 0, 0] as PairRecord['stamp'], picture: null, map, faults: [] };
    for (const { what, remedy } of pairProblems({ split, id: files.id }, record, layout.labels))
      problems.push(`${what} ${remedy}`);
  }
  return {
    kind: 'sample',
    split,
    index,
    id: files.id,
    imageFile: files.image,
    labelFile: files.label,
    ...sent,
    problems,
  };
}

function pictures(
  file: ImageFile | undefined,
  label: IndexImage | undefined,
  files: SampleFiles,
  problems: string[],
  { labels, classes }: DatasetLayout,
): Pick<BrowserSample, 'width' | 'height' | 'stride' | 'image' | 'label' | 'raw'> {
  const image = file && (label ? asLabelled(file, label) : upright(file.image, file.orientation));
  const misfit = image && label && sizeProblem(image, label, files.label);
  if (misfit) problems.push(misfit.message);
  // With different sizes there is nothing to lay over: the image is what can be looked at.
  const map = misfit ? undefined : label;
  const { width: fullWidth, height: fullHeight } = image ?? map ?? { width: 0, height: 0 };
  const stride = Math.max(1, Math.ceil(Math.sqrt((fullWidth * fullHeight) / MAX_PIXELS)));
  const [width, height] = [Math.ceil(fullWidth / stride), Math.ceil(fullHeight / stride)];
  const kept = <A extends Uint8Array | Uint16Array>(data: A, channels: number): A => {
    if (stride === 1) return data;
    const out = new (data.constructor as new (length: number) => A)(width * height * channels);
    for (let y = 0, o = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++)
          out[o++] = data[(y * stride * fullWidth + x * stride) * channels + c]!;
    return out;
  };
  const raw = map && kept(map.data, 1);
  return {
    width,
    height,
    stride,
    image: image ? buffer(kept(image.data, 3)) : null,
    label: raw ? buffer(classBytes(raw, labels.ids, classes.length)) : null,
    raw: raw ? buffer(raw) : null,
  };
}

function classBytes(raw: Uint8Array | Uint16Array, ids: Int16Array, classes: number): Uint8Array {
  // With 255 classes there is no value left for what is unknown.
  const unknown = classes <= UNKNOWN_CLASS ? UNKNOWN_CLASS : IGNORED;
  const byValue = Uint8Array.from({ length: 65536 }, (_, value) => {
    const id = ids[value] ?? UNKNOWN;
    return id === UNKNOWN ? unknown : id < 0 ? IGNORED : id;
  });
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = byValue[raw[i]!]!;
  return out;
}

/** The bytes alone: a view of a larger buffer would take all of it along. */
function buffer(data: Uint8Array | Uint16Array): ArrayBuffer {
  return data.slice().buffer as ArrayBuffer;
}
