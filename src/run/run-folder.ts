import fs from 'node:fs';
import { join } from 'node:path';
import { DistillError, describeIoError } from '../protocol/errors';
import { writeWhole } from './files';

/** Where the runs of a workspace lie. */
export function runsFolder(workspace: string): string {
  return join(workspace, '.distill', 'runs');
}

/** What lies where in a run folder. */
export const runFiles = {
  manifest: 'run.json',
  journal: 'journal.jsonl',
  lock: 'lock.json',
  checkpoints: 'checkpoints',
  samples: 'samples',
  log: 'worker.log',
  notes: 'notes.json',
  stop: 'stop',
  pause: 'pause',
} as const;

/**
 * Makes the folder of a new run. Its id begins with the local time, so that names sort by age:
 * `20261122-031500-lad-camvid`; a number is appended when that is taken.
 * @param name what the run is about; anything but letters, digits, `.`, `_` and `-` becomes `-`
 */
export function createRunFolder(
  workspace: string,
  name: string,
  now = new Date(),
): { id: string; folder: string } {
  const runs = runsFolder(workspace);
  const base = `${timestamp(now)}-${slug(name)}`;
  try {
    fs.mkdirSync(runs, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      const id = attempt === 1 ? base : `${base}-${attempt}`;
      const folder = join(runs, id);
      try {
        fs.mkdirSync(folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      fs.mkdirSync(join(folder, runFiles.checkpoints));
      fs.mkdirSync(join(folder, runFiles.samples));
      return { id, folder };
    }
  } catch (error) {
    throw describeIoError(error, runs);
  }
}

/** Folders that hold a run, newest first. A folder without `run.json` is not one (yet). */
export function listRunFolders(workspace: string): string[] {
  const runs = runsFolder(workspace);
  try {
    return fs
      .readdirSync(runs, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort()
      .reverse()
      .map((name) => join(runs, name))
      .filter((folder) => fs.existsSync(join(folder, runFiles.manifest)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw describeIoError(error, runs);
  }
}

/**
 * The folder of a run given by path, by id or by the unambiguous beginning or end of an id.
 * Errors: run-missing.
 */
export function findRunFolder(workspace: string, reference: string): string {
  if (fs.existsSync(join(reference, runFiles.manifest))) return reference;
  const folders = listRunFolders(workspace);
  const ids = folders.map((folder) => folder.slice(runsFolder(workspace).length + 1));
  const exact = ids.indexOf(reference);
  if (exact >= 0) return folders[exact]!;
  const matches = ids.filter((id) => id.startsWith(reference) || id.endsWith(reference));
  if (matches.length === 1) return folders[ids.indexOf(matches[0]!)]!;
  if (matches.length > 1)
    throw new DistillError('run-missing', `"${reference}" fits several runs: ${matches.join(', ')}.`, {
      where: runsFolder(workspace),
      remedy: 'Give the whole id.',
    });
  throw new DistillError('run-missing', `There is no run "${reference}".`, {
    where: runsFolder(workspace),
    remedy: ids.length
      ? 'Run `distill runs` for a list, or give the path of a run folder.'
      : 'There are no runs here yet; go to the workspace they were made in, or give it with --workspace.',
  });
}

/** What anybody may ask of whoever trains a run, in whatever process: a file that is there as long as it is wanted. */
export type RunRequestKind = 'stop' | 'pause';

/**
 * `stop`: finish the step, write a checkpoint and end. `pause`: finish the step, write a checkpoint and rest until the
 * request is taken back. Errors: io, disk-full.
 */
export function makeRequest(folder: string, kind: RunRequestKind): void {
  const file = join(folder, runFiles[kind]);
  try {
    // Renamed into its place: in a stranger's folder a link of that name may lead to any file.
    writeWhole(file, '');
  } catch (error) {
    throw describeIoError(error, file);
  }
}

export function isRequested(folder: string, kind: RunRequestKind): boolean {
  return fs.existsSync(join(folder, runFiles[kind]));
}

/** Takes a request back. Errors: io. */
export function withdrawRequest(folder: string, kind: RunRequestKind): void {
  const file = join(folder, runFiles[kind]);
  try {
    fs.rmSync(file, { force: true });
  } catch (error) {
    throw describeIoError(error, file);
  }
}

/** Forgets what was asked of an earlier process, so that it does not end or halt the next one who trains this run. */
export function forgetRequests(folder: string): void {
  for (const kind of ['stop', 'pause'] as const) withdrawRequest(folder, kind);
}

function timestamp(t: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${t.getFullYear()}${two(t.getMonth() + 1)}${two(t.getDate())}`;
  return `${day}-${two(t.getHours())}${two(t.getMinutes())}${two(t.getSeconds())}`;
}

function slug(name: string): string {
  const safe = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60);
  return safe || 'run';
}
