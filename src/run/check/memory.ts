import { networkProblem, type SegmenterChoice } from '../../nn/networks';
import { type TrainingShape, trainingStepBytes } from '../../nn/step-memory';
import { type Config, needsTeacher } from '../../protocol/config';
import { datasetFacts } from '../../protocol/datasets';
import { DistillError } from '../../protocol/errors';
import type { ConfigEdit } from '../document/edit';
import { autoEngine } from './auto-engine';
import { trainingMemory } from './machine';
import { methodBytes } from './method-memory';
import { error, set, warning } from './say';
import type { Finding } from './schema-findings';

/** What 32-bit addresses reach. */
const HEAP = 4 * 2 ** 30;
/** Of a dataset whose classes are not known before it is opened. */
const TYPICAL_CLASSES = 21;
const LEAST_BATCH = 2;
const LEAST_CROP = 32;
const CROP_STEP = 32;

/**
 * Refuses a training that the wasm engine, where it is asked for, has no room for; warns of it where `auto` opens that engine
 * here, and of one that needs more than this machine has.
 * @param machine bytes that a training can use here
 * @param auto what `auto` opens here, if that is known
 */
export function memory(config: Config, machine = trainingMemory(), auto = autoEngine()): Finding[] {
  const { batch, crop } = config.training;
  const key = JSON.stringify([{ ...config, name: '', training: { batch, crop } }, machine, auto]);
  // Most key presses change nothing of what memory depends on.
  if (last?.key !== key) last = { key, findings: memoryOf(config, machine, auto) };
  return last.findings;
}

let last: { key: string; findings: Finding[] } | undefined;

function memoryOf(config: Config, machine: number, auto: 'wasm' | undefined): Finding[] {
  const buildable = [config.student, config.teacher ?? config.student].every(
    (network) => !networkProblem(network),
  );
  if (!buildable) return [];
  const classes = datasetFacts(config.dataset).classes ?? TYPICAL_CLASSES;
  const at = ['training', 'batch'];
  const engine = config.engine === 'auto' ? auto : config.engine;
  const refusal = engine === 'wasm' ? wasmRefusal(config, classes) : undefined;
  if (refusal) {
    const text = `${refusal.what} ${refusal.remedy}`;
    return config.engine === 'wasm'
      ? [error(at, text, ...refusal.fixes)]
      : [warning(at, `${text} "auto" finds no other engine here.`, ...refusal.fixes)];
  }
  const needed = peakBytes(config, classes, config.training.batch, config.training.crop);
  if (needed.bytes <= machine) return [];
  const fit = whatFits(config, classes, machine);
  return [
    warning(
      at,
      `${needs(config, needed)}, and this machine has ${gib(machine)} GiB, so it will not get far here. ${fit.text}`,
      ...fit.fixes,
    ),
  ];
}

/**
 * The same once the engine and the classes are known: before a run begins. Errors: engine-memory.
 */
export function requireWasmMemory(config: Config, classes: number): void {
  const refusal = wasmRefusal(config, classes);
  if (refusal)
    throw new DistillError('engine-memory', refusal.what, { where: 'training', remedy: refusal.remedy });
}

interface Refusal {
  what: string;
  remedy: string;
  fixes: ConfigEdit[];
}

function wasmRefusal(config: Config, classes: number): Refusal | undefined {
  const { batch, crop } = config.training;
  const needed = peakBytes(config, classes, batch, crop);
  if (needed.bytes <= HEAP) return undefined;
  const fit = whatFits(config, classes, HEAP);
  return {
    what: `${needs(config, needed)}, and the wasm engine can address 4 GiB.`,
    remedy: `${fit.text} The TensorFlow engine has no such limit ("distill doctor --install tensorflow").`,
    fixes: fit.fixes,
  };
}

function needs({ training }: Config, { bytes, stage }: Peak): string {
  return `A step of the ${stage} stage needs about ${gib(bytes)} GiB (batch ${training.batch}, crop ${training.crop.join(' x ')})`;
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}

/** The largest batch and the largest crop of about the same shape that have room. */
function whatFits(config: Config, classes: number, room: number): { text: string; fixes: ConfigEdit[] } {
  const { batch, crop } = config.training;
  const fits = (n: number, size: [number, number]) => peakBytes(config, classes, n, size).bytes <= room;
  const smaller = (by: number): [number, number] => [
    crop[0] - by,
    Math.round((crop[1] * (1 - by / crop[0])) / CROP_STEP) * CROP_STEP,
  ];
  const images = first(1, batch - LEAST_BATCH, (less) => fits(batch - less, crop));
  const steps = first(1, Math.floor((crop[0] - LEAST_CROP) / CROP_STEP), (n) => {
    const size = smaller(n * CROP_STEP);
    return size[1] < LEAST_CROP || fits(batch, size);
  });
  const size = steps === undefined ? undefined : smaller(steps * CROP_STEP);
  const found: string[] = [];
  const fixes: ConfigEdit[] = [];
  if (images !== undefined) {
    found.push(`a batch of ${batch - images}`);
    fixes.push(set(['training', 'batch'], batch - images));
  }
  if (size && size[1] >= LEAST_CROP) {
    found.push(`a crop of ${size.join(' x ')}`);
    fixes.push(set(['training', 'crop'], size));
  }
  const text =
    found.length > 0
      ? `${found.join(' or ').replace(/^a/, 'A')} fits.`
      : 'No smaller batch or crop alone makes it fit: choose a smaller backbone or "width".';
  return { text, fixes };
}

/** The least number that will do, where every larger one does as well. */
function first(from: number, to: number, does: (n: number) => boolean): number | undefined {
  if (to < from || !does(to)) return undefined;
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (does(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Peak {
  bytes: number;
  stage: 'teacher' | 'student';
}

/** The stage that needs most. */
function peakBytes(config: Config, classes: number, batch: number, [height, width]: [number, number]): Peak {
  const input = { batch, height, width };
  const shape = (of: Config['student'], inputChannels: number): SegmenterChoice => {
    const { checkpoint: _checkpoint, init: _init, ...choice } = of;
    return { ...choice, classes, inputChannels };
  };
  const lad = config.methods.find((method) => method.kind === 'lad');
  const teacher = needsTeacher(config) ? shape(config.teacher ?? config.student, lad ? 4 : 3) : undefined;
  const student: TrainingShape = { network: shape(config.student, 3), teacher, views: 1, input };
  const added = teacher ? methodBytes(config, student.network, teacher, input) : 0;
  const inStudent = { bytes: trainingStepBytes(student) + added, stage: 'student' } as const;
  if (!teacher || config.teacher?.checkpoint) return inStudent;
  // LAD trains its teacher on two views with independent noise.
  const inTeacher = trainingStepBytes({ network: teacher, views: lad?.paths ?? 1, input });
  return inTeacher > inStudent.bytes ? { bytes: inTeacher, stage: 'teacher' } : inStudent;
}
