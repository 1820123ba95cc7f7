import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DistillError } from '../../protocol/errors';
import { cacheFolder } from '../cache-folder';
import type { TensorFlowDevice } from '../tensorflow/binding';
import type { TensorFlowInstallation } from '../tensorflow/installation';
import { lastLines, runTool } from './run-tool';

/** The addon loads any TensorFlow at run time, so that one binary per platform serves all of them. */
const ADDON = 'distill_tensorflow.node';

export type AddonSearch =
  | { found: true; addon: string; origin: 'prebuilt' | 'compiled' }
  | { found: false; reason: string };

/** An addon that can be used now: the one shipped for this platform, or one compiled before. Loads nothing. */
export function findAddon(): AddonSearch {
  const prebuilt = prebuiltAddon();
  if (existsSync(prebuilt)) return { found: true, addon: prebuilt, origin: 'prebuilt' };
  const compiled = compiledAddon();
  if (existsSync(compiled)) return { found: true, addon: compiled, origin: 'compiled' };
  return {
    found: false,
    reason: `No addon is shipped for ${process.platform} on ${process.arch}, and none has been compiled yet.`,
  };
}

/**
 * The addon that can be used now, compiled if there is none or if `rebuild` asks for it (where the shipped one does not
 * load). Errors: engine-unavailable without a C++ compiler or if it fails.
 */
export async function provideAddon(
  options: { progress?: (line: string) => void; rebuild?: boolean } = {},
): Promise<string> {
  const search = findAddon();
  if (search.found && !options.rebuild) return search.addon;
  const compiler = await findCompiler();
  options.progress?.(`Compiling the addon with ${compiler}.`);
  const target = compiledAddon();
  const work = `${dirname(target)}.partial-${process.pid}`;
  try {
    await mkdir(work, { recursive: true });
    await compileAddon(compiler, join(work, ADDON));
    await mkdir(dirname(target), { recursive: true });
    await rename(join(work, ADDON), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return target;
}

/** Beside the bundle, or in the source tree. */
function shippedFolder(): string {
  const bundled = join(__dirname, 'native');
  return existsSync(join(bundled, 'tensorflow')) ? bundled : join(__dirname, '..', '..', '..', 'native');
}

function prebuiltAddon(): string {
  return join(shippedFolder(), 'prebuilt', `${process.platform}-${process.arch}`, ADDON);
}

function compiledAddon(): string {
  return join(cacheFolder(), `addon-${sourcesHash(addonSources())}-${process.arch}`, ADDON);
}

/** Folder of the addon's sources, with flags.json beside them. */
export function addonSources(): string {
  return join(shippedFolder(), 'tensorflow');
}

/** Changes with any of the sources; kept in the binary as `sources`. scripts/build-addon.mjs has the same. */
export function sourcesHash(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Folder of node_api.h. */
function nodeApiHeaders(): string {
  const shipped = join(shippedFolder(), 'node-api');
  if (existsSync(shipped)) return shipped;
  const require = createRequire(join(__dirname, 'addon.js'));
  return join(dirname(require.resolve('node-api-headers/package.json')), 'include');
}

/** A C++ compiler that runs: $CXX, or the usual names. */
export async function findCompiler(): Promise<string> {
  for (const program of [process.env.CXX, 'g++', 'c++', 'clang++']) {
    if (program && (await runTool(program, ['--version'])).code === 0) return program;
  }
  throw new DistillError('engine-unavailable', 'No C++ compiler found.', {
    remedy:
      process.platform === 'win32'
        ? 'Install LLVM (winget install LLVM.LLVM) so that clang++ is on the PATH, or name a compiler in the variable CXX.'
        : 'Install one (on Debian or Ubuntu: apt install g++; on Fedora: dnf install gcc-c++; on macOS: xcode-select --install) or name it in the variable CXX.',
  });
}

/** What scripts/build-addon.mjs does for the shipped binary. */
async function compileAddon(compiler: string, target: string): Promise<void> {
  const folder = addonSources();
  const flags = JSON.parse(readFileSync(join(folder, 'flags.json'), 'utf8')) as Record<string, string[]>;
  const sources = readdirSync(folder).filter((name) => name.endsWith('.cc'));
  const result = await runTool(
    compiler,
    [
      ...flags.all!,
      ...['-I', nodeApiHeaders(), `-DSOURCES="${sourcesHash(folder)}"`],
      ...sources,
      ...(flags[process.platform] ?? []),
      ...['-o', target],
    ],
    { cwd: folder },
  );
  if (result.code !== 0)
    throw new DistillError('engine-unavailable', `The addon does not compile: ${lastLines(result.output)}.`, {
      remedy: `GCC 8 or Clang 7 at least is needed; ${compiler} was used. Set CXX to choose another.`,
    });
}

export interface TriedLibrary {
  /** Of TensorFlow. */
  version: string;
  devices: TensorFlowDevice[];
}

const TRY = `
const { addon, library, preload } = JSON.parse(process.argv[1]);
try {
  const binding = require(addon).open({ library, preload });
  console.log('tried ' + JSON.stringify({ version: binding.TF_Version, devices: binding.devices() }));
} catch (error) {
  console.log('failed ' + JSON.stringify(error.message));
}`;

/**
 * Opens a library in a process of its own, because one that does not fit may take the process down, and says what is in
 * it. Errors: engine-unavailable with what the loader says.
 */
export async function tryLibrary(
  installation: TensorFlowInstallation,
  options: { node?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<TriedLibrary> {
  const { code, output } = await runTool(
    options.node ?? process.execPath,
    ['-e', TRY, JSON.stringify(installation)],
    {
      env: { ...process.env, ...options.env, ELECTRON_RUN_AS_NODE: '1', TF_CPP_MIN_LOG_LEVEL: '2' },
      timeoutMs: 120_000,
    },
  );
  const tried = /^tried (.*)$/m.exec(output)?.[1];
  if (tried !== undefined) return JSON.parse(tried) as TriedLibrary;
  const failed = /^failed (.*)$/m.exec(output)?.[1];
  const why =
    failed !== undefined
      ? (JSON.parse(failed) as string)
      : code === null
        ? 'the process that loaded it crashed'
        : lastLines(output);
  throw new DistillError('engine-unavailable', `TensorFlow does not load here: ${why}.`, {
    where: installation.library,
    remedy:
      'If this system is older than TensorFlow needs (glibc 2.27), use the engine "wasm"; otherwise set TensorFlow up anew from another source.',
  });
}
