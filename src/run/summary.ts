import type { Config } from '../protocol/config';
import type { RunEvent, StageId } from '../protocol/events';
import type { RunManifest, RunStatus, RunSummary } from '../protocol/run';
import { isAlive, readLock } from './lock';

/**
 * What lists show of a run.
 * @param events effective events, oldest first
 */
export function summarize(
  folder: string,
  manifest: RunManifest,
  events: readonly RunEvent[],
  status: RunStatus,
): RunSummary {
  const summary: RunSummary = {
    id: manifest.id,
    name: manifest.name,
    folder,
    status,
    methods: manifest.methods,
    student: describeStudent(manifest.config),
    createdAt: manifest.createdAt,
    endedAt: manifest.endedAt,
    progress: 0,
    engine: `${manifest.engine.name} (${manifest.engine.device})`,
    error: manifest.error,
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
      case 'warning':
      case 'weights':
        break;
      default:
        event satisfies never;
    }
  }
  summary.progress =
    status === 'finished' ? 1 : progressOf(manifest.config, stages, summary.stage, summary.step);
  if (status !== 'running' && status !== 'starting') summary.etaMs = undefined;
  return summary;
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
  if (alive) return manifest.status;
  const last = events.at(-1);
  return last?.kind === 'end' ? last.status : 'crashed';
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
