import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/axe';
import { Harness, type Opened, type OpenOptions, themeNames } from './harness/harness';

/** axe-core over every part of every panel, in all four themes; of which only colours depend on the theme. */

const harness = new Harness();
before(() => harness.start());
after(() => harness.stop());

const panels: [OpenOptions, string[]][] = [
  [{ panel: 'run', method: 'rdd' }, ['curves', 'samples', 'classes', 'configuration', 'notes']],
  [{ panel: 'run', method: 'lad', status: 'failed', error: 'The disk is full.' }, ['samples']],
  [{ panel: 'live', width: 320 }, []],
  [{ panel: 'live', width: 320, empty: true }, []],
  [{ panel: 'runs', runs: 60 }, []],
  [{ panel: 'compare', compared: 4 }, ['curves', 'classes', 'samples', 'configuration']],
  [{ panel: 'samples', samples: 7 }, []],
];

for (const theme of themeNames)
  test(`${theme}: axe-core finds nothing wrong in any panel`, async () => {
    const found: string[] = [];
    for (const [options, parts] of panels) {
      const panel = await harness.open({ ...options, theme });
      for (const part of parts.length > 0 ? parts : ['']) {
        if (part) await panel.frame.click(`#tab-${part}`);
        if (part === 'samples') await panel.frame.waitForSelector('.pane-canvas');
        await settled(panel);
        found.push(
          ...(await violations(panel, theme === 'Dark Modern' ? undefined : ['color-contrast'])).map(
            (line) => `${options.panel} ${part}: ${line}`,
          ),
        );
      }
      await panel.page.close();
    }
    assert.deepEqual(found, []);
  });

/** What is drawn with the next frame, and what fades in after it, is there. */
async function settled({ page, frame }: Opened): Promise<void> {
  await page.waitForTimeout(250);
  // What turns for ever is not waited for.
  await frame.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ playState, effect }) => playState === 'finished' || effect?.getTiming().iterations === Infinity,
      ),
  );
}
