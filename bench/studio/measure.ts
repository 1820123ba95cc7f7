import { statSync } from 'node:fs';
import { machine } from '../machine';
import { rounded } from '../statistics';
import { hostMemory } from './host-memory';
import { keystrokes } from './keystroke';
import type { StudioResult } from './results';
import type { StudioRow } from './rows';
import { curvesPanel, samplePanel } from './run-panel';
import { type Measured, openStudio, packageExtension, type Studio, type Times } from './studio';
import { watchCost } from './watch-cost';
import { windows } from './windows';
import { CROPS } from './workspace';

/** How often is measured what a row is about; the live run lasts so many seconds. */
interface Amounts {
  windows: number;
  opens: number;
  frames: number;
  files: number;
  seconds: number;
  processes: number;
}
const FULL: Amounts = {
  windows: 10,
  opens: 10,
  frames: 100,
  files: CROPS.length,
  seconds: 100,
  processes: 7,
};
const QUICK: Amounts = { windows: 2, opens: 2, frames: 20, files: 1, seconds: 20, processes: 1 };

/** Rows that are measured by one sequence of actions. */
const sequences: {
  rows: readonly string[];
  run(studio: Studio, amounts: Amounts): Promise<Measured>;
}[] = [
  {
    rows: ['activation', 'runs-1000', 'runs-1000-table', 'runs-1000-filter'],
    run: (studio, amounts) => windows(studio, amounts.windows),
  },
  { rows: ['validate-keystroke'], run: (studio, { files }) => keystrokes(studio, files) },
  {
    rows: ['panel-first-paint', 'overlay-frame', 'pixel-hover'],
    run: (studio, { opens, frames }) => samplePanel(studio, opens, frames),
  },
  { rows: ['curve-100k'], run: (studio, { frames }) => curvesPanel(studio, frames) },
  { rows: ['host-memory'], run: (studio, { seconds }) => hostMemory(studio, seconds) },
];

export interface StudioListener {
  begins(names: readonly string[]): void;
  done(result: StudioResult): void;
  refused(names: readonly string[], error: unknown): void;
}

/**
 * Measures the rows in one VS Code, those that belong together at once; a row that cannot be measured does not keep the others
 * from it. Errors: the extension cannot be packaged, VS Code not started.
 */
export async function measureStudio(
  rows: readonly StudioRow[],
  quick: boolean,
  listener: StudioListener,
): Promise<void> {
  const wanted = (names: readonly string[]) => names.filter((name) => rows.some((row) => row.name === name));
  const amounts = quick ? QUICK : FULL;
  const tell = (name: string, { values, floor }: Times, versions: StudioResult['versions']) => {
    const short = (times: readonly number[]) => times.map((time) => rounded(time, 2));
    listener.done({
      name,
      machine: machine(),
      versions,
      values: short(values),
      ...(floor && { floor: short(floor) }),
    });
  };
  const attempt = async (
    names: readonly string[],
    versions: StudioResult['versions'],
    run: () => Promise<Measured>,
  ) => {
    listener.begins(names);
    try {
      const found = await run();
      for (const name of names) tell(name, found[name]!, versions);
    } catch (error) {
      listener.refused(names, error);
    }
  };
  const watched = wanted(['watch-cost']);
  if (watched.length > 0)
    await attempt(watched, {}, async () => ({
      'watch-cost': { values: await watchCost(amounts.processes) },
    }));
  const due = sequences.filter((sequence) => wanted(sequence.rows).length > 0);
  const sized = wanted(['vsix']).length > 0;
  if (!sized && due.length === 0) return;
  packageExtension();
  if (sized) {
    const { VSIX } = await import('../../test/lib/targets.mjs');
    tell('vsix', { values: [statSync(VSIX).size / 1e6] }, {});
  }
  if (due.length === 0) return;
  const studio = await openStudio();
  try {
    for (const sequence of due)
      await attempt(wanted(sequence.rows), studio.versions, () => sequence.run(studio, amounts));
  } finally {
    await studio.session.close();
  }
}
