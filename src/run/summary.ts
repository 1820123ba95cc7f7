import type { Config } from '../protocol/config';
import type { RunEvent, StageId } from '../protocol/events';
import type { RunManifest, RunNotes, RunStatus, RunSummary } from '../protocol/run';
import { isAlive, readLock } from './lock';

/**
 * What lists show of a run.
 * @param events effective events, oldest first
 */
export function summarize(
  folder: string,
  manifest: RunManifest,
  notes: RunNotes,
  events: readonly RunEvent[],
  status: RunStatus,
): RunSummary {
  const summary: RunSummary = {
    id: manifest.id,
    name: notes.name ?? manifest.name,
    folder,
    status,
    methods: manifest.methods,
    student: describeStudent(manifest.config),
    createdAt: manifest.createdAt,
    endedAt: manifest.endedAt,
    progress: 0,
    engine: `${manifest.engine.name} (${manifest.engine.device})`,
    error: manifest.error,
    starred: notes.starred,
    archived: notes.archived,
    notes: notes.text,
  };
  let stages = manifest.methods.length > 0 && !manifest.config.teacher?.checkpoint ? 2 : 1;
  for (const event of events) {
    switch (event.kind) {
      case 'stage':
        stages = event.stages;
        summary.stage = event.stage;
        summary.step = event.from;
        summary.iterations = event.iterations;
        break;
      case 'step':
        summary.stage = event.stage;
        summary.step = event.step;
        summary.loss = event.loss;
        summary.etaMs = event.etaMs;
        summary.memory = event.memory ?? summary.memory;
        break;
      case 'evaluation': {
        const best = event.role === 'student' ? 'bestStudentMiou' : 'bestTeacherMiou';
        summary[best] = Math.max(summary[best] ?? 0, event.miou);
        break;
      }
      case 'end':
        summary.endedAt = event.at;
        summary.error = event.error ?? summary.error;
        break;
      case 'resume':
        summary.stage = event.stage;
        summary.step = event.step;
        break;
      case 'sample':
      case 'checkpoint':
      case 'paused':
      case 'continued':
      case 'warning':
      case 'weights':
        break;
      default:
        event satisfies never;
    }
  }
  summary.progress =
    status === 'finished' ? 1 : progressOf(manifest.config, stages, summary.stage, summary.step);
  if (isTraining(status)) summary.samplesPerSecond = samplesPerSecond(manifest.config, events);
  else summary.etaMs = summary.memory = undefined;
  return summary;
}

/** A process holds the run. */
const isTraining = (status: RunStatus): boolean =>
  status === 'running' || status === 'starting' || status === 'paused';

/** So many of the last steps tell how fast a run is. */
export const SPEED_STEPS = 20;

/** By the median of the last steps: an evaluation or a checkpoint in between does not count. */
function samplesPerSecond({ training }: Config, events: readonly RunEvent[]): number | undefined {
  const times: number[] = [];
  for (let i = events.length - 1; i >= 0 && times.length < SPEED_STEPS; i--) {
    const event = events[i]!;
    if (event.kind === 'step') times.push(event.ms);
    if (event.kind === 'stage') break;
  }
  const median = times.sort((a, b) => a - b)[times.length >> 1];
  return median === undefined ? undefined : (1000 * training.batch) / Math.max(median, 0.001);
}

/**
 * The status as it is, not as it was last written down: a process that was killed could not say so. Where only the
 * manifest could not be written any more (a full disk), the journal's end counts.
 */
export function statusOf(
  folder: string,
  manifest: RunManifest,
  events: readonly RunEvent[],
  alive = isTrained(folder),
): RunStatus {
  if (manifest.status !== 'running' && manifest.status !== 'starting') return manifest.status;
  if (alive) return isPaused(events) ? 'paused' : manifest.status;
  const last = events.at(-1);
  return last?.kind === 'end' ? last.status : 'crashed';
}

/** Whether the process that trains said last that it rests. One that was killed meanwhile says `resume` when it is back. */
function isPaused(events: readonly RunEvent[]): boolean {
  const last = events.findLast(({ kind }) => kind === 'paused' || kind === 'continued' || kind === 'resume');
  return last?.kind === 'paused';
}

/** Whether a process that lives holds the run. */
export function isTrained(folder: string): boolean {
  const lock = readLock(folder);
  return lock !== undefined && isAlive(lock);
}

/** `deeplabv3-resnet18 x0.25` */
export function describeStudent(config: Pick<Config, 'student'>): string {
  const { model, backbone, width } = config.student;
  return `${model}-${backbone}${width === 1 ? '' : ` x${width}`}`;
}

/** Share of all optimiser steps that are done, 0..1. */
function progressOf(
  { training }: Config,
  stages: number,
  stage: StageId | undefined,
  step: number | undefined,
): number {
  const student = training.iterations;
  const teacher = stages > 1 ? (training.teacherIterations ?? training.iterations) : 0;
  const done = (stage === 'student' ? teacher : 0) + (step ?? 0);
  return Math.min(1, done / (teacher + student));
}
