import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../bundle';

const STEPS = 12;

/** The percentage of a training step that goes into being watched; one process after the other. Errors: one of them failed. */
export async function watchCost(runs: number): Promise<number[]> {
  const program = await bundle('studio/watched-steps.ts', 'bench-watched-steps');
  const values: number[] = [];
  for (let run = 0; run < runs; run++) {
    const workspace = mkdtempSync(join(tmpdir(), 'distill-bench-watched-'));
    try {
      values.push(await percentOf(program, workspace));
    } finally {
      rmSync(workspace, { recursive: true, force: true });
    }
  }
  return values;
}

async function percentOf(program: string, workspace: string): Promise<number> {
  // With a channel to the process that watches, as a worker has.
  const child = spawn(process.execPath, [program, workspace, `${STEPS}`], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  child.on('message', () => {});
  let out = '';
  child.stdout!.on('data', (part: Buffer) => {
    out += part.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The process that trains ended: ${code}.`);
  return (JSON.parse(out.trim().split('\n').at(-1)!) as { percent: number }).percent;
}
