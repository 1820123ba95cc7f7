// What the run folders of a workspace say: the truth that the screen is compared with.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Run folders of a workspace, oldest first. */
export function runFolders(workspace) {
  const runs = join(workspace, '.distill/runs');
  if (!existsSync(runs)) return [];
  return readdirSync(runs)
    .map((id) => join(runs, id))
    .filter((folder) => existsSync(join(folder, 'run.json')))
    .sort((a, b) => manifest(a).createdAt - manifest(b).createdAt);
}

export const manifest = (folder) => readJson(join(folder, 'run.json'));

/** Whole lines of the journal; a line that is being written is left out. */
export function journal(folder) {
  const file = join(folder, 'journal.jsonl');
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Process that trains the run, if one says so. */
export function workerPid(folder) {
  const lock = join(folder, 'lock.json');
  return existsSync(lock) ? readJson(lock).pid : undefined;
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    // A process that ended but was not waited for still has a pid.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits until `probe` gives something; says what it waited for when it does not. */
export async function until(what, probe, timeout = 60_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Waited ${timeout / 1000} s in vain: ${what}.`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Ends workers that a failed test left: they outlive windows by design. */
export function endWorkers(workspace) {
  for (const folder of runFolders(workspace)) {
    const pid = workerPid(folder);
    if (pid && isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
}
