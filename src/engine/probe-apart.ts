import { fork } from 'node:child_process';
import { type EngineReport, engineReportSchema } from '../protocol/doctor';
import type { EngineName } from './engine';
import { ownProgram, type Program } from './program';

/** Loading a gigabyte of libraries from a slow disk takes a while; hanging takes longer. */
const TIME_LIMIT_MS = 120_000;

/** Probes an engine in a child process, which may crash or hang without harm. Never throws. */
export function probeApart(
  name: EngineName,
  { script, execArgv }: Program = ownProgram('cli'),
  limitMs = TIME_LIMIT_MS,
): Promise<EngineReport> {
  return new Promise((resolve) => {
    let report: EngineReport | undefined;
    let errors = '';
    const child = fork(script, ['doctor', '--probe', name], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv,
      // In a desktop VS Code the program that runs us is Electron.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString('utf8')).slice(-4096);
    });
    child.on('message', (message) => {
      const parsed = engineReportSchema.safeParse(message);
      if (parsed.success) report = parsed.data;
    });
    const fail = (what: string) =>
      resolve({
        name,
        available: false,
        reason: `${what} ${errors.trim()}`.trim(),
      });
    child.on('error', (error) => fail(`The test process did not start: ${error.message}.`));
    child.on('close', (code, signal) => {
      if (report) resolve(report);
      else if (child.killed) fail(`It did not answer within ${limitMs / 1000} seconds and was ended.`);
      else fail(`Its test process crashed (${signal ?? `status ${code}`}).`);
    });
  });
}
