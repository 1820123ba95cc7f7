// What the scripts share: running a step that can't hang, and having the dependencies there. Node's own modules only,
// because it runs before anything has been installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const running = new Set();
let ending = false;
/** Ends a step with everything it started: each step leads a process group of its own. */
function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // already gone
  }
}
/** While steps run, a signal ends them too: as leaders of their groups they do not get it from the terminal. */
function onSignal() {
  ending = true;
  for (const child of running) endGroup(child, 'SIGTERM');
  setTimeout(() => {
    for (const child of running) endGroup(child, 'SIGKILL');
    process.exit(130);
  }, 3000);
}
function track(child) {
  if (running.size === 0) for (const signal of SIGNALS) process.once(signal, onSignal);
  running.add(child);
}
function untrack(child) {
  running.delete(child);
  if (running.size === 0) for (const signal of SIGNALS) process.removeListener(signal, onSignal);
}

/**
 * Runs a command in the repository's root with its output shown; resolves to its exit status, 124 when it ran longer
 * than `minutes` and was ended.
 * @param {string} command
 * @param {string[]} args
 * @param {{minutes: number, env?: Record<string, string>, log?: number}} options `log`: descriptor of an open file that gets
 *   the output in place of the terminal
 * @returns {Promise<number>}
 */
export function run(command, args, { minutes, env = {}, log }) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', log ?? 'inherit', log ?? 'inherit'],
      detached: true,
    });
    track(child);
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      console.error(`${command} ${args.join(' ')}: not done after ${minutes} minutes, ended.`);
      endGroup(child, 'SIGTERM');
      setTimeout(() => endGroup(child, 'SIGKILL'), 5000).unref();
    }, minutes * 60_000);
    const end = (status) => {
      clearTimeout(limit);
      untrack(child);
      // After a signal nothing follows: no next step may start before this process is gone.
      if (!ending) done(status);
    };
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      end(127);
    });
    child.once('exit', (code, signal) => {
      // Nothing a step started outlives it.
      endGroup(child, 'SIGKILL');
      end(late ? 124 : (code ?? (signal ? 1 : 0)));
    });
  });
}

/** Runs a command that everything after it needs; ends this process when it fails. */
export async function must(command, args, options) {
  const status = await run(command, args, options);
  if (status !== 0) {
    console.error(`\nFailed (${status}): ${command} ${args.join(' ')}`);
    process.exit(1);
  }
}

/** `npm ci` when node_modules is missing or was made from another package-lock.json. */
export async function ensureDependencies() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = join(root, 'node_modules/.installed-lock.json');
  const listed = join(root, 'node_modules/.package-lock.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  // Installed by hand (npm ci, npm install) after the lock file last changed: as good.
  const byHand =
    existsSync(listed) && statSync(listed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
  if (!byHand) {
    console.log('Installing dependencies (npm ci --ignore-scripts)');
    rmSync(stamp, { force: true });
    await must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      minutes: 10,
    });
  }
  writeFileSync(stamp, lock);
}

/**
 * Sets the TensorFlow engine up where it is not. Needs dist/cli.js.
 * @returns {Promise<boolean>} whether it is there now
 */
export async function ensureTensorFlow() {
  const doctor = [join(root, 'dist/cli.js'), 'doctor'];
  const { stdout } = spawnSync('node', [...doctor, '--json'], { encoding: 'utf8', timeout: 300_000 });
  try {
    const found = JSON.parse(stdout).engines.find((engine) => engine.name === 'tensorflow');
    if (found.available && found.failures.length === 0) {
      console.log('TensorFlow is set up.');
      return true;
    }
  } catch {
    // the attempt below says why
  }
  return (await run('node', [...doctor, '--install', 'tensorflow'], { minutes: 15 })) === 0;
}

/**
 * Sets PyTorch up where it is not, through pip.
 * @returns {Promise<boolean>} whether it is there now
 */
export async function ensurePyTorch() {
  if (process.env.DISTILL_BENCH_PYTHON) return true;
  return (await run('node', ['scripts/setup-pytorch.mjs', '--cpu'], { minutes: 12 })) === 0;
}

/**
 * Sets TensorBoard up where it is not, through pip.
 * @returns {Promise<boolean>} whether it is there now
 */
export async function ensureTensorboard() {
  if (process.env.DISTILL_TENSORBOARD_PYTHON) return true;
  return (await run('node', ['scripts/setup-tensorboard.mjs'], { minutes: 12 })) === 0;
}

/** Heading of a step, with the time of day. */
export function heading(text) {
  console.log(`\n=== ${new Date().toTimeString().slice(0, 8)} ${text}`);
}
