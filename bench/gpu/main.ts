import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { EngineDescription, EngineName } from '../../src/engine/engine';
import { machine } from '../machine';
import type { Workload } from '../workload';
import { type GpuRow, measure } from './measure';
import { findTorch, Ours, Pytorch, type Torch } from './sides';

const USAGE = `bench/gpu.sh [OPTIONS]      The WebGPU engine on a GPU, beside PyTorch on the same one.

  --only ROW,ROW   rows, by name with the size at the end: student-step-256, student-step-512, rdd-step-256 (default:
                   these), eval-forward-512; other sizes, multiples of 8, may be asked for
  --runs N         measurements of each side after warm-up (default 15)
  --warm-up N      rounds before (default 5)
  --out FILE       where the results go as JSON (default: gpu-results.json)
  --skip-tests     no gradient self-test
  --cpu            also with PyTorch on the CPU: to try this script where there is no GPU
`;
const DEFAULT_ROWS = ['student-step-256', 'student-step-512', 'rdd-step-256'];
const KINDS: Record<string, Workload['name']> = {
  'student-step': 'student',
  'rdd-step': 'rdd',
  'eval-forward': 'evaluation',
};
const ENGINES: readonly EngineName[] = ['webgpu', 'tensorflow'];

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '15' },
      'warm-up': { type: 'string', default: '5' },
      out: { type: 'string', default: 'gpu-results.json' },
      'skip-tests': { type: 'boolean', default: false },
      cpu: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const plan = (values.only?.split(',') ?? DEFAULT_ROWS).map((name) => ({
    name,
    workload: workloadOf(name),
  }));
  const effort = {
    runs: Number(values.runs),
    warmUp: Number(values['warm-up']),
    memorySteps: values.cpu ? 1 : 5,
  };

  console.log(`Machine: ${machine()}; Node.js ${process.versions.node}`);
  console.log(`NVIDIA: ${nvidia()}`);
  const engines = await lookAtEngines(values.cpu);
  const torch = findTorch(values.cpu);
  const torchVersions = torch && (await versionsOf(torch));
  console.log(`PyTorch: ${torchVersions ? JSON.stringify(torchVersions) : 'none that sees a GPU'}`);
  const results: {
    machine: string;
    nvidia: string;
    engines: EngineDescription[];
    torch: Record<string, string> | undefined;
    selfTest: string | null;
    rows: GpuRow[];
    refused: string[];
  } = {
    machine: machine(),
    nvidia: nvidia(),
    engines,
    torch: torchVersions,
    selfTest: null,
    rows: [],
    refused: [],
  };
  // After each row, so that a run that is ended early has said something.
  const save = () => writeFileSync(values.out, `${JSON.stringify(results, null, 1)}\n`);
  save();
  if (!engines.some(({ name }) => name === 'webgpu')) return 1;
  if (!values['skip-tests']) {
    results.selfTest = selfTest();
    console.log(`Gradient self-test: ${results.selfTest}`);
    save();
  }
  for (const { name: engine } of engines)
    for (const { name, workload } of plan) {
      console.error(`${name} (${engine}) ...`);
      try {
        results.rows.push(await measure(name, engine, workload, torch, effort));
      } catch (error) {
        results.refused.push(
          `${name} (${engine}): ${error instanceof Error ? error.message : String(error)}`,
        );
      }
      save();
    }
  console.log(table(results.rows));
  for (const reason of results.refused) console.log(`Refused: ${reason}`);
  console.log(`Written: ${values.out}`);
  return results.refused.length > 0 || results.selfTest?.includes('failed') ? 1 : 0;
}

function workloadOf(name: string): Workload {
  const [, kind, size] = /^(.+)-(\d+)$/.exec(name) ?? [];
  const known = kind === undefined ? undefined : KINDS[kind];
  if (!known || Number(size) % 8 !== 0)
    throw new Error(
      `There is no row "${name}": ${Object.keys(KINDS).join(', ')}, then - and a multiple of 8.`,
    );
  return { name: known, size: Number(size) };
}

function nvidia(): string {
  const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'no nvidia-smi';
}

/** Those of our engines that compute on a GPU here; says why not of the others. */
async function lookAtEngines(cpu: boolean): Promise<EngineDescription[]> {
  const found: EngineDescription[] = [];
  for (const name of ENGINES)
    try {
      const ours = await Ours.start(name);
      await ours.child.close();
      console.log(`${name}: ${ours.description.summary} ${JSON.stringify(ours.description.versions)}`);
      if (ours.description.device === 'gpu' || (cpu && name === 'webgpu')) found.push(ours.description);
    } catch (error) {
      console.log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  return found;
}

async function versionsOf(torch: Torch): Promise<Record<string, string>> {
  const pytorch = new Pytorch(torch);
  try {
    return await pytorch.versions();
  } finally {
    await pytorch.child.close();
  }
}

/** Every operation and its gradients against plain loops, as the unit tests have them, on this machine's adapter. */
function selfTest(): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--test-reporter=tap', join(__dirname, 'self-test.js')],
    { encoding: 'utf8', env: { ...process.env, DISTILL_WEBGPU_TEST: 'real' }, maxBuffer: 1e8 },
  );
  const wrong = stdout.split('\n').filter((line) => /^\s+not ok/.test(line));
  const passed = /^# pass (\d+)/m.exec(stdout)?.[1] ?? '0';
  if (status === 0 && wrong.length === 0 && passed !== '0') return `${passed} passed`;
  console.error(stdout.slice(-4000), stderr.slice(-2000));
  return `${passed} passed, failed: ${wrong.map((line) => line.trim()).join('; ') || `status ${status}`}`;
}

function table(rows: readonly GpuRow[]): string {
  const cell = (value: number | null, unit: string) => (value === null ? '-' : `${value}${unit}`);
  const lines = [
    '| row | engine | ours | PyTorch float32 | PyTorch TF32 | ratio | ratio TF32 | memory ours | memory PyTorch |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows.map((row) =>
      [
        row.name,
        row.engine,
        cell(row.ours_ms, ' ms'),
        cell(row.pytorch_ms, ' ms'),
        cell(row.pytorch_tf32_ms, ' ms'),
        cell(row.ratio, ''),
        cell(row.ratio_tf32, ''),
        cell(row.ours_mib, ' MiB'),
        cell(row.pytorch_mib, ' MiB'),
      ].join(' | '),
    ),
  ];
  return `\n${lines.map((line, i) => (i < 2 ? line : `| ${line} |`)).join('\n')}\n`;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
