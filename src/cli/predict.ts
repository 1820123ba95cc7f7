import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join, parse as parsePath, relative, resolve } from 'node:path';
import { encode } from 'fast-png';
import type { RgbImage } from '../data/dataset';
import { vocColor } from '../data/datasets/voc-palette';
import { IMAGE_EXTENSIONS, readImageFile } from '../data/image-file';
import { upright } from '../data/orientation';
import { predict } from '../distill/evaluate';
import { openEngine } from '../engine/open';
import { RandomStream, RandomStreams } from '../engine/random';
import { inWords } from '../nn/networks';
import { buildSegmenter } from '../nn/registry';
import { loadWeights } from '../nn/weights/state';
import { DistillError, describeIoError } from '../protocol/errors';
import { writeWhole } from '../run/files';
import { type Command, parse, usage } from './command';
import { engineOption } from './engine-option';
import { openTrained } from './trained-network';

const help = `Labels the pixels of images with a trained network.

Usage: distill predict RUN-OR-CHECKPOINT IMAGE... --out DIR [options]

RUN-OR-CHECKPOINT is the id of a run or its folder (its best student), one of its checkpoint folders, or a file of
weights. IMAGE is a PNG or JPEG file, or a folder of them.

For every image two files are written: NAME.png, an index picture whose values are class ids (with the classes' colours as
palette), and NAME-overlay.png, the image under these colours. Files of these names are replaced.

Options:
  --out DIR        where to write
  --what WHAT      student (default) or teacher, of a run
  --as SPEC        the network, for a file that does not say which it holds: deeplabv3-resnet18:classes=19
  --opacity SHARE  of the colours over the image, 0 to 1 (default 0.5)
  --engine ENGINE  what computes (default auto)
  --workspace DIR  folder that holds .distill (default: the current folder)`;

/** `distill predict`. */
export const predictImages: Command = {
  summary: 'label the pixels of images with a trained network',
  help,
  async run(args) {
    const { values, positionals } = parse(args, {
      out: { type: 'string' },
      what: { type: 'string', default: 'student' },
      as: { type: 'string' },
      opacity: { type: 'string', default: '0.5' },
      engine: { type: 'string' },
      workspace: { type: 'string', default: process.cwd() },
    });
    const [reference, ...paths] = positionals;
    if (reference === undefined) throw usage('Which run or checkpoint?');
    if (paths.length === 0) throw usage('Which images?');
    if (values.out === undefined) throw usage('Where to? Give it with --out.');
    const { what } = values;
    if (what !== 'student' && what !== 'teacher') throw usage(`--what is student or teacher, not "${what}".`);
    const opacity = Number(values.opacity);
    if (!(opacity >= 0 && opacity <= 1))
      throw usage(`--opacity is a number from 0 to 1, not "${values.opacity}".`);
    const out = resolve(values.out);
    const images = targetsOf(paths, out);

    const trained = openTrained(reference, {
      role: what,
      workspace: resolve(values.workspace),
      as: values.as,
    });
    try {
      const { weights, spec, pixels } = trained;
      refuseUnusable(spec, weights.where);
      const engine = await openEngine(engineOption(values.engine) ?? 'auto');
      const network = buildSegmenter(engine, spec, RandomStream.seeded(1, 'unused'));
      loadWeights(engine, network, weights, { whole: true });
      const colors = Array.from(
        { length: spec.classes },
        (_, id) => trained.classes?.[id]?.color ?? vocColor(id),
      );
      makeFolder(out);
      for (const { file, name } of images) {
        const stored = await readImageFile(file);
        const image = upright(stored.image, stored.orientation);
        const label = { width: image.width, height: image.height, data: new Int8Array(0) };
        const viewer = { engine, network, role: 'student', methods: [], seed: 1, pixels } as const;
        const ids = await predict(viewer, { id: name, image, label }, new RandomStreams(1));
        const indices = Uint8Array.from(ids);
        writeWhole(join(out, `${name}.png`), indexPng(image, indices, colors));
        writeWhole(join(out, `${name}-overlay.png`), overlayPng(image, indices, colors, opacity));
        console.log(shown(join(out, `${name}.png`)));
      }
      network.dispose();
    } finally {
      trained.weights.close();
    }
    return 0;
  },
};

type Color = readonly [number, number, number];

/** Files among the paths, and those in folders, each with the name its results get. Errors: usage, image-unreadable, io. */
function targetsOf(paths: readonly string[], out: string): { file: string; name: string }[] {
  const files = paths.flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat)
      throw new DistillError('image-unreadable', 'There is no such image or folder.', {
        where: path,
        remedy: 'Correct the path.',
      });
    return stat.isDirectory() ? imagesIn(path) : [path];
  });
  const taken = new Map<string, string>();
  return files.map((file) => {
    const { name, ext } = parsePath(file);
    const results = (candidate: string) => [candidate, `${candidate}-overlay`];
    // Next to a.jpg, a second a.png keeps its extension in the name.
    const free = [name, `${name}${ext.replace('.', '-')}`].find(
      (candidate) => !results(candidate).some((result) => taken.has(result)),
    );
    if (free === undefined)
      throw usage(
        `${taken.get(name)} and ${file} would be written to the same file; give them in two calls.`,
      );
    if (resolve(file) === join(out, `${free}.png`) || resolve(file) === join(out, `${free}-overlay.png`))
      throw usage(`The result would replace the image ${file}; choose another folder for --out.`);
    for (const result of results(free)) taken.set(result, file);
    return { file, name: free };
  });
}

function imagesIn(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw describeIoError(error, folder);
  }
  const images = names
    .filter((name) => IMAGE_EXTENSIONS.some((ext) => name.toLowerCase().endsWith(ext)))
    .sort();
  if (images.length > 0) return images.map((name) => join(folder, name));
  throw new DistillError('image-unreadable', 'There are no PNG or JPEG images in this folder.', {
    where: folder,
    remedy: 'Give the folder that holds them; folders in it are not searched.',
  });
}

function refuseUnusable(spec: Parameters<typeof inWords>[0], where: string): void {
  if (spec.inputChannels !== 3)
    throw new DistillError(
      'usage',
      `It is ${inWords(spec)}: it sees the label, which an image does not have.`,
      {
        where,
        remedy: 'Use the student.',
      },
    );
  if (spec.classes > 256)
    throw new DistillError('usage', `It has ${spec.classes} classes; an index picture has room for 256.`, {
      where,
      remedy: 'Export it with distill export and use its logits.',
    });
}

function indexPng({ width, height }: RgbImage, ids: Uint8Array, colors: readonly Color[]): Uint8Array {
  return encode({ width, height, data: ids, channels: 1, palette: colors.map((color) => [...color]) });
}

function overlayPng(
  { width, height, data }: RgbImage,
  ids: Uint8Array,
  colors: readonly Color[],
  opacity: number,
): Uint8Array {
  const out = data.map((value, i) => {
    const color = colors[ids[Math.floor(i / 3)]!]!;
    return Math.round((1 - opacity) * value + opacity * color[i % 3]!);
  });
  return encode({ width, height, data: out, channels: 3 });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw describeIoError(error, folder);
  }
}

/** Paths inside the current folder are shown relative to it. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
