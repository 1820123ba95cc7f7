import type { Role, StageId } from '../../src/protocol/events';
import type { RunStatus } from '../../src/protocol/run';
import { t } from '../ui/l10n';

const methods: Record<string, string> = { lad: 'LAD', rdd: 'RDD', kd: 'KD', cwd: 'CWD' };

/** "RDD + CWD", or "Baseline" for a student that is trained alone. */
export function methodLabel(ids: readonly string[]): string {
  return ids.length === 0 ? t('Baseline') : ids.map((id) => methods[id] ?? id.toUpperCase()).join(' + ');
}

/** Of a network and of the stage that trains it, as a word by itself. */
export const roleName: Record<Role, string> = { teacher: t('teacher'), student: t('student') };

export const stageLabel: Record<StageId, string> = {
  teacher: t('Teacher stage'),
  student: t('Student stage'),
};

const phases: Record<string, string> = {
  tfe: t('TFE (teacher-full evaluation)'),
  tse: t('TSE (teacher-student evaluation)'),
  blend: t('TFE fading into TSE'),
};
export const phaseLabel = (phase: string): string => phases[phase] ?? phase;
/** What fits beside a line in a chart. */
export const phaseShort = (phase: string): string => (phase === 'blend' ? 'TFE→TSE' : phase.toUpperCase());

const terms: Record<string, string> = {
  task: t('task'),
  'task.aux': t('task, auxiliary head'),
  'task.aux8': t('task, auxiliary head at 1/8'),
  'task.aux16': t('task, auxiliary head at 1/16'),
  'task.coarse': t('task, first head'),
  'task.detail8.bce': t('detail, cross entropy'),
  'task.detail8.dice': t('detail, Dice'),
  consistency: t('dual-path consistency'),
  kd: 'KD',
  cwd: 'CWD',
};
export const termLabel = (id: string): string => terms[id] ?? id;

const watched: Record<string, string> = {
  'adversarial.discriminator': t('discriminator of the adversarial term'),
};
export const watchedLabel = (id: string): string => watched[id] ?? id;

export const statusLabel: Record<RunStatus, string> = {
  starting: t('Starting'),
  running: t('Running'),
  paused: t('Paused'),
  finished: t('Finished'),
  stopped: t('Stopped'),
  failed: t('Failed'),
  crashed: t('Crashed'),
};

/** A process trains the run, or rests between two of its steps. */
export const isLive = (status: RunStatus): boolean => canPause(status) || status === 'paused';
export const canPause = (status: RunStatus): boolean => status === 'starting' || status === 'running';
export const canResume = (status: RunStatus): boolean =>
  status === 'stopped' || status === 'failed' || status === 'crashed';
