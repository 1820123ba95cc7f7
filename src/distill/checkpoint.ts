import { z } from 'zod';
import type { BatchLoader } from '../data/dataset';
import type { Engine } from '../engine/engine';
import type { RandomStreams } from '../engine/random';
import type { Segmenter } from '../nn/segmenter';
import {
  decodeSafetensors,
  encodeSafetensors,
  float32Tensor,
  type SafeTensor,
  toFloat32,
} from '../nn/weights/safetensors';
import { exportWeights, importWeights } from '../nn/weights/state';
import { DistillError } from '../protocol/errors';
import type { Role } from '../protocol/events';
import type { Checkpoint } from './host';
import type { MethodInstance } from './method';
import { type AlongOptimizer, encodeMethodArrays, restoreMethodArrays } from './method-arrays';
import type { Sgd } from './optimizer';

const STATE = 'state.json';
const OPTIMIZER = 'optimizer.safetensors';
const METHODS = 'methods.safetensors';
const weightsFile = (role: Role) => `${role}.safetensors`;

const bestSchema = z.object({ step: z.int().min(0), miou: z.number() });
const stateSchema = z.object({
  version: z.literal(1),
  random: z.record(
    z.string(),
    z.object({ words: z.tuple([z.int(), z.int(), z.int(), z.int()]), spare: z.number().nullable() }),
  ),
  loader: z.unknown(),
  methods: z.array(z.object({ id: z.string(), state: z.unknown() })),
  best: z.object({ teacher: bestSchema.optional(), student: bestSchema.optional() }),
});
export type SavedState = z.infer<typeof stateSchema>;
/** Best validation mIoU of each network so far. */
export type Best = SavedState['best'];

/** Everything a run consists of between two steps. */
export interface Resumable {
  networks: { teacher: Segmenter | null; student: Segmenter | null };
  optimizer: Sgd;
  along: readonly AlongOptimizer[];
  random: RandomStreams;
  loader: BatchLoader;
  methods: readonly MethodInstance[];
  best: Best;
}

/**
 * Errors: numeric, if a weight is not finite: such a checkpoint must not displace a good one.
 */
export function saveCheckpoint(
  engine: Engine,
  position: Pick<Checkpoint, 'stage' | 'step'>,
  { networks, optimizer, along, random, loader, methods, best }: Resumable,
): Checkpoint {
  const files: Checkpoint['files'] = {};
  for (const role of ['teacher', 'student'] as const) {
    const network = networks[role];
    if (!network) continue;
    requireFinite(network, role, position);
    files[weightsFile(role)] = exportWeights(network);
  }
  const velocities = new Map<string, SafeTensor>();
  for (const [name, velocity] of optimizer.velocities)
    velocities.set(name, float32Tensor(velocity.shape, velocity.dataSync<'float32'>().slice()));
  files[OPTIMIZER] = encodeSafetensors({ tensors: velocities, metadata: {} });
  const arrays = encodeMethodArrays(engine, methods, along);
  if (arrays) files[METHODS] = arrays;
  const state: SavedState = {
    version: 1,
    random: random.state(),
    loader: loader.state(),
    methods: methods.map((method) => ({ id: method.id, state: method.state?.() ?? null })),
    best,
  };
  files[STATE] = new TextEncoder().encode(JSON.stringify(state));
  return { ...position, files };
}

/** What is needed before anything of a resumed run is built. Errors: checkpoint-broken, checkpoint-mismatch. */
export function readState(checkpoint: Checkpoint, methods: readonly MethodInstance[]): SavedState {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(fileOf(checkpoint, STATE)));
  } catch (error) {
    if (error instanceof DistillError) throw error;
    throw brokenState(checkpoint, 'it is not JSON', error);
  }
  const parsed = stateSchema.safeParse(json);
  if (!parsed.success) throw brokenState(checkpoint, z.prettifyError(parsed.error));
  const saved = parsed.data.methods.map(({ id }) => id).join(', ');
  const wanted = methods.map(({ id }) => id).join(', ');
  if (saved !== wanted)
    throw new DistillError(
      'checkpoint-mismatch',
      `The checkpoint is of a run with the methods [${saved}], the configuration has [${wanted}].`,
      { where: whereOf(checkpoint, STATE), remedy: 'Start a new run with the changed configuration.' },
    );
  return parsed.data;
}

/** Errors: checkpoint-broken, checkpoint-mismatch. */
export function restoreWeights(engine: Engine, network: Segmenter, role: Role, checkpoint: Checkpoint): void {
  const file = weightsFile(role);
  importWeights(engine, network, fileOf(checkpoint, file), whereOf(checkpoint, file));
}

/** Errors: checkpoint-broken, checkpoint-mismatch. */
export function restoreVelocities(engine: Engine, optimizer: Sgd, checkpoint: Checkpoint): void {
  const where = whereOf(checkpoint, OPTIMIZER);
  const { tensors } = decodeSafetensors(fileOf(checkpoint, OPTIMIZER), where);
  for (const [name, velocity] of optimizer.velocities) {
    const tensor = tensors.get(name);
    if (!tensor || `${tensor.shape}` !== `${velocity.shape}`)
      throw new DistillError('checkpoint-mismatch', `The momentum of "${name}" is missing or misshapen.`, {
        where,
        remedy: 'Resume from another checkpoint, or start a new run.',
      });
    const values = toFloat32(name, tensor, where);
    engine.tf.tidy(() => velocity.assign(engine.tf.tensor(values, velocity.shape)));
  }
}

/** Errors: checkpoint-broken, checkpoint-mismatch. */
export function restoreMethods(
  engine: Engine,
  methods: readonly MethodInstance[],
  along: readonly AlongOptimizer[],
  checkpoint: Checkpoint,
): void {
  const file = () => fileOf(checkpoint, METHODS);
  restoreMethodArrays(engine, methods, along, file, whereOf(checkpoint, METHODS));
}

function requireFinite(network: Segmenter, role: Role, { stage, step }: Pick<Checkpoint, 'stage' | 'step'>) {
  for (const [name, { variable }] of network.weights)
    if (!variable.dataSync<'float32'>().every(Number.isFinite))
      throw new DistillError(
        'numeric',
        `After step ${step} of the ${stage} stage the ${role}'s weight "${name}" is no longer finite.`,
        {
          remedy: 'The last checkpoint is from before that. Lower training.lr and start again.',
        },
      );
}

function fileOf(checkpoint: Checkpoint, name: string): Uint8Array {
  const file = checkpoint.files[name];
  if (!file)
    throw new DistillError('checkpoint-broken', 'The file is missing.', {
      where: whereOf(checkpoint, name),
      remedy: 'Resume from another checkpoint, or start a new run.',
    });
  return file;
}

function brokenState(checkpoint: Checkpoint, why: string, cause?: unknown): DistillError {
  return new DistillError('checkpoint-broken', `The saved state cannot be read: ${why}.`, {
    where: whereOf(checkpoint, STATE),
    remedy: 'Resume from another checkpoint, or start a new run.',
    cause,
  });
}

function whereOf({ stage, step }: Checkpoint, file: string): string {
  return `checkpoint ${stage}-${step}, ${file}`;
}
