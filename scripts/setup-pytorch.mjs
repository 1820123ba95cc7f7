// Sets up PyTorch for `npm run bench` and for the test that loads exports in it: a Python environment in the per-user cache,
// filled by the user's own pip.
//   node scripts/setup-pytorch.mjs [--cpu] [-- PIP-OPTIONS]     e.g. -- --index-url URL, of an index with other builds
// --cpu: the build without CUDA where pip's indexes have it by itself; it is a tenth of the size.
import { spawnSync } from 'node:child_process';
import { tsImport } from 'tsx/esm/api';
import { ensureEnvironment, pipInstall } from './lib/python-environment.mjs';

const { PYTORCH_VERSION, pytorchFolder } = await tsImport('../bench/pytorch-home.ts', import.meta.url);
const folder = pytorchFolder();
const [cpu, ...given] =
  process.argv[2] === '--cpu' ? [true, ...process.argv.slice(3)] : [false, ...process.argv.slice(2)];
const options = given.filter((option) => option !== '--');

const python = await ensureEnvironment(folder, {
  name: `torch ${PYTORCH_VERSION}`,
  works: torchIn,
  install: async (inside) =>
    (cpu && (await install(inside, `${PYTORCH_VERSION}+cpu`))) || (await install(inside, PYTORCH_VERSION)),
  needs:
    'an index that has it (about 200 MB for the build without CUDA, 3 GB with it): name it in the configuration of pip or after "--"',
});
await addOpenCv();
console.log(`PyTorch ${PYTORCH_VERSION} is set up: ${folder}`);

function install(inside, version) {
  return pipInstall(inside, [`torch==${version}`, 'numpy'], { options, minutes: 60 });
}

/** What the input rows of the benchmarks load images with; nothing else needs it, so nothing fails without it. */
async function addOpenCv() {
  if (spawnSync(python, ['-c', 'import cv2']).status === 0) return;
  if (!(await pipInstall(python, ['opencv-python-headless'], { options, minutes: 20 })))
    console.error(
      'pip could not install opencv-python-headless: the input rows of npm run bench will not run.',
    );
}

/** Whether this Python has the wanted torch, whatever it was built for ("2.13.0+cpu"). */
function torchIn(file) {
  const { status, stdout } = spawnSync(file, ['-c', 'import torch; print(torch.__version__)']);
  return status === 0 && String(stdout).trim().split('+')[0] === PYTORCH_VERSION;
}
