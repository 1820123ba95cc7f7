// Sets up TensorBoard for the test that opens our event files in it: a Python environment in the per-user cache, filled by the
// user's own pip.
//   node scripts/setup-tensorboard.mjs [-- PIP-OPTIONS]
import { spawnSync } from 'node:child_process';
import { tsImport } from 'tsx/esm/api';
import { ensureEnvironment, pipInstall } from './lib/python-environment.mjs';

const { TENSORBOARD_VERSION, tensorboardFolder } = await tsImport(
  '../test/lib/tensorboard-home.ts',
  import.meta.url,
);
const folder = tensorboardFolder();
const options = process.argv.slice(2).filter((option) => option !== '--');

await ensureEnvironment(folder, {
  name: `tensorboard ${TENSORBOARD_VERSION}`,
  works: (python) => {
    // Its command line, which imports all that its server needs.
    const { status, stdout } = spawnSync(python, ['-m', 'tensorboard.main', '--version'], {
      encoding: 'utf8',
    });
    return status === 0 && stdout.includes(TENSORBOARD_VERSION);
  },
  install: (python) => pipInstall(python, [`tensorboard==${TENSORBOARD_VERSION}`], { options, minutes: 10 }),
  needs: 'an index that has it (about 40 MB): name it in the configuration of pip or after "--"',
});
console.log(`TensorBoard ${TENSORBOARD_VERSION} is set up: ${folder}`);
