import type { RunSummary } from '../protocol/run';
import { listRunFolders } from '../run/run-folder';
import { RunReader } from '../run/run-reader';
import { type Command, parse, usage } from './command';
import { percent, table } from './format';

const help = `Lists the runs of a workspace, newest first.

Usage: distill runs [options]

Options:
  --workspace DIR  folder that holds .distill (default: the current folder)
  --json           one JSON array with everything known, for scripts`;

export const runs: Command = {
  summary: 'list the runs of a workspace',
  help,
  async run(args) {
    const { values, positionals } = parse(args, {
      workspace: { type: 'string', default: process.cwd() },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 0) throw usage(`Unexpected argument "${positionals[0]}".`);
    const summaries: RunSummary[] = [];
    for (const folder of listRunFolders(values.workspace)) {
      try {
        summaries.push((await RunReader.open(folder)).summary());
      } catch (error) {
        // One damaged run must not hide the others.
        console.error((error as Error).message);
      }
    }
    if (values.json) console.log(JSON.stringify(summaries, null, 2));
    else if (summaries.length === 0) console.log('No runs here yet. Start one with: distill train CONFIG');
    else console.log(table(header, summaries.map(row)));
    return 0;
  },
};

const header = ['run', 'status', 'method', 'student', 'step', 'mIoU', 'teacher mIoU'];

function row(run: RunSummary): string[] {
  const position = run.stage && run.step !== undefined ? `${run.stage} ${run.step}/${run.iterations}` : '-';
  return [
    run.id,
    run.status,
    run.methods.join(' + ') || 'baseline',
    run.student,
    position,
    percent(run.bestStudentMiou),
    percent(run.bestTeacherMiou),
  ];
}
