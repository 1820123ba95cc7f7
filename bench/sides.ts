import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { EngineName } from '../src/engine/engine';
import { Child } from './child';
import type { Profile } from './profile-groups';
import type { Answers, Request } from './protocol';
import { findPython } from './pytorch-home';
import { pytorchOptions, type Workload } from './workload';

/** Each side computes with as many. */
export const THREADS = 2;
/** What PyTorch is measured with; the better of the two counts. */
export const FORMATS = ['contiguous', 'channels_last'] as const;
export type Format = (typeof FORMATS)[number];

const dist = join(__dirname, '..', 'dist');
const ours = join(dist, 'bench.js');

/** Bundles our side into the build, as the worker that users train with is bundled: it uses the same files beside it. */
export async function bundleOurs(): Promise<void> {
  if (!existsSync(join(dist, 'worker.js'))) throw new Error('There is no build. Run "npm run build".');
  await build({
    entryPoints: [join(__dirname, 'ours', 'main.ts')],
    outfile: ours,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    keepNames: true,
    logLevel: 'error',
    external: ['*.node', '@mapbox/node-pre-gyp'],
  });
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
    this.child = new Child(`ours (${engine})`, pinned([process.execPath, ours]), {});
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

  profile(layout: Format, steps: number): Promise<Profile> {
    return this.child.ask({ do: 'profile', layout, steps });
  }

  async memory(): Promise<number> {
    return (await this.child.ask<{ mib: number }>({ do: 'memory' })).mib;
  }

  /** 10^9 flop per second of one square matrix product. */
  async sgemm(size: number): Promise<number> {
    return (await this.child.ask<{ rate: number }>({ do: 'sgemm', size })).rate;
  }
}
