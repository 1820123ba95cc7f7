import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import type { Config } from '../../protocol/config';
import { DistillError, type ErrorCode } from '../../protocol/errors';
import { type StudyArm, studySchema } from '../../protocol/study';
import { checkConfig, spanOf } from '../check-config';
import { type ConfigDocument, nodeAt } from '../document/config-document';
import { openDocument } from '../document/open-document';
import { pathText } from '../help/describe';
import { positionOf, readNamed } from '../load-config';
import { configTextOf, type StudyPlan } from './plan';

/** Something wrong with a study. */
interface Problem {
  severity: 'error' | 'warning';
  code: ErrorCode;
  message: string;
  /** In the file of the study. */
  path: (string | number)[];
  onKey?: boolean;
  /** Whose configuration it is about. */
  arm?: string;
}

export interface CheckedStudy {
  /** Undefined if there are errors. */
  plan: StudyPlan | undefined;
  problems: Problem[];
  /** The problems as people and editors read them: `file:line:column: message`. */
  lines: string[];
}

/** Whether a file is a study by its name: `study.json`, `*.study.json`, and the same in YAML. */
export const isStudyFile = (file: string): boolean => /(^|[\\/.])study\.(json|ya?ml)$/.test(file);

/**
 * Reads a study and checks the configuration of every arm, so that nothing is trained before all of it can be.
 * @param file absolute path, JSON with comments or YAML
 * Errors: io, config-syntax, config-invalid and those of a configuration, with the arm they are in.
 */
export function loadStudy(file: string): StudyPlan {
  const { plan, problems, lines } = checkStudyFile(file);
  if (plan) return plan;
  const first = problems.find(({ severity }) => severity === 'error');
  throw new DistillError(
    first?.code ?? 'config-invalid',
    first?.arm === undefined
      ? 'This is not a study that can be run.'
      : `The arm "${first.arm}" cannot be trained.`,
    { where: file, remedy: lines.join('\n') },
  );
}

/**
 * Everything that is wrong with a study and with the configurations of its arms, without training.
 * Errors: io, config-syntax (the base, where it is a file of its own, cannot be read); everything else is a problem.
 */
export function checkStudyFile(file: string): CheckedStudy {
  const text = readNamed(file, 'Give the path of a *.study.json or *.study.yaml file.');
  const document = openDocument(text, file);
  const checked = check(document, resolve(file));
  return {
    ...checked,
    plan: checked.problems.some(({ severity }) => severity === 'error') ? undefined : checked.plan,
    lines: checked.problems.map((problem) => {
      const offset = document.syntax[0]?.offset ?? spanOf(document, problem).offset;
      const { line, column } = positionOf(text, offset);
      return `${file}:${line}:${column}: ${problem.severity === 'warning' ? 'warning: ' : ''}${problem.message}`;
    }),
  };
}

function check(document: ConfigDocument, file: string): Pick<CheckedStudy, 'plan' | 'problems'> {
  const [syntax] = document.syntax;
  if (syntax) return { plan: undefined, problems: [error([], syntax.message, 'config-syntax')] };
  const parsed = studySchema.safeParse(document.value);
  if (!parsed.success) return { plan: undefined, problems: parsed.error.issues.flatMap(problemsOf) };
  const study = parsed.data;
  const elsewhere =
    typeof study.base === 'string' && resolve(dirname(file), study.base, '..') !== dirname(file);
  if (elsewhere)
    return {
      plan: undefined,
      problems: [
        error(
          ['base'],
          'The base is in another folder than the study. Put both into one folder: relative paths in a configuration start from its folder.',
        ),
      ],
    };
  const configs = new Map<string, Config>();
  const plan: StudyPlan = {
    study,
    file,
    base: typeof study.base === 'string' ? baseIn(resolve(dirname(file), study.base)) : study.base,
    cells: study.seeds.flatMap((seed) =>
      study.arms.map((arm) => ({ arm, seed, key: `${arm.name}/${seed}` })),
    ),
    configs,
    reference: study.arms.find(({ name }) => name === study.reference) ?? study.arms[0]!,
  };
  const found = new Map<string, Problem>();
  study.arms.forEach((arm, i) => {
    const { config, problems } = checkArm(plan, arm, i, document);
    if (config) configs.set(arm.name, config);
    // What is wrong with the base is wrong in every arm.
    for (const problem of problems) {
      const key = JSON.stringify([problem.path, problem.message]);
      if (!found.has(key)) found.set(key, problem);
    }
  });
  return { plan, problems: [...found.values()] };
}

function checkArm(
  plan: StudyPlan,
  arm: StudyArm,
  index: number,
  { root }: ConfigDocument,
): { config: Config | undefined; problems: Problem[] } {
  const seed = plan.study.seeds[0]!;
  const { config, problems } = checkConfig(configTextOf(plan, { arm, seed, key: '' }), plan.file);
  return {
    config,
    problems: problems.map(({ severity, code, message, path }) => {
      const inArm = ['arms', index, 'config', ...path];
      const inBase = ['base', ...path];
      const at = [inArm, inBase].find((place) => nodeAt(root, place)) ?? ['arms', index, 'name'];
      const where = path.length > 0 ? `${pathText(path)}: ` : '';
      const whose = at === inBase ? '' : `arm "${arm.name}": `;
      return { severity, code, message: `${whose}${where}${message}`, path: at, arm: arm.name };
    }),
  };
}

/** The shared configuration as it is written in a file of its own. */
function baseIn(file: string): unknown {
  const text = readNamed(file, 'Check "base": the configuration that all arms share.');
  const { value, syntax } = openDocument(text, file);
  const [first] = syntax;
  if (!first) return value;
  throw new DistillError('config-syntax', first.message, {
    where: `${file}:${positionOf(text, first.offset).line}`,
    remedy: 'Mend the syntax.',
  });
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      ...error([...path, key], `There is no field "${key}" ${path.length > 0 ? 'there' : 'in a study'}.`),
      onKey: true,
    }));
  return [error(path, path.length > 0 ? `${pathText(path)}: ${issue.message}` : issue.message)];
}

const error = (path: (string | number)[], message: string, code: ErrorCode = 'config-invalid'): Problem => ({
  severity: 'error',
  code,
  message,
  path,
});
