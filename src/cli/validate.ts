import { relative } from 'node:path';
import { checkMethods } from '../distill/methods/registry';
import { checkConfigFile } from '../run/load-config';
import { type Command, parse, usage } from './command';

const help = `Checks configurations without training: syntax, fields, contradictions, data set and weights.

Usage: distill validate CONFIG...

Prints file:line:column and what is wrong; exits with 1 if a configuration cannot be trained.`;

export const validate: Command = {
  summary: 'check configurations without training',
  help,
  async run(args) {
    const { positionals } = parse(args, {});
    if (positionals.length === 0) throw usage('Which configuration?');
    let failed = false;
    for (const file of positionals) {
      const problems = problemsOf(file);
      for (const line of problems.lines) console.error(line);
      failed ||= problems.failed;
      if (!problems.failed) console.log(`${relative(process.cwd(), file) || file}: can be trained`);
    }
    return failed ? 1 : 0;
  },
};

function problemsOf(file: string): { lines: string[]; failed: boolean } {
  try {
    const { lines, config } = checkConfigFile(file);
    if (config) checkMethods(config);
    return { lines, failed: !config };
  } catch (error) {
    // One file that cannot be read must not hide what is wrong with the others.
    const message = (error as Error).message;
    return { lines: [message.startsWith(file) ? message : `${file}: ${message}`], failed: true };
  }
}
