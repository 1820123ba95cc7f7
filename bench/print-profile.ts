import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from './document';
import type { RowPlan } from './rows';
import { Ours } from './sides';

const WARM_UP = 3;
const STEPS = 5;

/** Prints where the time of a step goes, by TensorFlow operation. */
export async function printProfile({ name, engine, workload }: RowPlan): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'distill-bench-'));
  const ours = await Ours.start(engine);
  try {
    await ours.ask({ do: 'prepare', workload, folder, weights: false });
    for (let i = 0; i < WARM_UP; i++) await ours.ask({ do: 'step' });
    const { ms, operations } = await ours.ask({ do: 'profile', steps: STEPS });
    const inside = operations.reduce((sum, operation) => sum + operation.ms, 0);
    console.log(`${name} (${engine}): ${ms.toFixed(1)} ms, of which ${inside.toFixed(1)} ms in operations`);
    const body = operations.map((o) => [
      o.name,
      o.calls.toFixed(0),
      o.ms.toFixed(2),
      `${((100 * o.ms) / ms).toFixed(1)} %`,
    ]);
    console.log(table(['operation', 'calls', 'ms', 'share'], body).join('\n'));
  } finally {
    await ours.child.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
