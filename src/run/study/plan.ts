import { createHash } from 'node:crypto';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../protocol/config';
import { DistillError } from '../../protocol/errors';
import { type Study, type StudyArm, studySchema } from '../../protocol/study';
import { checkConfig } from '../check-config';
import { openDocument } from '../document/open-document';
import { readNamed } from '../load-config';
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
 * Reads a study and checks the configuration of every arm, so that nothing is trained before all of it can be.
 * @param file absolute path, JSON with comments or YAML
 * Errors: io, config-syntax, config-invalid and those of a configuration, with the arm they are in.
 */
export function loadStudy(file: string): StudyPlan {
  const study = parse(file, studySchema);
  const base = typeof study.base === 'string' ? readValue(resolve(dirname(file), study.base)) : study.base;
  if (typeof study.base === 'string' && resolve(dirname(file), study.base, '..') !== dirname(file))
    throw new DistillError('config-invalid', 'The base is in another folder than the study.', {
      where: file,
      remedy: 'Put both into one folder: relative paths in a configuration start from its folder.',
    });
  const plan: StudyPlan = {
    study,
    file,
    base,
    cells: study.seeds.flatMap((seed) =>
      study.arms.map((arm) => ({ arm, seed, key: `${arm.name}/${seed}` })),
    ),
    configs: new Map(),
    reference: study.arms.find(({ name }) => name === study.reference) ?? study.arms[0]!,
  };
  const configs = new Map<string, Config>();
  for (const arm of study.arms) configs.set(arm.name, checkArm(plan, arm, study.seeds[0]!));
  return { ...plan, configs };
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

function checkArm(plan: StudyPlan, arm: StudyArm, seed: number): Config {
  const text = JSON.stringify(configOf(plan, arm, seed, undefined), null, 2);
  const { config, problems } = checkConfig(text, plan.file);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length === 0 && config) return config;
  throw new DistillError(errors[0]?.code ?? 'config-invalid', `The arm "${arm.name}" cannot be trained.`, {
    where: plan.file,
    remedy: errors.map(({ path, message }) => `${path.join('.') || 'configuration'}: ${message}`).join('\n'),
  });
}

function parse<S extends z.ZodType>(file: string, schema: S): z.output<S> {
  const parsed = schema.safeParse(readValue(file));
  if (parsed.success) return parsed.data;
  throw new DistillError('config-invalid', 'This is not a study that can be run.', {
    where: file,
    remedy: z.prettifyError(parsed.error),
  });
}

function readValue(file: string): unknown {
  const text = readNamed(file, 'Check the path.');
  const { value, syntax } = openDocument(text, file);
  const [first] = syntax;
  if (!first) return value;
  const line = text.slice(0, first.offset).split('\n').length;
  throw new DistillError('config-syntax', first.message, {
    where: `${file}:${line}`,
    remedy: 'Mend the syntax.',
  });
}

/** Relative to the study where that stays below it, so that a workspace can be moved as a whole. */
function portable(studyFile: string, file: string): string {
  const path = relative(dirname(studyFile), file);
  return path.startsWith('..') ? file : path.split(sep).join('/');
}
