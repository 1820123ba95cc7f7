import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../bundle';
import { openRun } from './run-panel';
import { closeEditors, type Measured, PATIENCE, type Studio } from './studio';

/** Memory of the extension host while a run goes on in front of it, garbage collected, in MB. */
export async function hostMemory(studio: Studio, seconds: number): Promise<Measured> {
  const { page, workbench, session } = studio;
  await closeEditors(studio);
  await workbench.reloadWindow(page);
  await workbench.showSideBar(page);
  const program = await bundle('studio/live-run.ts', 'bench-live-run');
  const writer = spawn(process.execPath, [program, session.workspace, String(seconds)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await Promise.race([once(writer.stdout, 'data'), died(writer)]);
    const ended = died(writer);
    await workbench.runRows(page).filter({ hasText: 'live' }).first().waitFor();
    await openRun(studio, 'live');
    await workbench.webviewFrame(page, '[role=tablist]', 'editor', PATIENCE);
    await workbench.runCommand(page, 'Floor: Watch Memory');
    writer.stdin.write('\n');
    await ended;
    const lines = readFileSync(join(session.workspace, 'memory.floor'), 'utf8').trim().split('\n');
    await closeEditors(studio);
    return { 'host-memory': { values: lines.map((bytes) => Number(bytes) / 1e6) } };
  } finally {
    writer.kill('SIGKILL');
  }
}

/** Errors: it ended otherwise than well. */
async function died(child: ChildProcess): Promise<void> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) throw new Error(`The process that writes the run ended: ${signal ?? code}.`);
}
