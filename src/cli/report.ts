import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describeIoError } from '../protocol/errors';
import { writeWhole } from '../run/files';
import { buildReport } from '../run/report/report';
import { findRunFolder } from '../run/run-folder';
import { type Command, parse, usage } from './command';

const help = `Writes one self-contained HTML page about one or more runs: scores, curves, pictures, configurations.

Usage: distill report RUN... [options]

RUN is the id of a run, the end of an id, or a run folder.

Options:
  -o, --output FILE  where to write (default: report.html in the workspace's .distill)
  --workspace DIR    folder that holds .distill (default: the current folder)`;

export const report: Command = {
  summary: 'write an HTML report about one or more runs',
  help,
  async run(args) {
    const { values, positionals } = parse(args, {
      output: { type: 'string', short: 'o' },
      workspace: { type: 'string', default: process.cwd() },
    });
    if (positionals.length === 0) throw usage('Which runs?');
    const workspace = resolve(values.workspace);
    const folders = positionals.map((reference) => resolve(findRunFolder(workspace, reference)));
    const html = await buildReport(folders);
    const file = resolve(values.output ?? join(workspace, '.distill', 'report.html'));
    try {
      mkdirSync(dirname(file), { recursive: true });
    } catch (error) {
      throw describeIoError(error, dirname(file));
    }
    writeWhole(file, html);
    console.log(file);
    return 0;
  },
};
