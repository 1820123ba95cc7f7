import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CudaBuild } from '../tensorflow-home';
import { cudaLibraries } from './cuda-libraries';
import { isUsableVersion, presentIn, wheelLibraries } from './libraries';
import { runTool } from './run-tool';
import { cudaOf } from './wheel';

/** A TensorFlow in a Python environment. Paths are absolute. */
export interface PythonTensorFlow {
  /** The environment's folder. */
  environment: string;
  version: string;
  library: string;
  beside: string[];
  preload: string[];
  cuda: CudaBuild | null;
}

/** Where to look: an environment's folder, or an interpreter that has to be asked. */
type Place = { kind: 'folder'; folder: string } | { kind: 'interpreter'; program: string };

const ASK =
  'import importlib.util as u,json,sys;s=u.find_spec("tensorflow");' +
  'print(json.dumps([sys.prefix,sys.base_prefix,list(s.submodule_search_locations or []) if s else []]))';

/**
 * Looks for TensorFlow in Python environments, most wanted first: the given interpreter, the active environment, the
 * workspace's own, then what `python3` runs. Environments are read without running anything of theirs; interpreters
 * are asked and do not import TensorFlow.
 * @returns what can be used, and one sentence about each place that cannot
 */
export async function findPythonTensorFlow(options: {
  python?: string | undefined;
  /** Look at `python` alone. */
  only?: boolean;
  workspace?: string;
  signal?: AbortSignal | undefined;
}): Promise<{ found: PythonTensorFlow[]; refused: string[] }> {
  const found: PythonTensorFlow[] = [];
  const refused: string[] = [];
  for (const place of places(options)) {
    const result =
      place.kind === 'folder'
        ? inEnvironment(place.folder)
        : await askInterpreter(place.program, options.signal);
    for (const one of result) {
      if (typeof one === 'string') refused.push(one);
      else if (!found.some(({ library }) => library === one.library)) found.push(one);
    }
  }
  return { found, refused: [...new Set(refused)] };
}

function places({
  python,
  only,
  workspace = process.cwd(),
}: {
  python?: string | undefined;
  only?: boolean;
  workspace?: string;
}): Place[] {
  const given: Place[] =
    python === undefined
      ? []
      : [isFolder(python) ? { kind: 'folder', folder: python } : { kind: 'interpreter', program: python }];
  if (only && given.length > 0) return given;
  const folders = [
    process.env.VIRTUAL_ENV,
    join(workspace, '.venv'),
    join(workspace, 'venv'),
    process.env.CONDA_PREFIX,
  ].filter((folder) => folder !== undefined && folder !== '');
  return [
    ...given,
    ...folders.map((folder) => ({ kind: 'folder', folder: folder! }) as const),
    ...pythonNames.map((program) => ({ kind: 'interpreter', program }) as const),
  ];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The interpreter itself, where an environment's folder is given. */
export function interpreterOf(python: string): string {
  if (!isFolder(python)) return python;
  const unix = join(python, 'bin', 'python');
  return existsSync(unix)
    ? unix
    : join(python, process.platform === 'win32' ? 'Scripts/python.exe' : 'python');
}

/** What a Python 3 is called on the search path. */
export const pythonNames = process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python'];

/** `site-packages` of an environment: one for each version of Python in it. */
function siteFolders(environment: string): string[] {
  const lib = join(environment, 'lib');
  const unix = existsSync(lib)
    ? readdirSync(lib)
        .filter((name) => /^python3\.\d+t?$/.test(name))
        .map((name) => join(lib, name, 'site-packages'))
    : [];
  return [...unix, join(environment, 'Lib', 'site-packages')].filter((folder) => existsSync(folder));
}

function inEnvironment(environment: string): Array<PythonTensorFlow | string> {
  return siteFolders(environment)
    .filter((site) => existsSync(join(site, 'tensorflow')))
    .map((site) => describe(environment, site, []));
}

async function askInterpreter(
  program: string,
  signal: AbortSignal | undefined,
): Promise<Array<PythonTensorFlow | string>> {
  const { code, output } = await runTool(program, ['-c', ASK], { timeoutMs: 30_000, signal });
  if (code !== 0) return [];
  try {
    const [prefix, base, [folder]] = JSON.parse(output.trim().split('\n').at(-1)!) as [
      string,
      string,
      string[],
    ];
    return folder === undefined ? [] : [describe(prefix, dirname(folder), [base])];
  } catch {
    return [];
  }
}

/** @param pythons where a shared library of Python may lie, which TensorFlow's own needs on Windows */
function describe(environment: string, site: string, pythons: string[]): PythonTensorFlow | string {
  const version = readdirSync(site)
    .map((name) => /^tensorflow(?:_cpu|_intel|_macos|_gpu)?-([^-]+)\.dist-info$/.exec(name)?.[1])
    .find((found) => found !== undefined);
  if (version === undefined) return `${environment}: the TensorFlow there was not installed from a wheel.`;
  if (!isUsableVersion(version)) return `${environment}: TensorFlow ${version} is not supported.`;
  const place = presentIn(site, wheelLibraries(process.platform));
  if (!place)
    return `${environment}: TensorFlow ${version} has no ${basename(wheelLibraries(process.platform)[0]!.library)} (2.13 and newer have).`;
  const below = (path: string) => join(site, ...path.split('/'));
  return {
    environment,
    version,
    library: below(place.library),
    beside: place.beside.map(below),
    preload: [...cudaLibraries(join(site, 'nvidia')), ...pythonLibrary(pythons)],
    cuda: cudaOf(buildInfo(site)),
  };
}

function pythonLibrary(folders: string[]): string[] {
  if (process.platform !== 'win32') return [];
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^python3\d+\.dll$/i.test(name))
      .map((name) => join(folder, name)),
  );
}

function buildInfo(site: string): string {
  try {
    return readFileSync(join(site, 'tensorflow', 'python', 'platform', 'build_info.py'), 'utf8');
  } catch {
    return '';
  }
}
