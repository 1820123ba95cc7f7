import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Harness, type Opened, type OpenOptions } from './harness/harness';

/** Everything that a mouse can do in a panel, done without one. */

const harness = new Harness();
before(() => harness.start());
after(() => harness.stop());

const panels: [OpenOptions, string[]][] = [
  [{ panel: 'run', method: 'rdd' }, ['curves', 'samples', 'classes', 'configuration', 'notes']],
  [{ panel: 'live', width: 320 }, ['']],
  [{ panel: 'runs', runs: 5 }, ['']],
  [{ panel: 'compare', compared: 4 }, ['curves', 'classes', 'samples', 'configuration']],
  [{ panel: 'samples', samples: 7 }, ['']],
];

/** Keys of a row do what these do: Space chooses, s stars, Enter opens. */
const DONE_BY_KEYS_OF_THE_ROW = 'tbody tr[data-folder] :is(input, .star, .link)';
/** In these, arrows go from one to the next: one stop for Tab. */
const COMPOSITES = {
  '[role=tablist]': ['ArrowRight'],
  '.class-rows': ['ArrowRight', 'ArrowDown', 'ArrowLeft'],
  'tbody:has(tr[data-folder])': ['ArrowDown'],
};

for (const [options, parts] of panels)
  for (const part of parts)
    test(`${options.panel} ${part}: the keyboard reaches whatever can be clicked, typed into or moved`, () =>
      harness.with(options, async (panel) => {
        if (part) await panel.frame.click(`#tab-${part}`);
        if (part === 'samples') await panel.frame.waitForSelector('.pane-canvas');
        await panel.page.waitForTimeout(300);
        assert.deepEqual(await unreached(panel), []);
      }));

/** Walks with Tab through the whole page, with arrows through what is one stop, and tells what never had the focus. */
async function unreached({ frame, page }: Opened): Promise<string[]> {
  await frame.evaluate(() => {
    // A row of the table is made anew whenever the focus goes to it; its run is the same.
    const reached = new Set<unknown>();
    document.addEventListener('focusin', ({ target }) => {
      reached.add((target as HTMLElement).dataset.folder ?? target);
    });
    (window as unknown as { reached: Set<unknown> }).reached = reached;
    (document.activeElement as HTMLElement | null)?.blur();
    // From the beginning of the page on, whatever was clicked before.
    const start = document.createElement('span');
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
  });
  for (let stops = 0; stops < 200; stops++) {
    await page.keyboard.press('Tab');
    const at = await frame.evaluate((composites) => {
      const active = document.activeElement;
      if (!active || active === document.body || !document.hasFocus()) return undefined;
      const inside = composites.find((selector) => active.closest(selector));
      const members = inside ? active.closest(inside)!.querySelectorAll('button, tr').length : 0;
      return { inside, members };
    }, Object.keys(COMPOSITES));
    if (!at) break;
    // The tabs themselves would show another part.
    if (!at.inside || at.inside === '[role=tablist]') continue;
    for (let i = 0; i < at.members; i++)
      for (const key of COMPOSITES[at.inside as keyof typeof COMPOSITES]) await page.keyboard.press(key);
  }
  return await frame.evaluate((byRow) => {
    const { reached } = window as unknown as { reached: Set<unknown> };
    const controls =
      'button, input, select, textarea, summary, a[href], [tabindex], vscode-button, vscode-checkbox, vscode-dropdown';
    return [...document.querySelectorAll<HTMLElement>(controls)]
      .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.matches(byRow))
      .filter((node) => node.getAttribute('role') !== 'tab' && !node.closest('vscode-dropdown vscode-option'))
      .filter((node) => !reached.has(node.dataset.folder ?? node))
      .map((node) => node.outerHTML.slice(0, 160));
  }, DONE_BY_KEYS_OF_THE_ROW);
}

test('keys zoom into a picture, move the pixel that is told of, and show all of it again', () =>
  harness.with({ panel: 'run', method: 'rdd' }, async ({ frame }) => {
    await frame.click('#tab-samples');
    const canvas = frame.locator('.pane-canvas[data-pane="student"]');
    const told = (text: string | RegExp) => frame.locator('.readout', { hasText: text }).waitFor();
    await canvas.press('ArrowLeft');
    await told('x 48, y 48');
    await canvas.press('+');
    await told('zoom 1.5×');
    await canvas.press('Shift+ArrowRight');
    await told('x 58, y 48');
    await canvas.press('0');
    await canvas.press('Escape');
    await told(/^val_000, 96 × 96((?!zoom).)*$/);
  }));

test('keys choose and open runs of the table, and put a star on them', () =>
  harness.with({ panel: 'runs', runs: 5 }, async ({ frame, page }) => {
    await frame.locator('tbody tr[data-folder]').first().focus();
    for (const key of ['s', 'Enter', 'Control+a']) await page.keyboard.press(key);
    await frame.locator('.chosen-bar', { hasText: '5 runs chosen' }).waitFor();
    const posted = await page.evaluate(() =>
      window.harness.posted.flatMap((m) => ('command' in m ? [m.command] : [])),
    );
    assert.deepEqual(posted, ['star', 'open']);
  }));
