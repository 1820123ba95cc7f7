import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { type EngineReport, engineReportSchema } from '../protocol/doctor';
import { cacheFolder } from './cache-folder';
import type { EngineName } from './engine';
import { engines } from './engines';
import { probeApart } from './probe-apart';

/** What was found out about an engine, and when (milliseconds since the epoch). */
export interface Verdict {
  report: EngineReport;
  at: number;
}

/** Bad ones are asked again after this long: what hindered may not have been the engine. */
const BAD_LASTS_MS = 24 * 3600_000;
/** Speeds measured on a busy machine likewise. */
const DISTURBED_LASTS_MS = 3600_000;
/** Of several versions of Node.js and sets of variables; more would only be old ones. */
const KEPT = 24;

const file = () => join(cacheFolder(), 'verdicts.json');

/**
 * Whether an engine can compute here and how fast, from the cache where nothing it depends on has changed: versions, the
 * engine's files with their times, processor, GPU driver, variables.
 * @param options fresh: finds out anew; probe: another way of finding out, for tests
 */
export async function verdictOn(
  name: EngineName,
  options: { fresh?: boolean; probe?: (name: EngineName) => Promise<EngineReport> } = {},
): Promise<Verdict> {
  const look = engines[name].look();
  const now = Date.now();
  // Changes from one moment to the next, and costs nothing to find out.
  if (!look.possible) return { report: { name, available: false, reason: look.reason }, at: now };
  const key = keyOf(name, look.files);
  const known = options.fresh ? undefined : readVerdicts()[key];
  if (known && now - known.at < lasts(known.report)) return known;
  const verdict = { report: await (options.probe ?? probeApart)(name), at: Date.now() };
  remember(key, verdict);
  return verdict;
}

/** Forgets everything: what was set up has changed. */
export function forgetVerdicts(): void {
  rmSync(file(), { force: true });
}

function lasts(report: EngineReport): number {
  if (!report.available || report.failures.length > 0) return BAD_LASTS_MS;
  return report.disturbed ? DISTURBED_LASTS_MS : Number.POSITIVE_INFINITY;
}

function keyOf(name: EngineName, files: readonly string[]): string {
  const environment = Object.entries(process.env)
    .filter(([key]) => /^(TF_|CUDA_|OMP_|XLA_|NVIDIA_|VK_|DISTILL_WEBGPU_|LD_LIBRARY_PATH$)/.test(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const facts = [
    name,
    version,
    process.versions.node,
    process.platform,
    process.arch,
    cpus().length,
    cpus()[0]?.model,
    environment,
    driver(),
    [...files, __filename].map(stampOf),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
}

function stampOf(path: string): [string, number, number] {
  try {
    const { size, mtimeMs } = statSync(path);
    return [path, size, mtimeMs];
  } catch {
    return [path, 0, 0];
  }
}

function driver(): string {
  try {
    return readFileSync('/proc/driver/nvidia/version', 'utf8');
  } catch {
    return '';
  }
}

function readVerdicts(): Record<string, Verdict> {
  try {
    const entries = Object.entries(JSON.parse(readFileSync(file(), 'utf8')) as Record<string, Verdict>);
    return Object.fromEntries(
      entries.filter(([, { report, at }]) => engineReportSchema.safeParse(report).success && at > 0),
    );
  } catch {
    // None yet, or one that cannot be understood: both are found out again.
    return {};
  }
}

/** A cache that cannot be written is no reason not to compute. */
function remember(key: string, verdict: Verdict): void {
  const all = Object.entries({ ...readVerdicts(), [key]: verdict })
    .sort(([, a], [, b]) => b.at - a.at)
    .slice(0, KEPT);
  const beside = `${file()}.${process.pid}.tmp`;
  try {
    mkdirSync(cacheFolder(), { recursive: true });
    writeFileSync(beside, JSON.stringify(Object.fromEntries(all), null, 1));
    renameSync(beside, file());
  } catch {
    rmSync(beside, { force: true });
  }
}
