import type { StageId } from '../../src/protocol/events';
import type { RunStatus } from '../../src/protocol/run';

const methods: Record<string, string> = { lad: 'LAD', rdd: 'RDD', kd: 'KD', cwd: 'CWD' };

/** "RDD + CWD", or "Baseline" for a student that is trained alone. */
export function methodLabel(ids: readonly string[]): string {
  return ids.length === 0 ? 'Baseline' : ids.map((id) => methods[id] ?? id.toUpperCase()).join(' + ');
}

export const stageLabel: Record<StageId, string> = { teacher: 'Teacher stage', student: 'Student stage' };

const phases: Record<string, string> = {
  tfe: 'TFE (teacher-full evaluation)',
  tse: 'TSE (teacher-student evaluation)',
  blend: 'TFE fading into TSE',
};
export const phaseLabel = (phase: string): string => phases[phase] ?? phase;
/** What fits beside a line in a chart. */
export const phaseShort = (phase: string): string => (phase === 'blend' ? 'TFE→TSE' : phase.toUpperCase());

const terms: Record<string, string> = {
  task: 'task',
  'task.aux': 'task, auxiliary head',
  'task.aux8': 'task, auxiliary head at 1/8',
  'task.aux16': 'task, auxiliary head at 1/16',
  'task.coarse': 'task, first head',
  'task.detail8.bce': 'detail, cross entropy',
  'task.detail8.dice': 'detail, Dice',
  consistency: 'dual-path consistency',
  kd: 'KD',
  cwd: 'CWD',
};
export const termLabel = (id: string): string => terms[id] ?? id;

const watched: Record<string, string> = {
  'adversarial.discriminator': 'discriminator of the adversarial term',
};
export const watchedLabel = (id: string): string => watched[id] ?? id;

export const statusLabel: Record<RunStatus, string> = {
  starting: 'Starting',
  running: 'Running',
  paused: 'Paused',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed',
  crashed: 'Crashed',
};

/** A process trains the run, or rests between two of its steps. */
export const isLive = (status: RunStatus): boolean => canPause(status) || status === 'paused';
export const canPause = (status: RunStatus): boolean => status === 'starting' || status === 'running';
export const canResume = (status: RunStatus): boolean =>
  status === 'stopped' || status === 'failed' || status === 'crashed';
