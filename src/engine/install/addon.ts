import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DistillError } from '../../protocol/errors';
import { ADDON, LIBRARIES } from '../tensorflow-home';
import { lastLines, runTool } from './run-tool';

interface Sources {
  /** Folder of tfjs-node's C++ files. */
  binding: string;
  /** Folder of node_api.h. */
  nodeApi: string;
}

/** Beside the bundle, where the build copies them, or in the packages when run from source. */
export function addonSources(): Sources {
  const copied = {
    binding: join(__dirname, 'native', 'binding'),
    nodeApi: join(__dirname, 'native', 'node-api'),
  };
  if (existsSync(copied.binding)) return copied;
  const folderOf = (name: string) =>
    dirname(createRequire(join(__dirname, 'addon.js')).resolve(`${name}/package.json`));
  return {
    binding: join(folderOf('@tensorflow/tfjs-node-gpu'), 'binding'),
    nodeApi: join(folderOf('node-api-headers'), 'include'),
  };
}

/** A C++ compiler that runs: $CXX, or the usual names. */
export async function findCompiler(): Promise<string> {
  for (const program of [process.env.CXX, 'g++', 'c++', 'clang++']) {
    if (program && (await runTool(program, ['--version'])).code === 0) return program;
  }
  throw new DistillError('engine-unavailable', 'No C++ compiler found.', {
    remedy:
      'Install one (on Debian or Ubuntu: apt install g++; on Fedora: dnf install gcc-c++) or name it in the variable CXX.',
  });
}

/** Compiles the addon into `folder`, where the libraries lie, against the headers below `include`. */
export async function buildAddon(compiler: string, folder: string, include: string): Promise<void> {
  const { binding, nodeApi } = addonSources();
  const sources = readdirSync(binding).filter((name) => name.endsWith('.cc'));
  const result = await runTool(
    compiler,
    [
      '-O2',
      '-std=c++17',
      '-fPIC',
      '-shared',
      '-DNAPI_VERSION=8',
      ...[include, nodeApi, binding].flatMap((path) => ['-I', path]),
      ...sources.map((name) => join(binding, name)),
      ...LIBRARIES.map((name) => join(folder, name)),
      // Literally $ORIGIN: the folder is renamed after the build.
      '-Wl,-rpath,$ORIGIN',
      '-o',
      join(folder, ADDON),
    ],
    { cwd: folder },
  );
  if (result.code !== 0)
    throw new DistillError('engine-unavailable', `The addon does not compile: ${lastLines(result.output)}.`, {
      remedy: `A compiler with C++17 is needed (GCC 8 or Clang 7 at least); ${compiler} was used. Set CXX to choose another.`,
    });
}

/** Loads the addon once in a process of its own, because a library that does not fit may take the process down. */
export async function tryAddon(folder: string): Promise<void> {
  const result = await runTool(
    process.execPath,
    ['-e', 'console.log("TensorFlow " + require(process.argv[1]).TF_Version)', join(folder, ADDON)],
    { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', TF_CPP_MIN_LOG_LEVEL: '2' }, timeoutMs: 120_000 },
  );
  if (result.code !== 0 || !result.output.includes('TensorFlow '))
    throw new DistillError(
      'engine-unavailable',
      `TensorFlow was unpacked but does not load here: ${lastLines(result.output)}.`,
      { remedy: 'This system is probably older than TensorFlow needs (glibc 2.27). Use the engine "wasm".' },
    );
}
