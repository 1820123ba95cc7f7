import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineName } from '../../src/engine/engine';
import { requireSameWork } from '../agreement';
import { median, rounded } from '../statistics';
import type { Workload } from '../workload';
import { MODES, modeName, Ours, Pytorch, type Torch } from './sides';

export interface Effort {
  runs: number;
  warmUp: number;
  /** Steps after which memory is read, in processes of their own. */
  memorySteps: number;
}

/** One row: medians in ms, peaks in MiB; null where there is no PyTorch to compare with. */
export interface GpuRow {
  name: string;
  engine: EngineName;
  ours_ms: number;
  ours_mib: number;
  /** With our arithmetic, the better memory format. */
  pytorch_ms: number | null;
  /** With its default arithmetic, the better memory format. */
  pytorch_tf32_ms: number | null;
  pytorch_mib: number | null;
  ratio: number | null;
  ratio_tf32: number | null;
  runs: number;
  /** Largest relative difference of the first step's losses between the two sides. */
  agreement: number | null;
  /** The first step, which compiles the shaders. */
  first_ms: number;
  samples: Record<string, number[]>;
}

/** Steps that are compared before anything is measured. */
const CHECKED_STEPS = 3;

/** Measures a workload on one of our engines and, in the same run and in turn, in PyTorch. Errors: they do not agree. */
export async function measure(
  name: string,
  engine: EngineName,
  workload: Workload,
  torch: Torch | undefined,
  { runs, warmUp, memorySteps }: Effort,
): Promise<GpuRow> {
  const folder = mkdtempSync(join(tmpdir(), 'distill-gpu-'));
  const ours = await Ours.start(engine);
  const pytorch = torch && new Pytorch(torch);
  try {
    await ours.prepare(workload, folder, true);
    const first = performance.now();
    const mine = await ours.check(CHECKED_STEPS);
    const firstMs = performance.now() - first;
    let agreement: number | null = null;
    if (pytorch) {
      await pytorch.prepare(workload, folder, [...new Set(MODES.map(({ layout }) => layout))]);
      agreement = requireSameWork(mine, await pytorch.check(MODES[0], CHECKED_STEPS));
    }
    const samples = await inTurn(ours, pytorch, runs, warmUp);
    await ours.child.close();
    await pytorch?.child.close();
    const best = (precision: string) => {
      const medians = MODES.filter((mode) => mode.precision === precision).map((mode) =>
        median(samples[modeName(mode)]!),
      );
      return rounded(Math.min(...medians), 2);
    };
    const oursMs = rounded(median(samples.ours!), 2);
    const float32 = pytorch ? best('float32') : null;
    const tf32 = pytorch ? best('tf32') : null;
    return {
      name,
      engine,
      ours_ms: oursMs,
      ours_mib: await ourPeak(engine, workload, folder, memorySteps),
      pytorch_ms: float32,
      pytorch_tf32_ms: tf32,
      pytorch_mib: torch ? await torchPeak(torch, workload, folder, memorySteps) : null,
      ratio: float32 && rounded(oursMs / float32, 3),
      ratio_tf32: tf32 && rounded(oursMs / tf32, 3),
      runs,
      agreement,
      first_ms: rounded(firstMs, 0),
      samples,
    };
  } finally {
    await ours.child.close();
    await pytorch?.child.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every second round backwards, so that no one always follows the same. */
async function inTurn(
  ours: Ours,
  pytorch: Pytorch | undefined,
  runs: number,
  warmUp: number,
): Promise<Record<string, number[]>> {
  const turns = [
    { name: 'ours', step: () => ours.step() },
    ...(pytorch ? MODES.map((mode) => ({ name: modeName(mode), step: () => pytorch.step(mode) })) : []),
  ];
  const samples = Object.fromEntries(turns.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < warmUp + runs; round++)
    for (const { name, step } of round % 2 === 0 ? turns : turns.toReversed()) {
      const ms = await step();
      if (round >= warmUp) samples[name]!.push(rounded(ms, 3));
    }
  return samples;
}

async function ourPeak(
  engine: EngineName,
  workload: Workload,
  folder: string,
  steps: number,
): Promise<number> {
  const ours = await Ours.start(engine);
  try {
    await ours.prepare(workload, folder, false);
    for (let i = 0; i < steps; i++) await ours.step();
    return rounded(await ours.memory(), 1);
  } finally {
    await ours.child.close();
  }
}

/** In the memory format that PyTorch has without being asked. */
async function torchPeak(torch: Torch, workload: Workload, folder: string, steps: number): Promise<number> {
  const pytorch = new Pytorch(torch);
  try {
    await pytorch.prepare(workload, folder, [MODES[2].layout]);
    for (let i = 0; i < steps; i++) await pytorch.step(MODES[2]);
    return rounded(await pytorch.memory(), 1);
  } finally {
    await pytorch.child.close();
  }
}
