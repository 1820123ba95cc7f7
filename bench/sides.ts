import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { EngineName } from '../src/engine/engine';
import { Child } from './child';
import type { Answers, Request } from './protocol';
import { findPython } from './pytorch-home';
import { pytorchOptions, type Workload } from './workload';

/** Each side computes with as many. */
export const THREADS = 2;
/** What PyTorch is measured with; the better of the two counts. */
export const FORMATS = ['contiguous', 'channels_last'] as const;
export type Format = (typeof FORMATS)[number];

const root = join(__dirname, '..');
const bundleFolder = join(root, '.cache', 'bench');

/** Bundles our side as the build bundles the worker that users train with, and puts the same files beside it. */
export async function bundleOurs(): Promise<void> {
  mkdirSync(bundleFolder, { recursive: true });
  await build({
    entryPoints: { ours: join(__dirname, 'ours', 'main.ts') },
    outdir: bundleFolder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    keepNames: true,
    logLevel: 'error',
    external: ['*.node', '@mapbox/node-pre-gyp'],
  });
  const wasm = join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  for (const file of readdirSync(wasm).filter((name) => name.endsWith('.wasm')))
    copyFileSync(join(wasm, file), join(bundleFolder, file));
  copyFileSync(join(root, 'src/engine/wasm/kernels.wasm'), join(bundleFolder, 'kernels.wasm'));
}

/** On larger machines both sides are held to the same processors, so that neither can take more than its threads. */
function pinned(command: string[]): string[] {
  const needed = availableParallelism() > THREADS;
  if (needed && spawnSync('taskset', ['--version']).status !== 0)
    throw new Error(
      `This machine has more than ${THREADS} processors, and there is no taskset to limit both sides.`,
    );
  return needed ? ['taskset', '--cpu-list', `0-${THREADS - 1}`, ...command] : command;
}

/** Our process, its engine open. */
export class Ours {
  readonly child: Child;
  opened!: Answers['open'];

  private constructor(engine: EngineName) {
    this.child = new Child(`ours (${engine})`, pinned([process.execPath, join(bundleFolder, 'ours.js')]), {});
  }

  static async start(engine: EngineName): Promise<Ours> {
    const ours = new Ours(engine);
    ours.opened = await ours.ask({ do: 'open', engine });
    return ours;
  }

  ask<R extends Request>(request: R): Promise<Answers[R['do']]> {
    return this.child.ask(request);
  }
}

/** PyTorch's process. */
export class Pytorch {
  readonly child: Child;

  constructor() {
    const script = join(__dirname, 'pytorch', 'main.py');
    this.child = new Child('PyTorch', pinned([findPython(), script, `${THREADS}`]), {
      OMP_NUM_THREADS: `${THREADS}`,
      MKL_NUM_THREADS: `${THREADS}`,
      PYTHONDONTWRITEBYTECODE: '1',
    });
  }

  versions(): Promise<{ torch: string; python: string; threads: number }> {
    return this.child.ask({ do: 'versions' });
  }

  async prepare(
    workload: Workload,
    folder: string,
    formats: readonly Format[],
    weights: boolean,
  ): Promise<void> {
    await this.child.ask({
      do: 'prepare',
      workload: workload.name,
      folder,
      layouts: formats,
      options: { ...pytorchOptions(workload), weights },
    });
  }

  check(layout: Format, steps: number): Promise<Answers['check'] & { flop: number }> {
    return this.child.ask({ do: 'check', layout, steps });
  }

  async step(layout: Format): Promise<number> {
    return (await this.child.ask<{ ms: number }>({ do: 'step', layout })).ms;
  }

  async memory(): Promise<number> {
    return (await this.child.ask<{ mib: number }>({ do: 'memory' })).mib;
  }

  sgemm(size: number, runs: number): Promise<{ rates: number[] }> {
    return this.child.ask({ do: 'sgemm', size, runs });
  }
}
