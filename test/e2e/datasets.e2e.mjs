// The Datasets view and the sample browser: a folder is checked, what is wrong with it is listed, its samples are looked at.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { encode } from 'fast-png';
import { until } from '../lib/run-folders.mjs';
import { openSession, testsOf, tinyConfig } from '../lib/session.mjs';
import { paintedPixels, runCommand, setTheme, showSideBar, webviewFrame } from '../lib/workbench.mjs';

let session;
const seen = testsOf(() => session, 180_000);

const [width, height] = [96, 64];

/** Six training pairs and two for validation; the label map of the fourth holds an id of none of the three classes. */
function writeDataset(root) {
  const classes = [
    { name: 'ground', color: [128, 64, 128] },
    { name: 'sky', color: [70, 130, 180] },
    { name: 'tree', color: [107, 142, 35] },
  ];
  for (const [split, count] of [
    ['train', 6],
    ['val', 2],
  ]) {
    for (const part of ['images', 'labels']) mkdirSync(join(root, part, split), { recursive: true });
    for (let i = 0; i < count; i++) {
      const label = Uint8Array.from({ length: width * height }, (_, p) => {
        const [x, y] = [p % width, Math.floor(p / width)];
        if (split === 'train' && i === 3 && y < 4) return 9;
        if (y < 20 + 3 * i) return 1;
        return i % 2 === 1 && x > 60 && x < 80 ? 2 : 0;
      });
      const shades = [90, 170, 120];
      const data = Uint8Array.from(
        { length: width * height * 3 },
        (_, p) => (shades[label[Math.floor(p / 3)]] ?? 30) + 20 * (p % 3),
      );
      const size = { width, height, depth: 8 };
      writeFileSync(join(root, 'images', split, `street_${i}.png`), encode({ ...size, channels: 3, data }));
      writeFileSync(
        join(root, 'labels', split, `street_${i}.png`),
        encode({ ...size, channels: 1, data: label }),
      );
    }
  }
  writeFileSync(join(root, 'classes.json'), JSON.stringify(classes));
}

before(
  async () => {
    session = await openSession({
      'streets.distill.json': { ...tinyConfig([]), dataset: { kind: 'folder', root: 'streets' } },
    });
    writeDataset(join(session.workspace, 'streets'));
  },
  { timeout: 180_000 },
);
after(() => session?.close());

const rows = () => session.page.getByRole('tree', { name: /Datasets/ }).getByRole('treeitem');

seen(
  'a dataset that a configuration names is checked fully, and what is wrong is listed by file',
  async () => {
    const { page, shot } = session;
    await showSideBar(page);
    await runCommand(page, 'Distillation: Focus on Datasets View');
    await rows().filter({ hasText: 'not checked' }).first().waitFor();
    await runCommand(page, 'Distillation: Check Dataset Fully');
    const dataset = rows().filter({ hasText: '1 problem' }).first();
    await dataset.waitFor({ timeout: 60_000 });
    await dataset.click();
    await page.keyboard.press('ArrowRight');
    await rows()
      .filter({ hasText: /Training.*6 pairs.*5 usable/ })
      .waitFor();
    await rows()
      .filter({ hasText: /Validation.*2 pairs/ })
      .waitFor();
    await rows().filter({ hasText: 'Classes' }).click();
    await page.keyboard.press('ArrowRight');
    await rows()
      .filter({ hasText: /ground.*% \/ .*%/ })
      .waitFor();
    await rows().filter({ hasText: 'Values that are no class ids' }).click();
    await page.keyboard.press('ArrowRight');
    await rows()
      .filter({ hasText: /street_3\.png/ })
      .waitFor();
    await runCommand(page, 'Notifications: Clear All Notifications');
    await shot('datasets');
  },
);

seen('its samples are browsed: by keyboard, by class, with what is at a pixel', async () => {
  const { page, shot } = session;
  await runCommand(page, 'Distillation: Browse Samples');
  const frame = await webviewFrame(page, '.sample-name', 'editor');
  const readout = (text) => frame.locator('.readout', { hasText: text }).waitFor();
  await readout('street_0, 96 × 64');
  assert.equal(await frame.locator('.folder').textContent(), 'streets');
  const label = frame.locator('.pane-canvas[data-pane="label"]');
  await until('the label map to be painted', async () => (await paintedPixels(label)).colors > 1);
  await label.press('n');
  await readout('street_1');
  await label.hover({ position: { x: 20, y: 10 } });
  await readout(/sky · class 1 · stored 1/);
  await frame.locator('vscode-dropdown[aria-label="Contains"]').click();
  await frame.locator('vscode-dropdown[aria-label="Contains"] vscode-option', { hasText: 'tree' }).click();
  await frame.locator('.slider.wide', { hasText: '1 of 3' }).waitFor();
  // Every file was read, so there is nothing to say about what is not known.
  assert.equal(await frame.locator('.filter-note').isVisible(), false);
  await frame.locator('vscode-checkbox', { hasText: 'With problems' }).click();
  await readout('street_3');
  await frame.locator('.sample-problems, .readout', { hasText: 'street_3' }).first().waitFor();
  for (const [theme, shown] of [
    ['Light Modern', 'vs'],
    ['Dark High Contrast', 'hc-black'],
    ['Dark Modern', 'vs-dark'],
  ]) {
    await setTheme(page, theme);
    await page.locator(`.monaco-workbench.${shown}`).waitFor();
    await shot(`samples-${theme.toLowerCase().replaceAll(' ', '-')}`);
  }
});

seen('nothing left this machine and no page failed', async () => {
  assert.deepEqual(session.blocked, []);
  assert.deepEqual(session.errors, []);
});
