import { type ParseArgsConfig, parseArgs } from 'node:util';
import { DistillError } from '../protocol/errors';

/** One subcommand of `distill`. */
export interface Command {
  /** Shown by `distill --help`. */
  readonly summary: string;
  /** Shown by `distill <name> --help`: usage, options, examples. */
  readonly help: string;
  /** Exit status: 0 done, 1 failed, 130 stopped by the user. Errors: any DistillError; `usage` exits with 2. */
  run(args: string[]): Promise<number>;
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Parses the arguments of a subcommand. Errors: usage. */
export function parse<O extends Options>(args: string[], options: O) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's own words name the option; what follows their first sentence is about `--` and would mislead.
    const [reason] = (error as Error).message.split('. ');
    throw usage(`${reason}.`);
  }
}

export function usage(what: string): DistillError {
  return new DistillError('usage', what, { remedy: 'Add --help for the options.' });
}

/** One of the values an option offers. Errors: usage. */
export function oneOf<T extends string>(option: string, text: string, offered: readonly T[]): T {
  const found = offered.find((o) => o === text);
  if (found === undefined) throw usage(`--${option} is one of ${offered.join(', ')}, not "${text}".`);
  return found;
}
