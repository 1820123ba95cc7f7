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
        if (theme === 'Dark Modern')
          found.push(
            ...(await wordless(panel)).map((which) => `${options.panel} ${part}: no words for ${which}`),
          );
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

/** Canvases of which nothing is said: neither of themselves nor of the picture they are part of. */
const wordless = ({ frame }: Opened): Promise<string[]> =>
  frame.evaluate(() =>
    [...document.querySelectorAll('canvas')]
      .filter((canvas) => canvas.checkVisibility())
      .filter(
        (canvas) => !/\w+: .{10}|.{20}/.test(canvas.closest('[role=img]')?.getAttribute('aria-label') ?? ''),
      )
      .map((canvas) => canvas.outerHTML.slice(0, 120)),
  );

/** What moves or would move, by selector-like name. */
const moving = ({ frame }: Opened): Promise<string[]> =>
  frame.evaluate(() =>
    [...document.querySelectorAll('*')].flatMap((node) => {
      const { animationName, transitionDuration } = getComputedStyle(node);
      const still = animationName === 'none' && /^0s(, 0s)*$/.test(transitionDuration);
      return still ? [] : [`${node.tagName} ${node.getAttribute('class')}`];
    }),
  );

test('nothing moves for those who asked their system or VS Code for less motion, and steps are played slowly', () =>
  harness.with({ panel: 'run', method: 'rdd' }, async (panel) => {
    const { frame, page } = panel;
    await frame.click('#tab-samples');
    await frame.waitForSelector('.pane-canvas');
    assert.ok((await moving(panel)).length > 0, 'or this test says nothing');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    assert.deepEqual(await moving(panel), []);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await frame.evaluate(() => document.body.classList.add('vscode-reduce-motion'));
    assert.deepEqual(await moving(panel), []);
    const step = frame.getByRole('slider', { name: 'Step' });
    await step.press('Home');
    // Only `runFor` moves this clock; one merely installed runs on by itself, too.
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1000);
    await frame.getByRole('button', { name: 'Play through the steps' }).click();
    await page.clock.runFor(2500);
    assert.equal(await step.inputValue(), '1', 'the first step is taken at once, the next not yet');
    await page.clock.runFor(1000);
    assert.equal(await step.inputValue(), '2');
  }));

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
