// Kills trainings with SIGKILL at random moments, lets them go on, and compares how they end with runs that were never
// disturbed: every byte of the last checkpoints and of the best weights, and every figure of the journal.
//
//   npm run kill-test -- [--kills 50] [--methods lad,rdd,cirkd] [--engine wasm] [--steps 24] [--seed 1]
//
// A third of the kills falls anywhere in the life of the process, a third while a checkpoint is being written, a third
// right after a line of the journal. Exits with 1 if anything differs.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { RandomStream } from '../src/engine/random';
import type { RunEvent } from '../src/protocol/events';
import { readJournal } from '../src/run/journal';
import { listRunFolders, runFiles } from '../src/run/run-folder';
import { RunReader } from '../src/run/run-reader';

const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    methods: { type: 'string', default: 'lad,rdd,cirkd' },
    engine: { type: 'string', default: 'wasm' },
    steps: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
  },
});
const kills = count('kills', options.kills);
const steps = count('steps', options.steps);
const random = RandomStream.seeded(count('seed', options.seed), 'kill-test');

/** What is trained: small enough that a step takes milliseconds, with everything that has a state. */
const METHODS: Record<string, object> = {
  lad: { methods: [{ kind: 'lad' }] },
  rdd: { methods: [{ kind: 'rdd', warmup: 0.5 }], teacher: { width: 0.0625 } },
  cirkd: { methods: [{ kind: 'cirkd' }], teacher: { width: 0.0625 } },
  skd: { methods: [{ kind: 'skd' }], teacher: { width: 0.0625 } },
};

interface Tally {
  method: string;
  runs: number;
  kills: number;
  /** Kills that left a half-written checkpoint behind. */
  inCheckpoint: number;
  /** Optimiser steps that were done again because they came after the last checkpoint. */
  repeated: number;
  differences: string[];
}

const scratch = mkdtempSync(join(tmpdir(), 'distill-kill-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
/** Trains once in peace, then as often as it takes for `wanted` kills, and compares. */
async function torment(name: string, wanted: number): Promise<Tally> {
  const tally: Tally = { method: name, runs: 0, kills: 0, inCheckpoint: 0, repeated: 0, differences: [] };
  const began = Date.now();
  const peaceful = await trained(workspaceOf(name, 'peace'));
  const duration = Date.now() - began;
  const expected = await imprint(peaceful);
  while (tally.kills < wanted) {
    const workspace = workspaceOf(name, `kill-${tally.runs++}`);
    const folder = await disturbed(workspace, wanted, duration, tally);
    const raw = (await readJournal(folder)).events.filter(({ kind }) => kind === 'step').length;
    const found = await imprint(folder);
    tally.repeated += raw - found.steps;
    for (const [what, value] of Object.entries(expected.parts))
      if (found.parts[what] !== value) tally.differences.push(`run ${tally.runs}: ${what} differs`);
    for (const what of Object.keys(found.parts))
      if (!Object.hasOwn(expected.parts, what))
        tally.differences.push(`run ${tally.runs}: ${what} is too much`);
  }
  return tally;
}

function workspaceOf(name: string, purpose: string): string {
  const choice = METHODS[name];
  if (!choice) throw new Error(`--methods are of ${Object.keys(METHODS).join(', ')}, not "${name}".`);
  const workspace = join(scratch, `${name}-${purpose}`);
  mkdirSync(workspace, { recursive: true });
  const config = {
    // All workspaces share one set of pictures.
    dataset: { kind: 'sample', root: join(scratch, 'pictures') },
    student: { width: 0.0625 },
    ...choice,
    training: {
      iterations: steps,
      teacherIterations: Math.ceil(steps / 2),
      batch: 2,
      crop: [32, 32],
      evaluateEvery: 6,
      evaluateImages: 1,
      checkpointEvery: 3,
      sampleEvery: 6,
    },
    engine: options.engine,
  };
  writeFileSync(join(workspace, 'kill.distill.json'), JSON.stringify(config, null, 2));
  return workspace;
}

function start(workspace: string): ChildProcess {
  const [known] = listRunFolders(workspace);
  const args = known ? ['--resume', known] : ['kill.distill.json'];
  const program = resolve(__dirname, '../dist/cli.js');
  if (!existsSync(program)) throw new Error('Build first: npm run build');
  return spawn(process.execPath, [program, 'train', ...args, '--quiet'], {
    cwd: workspace,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Trains to the end; the run folder. */
async function trained(workspace: string): Promise<string> {
  const child = start(workspace);
  const errors = textOf(child);
  const code = await ended(child);
  if (code !== 0) throw new Error(`The training ended with status ${code}: ${await errors}`);
  return listRunFolders(workspace)[0]!;
}

/** Trains to the end, killed as often as kills are left to deal out; the run folder. */
async function disturbed(workspace: string, wanted: number, duration: number, tally: Tally): Promise<string> {
  for (;;) {
    const child = start(workspace);
    const end = ended(child);
    const errors = textOf(child);
    if (tally.kills < wanted) {
      await moment(workspace, child, duration, tally.kills % 3);
      child.kill('SIGKILL');
    }
    const code = await end;
    if (code === 0) return listRunFolders(workspace)[0]!;
    if (code !== null) throw new Error(`The training ended with status ${code}: ${await errors}`);
    tally.kills++;
    if (unfinished(workspace)) tally.inCheckpoint++;
  }
}

/** Waits for the moment to kill; returns early if the training ends before it comes. */
async function moment(workspace: string, child: ChildProcess, duration: number, kind: number): Promise<void> {
  const lives = () => child.exitCode === null;
  if (kind === 0) {
    const until = Date.now() + random.uniform() * duration;
    while (lives() && Date.now() < until) await pause(Math.min(10, until - Date.now()));
    return;
  }
  // Not always the first one, so that some of them are far from where the process began.
  let passes = random.int(3);
  const journal = () => journalOf(workspace)?.length ?? 0;
  let before = journal();
  let within = false;
  while (lives()) {
    if (kind === 1) {
      const now = unfinished(workspace);
      if (now && !within && passes-- === 0) return pauseBriefly();
      within = now;
    } else if (journal() > before) {
      before = journal();
      if (passes-- === 0) return pauseBriefly();
    }
    await new Promise(setImmediate);
  }
}

/** Up to a few milliseconds, by spinning: timers are too coarse to hit the middle of a write. */
function pauseBriefly(): void {
  const until = performance.now() + random.uniform() * 4;
  while (performance.now() < until);
}

function journalOf(workspace: string): Buffer | undefined {
  const [folder] = listRunFolders(workspace);
  const file = folder && join(folder, runFiles.journal);
  return file && existsSync(file) ? readFileSync(file) : undefined;
}

/** Whether a checkpoint is half written. */
function unfinished(workspace: string): boolean {
  const [folder] = listRunFolders(workspace);
  const checkpoints = folder && join(folder, runFiles.checkpoints);
  return (
    !!checkpoints && existsSync(checkpoints) && readdirSync(checkpoints).some((name) => name.startsWith('.'))
  );
}

/** All that has to be the same in two runs of the same configuration. */
async function imprint(folder: string): Promise<{ steps: number; parts: Record<string, string> }> {
  const parts: Record<string, string> = {};
  const checkpoints = join(folder, runFiles.checkpoints);
  for (const file of readdirSync(checkpoints, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile()) parts[path.slice(folder.length + 1)] = readFileSync(path).toString('latin1');
  }
  const { events } = await RunReader.open(folder);
  for (const event of events) {
    const told = figures(event);
    if (told) parts[`journal: ${event.kind} of ${told.stage} ${told.step}`] = JSON.stringify(told);
  }
  return { steps: events.filter(({ kind }) => kind === 'step').length, parts };
}

/** An event without what depends on the clock and the machine; undefined for those that tell of interruptions. */
function figures(event: RunEvent) {
  if (event.kind !== 'step' && event.kind !== 'evaluation' && event.kind !== 'sample') return undefined;
  const { at: _at, ...rest } = event;
  if (rest.kind !== 'step') return rest;
  const { ms: _ms, etaMs: _eta, memory: _memory, ...step } = rest;
  return step;
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => done(code));
  });
}

async function textOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  await new Promise((done) => child.once('close', done));
  return text;
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${option} is a whole number above 0, not "${text}".`);
  return value;
}

async function main(): Promise<void> {
  const names = options.methods.split(',').map((name) => name.trim());
  let failed = false;
  for (const [i, name] of names.entries()) {
    // The kills are shared out among the methods.
    const share = Math.floor(kills / names.length) + (i < kills % names.length ? 1 : 0);
    const tally = await torment(name, share);
    failed ||= tally.differences.length > 0;
    console.log(
      `${name}: ${tally.kills} kills in ${tally.runs} runs, ${tally.inCheckpoint} of them in the middle of writing a checkpoint; ` +
        `${tally.repeated} steps repeated; ${tally.differences.length === 0 ? 'identical to the undisturbed run' : 'NOT IDENTICAL'}`,
    );
    for (const difference of tally.differences) console.log(`  ${difference}`);
  }
  process.exitCode = failed ? 1 : 0;
}

void main();
