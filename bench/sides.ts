import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { EngineName } from '../src/engine/engine';
import { bundle } from './bundle';
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

  private constructor(engine: EngineName, program: string) {
    this.child = new Child(`ours (${engine})`, pinned([process.execPath, program]), {});
  }

  static async start(engine: EngineName): Promise<Ours> {
    const ours = new Ours(engine, await bundle('ours/main.ts', 'bench'));
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
