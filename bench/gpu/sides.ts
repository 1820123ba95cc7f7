import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { EngineDescription, EngineName } from '../../src/engine/engine';
import { Child } from '../child';
import type { Figures } from '../protocol';
import { pytorchOptions, type Workload } from '../workload';

/** Everything lies beside the bundle; see pack.mjs. */
const here = __dirname;

/** What PyTorch is measured with. The arithmetic of `float32` is ours; `tf32` is its default for convolutions. */
export const MODES = [
  { precision: 'float32', layout: 'contiguous' },
  { precision: 'float32', layout: 'channels_last' },
  { precision: 'tf32', layout: 'contiguous' },
  { precision: 'tf32', layout: 'channels_last' },
] as const;
export type Mode = (typeof MODES)[number];
export const modeName = ({ precision, layout }: Mode) => `${precision} ${layout}`;

/** One of our engines in a process of its own, open. */
export class Ours {
  readonly child: Child;
  readonly description: EngineDescription;

  private constructor(child: Child, description: EngineDescription) {
    this.child = child;
    this.description = description;
  }

  /** Errors: the engine's own, in its words. */
  static async start(engine: EngineName): Promise<Ours> {
    const child = new Child(engine, [process.execPath, join(here, 'ours.js')], {});
    try {
      return new Ours(child, await child.ask<EngineDescription>({ do: 'open', engine }));
    } catch (error) {
      await child.close();
      throw error;
    }
  }

  async prepare(workload: Workload, folder: string, weights: boolean): Promise<void> {
    await this.child.ask({ do: 'prepare', workload, folder, weights });
  }

  async check(steps: number): Promise<Figures[]> {
    return (await this.child.ask<{ steps: Figures[] }>({ do: 'check', steps })).steps;
  }

  async step(): Promise<number> {
    return (await this.child.ask<{ ms: number }>({ do: 'step' })).ms;
  }

  async memory(): Promise<number> {
    return (await this.child.ask<{ mib: number }>({ do: 'memory' })).mib;
  }
}

export interface Torch {
  python: string;
  device: 'cuda' | 'cpu';
}

/** A Python with PyTorch that sees a GPU; with `cpu`, any PyTorch. Undefined: there is none. */
export function findTorch(cpu: boolean): Torch | undefined {
  for (const python of [process.env.DISTILL_BENCH_PYTHON, 'python3', 'python'].filter(
    (name) => name !== undefined,
  )) {
    const { status, stdout } = spawnSync(python, ['-c', 'import torch; print(torch.cuda.is_available())'], {
      encoding: 'utf8',
    });
    if (status !== 0) continue;
    if (stdout.trim() === 'True') return { python, device: 'cuda' };
    if (cpu) return { python, device: 'cpu' };
  }
  return undefined;
}

/** PyTorch's process. */
export class Pytorch {
  readonly child: Child;

  constructor({ python, device }: Torch) {
    const command = [python, join(here, 'pytorch.py'), join(here, 'pytorch'), device];
    this.child = new Child('PyTorch', command, { PYTHONDONTWRITEBYTECODE: '1' });
  }

  versions(): Promise<Record<string, string>> {
    return this.child.ask({ do: 'versions' });
  }

  async prepare(workload: Workload, folder: string, layouts: readonly string[]): Promise<void> {
    const options = { ...pytorchOptions(workload), weights: true };
    await this.child.ask({ do: 'prepare', workload: workload.name, folder, layouts, options });
  }

  async check(mode: Mode, steps: number): Promise<Figures[]> {
    return (await this.child.ask<{ steps: Figures[] }>({ do: 'check', steps, ...mode })).steps;
  }

  async step(mode: Mode): Promise<number> {
    return (await this.child.ask<{ ms: number }>({ do: 'step', ...mode })).ms;
  }

  async memory(): Promise<number> {
    return (await this.child.ask<{ mib: number }>({ do: 'memory' })).mib;
  }
}
