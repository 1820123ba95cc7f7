import { relative, resolve } from 'node:path';
import type { RunSummary } from '../protocol/run';
import { findRunFolder } from '../run/run-folder';
import { RunReader } from '../run/run-reader';
import { type RunRequest, runTraining } from '../worker/run';
import { type Command, parse, usage } from './command';
import { engineOption } from './engine-option';
import { deviationLines, duration, percent, table } from './format';
import { ProgressText } from './progress';

const help = `Trains the run a configuration describes, or goes on with one that was interrupted.

Usage: distill train CONFIG [options]
       distill train --resume RUN [options]

Options:
  --resume RUN     go on from the last checkpoint of a run (its id, the end of its id, or its folder)
  --engine ENGINE  auto, tensorflow, webgpu or wasm, in place of what the configuration says
  --workspace DIR  folder that holds .distill (default: the current folder)
  --quiet          print the result only

Ctrl-C finishes the step, writes a checkpoint and ends; a second Ctrl-C ends at once. Either way the run
can be resumed.`;

/** What a shell reports of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

export const train: Command = {
  summary: 'train a run, or resume one',
  help,
  async run(args) {
    const { values, positionals } = parse(args, {
      resume: { type: 'string' },
      engine: { type: 'string' },
      workspace: { type: 'string', default: process.cwd() },
      quiet: { type: 'boolean', default: false },
    });
    const workspace = resolve(values.workspace);
    const request = { ...target(workspace, positionals, values.resume), engine: engineOption(values.engine) };

    let stopping = false;
    let progress: ProgressText | undefined;
    const stop = () => {
      if (stopping) process.exit(INTERRUPTED);
      stopping = true;
      progress?.line('Stopping after this step, with a checkpoint. Ctrl-C again ends at once.');
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);

    const began = Date.now();
    const outcome = await runTraining(request, {
      onCreated: ({ folder, engine, config }) => {
        if (values.quiet) return;
        console.log(`${engine}\nRun folder: ${shown(folder)}`);
        progress = new ProgressText(process.stdout, config.training.batch);
      },
      onEvent: (event) => progress?.event(event),
      stopRequested: () => stopping,
    });
    progress?.close();
    const reader = await RunReader.open(outcome.folder);
    console.log(result(reader, duration(Date.now() - began)));
    if (outcome.error) throw outcome.error;
    return outcome.status === 'stopped' ? INTERRUPTED : 0;
  },
};

function target(workspace: string, positionals: string[], resume: string | undefined): RunRequest {
  const [configFile, ...rest] = positionals;
  if (rest.length > 0) throw usage(`One configuration at a time; "${rest[0]}" is one too many.`);
  if (resume !== undefined && configFile !== undefined)
    throw usage('A run that is resumed has its configuration already; give CONFIG or --resume, not both.');
  if (resume !== undefined) return { resume: resolve(findRunFolder(workspace, resume)) };
  if (configFile === undefined) throw usage('Which configuration?');
  return { configFile: resolve(configFile), workspace };
}

function result(reader: RunReader, took: string): string {
  const summary = reader.summary();
  const last = (role: 'student' | 'teacher') =>
    reader.events.findLast((event) => event.kind === 'evaluation' && event.role === role);
  const rows = (['student', 'teacher'] as const).flatMap((role) => {
    const event = last(role);
    const best = role === 'student' ? summary.bestStudentMiou : summary.bestTeacherMiou;
    return event?.kind === 'evaluation' ? [[role, percent(best), percent(event.miou)]] : [];
  });
  const { deviations } = reader.manifest;
  return [
    `${headline(summary)} after ${took}.`,
    ...(rows.length > 0 ? ['', table(['mIoU on validation', 'best', 'last'], rows)] : []),
    ...deviationLines(deviations),
    '',
    `Run folder: ${shown(summary.folder)}`,
    ...(summary.status === 'finished' ? [] : [`Go on with: distill train --resume ${summary.id}`]),
  ].join('\n');
}

function headline({ name, status, step, iterations, stage }: RunSummary): string {
  const where = status === 'finished' || !stage ? '' : ` at ${stage} step ${step}/${iterations}`;
  return `${name}: ${status}${where}`;
}

/** Paths inside the current folder are shown relative to it. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
