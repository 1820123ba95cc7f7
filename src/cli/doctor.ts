import { fork } from 'node:child_process';
import type { EngineName } from '../engine/engine';
import { installTensorFlow } from '../engine/install-tensorflow';
import { type ProbeReport, probeEngine } from '../engine/probe';
import { parse, usage } from './command';
import { table } from './format';

const help = `Shows which engines can compute on this machine, and sets TensorFlow up.

Usage: distill doctor [options]

Options:
  --json                print the findings as JSON
  --install tensorflow  download TensorFlow with pip and build what is needed to use it (about 1 GB)
  --wheel FILE          with --install: use this wheel of TensorFlow instead of downloading one
  -h, --help            print this

Exit status: 0 if some engine can compute, 1 if none can.
`;

/** In the order in which "auto" prefers them. */
const ENGINES: readonly EngineName[] = ['tensorflow', 'wasm'];
/** Loading 850 MB of libraries from a slow disk takes a while; hanging takes longer. */
const TIME_LIMIT_MS = 120_000;

/** `distill doctor`. Errors: usage, and those of `installTensorFlow`. */
export async function doctor(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    json: { type: 'boolean', default: false },
    install: { type: 'string' },
    wheel: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
    // How this command calls itself; see `probeApart`.
    probe: { type: 'string' },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (values.probe !== undefined) {
    const name = ENGINES.find((engine) => engine === values.probe);
    if (!name) throw usage(`There is no engine "${values.probe}".`);
    return answerProbe(name);
  }
  if (positionals.length > 0) throw usage(`Unexpected: ${positionals.join(' ')}.`);
  if (values.install !== undefined && values.install !== 'tensorflow')
    throw usage(`"${values.install}" cannot be installed; "tensorflow" can.`);
  if (values.wheel !== undefined && values.install === undefined)
    throw usage('--wheel belongs to --install tensorflow.');
  if (values.install !== undefined)
    await installTensorFlow({ wheel: values.wheel, progress: (line) => console.error(line) });

  const reports: ProbeReport[] = [];
  // One after the other: the speeds would disturb each other.
  for (const name of ENGINES) reports.push(await probeApart(name));
  const auto = reports.find((r) => r.available && r.failures.length === 0)?.name ?? null;
  console.log(values.json ? JSON.stringify({ engines: reports, auto }, null, 2) : describe(reports));
  return auto === null ? 1 : 0;
}

async function answerProbe(name: EngineName): Promise<number> {
  const report = await probeEngine(name);
  process.send?.(report, () => process.disconnect());
  return 0;
}

/** Probes an engine in a child process, which may crash or hang without harm. */
function probeApart(name: EngineName): Promise<ProbeReport> {
  return new Promise((resolve) => {
    let report: ProbeReport | undefined;
    let errors = '';
    const child = fork(process.argv[1]!, ['doctor', '--probe', name], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: TIME_LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString('utf8')).slice(-4096);
    });
    child.on('message', (message) => {
      report = message as ProbeReport;
    });
    const fail = (what: string) => resolve({ name, available: false, reason: `${what} ${errors}`.trim() });
    child.on('error', (error) => fail(`The test process did not start: ${error.message}.`));
    child.on('close', (code, signal) => {
      if (report) resolve(report);
      else if (child.killed) fail(`No answer within ${TIME_LIMIT_MS / 1000} seconds.`);
      else fail(`The test process ended with ${signal ?? `status ${code}`}.`);
    });
  });
}

function describe(reports: ProbeReport[]): string {
  const rows = reports.map((r) =>
    r.available
      ? [
          r.name,
          r.failures.length === 0 ? 'available' : 'wrong results',
          r.description.device.toUpperCase(),
          r.failures.length === 0 ? 'passed' : `failed: ${r.failures.join(', ')}`,
          `${r.gflops.toFixed(0)} GFLOP/s`,
        ]
      : [r.name, 'not available', '-', '-', '-'],
  );
  const details = reports.map((r) => {
    if (!r.available) return `${r.name}: ${r.reason}`;
    const versions = Object.entries(r.description.versions).map(([name, version]) => `${name} ${version}`);
    return `${r.name}: ${r.description.summary} (${versions.join(', ')})`;
  });
  return [table(['engine', 'state', 'device', 'self-test', 'convolution speed'], rows), '', ...details].join(
    '\n',
  );
}
