// Sets up PyTorch for `npm run bench` and for the test that loads exports in it: a Python environment in the per-user cache,
// filled by the user's own pip.
//   node scripts/setup-pytorch.mjs [--cpu] [-- PIP-OPTIONS]     e.g. -- --index-url URL, of an index with other builds
// --cpu: the build without CUDA where pip's indexes have it by itself; it is a tenth of the size.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { tsImport } from 'tsx/esm/api';
import { run } from './lib/steps.mjs';

const { PYTORCH_VERSION, pythonIn, pytorchFolder } = await tsImport(
  '../bench/pytorch-home.ts',
  import.meta.url,
);
const folder = pytorchFolder();
const [cpu, ...given] =
  process.argv[2] === '--cpu' ? [true, ...process.argv.slice(3)] : [false, ...process.argv.slice(2)];
const pipOptions = given.filter((option) => option !== '--');

if (torchIn(pythonIn(folder))) {
  await addOpenCv(pythonIn(folder));
  console.log(`PyTorch ${PYTORCH_VERSION} is set up: ${folder}`);
  process.exit(0);
}
const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import venv']).status === 0);
if (!python)
  fail('There is no Python 3 with the module venv. Install Python 3.10 or newer (on Debian: python3-venv).');

// Built beside and renamed, so that an interrupted set-up is not taken for a finished one.
const building = `${folder}.new`;
rmSync(building, { recursive: true, force: true });
mkdirSync(dirname(folder), { recursive: true });
const made = await run(python, ['-m', 'venv', building], { minutes: 5 });
if (made !== 0) fail(`${python} could not make an environment in ${building}.`);
const installed = (cpu && (await install(`${PYTORCH_VERSION}+cpu`))) || (await install(PYTORCH_VERSION));
if (!installed || !torchIn(pythonIn(building)))
  fail(
    `pip could not install torch ${PYTORCH_VERSION}. It needs Python 3.10 or newer and an index that has it: about 200 MB ` +
      'for the build without CUDA, 3 GB with it. Name the index in the configuration of pip or after "--".',
  );
await addOpenCv(pythonIn(building));
rmSync(folder, { recursive: true, force: true });
renameSync(building, folder);
console.log(`PyTorch ${PYTORCH_VERSION} is set up: ${folder}`);

async function install(version) {
  const pip = ['-m', 'pip', 'install', '--no-cache-dir', ...pipOptions, `torch==${version}`, 'numpy'];
  return (await run(pythonIn(building), pip, { minutes: 60 })) === 0;
}

/** What the input rows of the benchmarks load images with; nothing else needs it, so nothing fails without it. */
async function addOpenCv(file) {
  if (spawnSync(file, ['-c', 'import cv2']).status === 0) return;
  const pip = ['-m', 'pip', 'install', '--no-cache-dir', ...pipOptions, 'opencv-python-headless'];
  if ((await run(file, pip, { minutes: 20 })) !== 0)
    console.error(
      'pip could not install opencv-python-headless: the input rows of npm run bench will not run.',
    );
}

/** Whether this Python has the wanted torch, whatever it was built for ("2.13.0+cpu"). */
function torchIn(file) {
  if (!existsSync(file)) return false;
  const { status, stdout } = spawnSync(file, ['-c', 'import torch; print(torch.__version__)']);
  return status === 0 && String(stdout).trim().split('+')[0] === PYTORCH_VERSION;
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
