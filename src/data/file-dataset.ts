import { DistillError } from '../protocol/errors';
import type { ClassInfo, Dataset, LabelMap, Sample, Split } from './dataset';
import type { DatasetLayout } from './datasets/layout';
import { readImageFile, readLabelFile } from './image-file';
import { asLabelled, sizeProblem, toClassIds } from './sample-parts';

/** Decoded samples kept in memory: enough for CamVid or the sample scenes, so that they are decoded once. */
const CACHE_MIB = 512;

/** A dataset of image and label files, whatever their layout. */
export class FileDataset implements Dataset {
  readonly name: string;
  readonly root: string;
  readonly classes: readonly ClassInfo[];
  readonly warnings: readonly string[];
  readonly skipped: { id: string; reason: string }[] = [];
  readonly layout: DatasetLayout;
  readonly #leftOut = new Set<string>();
  readonly #onProblem: 'stop' | 'skip';
  readonly #ids: Record<Split, string[]>;
  readonly #cache = new Map<string, Sample>();
  #cacheLeft: number;

  /** Errors: the first of the layout's problems under `stop`; dataset-empty if a split has no usable sample. */
  constructor(layout: DatasetLayout, onProblem: 'stop' | 'skip', cacheMiB = CACHE_MIB) {
    this.name = layout.name;
    this.root = layout.root;
    this.classes = layout.classes;
    this.warnings = orphanWarnings(layout.orphans);
    this.layout = layout;
    this.#onProblem = onProblem;
    this.#cacheLeft = cacheMiB * 2 ** 20;
    for (const { split, id, error } of layout.problems) {
      if (onProblem === 'stop') throw error;
      this.#skip(split, id, error);
    }
    for (const split of ['train', 'val'] satisfies Split[])
      if (layout.samples[split].length === 0) throw emptySplit(layout.root, split);
    this.#ids = {
      train: layout.samples.train.map((s) => s.id),
      val: layout.samples.val.map((s) => s.id),
      test: layout.samples.test.map((s) => s.id),
    };
  }

  ids(split: Split): readonly string[] {
    return this.#ids[split];
  }

  async load(split: Split, index: number, rows?: (label: LabelMap) => number): Promise<Sample> {
    const files = this.layout.samples[split][index];
    if (!files) throw new RangeError(`${split} sample ${index} of ${this.#ids[split].length}`);
    const key = `${split}/${files.id}`;
    const cached = this.#cache.get(key);
    if (cached) return cached;
    const raw = await readLabelFile(files.label);
    const label = toClassIds(raw, files.label, this.layout);
    const bytes = 3 * raw.width * raw.height + label.data.byteLength;
    // What is kept is needed whole: the next crop is another one.
    const part = bytes > this.#cacheLeft ? rows?.(label) : undefined;
    const image = asLabelled(await readImageFile(files.image, part), raw);
    const misfit = sizeProblem(image, raw, files.label);
    if (misfit) throw misfit;
    const sample = { id: files.id, image, label };
    if (part === undefined) this.#remember(key, sample);
    return sample;
  }

  lendCache(): number {
    const lent = Math.max(0, Math.floor(this.#cacheLeft * 0.75));
    this.#cacheLeft -= lent;
    return lent / 2 ** 20;
  }

  returnCache(mib: number): void {
    this.#cacheLeft += mib * 2 ** 20;
  }

  leavesOut(split: Split, index: number): boolean {
    return this.#leftOut.has(`${split}/${this.#ids[split][index]}`);
  }

  leaveOut(split: Split, index: number, error: DistillError): boolean {
    if (this.#onProblem === 'stop') return false;
    this.#skip(split, this.#ids[split][index]!, error);
    return true;
  }

  /** Stops adding when the budget is used up: in endless shuffled epochs, evicting would only make every read a miss. */
  #remember(key: string, sample: Sample): void {
    const bytes = sample.image.data.byteLength + sample.label.data.byteLength;
    if (bytes > this.#cacheLeft || this.#cache.has(key)) return;
    this.#cacheLeft -= bytes;
    this.#cache.set(key, sample);
  }

  #skip(split: Split, id: string, error: DistillError): void {
    const key = `${split}/${id}`;
    if (this.#leftOut.has(key)) return;
    this.#leftOut.add(key);
    this.skipped.push({ id: key, reason: error.message });
  }
}

/**
 * The sample, or undefined if the dataset leaves it out (`onProblem: skip`). Everything that walks over a dataset goes
 * through here.
 */
export async function loadUsable(dataset: Dataset, split: Split, index: number): Promise<Sample | undefined> {
  if (dataset.leavesOut(split, index)) return undefined;
  try {
    return await dataset.load(split, index);
  } catch (error) {
    if (error instanceof DistillError && dataset.leaveOut(split, index, error)) return undefined;
    throw error;
  }
}

export function emptySplit(root: string, split: Split): DistillError {
  return new DistillError('dataset-empty', `The ${split} split has no usable image.`, {
    where: root,
    remedy: 'Add PNG or JPEG images with label maps to it, or choose another dataset.root.',
  });
}

/** One sentence per split: a whole folder of them is one mistake, not a thousand. */
function orphanWarnings(orphans: DatasetLayout['orphans']): string[] {
  return (['train', 'val', 'test'] satisfies Split[]).flatMap((split) => {
    const [first, ...more] = orphans.filter((o) => o.split === split);
    if (!first) return [];
    return [
      `${first.file}${more.length > 0 ? ` and ${more.length} more` : ''}: label map without an image; not used.`,
    ];
  });
}
