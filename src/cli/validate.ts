import { relative } from 'node:path';
import { checkMethods } from '../distill/methods/registry';
import { checkConfigFile } from '../run/load-config';
import { checkStudyFile, isStudyFile } from '../run/study/load';
import { type Command, parse, usage } from './command';

const help = `Checks configurations and studies without training: syntax, fields, contradictions, data set and weights.

Usage: distill validate FILE...

A FILE named *.study.json or *.study.yaml is checked as a study: its own fields, and the configuration of every arm.
Prints file:line:column and what is wrong; exits with 1 if something cannot be trained.`;

export const validate: Command = {
  summary: 'check configurations and studies without training',
  help,
  async run(args) {
    const { positionals } = parse(args, {});
    if (positionals.length === 0) throw usage('Which configuration?');
    let failed = false;
    for (const file of positionals) {
      const { lines, outcome } = check(file);
      for (const line of lines) console.error(line);
      failed ||= outcome === undefined;
      if (outcome !== undefined) console.log(`${relative(process.cwd(), file) || file}: ${outcome}`);
    }
    return failed ? 1 : 0;
  },
};

/** `outcome`: what is said of a file that can be used; undefined for others. */
interface Checked {
  lines: string[];
  outcome: string | undefined;
}

function check(file: string): Checked {
  try {
    return isStudyFile(file) ? checkStudy(file) : checkConfiguration(file);
  } catch (error) {
    // One file that cannot be read must not hide what is wrong with the others.
    const message = (error as Error).message;
    return { lines: [message.startsWith(file) ? message : `${file}: ${message}`], outcome: undefined };
  }
}

function checkConfiguration(file: string): Checked {
  const { lines, config } = checkConfigFile(file);
  if (config) checkMethods(config);
  return { lines, outcome: config && 'can be trained' };
}

function checkStudy(file: string): Checked {
  const { lines, plan } = checkStudyFile(file);
  for (const config of plan?.configs.values() ?? []) checkMethods(config);
  if (!plan) return { lines, outcome: undefined };
  const { arms, seeds } = plan.study;
  return {
    lines,
    outcome: `can be trained: ${several(arms.length, 'arm')} x ${several(seeds.length, 'seed')}`,
  };
}

const several = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
