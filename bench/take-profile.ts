import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from './document';
import { type GroupedProfile, grouped, type Profile } from './profile-groups';
import type { RowPlan } from './rows';
import { type Format, Ours, Pytorch } from './sides';

const WARM_UP = 3;
const STEPS = 5;
/** The one that is usually the better of the two. */
const FORMAT: Format = 'channels_last';

/** Where the time of a step goes on both sides, one after the other; prints every operation of ours. */
export async function takeProfile({ name, engine, workload }: RowPlan): Promise<GroupedProfile> {
  const folder = mkdtempSync(join(tmpdir(), 'distill-bench-'));
  try {
    const ours = await Ours.start(engine);
    let mine: Profile;
    try {
      await ours.ask({ do: 'prepare', workload, folder, weights: true });
      for (let i = 0; i < WARM_UP; i++) await ours.ask({ do: 'step' });
      mine = await ours.ask({ do: 'profile', steps: STEPS });
      if (mine.operations.length === 0) throw new Error(`${name}: the engine has counted no operation.`);
    } finally {
      await ours.child.close();
    }
    const pytorch = new Pytorch();
    let theirs: Profile;
    try {
      await pytorch.prepare(workload, folder, [FORMAT], true);
      for (let i = 0; i < WARM_UP; i++) await pytorch.step(FORMAT);
      theirs = await pytorch.profile(FORMAT, STEPS);
    } finally {
      await pytorch.child.close();
    }
    for (const [side, profile] of Object.entries({ ours: mine, PyTorch: theirs })) print(name, side, profile);
    return { name, engine, ours: grouped(mine), pytorch: grouped(theirs) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function print(row: string, side: string, { ms, operations }: Profile): void {
  console.log(`${row}, ${side}: ${ms.toFixed(1)} ms`);
  const body = operations
    .filter((operation) => operation.ms >= 0.05)
    .map((o) => [o.name, o.calls.toFixed(0), o.ms.toFixed(2), `${((100 * o.ms) / ms).toFixed(1)} %`]);
  console.log(table(['operation', 'calls', 'ms', 'share'], body).join('\n'));
}
