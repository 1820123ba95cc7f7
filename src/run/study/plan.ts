import { createHash } from 'node:crypto';
import { dirname, join, relative, sep } from 'node:path';
import type { Config } from '../../protocol/config';
import type { Study, StudyArm } from '../../protocol/study';
import { mergePatch } from './merge-patch';

/** One training of a study. */
export interface Cell {
  arm: StudyArm;
  seed: number;
  /** `arm/seed`: its name in the records. */
  key: string;
}

export interface StudyPlan {
  study: Study;
  /** Absolute path of the study's file; relative paths in its configurations start from its folder. */
  file: string;
  /** The shared configuration as written. */
  base: unknown;
  /** In the order in which they are trained: all arms of a seed before the next seed, so that every arm has results early. */
  cells: Cell[];
  /** Configuration of every arm with every default filled in, checked; its teacher, if another arm trains it, without weights. */
  configs: ReadonlyMap<string, Config>;
  reference: StudyArm;
}

/**
 * The configuration of a cell as text.
 * @param teacherFile absolute path of the weights of its teacher, if another arm trains it
 */
export function configTextOf(plan: StudyPlan, { arm, seed }: Cell, teacherFile?: string): string {
  const teacher = teacherFile === undefined ? undefined : { checkpoint: portable(plan.file, teacherFile) };
  return JSON.stringify(configOf(plan, arm, seed, teacher), null, 2);
}

/** Tells configurations apart in the records of a study. */
export function fingerprint(configText: string): string {
  return createHash('sha256').update(configText).digest('hex').slice(0, 16);
}

/** Where the records and reports of a study lie. */
export function studyFolder(workspace: string, { study }: Pick<StudyPlan, 'study'>): string {
  return join(
    workspace,
    '.distill',
    'studies',
    study.name.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '') || 'study',
  );
}

function configOf(plan: StudyPlan, arm: StudyArm, seed: number, teacher: object | undefined): unknown {
  const merged = mergePatch(plan.base, arm.config);
  const named = mergePatch(merged, {
    name: `${plan.study.name} ${arm.name} seed ${seed}`.slice(0, 80),
    training: { seed },
  }) as Record<string, unknown>;
  if (arm.teacher === undefined) return named;
  const source = plan.study.arms.find(({ name }) => name === arm.teacher)!;
  const { student } = configOf(plan, source, seed, undefined) as { student?: object };
  // As it was trained, but from its own weights.
  return {
    ...named,
    teacher: { ...(mergePatch(student ?? {}, { checkpoint: null, init: null }) as object), ...teacher },
  };
}

/** Relative to the study where that stays below it, so that a workspace can be moved as a whole. */
function portable(studyFile: string, file: string): string {
  const path = relative(dirname(studyFile), file);
  return path.startsWith('..') ? file : path.split(sep).join('/');
}
