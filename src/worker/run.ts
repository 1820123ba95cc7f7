import { dirname, join, resolve } from 'node:path';
import { heedLastCheck } from '../data/check/known';
import type { Dataset } from '../data/dataset';
import { openDataset } from '../data/open';
import type { TrainingJob } from '../distill/host';
import { checkMethods, deviationsOf } from '../distill/methods/registry';
import { planStages } from '../distill/stages';
import { train } from '../distill/trainer';
import type { Engine } from '../engine/engine';
import { engineNames } from '../engine/engines';
import { engineFromEnvironment, openEngine } from '../engine/open';
import { type Config, configSchema } from '../protocol/config';
import { DistillError } from '../protocol/errors';
import type { RunEvent } from '../protocol/events';
import type { RunManifest } from '../protocol/run';
import { requireWasmMemory } from '../run/check/memory';
import { latestCheckpoint } from '../run/checkpoints';
import { describeHost, gitState } from '../run/environment';
import { JournalWriter } from '../run/journal';
import { loadConfig } from '../run/load-config';
import { RunLockHolder } from '../run/lock';
import { readManifest, updateManifest, writeManifest } from '../run/manifest';
import { createRunFolder, forgetRequests, runFiles } from '../run/run-folder';
import { closeInitialWeights, openInitialWeights } from './initial-weights';
import { RunHost } from './run-host';

/** What is to be trained: a configuration, or a run that was interrupted. Paths are absolute. */
export type RunRequest =
  | {
      configFile: string;
      /** What to train if it is not what the file says now. */
      configText?: string | undefined;
      workspace: string;
      engine?: Config['engine'] | undefined;
    }
  | { resume: string; engine?: Config['engine'] | undefined };

export interface RunListeners {
  /** The run folder exists and can be followed. `engine`: one sentence about what computes. */
  onCreated?(run: { id: string; folder: string; logFile: string; engine: string; config: Config }): void;
  /** An event was written to the journal. */
  onEvent?(event: RunEvent): void;
  /** Asked between steps; true ends the run after a checkpoint. */
  stopRequested?(): boolean;
}

export interface RunOutcome {
  folder: string;
  status: 'finished' | 'stopped' | 'failed';
  /** Why it failed. */
  error?: Error;
}

/**
 * Trains a run in this process and writes everything about it into its folder.
 * @returns how it ended. What goes wrong once the folder exists ends the run as `failed` and is written down there.
 * Errors before there is a folder: config-syntax, config-invalid, checkpoint-missing, engine-unavailable, dataset-*, io,
 * disk-full; for a resumed run run-missing, run-broken, run-locked, usage.
 */
export async function runTraining(request: RunRequest, listeners: RunListeners): Promise<RunOutcome> {
  return 'resume' in request
    ? resumeRun(request.resume, request.engine, listeners)
    : startRun(request, listeners);
}

async function startRun(
  { configFile, configText, workspace, engine: wanted }: Extract<RunRequest, { configFile: string }>,
  listeners: RunListeners,
): Promise<RunOutcome> {
  const { config, text, name } = loadConfig(configFile, configText);
  checkMethods(config);
  const base = dirname(configFile);
  const initial = openInitialWeights(config, base);
  try {
    const engine = await openEngine(wanted ?? engineFromEnvironment() ?? config.engine);
    const dataset = await openDatasetOf(config, base, workspace);
    if (engine.name === 'wasm') requireWasmMemory(config, dataset.classes.length);
    return await startIn(
      { engine, config, dataset, initial },
      { configFile, workspace, text, name, base },
      listeners,
    );
  } finally {
    closeInitialWeights(initial);
  }
}

/** Makes the folder of a new run and trains in it. */
async function startIn(
  job: Omit<TrainingJob, 'host'>,
  source: { configFile: string; workspace: string; text: string; name: string; base: string },
  listeners: RunListeners,
): Promise<RunOutcome> {
  const { engine, config, dataset } = job;
  const { configFile, workspace, text, name, base } = source;
  const { id, folder } = createRunFolder(workspace, name);
  const lock = RunLockHolder.acquire(folder);
  try {
    const manifest: RunManifest = {
      version: 1,
      id,
      name,
      createdAt: Date.now(),
      configFile,
      configText: text,
      config,
      base,
      methods: config.methods.map(({ kind }) => kind),
      deviations: deviationsOf(config),
      classes: dataset.classes.map((c) => ({ ...c })),
      ...(await environment(engine, base)),
      status: 'running',
    };
    writeManifest(folder, manifest);
    return await trainIn(folder, manifest, job, listeners);
  } finally {
    lock.release();
  }
}

async function resumeRun(
  folder: string,
  wanted: Config['engine'] | undefined,
  listeners: RunListeners,
): Promise<RunOutcome> {
  const before = readManifest(folder);
  if (before.status === 'finished')
    throw new DistillError('usage', 'The run is finished.', {
      where: folder,
      remedy: 'Start a new run to train longer.',
    });
  requireKnownSettings(folder, before);
  const lock = RunLockHolder.acquire(folder);
  let initial: TrainingJob['initial'] = {};
  try {
    const { config, base } = before;
    const engine = await openEngine(wanted ?? engineFromEnvironment() ?? engineOf(before));
    const dataset = await openDatasetOf(config, base, resolve(folder, '..', '..', '..'));
    if (engine.name === 'wasm') requireWasmMemory(config, dataset.classes.length);
    const { checkpoint, damaged } = latestCheckpoint(folder);
    // With a checkpoint of the student stage everything is in it.
    if (checkpoint?.stage !== 'student') initial = openInitialWeights(config, base);
    const manifest = updateManifest(folder, {
      ...(await environment(engine, base)),
      status: 'running',
      endedAt: undefined,
      error: undefined,
    });
    const job = { engine, config, dataset, initial, resumeFrom: checkpoint };
    return await trainIn(folder, manifest, job, listeners, (host) => {
      for (const error of damaged) host.record({ kind: 'warning', message: error.message });
      if (before.engine.name !== manifest.engine.name)
        host.record({
          kind: 'warning',
          message: `Goes on with ${manifest.engine.name}; it was begun with ${before.engine.name}.`,
        });
      host.record({
        kind: 'resume',
        stage: checkpoint?.stage ?? planStages(config)[0]!.stage,
        step: checkpoint?.step ?? 0,
      });
    });
  } finally {
    closeInitialWeights(initial);
    lock.release();
  }
}

/** What another version meant by its settings, only that version can go on with. Errors: run-broken. */
function requireKnownSettings(folder: string, { config }: RunManifest): void {
  const parsed = configSchema.safeParse(config);
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  throw new DistillError(
    'run-broken',
    `The run has settings that this version does not know: ${issue?.path.join('.') || 'configuration'}: ${issue?.message}`,
    {
      where: folder,
      remedy: 'Resume it with the version it was begun with, or start a new run from its configuration.',
    },
  );
}

/** Trains in a folder that has a manifest and is locked, and writes down how it ended. */
async function trainIn(
  folder: string,
  manifest: RunManifest,
  job: Omit<TrainingJob, 'host'>,
  { onCreated, onEvent, stopRequested }: RunListeners,
  begin?: (host: RunHost) => void,
): Promise<RunOutcome> {
  forgetRequests(folder);
  const journal = new JournalWriter(folder);
  const host = new RunHost({ folder, journal, onEvent, stopRequested });
  onCreated?.({
    id: manifest.id,
    folder,
    logFile: join(folder, runFiles.log),
    engine: job.engine.describe().summary,
    config: job.config,
  });
  try {
    for (const message of job.dataset.warnings) host.record({ kind: 'warning', message });
    begin?.(host);
    const status = await train({ ...job, host });
    end(folder, host, journal, { status });
    return { folder, status };
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    try {
      end(folder, host, journal, {
        status: 'failed',
        error: error.message,
        code: error instanceof DistillError ? error.code : 'internal',
      });
    } catch {
      // What is returned says more than that it could not be written down, too.
    }
    return { folder, status: 'failed', error };
  } finally {
    journal.close();
    forgetRequests(folder);
  }
}

/** Journal and manifest say how a run ended, each even if the other cannot: readers understand either. */
function end(
  folder: string,
  host: RunHost,
  journal: JournalWriter,
  how: { status: RunOutcome['status']; error?: string; code?: string },
): void {
  try {
    host.record({ kind: 'end', ...how });
    journal.flush();
  } finally {
    updateManifest(folder, { status: how.status, endedAt: Date.now(), error: how.error });
  }
}

/** The embedded scenes lie in the workspace, wherever in it the configuration is; anything else is relative to that. */
async function openDatasetOf(config: Config, base: string, workspace: string): Promise<Dataset> {
  const embedded = config.dataset.kind === 'sample' && config.dataset.root === undefined;
  const dataset = await openDataset(config.dataset, embedded ? workspace : base);
  await heedLastCheck(dataset);
  return dataset;
}

async function environment(
  engine: Engine,
  base: string,
): Promise<Pick<RunManifest, 'engine' | 'host' | 'git'>> {
  const { name, device, versions } = engine.describe();
  return { engine: { name, device, versions }, host: describeHost(), git: await gitState(base) };
}

/** The engine a run was begun with computes its rest, so that the numbers fit together. */
function engineOf(manifest: RunManifest): Config['engine'] {
  const { name } = manifest.engine;
  return engineNames.find((engine) => engine === name) ?? manifest.config.engine;
}
