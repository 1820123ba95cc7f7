import { dirname } from 'node:path';
import { findRunFolder, listRunFolders } from '../run/run-folder';
import { exportTensorboard } from '../run/tensorboard/export';
import { type Command, parse, usage } from './command';

const help = `Writes event files that TensorBoard opens, into the folder of each run.

Usage: distill export-tensorboard RUN... [options]
       distill export-tensorboard --all [options]

Options:
  --all            every run of the workspace
  --workspace DIR  folder that holds .distill (default: the current folder)

Then: tensorboard --logdir .distill/runs`;

export const exportTensorboardFiles: Command = {
  summary: 'write event files for TensorBoard',
  help,
  async run(args) {
    const { values, positionals } = parse(args, {
      all: { type: 'boolean', default: false },
      workspace: { type: 'string', default: process.cwd() },
    });
    if (values.all === positionals.length > 0) throw usage('Which runs? Give their ids, or --all.');
    const folders = values.all
      ? listRunFolders(values.workspace)
      : positionals.map((reference) => findRunFolder(values.workspace, reference));
    let failed = false;
    for (const folder of folders)
      try {
        console.log(await exportTensorboard(folder));
      } catch (error) {
        // One damaged run must not keep the others from being written.
        console.error((error as Error).message);
        failed = true;
      }
    const [first] = folders;
    if (first && !failed) console.log(`\nOpen with: tensorboard --logdir ${dirname(first)}`);
    return failed ? 1 : 0;
  },
};
