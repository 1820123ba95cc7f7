import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../protocol/config';
import { DistillError, describeIoError } from '../protocol/errors';
import { type ConfigProblem, checkConfig } from './check-config';
import { nameOf } from './document/open-document';

/** A configuration file with everything that is wrong with it. */
export interface CheckedFile {
  text: string;
  /** Undefined if there are errors. */
  config: Config | undefined;
  problems: ConfigProblem[];
  /** The problems as people and editors read them: `file:line:column: message`. */
  lines: string[];
}

/**
 * @param given what counts in place of what the file says now
 * Errors: io (the file cannot be read); everything else is a problem.
 */
export function checkConfigFile(file: string, given?: string): CheckedFile {
  const text = given ?? readNamed(file, 'Give the path of a *.distill.json or *.distill.yaml file.');
  const { config, problems } = checkConfig(text, resolve(file));
  const failed = problems.some(({ severity }) => severity === 'error');
  return {
    text,
    config: failed ? undefined : config,
    problems,
    lines: problems.map((problem) => {
      const { line, column } = positionOf(text, problem.offset);
      const kind = problem.severity === 'warning' ? 'warning: ' : '';
      return `${file}:${line}:${column}: ${kind}${problem.message}`;
    }),
  };
}

/** Text of a file that the user named. Errors: io, with the remedy if there is no such file. */
export function readNamed(file: string, remedy: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw describeIoError(error, file);
    throw new DistillError('io', 'There is no such file.', { where: file, remedy });
  }
}

/** A configuration that can be trained; `given` as for `checkConfigFile`. Errors: io, and the code of its first problem with all of them as message. */
export function loadConfig(file: string, given?: string): { text: string; config: Config; name: string } {
  const { text, config, problems, lines } = checkConfigFile(file, given);
  const first = problems.find(({ severity }) => severity === 'error');
  if (first || !config)
    throw new DistillError(first?.code ?? 'config-invalid', `The configuration cannot be used.`, {
      remedy: lines.join('\n'),
    });
  return { text, config, name: config.name ?? nameOf(file) };
}

/** Line and column, from 1. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
