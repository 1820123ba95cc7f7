import { l10n } from 'vscode';
import type { RunStatus, RunSummary } from '../protocol/run';

/** How people read a run: short words, the same in every view. */

const methodNames: Record<string, string> = { lad: 'LAD', rdd: 'RDD', kd: 'KD', cwd: 'CWD' };

export function methodsText(methods: readonly string[]): string {
  return methods.length === 0
    ? l10n.t('baseline')
    : methods.map((method) => methodNames[method] ?? method).join(' + ');
}

export function statusText(status: RunStatus): string {
  const texts: Record<RunStatus, string> = {
    starting: l10n.t('starting'),
    running: l10n.t('running'),
    paused: l10n.t('paused'),
    finished: l10n.t('finished'),
    stopped: l10n.t('stopped'),
    failed: l10n.t('failed'),
    crashed: l10n.t('crashed'),
  };
  return texts[status];
}

export function stageText(stage: 'teacher' | 'student'): string {
  return stage === 'teacher' ? l10n.t('teacher') : l10n.t('student');
}

/** `12 s`, `4 min`, `1 h 05 min` */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return l10n.t('{0} s', seconds);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return l10n.t('{0} min', minutes);
  return l10n.t('{0} h {1} min', Math.floor(minutes / 60), String(minutes % 60).padStart(2, '0'));
}

/** `43.1 %` */
export function miouText(miou: number): string {
  return l10n.t('{0} %', (100 * miou).toFixed(1));
}

export function percentText(progress: number): string {
  return `${Math.floor(100 * progress)} %`;
}

/** `1.2 GB` */
export function bytesText(bytes: number): string {
  return bytes < 1e9 ? l10n.t('{0} MB', Math.round(bytes / 1e6)) : l10n.t('{0} GB', (bytes / 1e9).toFixed(1));
}

/** How long a run took, or has taken so far. */
export function elapsed(run: RunSummary, now = Date.now()): number {
  return (run.endedAt ?? now) - run.createdAt;
}

export function isActive(run: Pick<RunSummary, 'status'>): boolean {
  return run.status === 'running' || run.status === 'starting' || run.status === 'paused';
}

export function isPausable(run: Pick<RunSummary, 'status'>): boolean {
  return run.status === 'running' || run.status === 'starting';
}

export function isResumable(run: Pick<RunSummary, 'status'>): boolean {
  return run.status === 'stopped' || run.status === 'failed' || run.status === 'crashed';
}
