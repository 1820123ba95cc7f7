import { networkProblem, type SegmenterChoice } from '../../nn/networks';
import { type TrainingShape, trainingStepBytes } from '../../nn/step-memory';
import { type Config, needsTeacher } from '../../protocol/config';
import { datasetFacts } from '../../protocol/datasets';
import { DistillError } from '../../protocol/errors';
import { error } from './say';
import type { Finding } from './schema-findings';

/** What 32-bit addresses reach. */
const HEAP = 4 * 2 ** 30;
/** Of a dataset whose classes are not known before it is opened. */
const TYPICAL_CLASSES = 21;
const LEAST_BATCH = 2;
const LEAST_CROP = 32;

/** Refuses a training that the wasm engine, where it is asked for, has no room for. */
export function memory(config: Config): Finding[] {
  const buildable = [config.student, config.teacher ?? config.student].every(
    (network) => !networkProblem(network),
  );
  if (config.engine !== 'wasm' || !buildable) return [];
  const refusal = wasmRefusal(config, datasetFacts(config.dataset).classes ?? TYPICAL_CLASSES);
  return refusal ? [error(['training', 'batch'], `${refusal.what} ${refusal.remedy}`)] : [];
}

/**
 * The same once the engine and the classes are known: before a run begins. Errors: engine-memory.
 */
export function requireWasmMemory(config: Config, classes: number): void {
  const refusal = wasmRefusal(config, classes);
  if (refusal)
    throw new DistillError('engine-memory', refusal.what, { where: 'training', remedy: refusal.remedy });
}

function wasmRefusal(config: Config, classes: number): { what: string; remedy: string } | undefined {
  const { batch, crop } = config.training;
  const needed = peakBytes(config, classes, batch, crop);
  if (needed.bytes <= HEAP) return undefined;
  const gib = (needed.bytes / 2 ** 30).toFixed(1);
  return {
    what:
      `A step of the ${needed.stage} stage needs about ${gib} GiB (batch ${batch}, crop ${crop.join(' x ')}), ` +
      'and the wasm engine can address 4 GiB.',
    remedy: `${whatFits(config, classes)} The TensorFlow engine has no such limit ("distill doctor --install tensorflow").`,
  };
}

function whatFits(config: Config, classes: number): string {
  const { batch, crop } = config.training;
  const fits = (n: number, size: [number, number]) => peakBytes(config, classes, n, size).bytes <= HEAP;
  const found: string[] = [];
  for (let n = batch - 1; n >= LEAST_BATCH; n--)
    if (fits(n, crop)) {
      found.push(`a batch of ${n}`);
      break;
    }
  const smaller = (by: number): [number, number] => [
    crop[0] - by,
    Math.round((crop[1] * (1 - by / crop[0])) / 32) * 32,
  ];
  for (let by = 32; crop[0] - by >= LEAST_CROP; by += 32) {
    const size = smaller(by);
    if (size[1] >= LEAST_CROP && fits(batch, size)) {
      found.push(`a crop of ${size.join(' x ')}`);
      break;
    }
  }
  return found.length > 0
    ? `${found.join(' or ').replace(/^a/, 'A')} fits.`
    : 'No smaller batch or crop alone makes it fit: choose a smaller backbone or "width".';
}

/** The stage that needs most. */
function peakBytes(
  config: Config,
  classes: number,
  batch: number,
  [height, width]: [number, number],
): { bytes: number; stage: 'teacher' | 'student' } {
  const input = { batch, height, width };
  const shape = (of: Config['student'], inputChannels: number): SegmenterChoice => {
    const { checkpoint: _checkpoint, init: _init, ...choice } = of;
    return { ...choice, classes, inputChannels };
  };
  const lad = config.methods.some(({ kind }) => kind === 'lad');
  const teacher = needsTeacher(config) ? shape(config.teacher ?? config.student, lad ? 4 : 3) : undefined;
  const student: TrainingShape = { network: shape(config.student, 3), teacher, views: 1, input };
  const inStudent = { bytes: trainingStepBytes(student), stage: 'student' } as const;
  if (!teacher || config.teacher?.checkpoint) return inStudent;
  // LAD trains its teacher on two views with independent noise.
  const inTeacher = trainingStepBytes({ network: teacher, views: lad ? 2 : 1, input });
  return inTeacher > inStudent.bytes ? { bytes: inTeacher, stage: 'teacher' } : inStudent;
}
