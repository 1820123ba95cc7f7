import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { DistillError, describeIoError } from '../protocol/errors';
import { cacheFolder, downloadFolder } from './cache-folder';
import { type Candidate, fromArchive, fromPython, fromWheels } from './install/candidates';
import { bytesText, type Report } from './install/progress';
import { isAlive, lockSetUp } from './install/set-up-lock';
import { indexSupply, pipSupply, wheelSupply } from './install/supplies';
import { tryOut } from './install/try-out';
import { type Receipt, readReceipt, receiptFile, type Source, writeReceipt } from './tensorflow-home';

export interface InstallOptions {
  /** Undefined: each in turn until one serves. */
  from?: Source | undefined;
  /** With what a GPU of NVIDIA needs. */
  gpu?: boolean | undefined;
  /** Interpreter or environment to look into first, and whose pip downloads. */
  python?: string | undefined;
  /** Address of a simple package index. */
  index?: string | undefined;
  /** A wheel, or an archive of libtensorflow. */
  file?: string | undefined;
  /** Whose environments (.venv, venv) are looked into. */
  workspace?: string;
  /** Ends the set-up; of what it did only the part of a download stays, which the next attempt goes on with. */
  signal?: AbortSignal | undefined;
  report: Report;
  /** Another way of trying libraries out; for tests, whose libraries are none. */
  tryOut?: typeof tryOut;
}

/** Every way of getting TensorFlow, one line each. */
const ways: Record<Source, (options: InstallOptions, work: string) => Promise<Candidate>> = {
  python: (options) => fromPython(options),
  pip: (options, work) => fromWheels(pipSupply(options, work), options, work),
  index: (options, work) => fromWheels(indexSupply(options), options, work),
  wheel: (options, work) => fromWheels(wheelSupply(options), options, work),
  npm: (options, work) => fromArchive(options, work),
};

/**
 * Sets TensorFlow up for this user: finds or brings its libraries, tries them in a process of their own and writes down
 * where they are. New files are made in a folder beside and renamed at the end, so that a failure leaves what was there.
 * Errors: engine-unavailable, disk-full, io, usage, each with the remedy; the signal's reason when it was ended.
 */
export async function installTensorFlow(options: InstallOptions): Promise<Receipt> {
  const sources = sourcesOf(options);
  const release = lockSetUp(cacheFolder());
  try {
    await removeLeftovers();
    const failures: string[] = [];
    for (const source of sources) {
      try {
        return await installFrom(source, options);
      } catch (error) {
        options.signal?.throwIfAborted();
        const known = describeIoError(error, cacheFolder());
        // A full disk stays full for the next source; a source that was asked for has no next.
        if (sources.length === 1 || known.code === 'disk-full') throw known;
        failures.push(`${source}: ${known.message}`);
        options.report({ text: `From ${source}: ${known.message}` });
      }
    }
    throw new DistillError('engine-unavailable', 'No source could provide TensorFlow.', {
      remedy: `${failures.join('\n')}\nThe engine "wasm" needs nothing.`,
    });
  } finally {
    release();
  }
}

/**
 * Removes what set-ups have made. A TensorFlow that is used in place is let go of and stays where it is.
 * @returns one sentence about what was done
 */
export async function uninstallTensorFlow(): Promise<string> {
  const release = lockSetUp(cacheFolder());
  try {
    const receipt = readReceipt();
    const folders = await ownFolders();
    await rm(receiptFile(), { force: true });
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
    await rm(downloadFolder(), { recursive: true, force: true });
    if (receipt?.folder === null)
      return `The TensorFlow of ${receipt.origin} is no longer used; it stays where it is.`;
    return folders.length > 0 ? `Removed ${folders.join(', ')}.` : 'TensorFlow was not set up.';
  } catch (error) {
    throw describeIoError(error, cacheFolder());
  } finally {
    release();
  }
}

function sourcesOf({ from, index, file }: InstallOptions): Source[] {
  const implied =
    index !== undefined ? 'index' : file === undefined ? undefined : isWheel(file) ? 'wheel' : 'npm';
  const refuse = (what: string) => {
    throw new DistillError('usage', what, { remedy: 'Add --help for the options.' });
  };
  if (index !== undefined && file !== undefined) refuse('--index and --wheel exclude each other.');
  if (from !== undefined && implied !== undefined && from !== implied)
    refuse(`--from ${from} does not go with --${index !== undefined ? 'index' : 'wheel'}.`);
  const source = from ?? implied;
  if (source === 'index' && index === undefined) refuse('--from index needs --index URL.');
  if (source === 'wheel' && file === undefined) refuse('--from wheel needs --wheel FILE.');
  if (file !== undefined && !existsSync(file))
    throw new DistillError('usage', 'There is no such file.', {
      where: resolve(file),
      remedy: 'Give the path of a TensorFlow wheel (.whl) or of an archive of libtensorflow (.tar.gz, .zip).',
    });
  return source === undefined ? ['python', 'pip', 'npm'] : [source];
}

function isWheel(file: string): boolean {
  return file.endsWith('.whl');
}

async function installFrom(source: Source, options: InstallOptions): Promise<Receipt> {
  const { report, signal } = options;
  const work = join(cacheFolder(), `setup.partial-${process.pid}`);
  try {
    await mkdir(work, { recursive: true });
    const candidate = await ways[source](options, work);
    signal?.throwIfAborted();
    const version = await (options.tryOut ?? tryOut)(candidate, report);
    signal?.throwIfAborted();
    const placed = candidate.inPlace
      ? candidate
      : await place(candidate, work, `tensorflow-${version}-${source}`);
    const receipt = writeReceipt({
      source,
      version,
      library: placed.library,
      beside: placed.beside,
      preload: placed.preload,
      folder: placed.folder,
      origin: candidate.origin,
      cuda: candidate.cuda,
    });
    for (const folder of await ownFolders()) if (folder !== receipt.folder) await removeOld(folder);
    await rm(downloadFolder(), { recursive: true, force: true });
    report({
      text: candidate.inPlace
        ? `TensorFlow ${version} of ${candidate.origin} is used where it is.`
        : `TensorFlow ${version} is ready in ${placed.folder} (${bytesText(candidate.bytes)}).`,
    });
    return receipt;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Puts the finished folder in its place; paths follow. */
async function place(candidate: Candidate, work: string, name: string) {
  const folder = join(cacheFolder(), name);
  const content = join(work, 'content');
  if (existsSync(folder)) {
    const old = join(cacheFolder(), `setup.partial-${process.pid}-old`);
    await rename(folder, old);
    try {
      await rename(content, folder);
    } catch (error) {
      await rename(old, folder);
      throw error;
    }
    await removeOld(old);
  } else await rename(content, folder);
  const moved = (path: string) =>
    path.startsWith(content) ? join(folder, path.slice(content.length)) : path;
  return {
    folder,
    library: moved(candidate.library),
    beside: candidate.beside.map(moved),
    preload: candidate.preload.map(moved),
  };
}

/** Windows keeps libraries that a training has open; the next set-up gets rid of them. */
async function removeOld(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}

async function ownFolders(): Promise<string[]> {
  if (!existsSync(cacheFolder())) return [];
  const names = await readdir(cacheFolder());
  return names.filter((name) => name.startsWith('tensorflow-')).map((name) => join(cacheFolder(), name));
}

/** Folders of set-ups whose process was killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(cacheFolder())) {
    const pid = /^setup\.partial-(\d+)/.exec(basename(name))?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await removeOld(join(cacheFolder(), name));
  }
}
