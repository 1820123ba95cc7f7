import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DistillError, describeIoError } from '../protocol/errors';
import { buildAddon, findCompiler, tryAddon } from './install/addon';
import { checkWheel, downloadWheel, findPython, unpackWheel } from './install/wheel';
import { LAYOUT, LIBRARIES, RECEIPT, TENSORFLOW_VERSION, tensorFlowFolder } from './tensorflow-home';

export interface InstallOptions {
  /** A wheel that is already here; without it, pip downloads one. */
  wheel?: string;
  /** Called with one plain line per step. */
  progress: (line: string) => void;
}

/** Wheel and libraries together, and some air. */
const BYTES_WITH_DOWNLOAD = 1.3e9;
const BYTES_WITHOUT = 0.95e9;

/**
 * Sets TensorFlow up for this user: libraries from the wheel on Python's package index, an addon built against them.
 * Everything is made in a folder beside and renamed at the end, so that a failure leaves what was there before.
 * Returns the folder. Throws DistillError (no Python, no compiler, no network, full disk, ...) with the remedy.
 */
export async function installTensorFlow(options: InstallOptions): Promise<string> {
  const { progress } = options;
  if (process.platform !== 'linux')
    throw new DistillError('engine-unavailable', `TensorFlow cannot be set up on ${process.platform} yet.`, {
      remedy: 'Use the engine "wasm", or train on Linux (a container or WSL will do).',
    });
  const target = tensorFlowFolder();
  const wheelFile = options.wheel === undefined ? undefined : resolve(options.wheel);
  if (wheelFile !== undefined) checkWheel(wheelFile);
  // What is missing is said before anything large is downloaded.
  const python = await findPython(wheelFile === undefined);
  const compiler = await findCompiler();
  const work = `${target}.partial-${process.pid}`;
  try {
    await removeLeftovers(target);
    await mkdir(work, { recursive: true });
    await checkSpace(work, wheelFile === undefined ? BYTES_WITH_DOWNLOAD : BYTES_WITHOUT);
    let wheel = wheelFile;
    if (wheel === undefined) {
      progress(`Downloading TensorFlow ${TENSORFLOW_VERSION} with pip (about 275 MB).`);
      wheel = await downloadWheel(python, work);
    }
    progress(`Unpacking ${basename(wheel)} (850 MB of libraries).`);
    await unpackWheel(python, wheel, work);
    if (wheelFile === undefined) await rm(wheel);
    for (const name of LIBRARIES) await rename(join(work, 'tensorflow', name), join(work, name));
    progress(`Building the addon with ${compiler}.`);
    await buildAddon(compiler, work, join(work, 'tensorflow', 'include'));
    await rm(join(work, 'tensorflow'), { recursive: true });
    progress('Trying it.');
    await tryAddon(work);
    await writeFile(
      join(work, RECEIPT),
      `${JSON.stringify({ layout: LAYOUT, tensorflow: TENSORFLOW_VERSION, wheel: basename(wheel) }, null, 2)}\n`,
    );
    await replace(work, target);
  } catch (error) {
    throw describeIoError(error, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  progress(`TensorFlow ${TENSORFLOW_VERSION} is ready in ${target}.`);
  return target;
}

async function checkSpace(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed) return;
  const gigabytes = (n: number) => (n / 1e9).toFixed(1);
  throw new DistillError('disk-full', `${gigabytes(free)} GB free, ${gigabytes(needed)} GB needed.`, {
    where: folder,
    remedy: 'Free some space, or set XDG_CACHE_HOME to a folder on another disk.',
  });
}

/** Folders of set-ups whose process was killed. */
async function removeLeftovers(target: string): Promise<void> {
  const parent = dirname(target);
  if (!existsSync(parent)) return;
  const prefix = `${basename(target)}.partial-`;
  for (const name of await readdir(parent))
    if (name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10)))
      await rm(join(parent, name), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Puts the new folder in the old one's place. */
async function replace(work: string, target: string): Promise<void> {
  if (!existsSync(target)) return rename(work, target);
  const old = `${target}.partial-${process.pid}-old`;
  await rename(target, old);
  try {
    await rename(work, target);
  } catch (error) {
    await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}
