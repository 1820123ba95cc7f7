import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FromBrowser } from '../../../src/protocol/dataset-browser';
import { Harness, type Opened, type ThemeName } from './harness/harness';

/** The sample browser's own bundle in a real browser, under the policy the extension gives it. */

const harness = new Harness();
before(() => harness.start());
after(() => harness.stop());

function opened(use: (panel: Opened) => Promise<void>, theme: ThemeName = 'Dark Modern'): Promise<void> {
  return harness.with({ panel: 'samples', samples: 40, theme }, async (panel) => {
    await readout(panel, /frankfurt_000000, 160 × 96/);
    await use(panel);
  });
}

const readout = ({ frame }: Opened, text: RegExp) => frame.locator('.readout', { hasText: text }).waitFor();

/** What the page asked last of a kind; messages cross to the extension in their own time. */
async function asked<K extends FromBrowser['kind']>({ page }: Opened, kind: K) {
  const last = await page.waitForFunction(
    (wanted) => window.harness.posted.findLast((m) => m.kind === wanted),
    kind,
  );
  return (await last.jsonValue()) as Extract<FromBrowser, { kind: K }>;
}

/** Colours in the middle row of a pane, as r,g,b. */
const colors = ({ frame }: Opened, pane: string) =>
  frame.evaluate((id) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`.pane-canvas[data-pane="${id}"]`)!;
    const { data } = canvas
      .getContext('2d')!
      .getImageData(0, Math.floor(canvas.height * 0.325), canvas.width, 1);
    const seen = new Set<string>();
    for (let i = 0; i < data.length; i += 4) seen.add([...data.slice(i, i + 3)].join());
    return [...seen];
  }, pane);

test('image and label map are painted, with the class at the pixel in words', () =>
  opened(async (panel) => {
    for (const pane of ['image', 'label']) assert.ok((await colors(panel, pane)).length > 5, pane);
    const words = await panel.frame.getAttribute('.pane-canvas[data-pane="label"]', 'aria-label');
    assert.match(words!, /^Ground truth: building \d+ %, sky \d+ %/);
    await panel.frame.locator('.pane-canvas[data-pane="label"]').press('ArrowLeft');
    await readout(panel, /x \d+, y \d+ +· +\w+ · class \d · stored \d/);
  }, 'High Contrast'));

test('samples by keyboard, by index and by slider', () =>
  opened(async (panel) => {
    const { frame } = panel;
    await frame.press('.pane-canvas[data-pane="label"]', 'n');
    await readout(panel, /frankfurt_000001/);
    await frame.press('.pane-canvas[data-pane="label"]', 'PageDown');
    await readout(panel, /frankfurt_000002/);
    await frame.press('.pane-canvas[data-pane="label"]', 'p');
    await readout(panel, /frankfurt_000001/);
    await frame.fill('.sample-index', '17');
    await frame.press('.sample-index', 'Enter');
    await readout(panel, /frankfurt_000017/);
    assert.match((await frame.textContent('.slider.wide .slider-value'))!, /18 of 40/);
    await frame.press('.slider.wide input', 'End');
    await readout(panel, /frankfurt_000039/);
    // Beyond the last there is nothing.
    await frame.press('.pane-canvas[data-pane="label"]', 'n');
    assert.equal(await frame.inputValue('.sample-index'), '39');
  }));

test('by name: the list is asked for, letters typed into it move nothing', () =>
  opened(async (panel) => {
    await panel.frame.locator('.sample-name').pressSequentially('n_pp');
    await panel.frame.locator('.empty', { hasText: 'No sample is like that' }).waitFor();
    await panel.frame.fill('.sample-name', '_00003');
    await readout(panel, /frankfurt_000030/);
    assert.equal((await asked(panel, 'find')).name, '_00003');
    assert.match((await panel.frame.textContent('.slider.wide .slider-value'))!, /1 of 10/);
  }));

test('by class: only what a check has read is found, and the panel says so and offers to read the rest', () =>
  opened(async (panel) => {
    const { frame } = panel;
    await frame.locator('vscode-dropdown[aria-label="Contains"]').click();
    await frame.locator('vscode-dropdown[aria-label="Contains"] vscode-option', { hasText: 'fence' }).click();
    await readout(panel, /frankfurt_000003/);
    assert.equal((await asked(panel, 'find')).classId, 3);
    await frame.locator('.filter-note', { hasText: 'Known for 14 of 40 samples' }).waitFor();
    await frame.click('.filter-note .link');
    assert.deepEqual(await asked(panel, 'checkFully'), { kind: 'checkFully' });
    const before = (await asked(panel, 'find')).request;
    await panel.page.evaluate(() => window.harness.send({ kind: 'checked' }));
    await frame.waitForFunction(() => true);
    for (let i = 0; (await asked(panel, 'find')).request === before; i++) assert.ok(i < 200);
  }));

test('values that are no class stand out, are named at the pixel, and the problem is told', () =>
  opened(async (panel) => {
    const { frame } = panel;
    await frame.locator('vscode-checkbox', { hasText: 'With problems' }).click();
    await readout(panel, /frankfurt_000006/);
    await frame.locator('.sample-problems', { hasText: '77 (400 pixels' }).waitFor();
    assert.ok((await colors(panel, 'label')).includes('255,0,255'));
    const canvas = frame.locator('.pane-canvas[data-pane="label"]');
    const box = (await canvas.boundingBox())!;
    await canvas.hover({ position: { x: box.width * 0.25, y: box.height * 0.325 } });
    await readout(panel, /not a class of this dataset · stored 77/);
  }));

test('classes are hidden and shown alone, opacity 0 is the photograph, files can be opened', () =>
  opened(async (panel) => {
    const { frame } = panel;
    const before = await colors(panel, 'label');
    const photograph = (await colors(panel, 'image')).sort();
    assert.notDeepEqual(before.sort(), photograph);
    await frame.locator('.class-actions .link', { hasText: 'Hide all' }).click();
    const same = async () =>
      JSON.stringify((await colors(panel, 'label')).sort()) === JSON.stringify(photograph);
    for (let i = 0; !(await same()); i++) assert.ok(i < 200, 'everything hidden shows the photograph');
    await frame.locator('.class-only[data-class="0"]').click({ force: true });
    await frame.locator('.class-only[data-class="0"]', { hasText: 'all' }).waitFor();
    await frame.locator('vscode-button', { hasText: 'Open Label Map' }).click();
    assert.deepEqual(await asked(panel, 'openFile'), { kind: 'openFile', which: 'label' });
  }));

test('where one was is kept, and the samples of a problem are gone to', () =>
  opened(async (panel) => {
    await panel.frame.press('.pane-canvas[data-pane="label"]', 'n');
    await readout(panel, /frankfurt_000001/);
    const state = (await panel.page.evaluate(() => window.harness.state)) as Record<string, unknown>;
    assert.equal(state.dataset, 'folder\n\n/data/streets');
    assert.equal(state.index, 1);
    await panel.page.evaluate(() => window.harness.send({ kind: 'goto', split: 'val', name: '_000002' }));
    await readout(panel, /frankfurt_000002/);
    assert.equal((await asked(panel, 'sample')).split, 'val');
    assert.equal(await panel.frame.inputValue('.sample-name'), '_000002');
    await panel.page.evaluate(() => window.harness.send({ kind: 'sample', width: 'wide' }));
    await panel.frame.locator('.alert', { hasText: 'could not be read' }).waitFor();
  }));

test('a run leads to the samples of its dataset', async () => {
  const { page, frame } = await harness.open({ panel: 'run', method: 'rdd' });
  await frame.locator('.header-actions vscode-button', { hasText: 'Dataset' }).click();
  await page.waitForFunction(() =>
    window.harness.posted.some((m) => m.kind === 'command' && m.command === 'browse'),
  );
  await page.close();
});
