import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../bundle';
import { machine } from '../machine';
import { findPython } from '../pytorch-home';
import { rounded } from '../statistics';
import { cityscapesSize } from './pairs';
import type { InputAnswers, InputRequest, Load } from './protocol';
import type { InputResult } from './results';
import { type InputRow, type Loading, WORKERS } from './rows';

const theirs = join(__dirname, '..', 'pytorch', 'loader.py');

/** Crops that both sides make of the same draws before a row is measured. */
const CHECKED_CROPS = 6;
/** Largest mean difference of these, in deviations: OpenCV's colour conversions depend on its version and the processor. */
const TOLERANCE = 0.01;
const MEMORY_BATCHES = 5000;

/**
 * Measures one row of the input: fresh processes in turn, each warmed up before its time is taken.
 * Errors: the sides do not make the same crops; CamVid is not there; what either side reports.
 */
export async function measureInput(row: InputRow, runs: number): Promise<InputResult> {
  const about = { name: row.name, machine: machine() };
  if (row.measures === 'memory') {
    const { mib } = await askOurs({ do: 'memory', batches: MEMORY_BATCHES });
    return { ...about, measures: 'memory', mib: mib.map((v) => rounded(v, 1)) };
  }
  if (row.measures === 'stall') {
    const shares: number[] = [];
    let engine = '';
    for (let run = 0; run < runs; run++) {
      const request = { do: 'stall', root: camvidFolder(), engine: 'tensorflow', steps: 12 } as const;
      const found = await askOurs(request);
      shares.push(rounded(100 * found.share, 3));
      engine = found.engine;
    }
    return { ...about, measures: 'stall', engine, shares };
  }
  const root = row.loading.kind === 'camvid' ? camvidFolder() : cityscapesSize();
  const agreement = await requireSameCrops(row.loading, root);
  const found = { ours: [] as Load[], pytorch: [] as Load[] };
  for (let run = 0; run < runs; run++) {
    const sides = ['ours', 'pytorch'] as const;
    for (const side of run % 2 === 0 ? sides : sides.toReversed())
      found[side].push(await load(side, row, root));
  }
  if (found.ours[0]!.shape.join() !== found.pytorch[0]!.shape.join())
    throw new Error(`Ours gives batches of ${found.ours[0]!.shape}, PyTorch of ${found.pytorch[0]!.shape}.`);
  const times = (loads: Load[], of: 'ms' | 'cpu') => loads.map((l) => rounded(l[of], 3));
  return {
    ...about,
    measures: 'rate',
    ours: times(found.ours, 'ms'),
    pytorch: times(found.pytorch, 'ms'),
    oursCpu: times(found.ours, 'cpu'),
    pytorchCpu: times(found.pytorch, 'cpu'),
    agreement,
    versions: await askPytorch<Record<string, string>>({ do: 'versions' }),
  };
}

/** What is prefetched, and with a cache a whole epoch, lies before what is measured. */
function load(side: 'ours' | 'pytorch', row: InputRow & { measures: 'rate' }, root: string): Promise<Load> {
  const { loading, cacheMiB } = row;
  const large = loading.kind === 'cityscapes';
  const cached = side === 'ours' && cacheMiB > 0;
  const request = {
    do: 'load',
    loading,
    root,
    cacheMiB,
    workers: WORKERS,
    warmUp: cached ? 50 : large ? 6 : 12,
    batches: large ? 12 : 60,
  } as const;
  return side === 'ours' ? askOurs(request) : askPytorch(request);
}

async function requireSameCrops(loading: Loading, root: string): Promise<InputAgreement> {
  const folder = mkdtempSync(join(tmpdir(), 'distill-bench-crops-'));
  try {
    await askOurs({ do: 'crops', loading, root, count: CHECKED_CROPS, folder });
    const found = await askPytorch<InputAgreement>({ do: 'crops', loading, folder });
    if (found.labels > 0 || found.mean > TOLERANCE)
      throw new Error(`The sides do not make the same crops: ${JSON.stringify(found)}.`);
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type InputAgreement = { most: number; mean: number; labels: number };

/** CamVid cannot be shipped: its files have to be there. Errors: they are not. */
function camvidFolder(): string {
  const folder = process.env.DISTILL_BENCH_CAMVID ?? join(homedir(), 'datasets', 'CamVid');
  if (existsSync(join(folder, 'trainannot'))) return folder;
  throw new Error(
    `There is no CamVid in ${folder}. Let DISTILL_BENCH_CAMVID name the folder that holds train/ and trainannot/.`,
  );
}

async function askOurs<R extends InputRequest>(request: R): Promise<InputAnswers[R['do']]> {
  const program = await bundle('input/ours.ts', 'bench-input');
  return ask([process.execPath, program, JSON.stringify(request)]);
}

function askPytorch<T>(request: object): Promise<T> {
  return ask([findPython(), theirs, JSON.stringify(request)]);
}

/** Runs a process to its end and reads its last line. Errors: it failed. */
function ask<T>(command: string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    let out = '';
    child.stdout.on('data', (part: Buffer) => {
      out += part.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`${command[1]} ended: ${code}.`));
      else resolve(JSON.parse(out.trim().split('\n').at(-1)!) as T);
    });
  });
}
