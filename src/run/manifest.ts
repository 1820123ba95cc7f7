import { join } from 'node:path';
import { DistillError } from '../protocol/errors';
import { type RunManifest, runManifestSchema } from '../protocol/run';
import { readIfPresent, writeWhole } from './files';
import { runFiles } from './run-folder';

/** Writes `run.json` as a whole. Errors: disk-full, io. */
export function writeManifest(folder: string, manifest: RunManifest): void {
  const checked = runManifestSchema.parse(manifest);
  writeWhole(join(folder, runFiles.manifest), `${JSON.stringify(checked, null, 2)}\n`);
}

/**
 * Reads and checks `run.json`.
 * Errors: run-missing (no such file), run-broken (not a manifest of this version), io.
 */
export function readManifest(folder: string): RunManifest {
  const file = join(folder, runFiles.manifest);
  const bytes = readIfPresent(file);
  if (!bytes)
    throw new DistillError('run-missing', 'This folder holds no run.', {
      where: file,
      remedy: 'Choose a folder inside .distill/runs.',
    });
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw broken(file, 'It is not valid JSON', error);
  }
  const parsed = runManifestSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw broken(file, `${issue.path.join('.') || 'the whole file'}: ${issue.message}`, parsed.error);
  }
  return parsed.data;
}

/** Changes some fields of `run.json`, keeping the others as they are on the disk. */
export function updateManifest(folder: string, change: Partial<RunManifest>): RunManifest {
  const manifest = { ...readManifest(folder), ...change };
  writeManifest(folder, manifest);
  return manifest;
}

function broken(file: string, what: string, cause: unknown): DistillError {
  return new DistillError('run-broken', `This is not a run description of version 1. ${what}.`, {
    where: file,
    remedy:
      'Restore the file from a backup, or start the run anew; its journal and checkpoints are untouched.',
    cause,
  });
}
