import { resolve } from 'node:path';
import type { Split } from '../data/dataset';
import { openDataset } from '../data/open';
import type { Inference } from '../distill/evaluation/inference';
import { type DatasetScores, scoreDataset } from '../distill/evaluation/score';
import { openEngine } from '../engine/open';
import { RandomStream } from '../engine/random';
import { inWords } from '../nn/networks';
import { buildSegmenter } from '../nn/registry';
import { loadWeights } from '../nn/weights/state';
import type { DatasetConfig } from '../protocol/config';
import { datasetSchema } from '../protocol/config-dataset';
import { DistillError } from '../protocol/errors';
import { writeWhole } from '../run/files';
import { type Command, oneOf, parse, usage } from './command';
import { engineOption } from './engine-option';
import { deviationLines } from './format';
import { openTrained } from './trained-network';

const help = `Scores a trained network on a dataset.

Usage: distill eval RUN-OR-CHECKPOINT --dataset KIND --root DIR [options]

RUN-OR-CHECKPOINT is the id of a run or its folder (its best student), one of its checkpoint folders, or a file of
weights. Printed and, with --json, written: mIoU by both conventions (CIRKD counts an absent class as 0, mmsegmentation
skips it), IoU, accuracy and boundary F1 of each class, pixel and mean accuracy, calibration error, the count matrix;
of a run also where it differs from papers and released code.

Options:
  --dataset KIND     ${datasetSchema.shape.kind.options.join(', ')}
  --root DIR         its folder (not needed for the sample scenes)
  --convention N     classes of coco-stuff-164k: 182 (default) or 171
  --split SPLIT      val (default), test or train
  --limit N          the first N images only
  --skip             leave out images that cannot be used, and count them; by default they stop
  --what WHAT        student (default) or teacher, of a run
  --as SPEC          the network, for a file that does not say which it holds: deeplabv3-resnet18:classes=19
  --slide HxW        sliding windows instead of the whole image; --stride HxW: their step (default two thirds of it)
  --scales A,B,...   look at these scales and average (default 1)
  --flip             look at the mirrored image too and average
  --average WHAT     logits (default, CIRKD) or probabilities (mmsegmentation)
  --json FILE        write everything as JSON; - for the standard output
  --engine ENGINE    what computes (default auto)
  --workspace DIR    folder that holds .distill (default: the current folder)`;

/** `distill eval`. */
export const evaluateCheckpoint: Command = {
  summary: 'score a trained network on a dataset',
  help,
  async run(args) {
    const { values, positionals } = parse(args, {
      dataset: { type: 'string' },
      root: { type: 'string' },
      convention: { type: 'string' },
      split: { type: 'string', default: 'val' },
      limit: { type: 'string' },
      skip: { type: 'boolean', default: false },
      what: { type: 'string', default: 'student' },
      as: { type: 'string' },
      slide: { type: 'string' },
      stride: { type: 'string' },
      scales: { type: 'string', default: '1' },
      flip: { type: 'boolean', default: false },
      average: { type: 'string', default: 'logits' },
      json: { type: 'string' },
      engine: { type: 'string' },
      workspace: { type: 'string', default: process.cwd() },
    });
    const [reference, ...rest] = positionals;
    if (reference === undefined || rest.length > 0) throw usage('Which run or checkpoint? Give one.');
    const config = datasetOption(values);
    const inference = inferenceOptions(values);
    const split = oneOf('split', values.split, ['train', 'val', 'test'] satisfies Split[]);
    const role = oneOf('what', values.what, ['student', 'teacher']);
    const limit = values.limit === undefined ? undefined : wholeNumber('limit', values.limit);
    const workspace = resolve(values.workspace);

    const trained = openTrained(reference, { role, workspace, as: values.as });
    try {
      const { weights, spec, pixels, deviations } = trained;
      const dataset = await openDataset(config, workspace);
      if (dataset.classes.length !== spec.classes)
        throw new DistillError(
          'checkpoint-mismatch',
          `The network has ${spec.classes} classes, the dataset ${dataset.classes.length}.`,
          { where: weights.where, remedy: 'Evaluate it on the dataset it was trained for.' },
        );
      if (spec.inputChannels !== 3)
        throw new DistillError(
          'usage',
          `It is ${inWords(spec)}: it sees the label it would be scored against.`,
          {
            where: weights.where,
            remedy: 'Evaluate the student; a teacher that sees labels is scored during training.',
          },
        );
      const engine = await openEngine(engineOption(values.engine) ?? 'auto');
      const network = buildSegmenter(engine, spec, RandomStream.seeded(1, 'unused'));
      loadWeights(engine, network, weights, { whole: true });
      const scores = await scoreDataset(dataset, {
        engine,
        network,
        inference,
        pixels,
        split,
        limit,
        onImage: progress,
      });
      network.dispose();
      const result = {
        checkpoint: weights.where,
        network: inWords(spec),
        dataset: config,
        split,
        inference,
        pixels,
        engine: engine.describe(),
        skipped: dataset.skipped,
        ...inConventions(scores),
        classes: dataset.classes.map(({ name }, c) => ({
          name,
          iou: scores.iou[c],
          accuracy: scores.accuracy[c],
          boundaryF1: scores.boundary.perClass[c],
        })),
        confusion: scores.confusion,
        deviations,
      };
      const json = `${JSON.stringify(result, null, 2)}\n`;
      if (values.json === '-') process.stdout.write(json);
      else {
        if (values.json !== undefined) writeWhole(resolve(values.json), json);
        console.log(table(result));
      }
    } finally {
      trained.weights.close();
    }
    return 0;
  },
};

/** Every number under a name that says which one it is. */
function inConventions(scores: DatasetScores) {
  return {
    images: scores.images,
    miou: {
      cirkd: scores.miou,
      mmsegmentation: scores.miouPresent,
      about:
        'cirkd: mean over all classes, a class that occurs neither in labels nor in predictions counts as 0. mmsegmentation: mean over the classes that occur.',
    },
    pixelAccuracy: scores.pixelAccuracy,
    pixelAccuracyAbout:
      'Share of labelled pixels that are right. CIRKD prints another number: it takes the argmax of logits truncated to integers.',
    meanAccuracy: scores.meanAccuracy,
    boundaryF1: scores.boundary.mean,
    boundaryF1About: 'Tolerance 0.75 % of the image diagonal (Csurka et al. 2013).',
    calibrationError: scores.calibration.error,
    reliability: scores.calibration.bins,
  };
}

type Result = ReturnType<typeof inConventions> & {
  split: Split;
  skipped: readonly unknown[];
  classes: { name: string; iou?: number | null; accuracy?: number | null; boundaryF1?: number | null }[];
  deviations: readonly string[];
};

function table(result: Result): string {
  const percent = (v: number | null | undefined) =>
    v === null || v === undefined || Number.isNaN(v) ? '-' : (100 * v).toFixed(2);
  const width = Math.max(5, ...result.classes.map(({ name }) => name.length));
  const left = result.skipped.length > 0 ? `, ${result.skipped.length} left out` : '';
  return [
    `${result.images} images of the ${result.split} split${left}`,
    '',
    `mIoU, CIRKD (absent classes count 0)      ${percent(result.miou.cirkd)} %`,
    `mIoU, mmsegmentation (absent skipped)     ${percent(result.miou.mmsegmentation)} %`,
    `pixel accuracy                            ${percent(result.pixelAccuracy)} %`,
    `mean accuracy                             ${percent(result.meanAccuracy)} %`,
    `boundary F1                               ${percent(result.boundaryF1)} %`,
    `expected calibration error                ${percent(result.calibrationError)} %`,
    '',
    `${'class'.padEnd(width)}     IoU     acc      F1`,
    ...result.classes.map(
      ({ name, iou, accuracy, boundaryF1 }) =>
        `${name.padEnd(width)} ${[iou, accuracy, boundaryF1].map((v) => percent(v).padStart(7)).join(' ')}`,
    ),
    ...deviationLines(result.deviations),
  ].join('\n');
}

function datasetOption(values: {
  dataset?: string | undefined;
  root?: string | undefined;
  convention?: string | undefined;
  skip: boolean;
}): DatasetConfig {
  if (values.dataset === undefined) throw usage('Which dataset? Give its kind with --dataset.');
  const kind = oneOf('dataset', values.dataset, datasetSchema.shape.kind.options);
  const convention =
    values.convention === undefined ? undefined : oneOf('convention', values.convention, ['182', '171']);
  // On the command line a relative path starts where the user is.
  const root = values.root === undefined ? undefined : resolve(values.root);
  return { kind, root, convention, onProblem: values.skip ? 'skip' : 'stop' };
}

function inferenceOptions(values: {
  slide?: string | undefined;
  stride?: string | undefined;
  scales: string;
  flip: boolean;
  average: string;
}): Inference {
  const scales = values.scales.split(',').map(Number);
  if (!scales.every((s) => s >= 0.1 && s <= 8))
    throw usage(`--scales takes numbers from 0.1 to 8, separated by commas, not "${values.scales}".`);
  if (values.stride !== undefined && values.slide === undefined) throw usage('--stride needs --slide.');
  const window = values.slide === undefined ? undefined : size('slide', values.slide);
  const stride =
    values.stride === undefined ? window?.map((v) => Math.ceil((2 * v) / 3)) : size('stride', values.stride);
  return {
    scales,
    flip: values.flip,
    average: oneOf('average', values.average, ['logits', 'probabilities']),
    ...(window && stride && { slide: { window, stride: stride as [number, number] } }),
  };
}

function size(option: string, text: string): [number, number] {
  const [, height, width] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (!Number(height) || !Number(width))
    throw usage(`--${option} is HEIGHTxWIDTH, such as 512x1024, not "${text}".`);
  return [Number(height), Number(width)];
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw usage(`--${option} is a whole number from 1, not "${text}".`);
  return value;
}

/** On a terminal only; gone when the table comes. */
function progress(done: number, of: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(done < of ? `\r${done} of ${of} images` : '\r\x1b[K');
}
