import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { bundle } from '../bundle';
import { openRun } from './run-panel';
import { closeEditors, PATIENCE, type Studio } from './studio';

const LOOK_MS = 250;

/** Resident memory of the extension host while a run goes on in front of it, in MB. */
export async function hostMemory(studio: Studio, seconds: number): Promise<Record<string, number[]>> {
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
    const host = extensionHost(session.server.pid);
    const values: number[] = [];
    writer.stdin.write('\n');
    let over = false;
    const end = ended.finally(() => {
      over = true;
    });
    while (!over) {
      values.push(resident(host));
      await page.waitForTimeout(LOOK_MS);
    }
    await end;
    await closeEditors(studio);
    return { 'host-memory': values };
  } finally {
    writer.kill('SIGKILL');
  }
}

/** Errors: it ended otherwise than well. */
async function died(child: ChildProcess): Promise<void> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) throw new Error(`The process that writes the run ended: ${signal ?? code}.`);
}

/** Errors: there is none, or the system does not tell of processes as Linux does. */
function extensionHost(server: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return [{ pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8') }];
      } catch {
        // Gone meanwhile.
        return [];
      }
    });
  const hosts = processes.filter(
    ({ parent, command }) => parent === server && command.includes('--type=extensionHost'),
  );
  if (hosts.length !== 1)
    throw new Error(`The server has ${hosts.length} extension hosts, and one is looked at.`);
  return hosts[0]!.pid;
}

function resident(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return (Number(kib) * 1024) / 1e6;
}
