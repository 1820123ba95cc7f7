import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { MEAN_BGR, MEAN_RGB, STD_RGB } from '../data/normalise';
import { resolveSpec } from '../nn/networks';
import type { SegmenterSpec } from '../nn/spec';
import { parseSpec } from '../nn/spec-text';
import { openWeights } from '../nn/weights/open';
import { specOf } from '../nn/weights/spec-metadata';
import type { WeightFile } from '../nn/weights/weight-file';
import type { PixelStyle } from '../protocol/config-augment';
import { pixelsOf } from '../protocol/config-augment';
import { DistillError } from '../protocol/errors';
import type { Role } from '../protocol/events';
import { listCheckpoints } from '../run/checkpoints';
import { readManifest } from '../run/manifest';
import { findRunFolder, runFiles } from '../run/run-folder';

/** Name and colour of each class, by id. */
export type Classes = readonly { name: string; color: readonly [number, number, number] }[];

/** A network that was trained, as a file, with what is known about it. The caller closes `weights`. */
export interface TrainedNetwork {
  weights: WeightFile;
  spec: SegmenterSpec;
  /** Undefined where neither the file nor a run around it tells. */
  classes: Classes | undefined;
  /** How the images it was trained on became numbers. */
  pixels: PixelStyle;
  /** Where the run it comes from knowingly differs from papers and released code; none for a file by itself. */
  deviations: readonly string[];
}

/** Keys of the metadata of exported files; ONNX files have the same. */
const classesSchema = z.array(z.string());
const preprocessingSchema = z.object({ channels: z.array(z.string()) });
const paletteSchema = z.array(z.tuple([z.int(), z.int(), z.int()]));

/**
 * The student or teacher of a run (its best weights by validation mIoU, else the last), of one of its checkpoint folders, or a file.
 * @param reference id of a run, a run folder, a checkpoint folder or a file
 * @param as the network, for files that do not say which they hold
 * Errors: run-missing, checkpoint-missing, checkpoint-broken, usage, io.
 */
export function openTrained(
  reference: string,
  { role, workspace, as }: { role: Role; workspace: string; as?: string | undefined },
): TrainedNetwork {
  const file = weightsFile(reference, role, workspace);
  const weights = openWeights(file);
  try {
    const spec =
      specOf(weights.metadata, file) ?? (as === undefined ? undefined : resolveSpec(parseSpec(as)));
    if (!spec)
      throw new DistillError('usage', 'The file does not say which network it holds.', {
        where: file,
        remedy: 'Say so with --as, such as --as deeplabv3-resnet18:classes=19.',
      });
    return {
      weights,
      spec,
      classes: classesOf(weights, file, spec.classes),
      pixels: pixelsFor(weights, file, spec),
      deviations: runAround(file)?.deviations ?? [],
    };
  } catch (error) {
    weights.close();
    throw error;
  }
}

/** Whether a reference is one file, which holds one network, and not a run, which has two. */
export function isFile(reference: string): boolean {
  return statSync(reference, { throwIfNoEntry: false })?.isFile() ?? false;
}

function weightsFile(reference: string, role: Role, workspace: string): string {
  if (isFile(reference)) return resolve(reference);
  if (existsSync(join(reference, 'index.json'))) return present(resolve(reference), role);
  const folder = resolve(findRunFolder(workspace, reference));
  const checkpoints = join(folder, runFiles.checkpoints);
  const best = join(checkpoints, 'best', `${role}.safetensors`);
  if (existsSync(best)) return best;
  const [last] = listCheckpoints(folder).filter(({ name }) =>
    existsSync(join(checkpoints, name, `${role}.safetensors`)),
  );
  if (last) return join(checkpoints, last.name, `${role}.safetensors`);
  throw new DistillError('checkpoint-missing', `The run has no weights of a ${role} yet.`, {
    where: folder,
    remedy: 'Train it until its first checkpoint.',
  });
}

function present(checkpoint: string, role: Role): string {
  const file = join(checkpoint, `${role}.safetensors`);
  if (existsSync(file)) return file;
  throw new DistillError('checkpoint-missing', `The checkpoint has no weights of a ${role}.`, {
    where: checkpoint,
    remedy: 'Use another checkpoint of the run.',
  });
}

/** From the file's own metadata, else from the run it lies in. */
function classesOf({ metadata }: WeightFile, file: string, count: number): Classes | undefined {
  const own = fromMetadata(metadata);
  if (own?.length === count) return own;
  const classes = runAround(file)?.classes;
  return classes?.length === count ? classes : undefined;
}

/** From the file's own metadata, else from the run it lies in, else what networks of this style are trained on. */
function pixelsFor({ metadata }: WeightFile, file: string, { style }: SegmenterSpec): PixelStyle {
  try {
    const { channels } = preprocessingSchema.parse(JSON.parse(metadata.preprocessing ?? ''));
    return channels[0] === 'R' ? 'imagenet' : 'caffe';
  } catch {
    // It is not a file of ours, or a checkpoint.
  }
  return pixelsOf(
    runAround(file)?.config.training.augment ?? { style: style === 'mmseg' ? 'mmseg' : 'cirkd' },
  );
}

/** The run whose checkpoint a file is. */
function runAround(file: string): ReturnType<typeof readManifest> | undefined {
  for (let folder = dirname(file), up = 0; up < 3; up++, folder = dirname(folder))
    if (basename(folder) !== runFiles.checkpoints && existsSync(join(folder, runFiles.manifest)))
      return readManifest(folder);
  return undefined;
}

function fromMetadata(metadata: WeightFile['metadata']): Classes | undefined {
  try {
    const names = classesSchema.parse(JSON.parse(metadata.classes ?? ''));
    const colors = paletteSchema.parse(JSON.parse(metadata.palette ?? ''));
    return names.map((name, id) => ({ name, color: colors[id] ?? [0, 0, 0] }));
  } catch {
    // Files of other programs have whatever they like under these keys.
    return undefined;
  }
}

/** How an image becomes the input of a network, for those who deploy it. */
export function preprocessingOf(
  { inputChannels }: SegmenterSpec,
  pixels: PixelStyle,
): Record<string, unknown> {
  const bgr = pixels === 'caffe';
  return {
    layout: 'NCHW',
    channels: [
      ...(bgr ? ['B', 'G', 'R'] : ['R', 'G', 'B']),
      ...(inputChannels > 3 ? ['the noised label of LAD'] : []),
    ],
    range: [0, 255],
    mean: bgr ? MEAN_BGR : MEAN_RGB,
    std: bgr ? [1, 1, 1] : STD_RGB,
    about:
      'Subtract the mean of each channel from 8-bit values and divide by std. Any size; nothing is resized or padded.',
  };
}
