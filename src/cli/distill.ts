import { version } from '../../package.json';
import { DistillError } from '../protocol/errors';
import type { Command } from './command';
import { goOn, pause, stop } from './control';
import { data } from './data';
import { doctor } from './doctor';
import { evaluateCheckpoint } from './eval';
import { exportNetwork } from './export';
import { importFile } from './import';
import { model } from './model';
import { predictImages } from './predict';
import { report } from './report';
import { runs } from './runs';
import { study } from './study';
import { exportTensorboardFiles } from './tensorboard';
import { train } from './train';
import { validate } from './validate';

const commands: Record<string, Command> = {
  train,
  validate,
  runs,
  stop,
  pause,
  continue: goOn,
  model,
  data,
  report,
  study,
  import: importFile,
  export: exportNetwork,
  'export-tensorboard': exportTensorboardFiles,
  predict: predictImages,
  eval: evaluateCheckpoint,
  doctor: {
    summary: 'show which engines can compute here, and set them up',
    help: '',
    run: doctor,
  },
};

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const list = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Knowledge distillation for semantic segmentation: trains, lists and reports runs.

Usage: distill COMMAND [options]

Commands:
${list.join('\n')}

distill COMMAND --help tells more. DISTILL_DEBUG=1 adds stack traces to errors.`;
}

/**
 * Runs a command line without its program name. Errors are printed in plain words.
 * @returns the exit status: 0 done, 1 failed, 2 used wrongly, 130 stopped
 */
export async function distill(args: string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    if (process.env.DISTILL_DEBUG) console.error(error);
    else console.error(error instanceof Error ? error.message : String(error));
    return error instanceof DistillError && error.code === 'usage' ? 2 : 1;
  }
}

async function dispatch([name, ...args]: string[]): Promise<number> {
  if (name === undefined) {
    console.error(overview());
    return 2;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    console.log(overview());
    return 0;
  }
  if (name === '--version') {
    console.log(version);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    console.error(`There is no command "${name}". Commands: ${Object.keys(commands).join(', ')}.`);
    return 2;
  }
  if (command.help && args.some((arg) => arg === '--help' || arg === '-h')) {
    console.log(command.help);
    return 0;
  }
  return command.run(args);
}
