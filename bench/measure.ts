import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { requireSameWork } from './agreement';
import { machine } from './machine';
import { type Company, inCompany } from './processors';
import type { Detail } from './results';
import type { RowPlan } from './rows';
import { FORMATS, type Format, Ours, Pytorch } from './sides';
import { rounded } from './statistics';

export interface Effort {
  /** Measurements of each side after warm-up. */
  runs: number;
  warmUp: number;
  /** Whether rounds are repeated in which something else was at work. */
  quiet: boolean;
}

/** Steps that are compared before anything is measured. */
const CHECKED_STEPS = 3;
/** Steps until memory does not grow any more. */
const MEMORY_STEPS = 5;
/** Peaks hardly differ between runs, and each takes three processes. */
const MEMORY_RUNS = 7;
/** Between two turns, ms: what a process still has to tidy up (collecting garbage) is not at the expense of the other. */
const PAUSE = 50;
/** Share of one processor that others may use in a measurement; the counters and what every system does in the background make up to a tenth. */
const QUIET = 0.15;
const SGEMM_SIZE = 2048;

/** Measures one row. Errors: the sides do not do the same work; what either side reports. */
export async function measure(row: RowPlan, effort: Effort): Promise<Detail> {
  const folder = mkdtempSync(join(tmpdir(), 'distill-bench-'));
  try {
    return row.measures === 'time'
      ? await withPair(row, async (pair) => ({
          ...(await compare(row, pair, folder)),
          ...(await times(pair, effort)),
        }))
      : {
          ...(await withPair(row, (pair) => compare(row, pair, folder))),
          ...(await peaks(row, effort, folder)),
        };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Pair {
  ours: Ours;
  pytorch: Pytorch;
}

async function withPair<T>(row: RowPlan, use: (pair: Pair) => Promise<T>): Promise<T> {
  const pytorch = new Pytorch();
  try {
    const ours = await Ours.start(row.engine);
    try {
      return await use({ ours, pytorch });
    } finally {
      await ours.child.close();
    }
  } finally {
    await pytorch.child.close();
  }
}

/** What is known of a row before it is measured: that both sides do the same, how much that is, and on what. */
async function compare({ name, engine, workload }: RowPlan, { ours, pytorch }: Pair, folder: string) {
  await ours.ask({ do: 'prepare', workload, folder, weights: true });
  const mine = await ours.ask({ do: 'check', steps: CHECKED_STEPS });
  await pytorch.prepare(workload, folder, FORMATS, true);
  const theirs = await pytorch.check('contiguous', CHECKED_STEPS);
  const agreement = requireSameWork(mine.steps, theirs.steps);
  const { torch, python } = await pytorch.versions();
  return {
    name,
    engine,
    gflop: rounded(theirs.flop / 1e9, 1),
    agreement,
    machine: machine(),
    versions: { ...ours.opened.versions, torch, python },
  };
}

/**
 * The two sides in turn, PyTorch in each memory format; every second round backwards, so that no one always follows the
 * same. A round in which something else was at work on the machine does not count.
 * Errors: the machine is not quiet enough.
 */
async function times({ ours, pytorch }: Pair, { runs, warmUp, quiet }: Effort) {
  const found = { ours: [] as number[], pytorch: perFormat() };
  const pids = [ours.child.pid, pytorch.child.pid] as const;
  const turns = [
    {
      times: found.ours,
      pids: { working: pids[0], resting: pids[1] },
      step: async () => (await ours.ask({ do: 'step' })).ms,
    },
    ...FORMATS.map((format) => ({
      times: found.pytorch[format],
      pids: { working: pids[1], resting: pids[0] },
      step: () => pytorch.step(format),
    })),
  ];
  const most = { idle: 0, others: 0, sgemm: 0 };
  let repeated = 0;
  for (let round = 0; found.ours.length < runs; round++) {
    const results: (Company & { ms: number; to: number[] })[] = [];
    for (const { times, pids, step } of round % 2 === 0 ? turns : turns.toReversed()) {
      await setTimeout(PAUSE);
      results.push({ ...(await inCompany(pids, step)), to: times });
    }
    if (round < warmUp) continue;
    const others = Math.max(...results.map((result) => result.others));
    if (quiet && others > QUIET) {
      const used = `others used ${Math.round(100 * others)} % of a processor`;
      if (repeated === 2 * runs)
        throw new Error(`The machine is not quiet: ${used}, and ${repeated} rounds were so before.`);
      repeated++;
      console.error(`  a round is repeated: ${used}`);
      continue;
    }
    most.others = Math.max(most.others, others);
    most.sgemm = Math.max(most.sgemm, await pytorch.sgemm(SGEMM_SIZE));
    for (const { to, ms, resting } of results) {
      to.push(rounded(ms, 2));
      most.idle = Math.max(most.idle, resting);
    }
  }
  return {
    ...found,
    idle: rounded(most.idle, 3),
    others: rounded(most.others, 3),
    sgemm: rounded(most.sgemm, 1),
    repeated,
  };
}

/** Every measurement in a process of its own, as memory that was in use once is not forgotten. */
async function peaks({ engine, workload }: RowPlan, { runs }: Effort, folder: string) {
  const found = { ours: [] as number[], pytorch: perFormat() };
  for (let run = 0; run < Math.min(runs, MEMORY_RUNS); run++) {
    const ours = await Ours.start(engine);
    try {
      await ours.ask({ do: 'prepare', workload, folder, weights: false });
      for (let i = 0; i < MEMORY_STEPS; i++) await ours.ask({ do: 'step' });
      found.ours.push(rounded((await ours.ask({ do: 'memory' })).mib, 1));
    } finally {
      await ours.child.close();
    }
    for (const format of FORMATS) {
      const pytorch = new Pytorch();
      try {
        await pytorch.prepare(workload, folder, [format], false);
        for (let i = 0; i < MEMORY_STEPS; i++) await pytorch.step(format);
        found.pytorch[format].push(rounded(await pytorch.memory(), 1));
      } finally {
        await pytorch.child.close();
      }
    }
  }
  return { ...found, idle: 0, others: 0, sgemm: 0, repeated: 0 };
}

function perFormat(): Record<Format, number[]> {
  return { contiguous: [], channels_last: [] };
}
