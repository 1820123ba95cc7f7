// Python environments in the per-user cache, filled by the user's own pip.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { tsImport } from 'tsx/esm/api';
import { run } from './steps.mjs';

const { pythonIn } = await tsImport('../../bench/pytorch-home.ts', import.meta.url);

/**
 * Makes an environment where there is none that will do; ends this process when that fails.
 * @param {string} folder
 * @param {{name: string, works: (python: string) => boolean, install: (python: string) => Promise<boolean>, needs: string}} what
 *   `works`: whether this Python has what is wanted; `install`: puts it there; `needs`: what pip has to have for it
 * @returns {Promise<string>} its Python
 */
export async function ensureEnvironment(folder, { name, works, install, needs }) {
  const there = pythonIn(folder);
  if (existsSync(there) && works(there)) return there;
  const python = ['python3', 'python'].find((one) => spawnSync(one, ['-c', 'import venv']).status === 0);
  if (!python)
    fail(
      'There is no Python 3 with the module venv. Install Python 3.10 or newer (on Debian: python3-venv).',
    );

  // Built beside and renamed, so that an interrupted set-up is not taken for a finished one.
  const building = `${folder}.new`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const made = await run(python, ['-m', 'venv', building], { minutes: 5 });
  if (made !== 0) fail(`${python} could not make an environment in ${building}.`);
  const inside = pythonIn(building);
  if (!(await install(inside)) || !works(inside))
    fail(`pip could not install ${name}. It needs Python 3.10 or newer and ${needs}.`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(building, folder);
  return there;
}

/**
 * Installs packages with the pip of an environment.
 * @returns {Promise<boolean>} whether they are there now
 */
export async function pipInstall(python, packages, { options = [], minutes }) {
  const pip = ['-m', 'pip', 'install', '--no-cache-dir', ...options, ...packages];
  return (await run(python, pip, { minutes })) === 0;
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
