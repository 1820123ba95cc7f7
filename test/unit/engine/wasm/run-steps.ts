import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runTypeScript } from '../../../lib/run-typescript';
import type { StepsReport, StepsRequest } from './steps-program';

/** Trains on the wasm engine in another process and returns what it says of each step. */
export async function runSteps(
  request: StepsRequest,
  env: Record<string, string> = {},
): Promise<StepsReport> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...runTypeScript, join(__dirname, 'steps-program.ts'), JSON.stringify(request)],
    { env: { ...process.env, ...env } },
  );
  return JSON.parse(stdout) as StepsReport;
}
