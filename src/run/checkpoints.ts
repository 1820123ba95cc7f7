import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DistillError, describeIoError } from '../protocol/errors';
import type { Role, StageId } from '../protocol/events';
import { syncFolder, writeAndSync, writeWhole } from './files';
import { runFiles } from './run-folder';

/** Checkpoints that are kept besides the best weights: the newest, and one more should the newest turn out damaged. */
const KEPT = 2;
const INDEX = 'index.json';
const UNFINISHED = '.writing-';
const stageOrder: Record<StageId, number> = { teacher: 0, student: 1 };

/** State of a run after a step; the contents of its files by name. */
export interface StoredCheckpoint {
  stage: StageId;
  /** Steps of the stage that are done. */
  step: number;
  files: Record<string, Uint8Array>;
}

const indexSchema = z.object({
  version: z.literal(1),
  stage: z.enum(['teacher', 'student']),
  step: z.int().min(0),
  files: z.record(
    z.string().regex(/^[\w-][\w.-]*$/),
    z.object({ bytes: z.int().min(0), sha256: z.string() }),
  ),
});

/**
 * Writes `checkpoints/<stage>-<step>/`: a folder that appears by one rename once everything in it is on the disk. Older
 * ones than the last two are removed afterwards.
 * @returns the folder relative to the run folder
 * Errors: disk-full, io; what was there before is intact.
 */
export function writeCheckpoint(runFolder: string, checkpoint: StoredCheckpoint): string {
  const name = `${checkpoint.stage}-${String(checkpoint.step).padStart(6, '0')}`;
  const folder = join(runFolder, runFiles.checkpoints);
  const target = join(folder, name);
  const relative = `${runFiles.checkpoints}/${name}`;
  const beside = join(folder, `${UNFINISHED}${name}`);
  try {
    if (fs.existsSync(target)) {
      // A run that is stopped right after a checkpoint writes it again, and it is the same.
      if (isWhole(target)) return relative;
      fs.rmSync(target, { recursive: true });
    }
    fs.rmSync(beside, { recursive: true, force: true });
    fs.mkdirSync(beside, { recursive: true });
    const index: z.infer<typeof indexSchema> = {
      version: 1,
      stage: checkpoint.stage,
      step: checkpoint.step,
      files: {},
    };
    for (const [file, data] of Object.entries(checkpoint.files)) {
      writeAndSync(join(beside, file), data);
      index.files[file] = { bytes: data.length, sha256: sha256(data) };
    }
    writeAndSync(join(beside, INDEX), `${JSON.stringify(indexSchema.parse(index), null, 2)}\n`);
    syncFolder(beside);
    fs.renameSync(beside, target);
    syncFolder(folder);
    for (const old of listCheckpoints(runFolder).slice(KEPT))
      fs.rmSync(join(folder, old.name), { recursive: true, force: true });
  } catch (error) {
    // A half-written checkpoint is of no use, and its space may be what is missing.
    fs.rmSync(beside, { recursive: true, force: true });
    throw describeIoError(error, target);
  }
  return relative;
}

function isWhole(folder: string): boolean {
  try {
    readCheckpoint(folder);
    return true;
  } catch {
    return false;
  }
}

/** Writes `checkpoints/best/<role>.safetensors` and returns its path relative to the run folder. */
export function writeBest(runFolder: string, role: Role, weights: Uint8Array): string {
  const folder = join(runFolder, runFiles.checkpoints, 'best');
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw describeIoError(error, folder);
  }
  writeWhole(join(folder, `${role}.safetensors`), weights);
  return `${runFiles.checkpoints}/best/${role}.safetensors`;
}

/** Checkpoints by name, newest first: the student stage comes after the teacher stage. Not validated. */
export function listCheckpoints(runFolder: string): { name: string; stage: StageId; step: number }[] {
  const folder = join(runFolder, runFiles.checkpoints);
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw describeIoError(error, folder);
  }
  return names
    .map((name) => ({ name, match: /^(teacher|student)-(\d{6,})$/.exec(name) }))
    .flatMap(({ name, match }) =>
      match ? [{ name, stage: match[1] as StageId, step: Number(match[2]) }] : [],
    )
    .sort((a, b) => stageOrder[b.stage] - stageOrder[a.stage] || b.step - a.step);
}

/**
 * The newest checkpoint whose files are all there and whole, with their contents; undefined if there is none. `damaged`
 * tells which newer ones had to be passed over and why.
 */
export function latestCheckpoint(runFolder: string): {
  checkpoint: (StoredCheckpoint & { name: string }) | undefined;
  damaged: DistillError[];
} {
  const damaged: DistillError[] = [];
  for (const { name } of listCheckpoints(runFolder)) {
    try {
      return {
        checkpoint: { name, ...readCheckpoint(join(runFolder, runFiles.checkpoints, name)) },
        damaged,
      };
    } catch (error) {
      damaged.push(describeIoError(error, join(runFolder, runFiles.checkpoints, name)));
    }
  }
  return { checkpoint: undefined, damaged };
}

/** Reads one checkpoint folder and checks sizes and sums. Errors: checkpoint-broken, io. */
export function readCheckpoint(folder: string): StoredCheckpoint {
  const index = readIndex(folder);
  const files: Record<string, Uint8Array> = {};
  for (const [name, { bytes, sha256: expected }] of Object.entries(index.files)) {
    const file = join(folder, name);
    const size = fs.statSync(file, { throwIfNoEntry: false })?.size;
    if (size === undefined) throw broken(file, 'The file is missing.');
    if (size !== bytes) throw broken(file, `It has ${size} bytes instead of ${bytes}.`);
    const data = fs.readFileSync(file);
    if (sha256(data) !== expected) throw broken(file, 'Its contents have changed since it was written.');
    files[name] = data;
  }
  return { stage: index.stage, step: index.step, files };
}

function readIndex(folder: string): z.infer<typeof indexSchema> {
  const file = join(folder, INDEX);
  try {
    return indexSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch (error) {
    throw broken(file, 'The list of the checkpoint’s files is missing or damaged.', error);
  }
}

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function broken(where: string, what: string, cause?: unknown): DistillError {
  return new DistillError('checkpoint-broken', what, {
    where,
    remedy: 'An older checkpoint of the run is used if there is one; else start the run anew.',
    cause,
  });
}
