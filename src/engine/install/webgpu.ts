import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DistillError, describeIoError } from '../../protocol/errors';
import { cacheFolder } from '../cache-folder';
import {
  BINDING,
  platformFolder,
  RECEIPT,
  WEBGPU_PACKAGE,
  WEBGPU_VERSION,
  webgpuFolder,
} from '../webgpu/home';
import { checkSpace } from './disk';
import type { Report } from './progress';
import { lastLines, runTool } from './run-tool';
import { lockSetUp } from './set-up-lock';
import { unpackTar } from './tar';

export interface WebgpuInstallOptions {
  /** The package as npm has it (webgpu-….tgz); without it, the user's npm downloads it. */
  file?: string | undefined;
  /** Ends the set-up; nothing half-done stays. */
  signal?: AbortSignal | undefined;
  report: Report;
}

/** The package, which holds the bindings of all platforms, and what is kept of it. */
const BYTES = 51e6 + 45e6;
/** What lies beside the binding on Windows and is loaded by it. */
const BESIDE = process.platform === 'win32' ? ['d3dcompiler_47.dll', 'dxcompiler.dll'] : [];
const LICENSE = 'LICENSE.md';

/**
 * Sets WebGPU up for this user: Dawn's binding for this platform, from the npm package `webgpu`, by the user's own npm
 * (registry, proxy, certificates as it is configured), which also checks the package's checksum. Made in a folder
 * beside, tried, and renamed at the end.
 * @returns the folder
 * Errors: engine-unavailable (no npm, no network, no binding for this platform, does not load), disk-full, io, usage.
 */
export async function installWebgpu({ file, signal, report }: WebgpuInstallOptions): Promise<string> {
  const given = file === undefined ? undefined : resolve(file);
  if (given !== undefined && !existsSync(given))
    throw new DistillError('usage', 'There is no such file.', {
      where: given,
      remedy: `Give the path of webgpu-${WEBGPU_VERSION}.tgz, as "npm pack ${WEBGPU_PACKAGE}" makes it.`,
    });
  const release = lockSetUp(cacheFolder());
  const work = join(cacheFolder(), `setup.partial-${process.pid}`);
  try {
    await checkSpace(cacheFolder(), BYTES);
    await mkdir(work, { recursive: true });
    const archive = given ?? (await download(work, report, signal));
    signal?.throwIfAborted();
    const content = await unpack(archive, work, report, signal);
    await tryBinding(join(content, BINDING), report);
    signal?.throwIfAborted();
    await writeFile(join(content, RECEIPT), `${JSON.stringify({ webgpu: WEBGPU_VERSION })}\n`);
    const target = webgpuFolder();
    await rm(target, { recursive: true, force: true });
    await rename(content, target);
    report({ text: `WebGPU (${WEBGPU_PACKAGE}) is ready in ${target}.` });
    return target;
  } catch (error) {
    signal?.throwIfAborted();
    throw describeIoError(error, cacheFolder());
  } finally {
    await rm(work, { recursive: true, force: true });
    release();
  }
}

/** Removes what `installWebgpu` has made. @returns one sentence about what was done */
export async function uninstallWebgpu(): Promise<string> {
  const folder = webgpuFolder();
  if (!existsSync(folder)) return 'WebGPU was not set up.';
  await rm(folder, { recursive: true, force: true });
  return `Removed ${folder}.`;
}

async function download(work: string, report: Report, signal: AbortSignal | undefined): Promise<string> {
  report({ text: `Downloading ${WEBGPU_PACKAGE} with npm (51 MB).` });
  const pack = ['pack', '--silent', '--pack-destination', work, WEBGPU_PACKAGE];
  // On Windows npm is a command file, which only the shell starts.
  const [program, args] =
    process.platform === 'win32' ? ['cmd.exe', ['/d', '/s', '/c', 'npm', ...pack]] : ['npm', pack];
  const result = await runTool(program as string, args as string[], { cwd: work, signal });
  signal?.throwIfAborted();
  const offline = `Or run "npm pack ${WEBGPU_PACKAGE}" where there is a network, and pass the file with --package.`;
  if (result.code === 'missing')
    throw new DistillError('engine-unavailable', 'npm was not found; it brings WebGPU.', {
      remedy: `Install Node.js with npm. ${offline}`,
    });
  const archive = readdirSync(work).find((name) => name.endsWith('.tgz'));
  if (result.code !== 0 || !archive)
    throw new DistillError('engine-unavailable', `npm could not download it: ${lastLines(result.output)}.`, {
      remedy: `Check the network and npm's settings (npm config list). ${offline}`,
    });
  return join(work, archive);
}

/** @returns the folder with the binding of this platform and its licence */
async function unpack(
  archive: string,
  work: string,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<string> {
  report({ text: 'Unpacking.' });
  const platform = `package/dist/${platformFolder()}`;
  const wanted = [BINDING, ...BESIDE].map((name) => `${platform}/${name}`);
  const others = ['package/package.json', `package/${LICENSE}`];
  const found = await unpackTar(archive, work, [...wanted, ...others], { signal });
  const { name, version } = found.includes('package/package.json')
    ? (JSON.parse(readFileSync(join(work, 'package', 'package.json'), 'utf8')) as Record<string, unknown>)
    : {};
  if (name !== 'webgpu' || version !== WEBGPU_VERSION)
    throw new DistillError('usage', `This is not the npm package ${WEBGPU_PACKAGE}.`, {
      where: archive,
      remedy: `Make it with "npm pack ${WEBGPU_PACKAGE}".`,
    });
  const missing = wanted.filter((path) => !found.includes(path));
  if (missing.length > 0)
    throw new DistillError(
      'engine-unavailable',
      `The package has no WebGPU for ${process.platform} ${process.arch}.`,
      { where: archive, remedy: 'Use the engine "tensorflow" or "wasm".' },
    );
  const content = join(work, ...platform.split('/'));
  await rename(join(work, 'package', LICENSE), join(content, LICENSE));
  return content;
}

/** Loads the binding once in a process of its own, because one that does not fit may take the process down. */
async function tryBinding(binding: string, report: Report): Promise<void> {
  report({ text: 'Trying it.' });
  const result = await runTool(process.execPath, ['-e', 'require(process.argv[1]).create([])', binding], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    timeoutMs: 60_000,
  });
  if (result.code !== 0)
    throw new DistillError(
      'engine-unavailable',
      `WebGPU was unpacked but does not load here: ${lastLines(result.output)}.`,
      { remedy: 'This system is probably older than it needs (glibc 2.34 on Linux). Use another engine.' },
    );
}
