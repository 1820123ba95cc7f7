import { findRunFolder, makeRequest, type RunRequestKind, withdrawRequest } from '../run/run-folder';
import { RunReader } from '../run/run-reader';
import { type Command, parse, usage } from './command';

/** Commands for a run that somebody else trains: another terminal, or a window of the editor. */
function control(name: string, summary: string, what: string, act: (folder: string) => void): Command {
  const help = `${what}

Usage: distill ${name} RUN [options]

Options:
  --workspace DIR  folder that holds .distill (default: the current folder)`;
  return {
    summary,
    help,
    async run(args) {
      const { values, positionals } = parse(args, {
        workspace: { type: 'string', default: process.cwd() },
      });
      const [reference, ...rest] = positionals;
      if (reference === undefined || rest.length > 0) throw usage('Which run? Give one.');
      const folder = findRunFolder(values.workspace, reference);
      const { id, status } = (await RunReader.open(folder)).summary();
      if (status !== 'running' && status !== 'starting' && status !== 'paused')
        throw usage(`Nothing trains ${id}: it is ${status}.`);
      act(folder);
      return 0;
    },
  };
}

const ask = (kind: RunRequestKind) => (folder: string) => makeRequest(folder, kind);

export const stop = control(
  'stop',
  'stop a run that trains elsewhere',
  'Asks a run to finish its step, write a checkpoint and end, whoever trains it.',
  ask('stop'),
);
export const pause = control(
  'pause',
  'let a run rest',
  'Asks a run to finish its step, write a checkpoint and rest, whoever trains it. The processor is free meanwhile.',
  ask('pause'),
);
export const goOn = control(
  'continue',
  'go on with a run that rests',
  'Lets a paused run go on with its next step.',
  (folder) => withdrawRequest(folder, 'pause'),
);
