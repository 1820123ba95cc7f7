import { version } from '../../package.json';
import { DistillError } from '../protocol/errors';
import type { Command } from './command';
import { doctor } from './doctor';
import { report } from './report';
import { runs } from './runs';
import { train } from './train';
import { validate } from './validate';

const commands: Record<string, Command> = {
  train,
  validate,
  runs,
  report,
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

distill COMMAND --help tells more. DISTILL_DEBUG=1 adds stack traces to errors.
`;
}

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined) {
    process.stderr.write(overview());
    return 2;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview());
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
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(args);
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    if (process.env.DISTILL_DEBUG) console.error(error);
    else console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = error instanceof DistillError && error.code === 'usage' ? 2 : 1;
  },
);
