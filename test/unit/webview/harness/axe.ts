import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Opened } from './harness';

const source = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe-core finds wrong in a panel, one line each: rule, element, reason.
 * @param rules these alone; without them all
 */
export async function violations({ frame }: Opened, rules?: readonly string[]): Promise<string[]> {
  // Through the debugger: the policy of the page lets no other script in.
  await frame.evaluate(source);
  const results = await frame.evaluate(
    async (only) =>
      await (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run(
        only ? { runOnly: { type: 'rule', values: only } } : {},
      ),
    rules,
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary?.split('\n')[1]?.trim()}`,
    ),
  );
}
