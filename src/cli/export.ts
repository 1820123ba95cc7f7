import { mkdirSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { version } from '../../package.json';
import { describeNetwork } from '../nn/networks';
import { convertWeights } from '../nn/weights/convert';
import { exportOnnx } from '../nn/weights/onnx/export';
import { DistillError, describeIoError } from '../protocol/errors';
import type { Role } from '../protocol/events';
import { writeWhole } from '../run/files';
import { type Command, parse, usage } from './command';
import { freePath } from './free-path';
import { isFile, openTrained, preprocessingOf, type TrainedNetwork } from './trained-network';

const FORMATS = ['safetensors', 'onnx'] as const;
type Format = (typeof FORMATS)[number];
const WHAT = ['student', 'teacher', 'both'] as const;

const help = `Writes a trained network into a file for other programs.

Usage: distill export RUN-OR-CHECKPOINT --out PATH [options]

RUN-OR-CHECKPOINT is the id of a run or its folder (the best weights by validation mIoU are taken), one of its
checkpoint folders, or a file of weights.

Options:
  --out PATH         the file to write; with --what both a folder
  --what WHAT        student (default), teacher or both, of a run
  --format FORMAT    onnx or safetensors; by default what the extension of PATH says
  --as SPEC          the network, for a file that does not say which it holds: deeplabv3-resnet18:classes=19
  --force            replace files that are there
  --workspace DIR    folder that holds .distill (default: the current folder)

onnx: for images of any number and size, with pre-processing, class names and colours in its metadata; auxiliary heads
stay behind. safetensors: every weight under PyTorch's name and in its layout, for load_state_dict. What only the
distillation needed (adapters, discriminators, queues) is in neither. TensorFlow.js is not written: it would be a second
translation of every operation for what ONNX Runtime Web does with the ONNX file, in browsers as well.

Example:
  distill export 1530-lad --out student.onnx`;

/** `distill export`. */
export const exportNetwork: Command = {
  summary: 'write a trained network as ONNX or safetensors',
  help,
  async run(args) {
    const { values, positionals } = parse(args, {
      out: { type: 'string' },
      what: { type: 'string' },
      format: { type: 'string' },
      as: { type: 'string' },
      force: { type: 'boolean', default: false },
      workspace: { type: 'string', default: process.cwd() },
    });
    const [reference, ...rest] = positionals;
    if (reference === undefined) throw usage('Which run or checkpoint?');
    if (rest.length > 0) throw usage(`One at a time; "${rest[0]}" is one too many.`);
    if (values.out === undefined) throw usage('Where to? Give it with --out.');
    if (values.what !== undefined && isFile(reference))
      throw usage('A file holds one network, so --what says nothing; it is for runs.');
    const what = oneOf('--what', WHAT, values.what ?? 'student');
    const format = formatOf(values.format, values.out, what === 'both');
    const roles: Role[] = what === 'both' ? ['student', 'teacher'] : [what];
    const workspace = resolve(values.workspace);
    const targets = roles.map((role) => ({
      role,
      file: freePath(what === 'both' ? join(values.out!, `${role}.${format}`) : values.out!, values.force),
    }));
    // Everything is made before anything is written: both or none.
    const made = targets.map(({ role, file }) => {
      const network = openTrained(reference, { role, workspace, as: values.as });
      try {
        return { file, bytes: encode(network, format) };
      } finally {
        network.weights.close();
      }
    });
    for (const { file, bytes } of made) {
      try {
        mkdirSync(dirname(file), { recursive: true });
      } catch (error) {
        throw describeIoError(error, dirname(file));
      }
      writeWhole(file, bytes);
      console.log(relative(process.cwd(), file).startsWith('..') ? file : relative(process.cwd(), file));
    }
    return 0;
  },
};

function oneOf<T extends string>(option: string, offered: readonly T[], given: string): T {
  const found = offered.find((value) => value === given);
  if (found === undefined) throw usage(`${option} is ${offered.join(' or ')}, not "${given}".`);
  return found;
}

function formatOf(given: string | undefined, out: string, folder: boolean): Format {
  if (given !== undefined) return oneOf('--format', FORMATS, given);
  const extension = extname(out).slice(1).toLowerCase();
  const implied = folder ? undefined : FORMATS.find((format) => format === extension);
  if (implied === undefined) throw usage('In which format? Give it with --format, onnx or safetensors.');
  return implied;
}

function encode({ weights, spec, classes, pixels }: TrainedNetwork, format: Format): Uint8Array {
  const conversion = convertWeights(weights, spec);
  const { report, whole } = conversion;
  if (!whole) {
    const [line] = [...report.missing, ...report.otherShape];
    throw new DistillError(
      'checkpoint-mismatch',
      `It does not hold the whole network: "${line?.name}" does not fit or is missing.`,
      {
        where: weights.where,
        remedy: 'Use the weights of a trained network; distill import lists what a file has.',
      },
    );
  }
  const preprocessing = preprocessingOf(spec, pixels);
  if (format === 'safetensors')
    return conversion.encode({
      preprocessing: JSON.stringify(preprocessing),
      ...(classes && {
        classes: JSON.stringify(classes.map(({ name }) => name)),
        palette: JSON.stringify(classes.map(({ color }) => color)),
      }),
    });
  return exportOnnx(describeNetwork(spec), conversion.weight, { classes, preprocessing, version });
}
