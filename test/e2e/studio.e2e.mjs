// A researcher's afternoon: runs are paused, queued, starred, looked at in a table and compared; by keyboard, across a
// reload of the window, with axe-core looking at every panel in the real product.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { isAlive, journal, manifest, runFolders, until, workerPid } from '../lib/run-folders.mjs';
import { openSession, testsOf, tinyConfig } from '../lib/session.mjs';
import {
  openFile,
  paintedPixels,
  reloadWindow,
  runCommand,
  runRows,
  setTheme,
  showSideBar,
  webviewFrame,
} from '../lib/workbench.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let session;
let long;
const seen = testsOf(() => session, 240_000);

before(
  async () => {
    session = await openSession({
      // Far more steps than the tests wait for: whatever ends this run is what the test does.
      'long.distill.json': tinyConfig([{ kind: 'lad' }], { iterations: 50_000, teacherIterations: 50_000 }),
      'short.distill.json': tinyConfig([{ kind: 'rdd', warmup: 0.5 }], {
        iterations: 12,
        teacherIterations: 6,
      }),
    });
  },
  { timeout: 180_000 },
);
after(() => session?.close());

const steps = (folder) => journal(folder).filter(({ kind }) => kind === 'step').length;
const row = (text) => runRows(session.page).filter({ hasText: text });
const queue = () => {
  const file = join(session.workspace, '.distill/queue/queue.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { entries: [], held: false };
};
const newest = () => runFolders(session.workspace).at(-1);

/** What axe-core finds wrong in a webview, as it is shown now. */
async function violations(frame) {
  // The page lets the editor behind it show through; axe-core would take that for white.
  await frame.evaluate(() => {
    document.documentElement.style.background = 'var(--vscode-editor-background)';
  });
  await frame.evaluate(axe);
  const { violations: found } = await frame.evaluate(() => globalThis.axe.run());
  return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

seen('a paused run rests: no step is taken, its process lives, and a reloaded window knows', async () => {
  const { page, workspace } = session;
  await runCommand(page, 'Distillation: Start LAD Run');
  long = await until('a run folder', () => runFolders(workspace)[0]);
  await until('steps', () => steps(long) > 3, 120_000);
  await runCommand(page, 'Distillation: Pause Run');
  await until('the rest', () => journal(long).at(-1)?.kind === 'paused');
  const before = steps(long);
  await showSideBar(page);
  await row('long')
    .filter({ hasText: /paused/ })
    .waitFor();
  await reloadWindow(page);
  await showSideBar(page);
  await row('long')
    .filter({ hasText: /paused/ })
    .waitFor();
  assert.equal(steps(long), before, 'not one step meanwhile');
  assert.ok(isAlive(workerPid(long)));
  const panel = await webviewFrame(page, '[role=tablist]', 'editor', { timeout: 60_000 });
  await panel.locator('.header-status', { hasText: 'Paused' }).waitFor();
  await panel.locator('vscode-button', { hasText: 'Go On' }).click();
  await until('the next step', () => steps(long) > before);
});

seen('a queued run waits for its turn, and the queue can be told to stop after this run', async () => {
  const { page } = session;
  await openFile(page, 'short.distill.json');
  await runCommand(page, 'Distillation: Add Run to Queue');
  await until('one that waits', () => queue().entries.length === 1);
  await runCommand(page, 'Distillation: Add Run to Queue');
  await until('two that wait', () => queue().entries.length === 2);
  const [first, second] = queue().entries.map(({ id }) => id);
  await showSideBar(page);
  await row(/Queue/).first().waitFor();
  await runCommand(page, 'Distillation: Move Down in Queue');
  await page.locator('.quick-input-list [role=option]').first().click();
  await until('the other order', () => queue().entries[0].id === second);
  assert.equal(queue().entries[1].id, first);
  await session.shot('studio-queue');
  await runCommand(page, 'Distillation: Stop Queue After This Run');
  await until('a held queue', () => queue().held);
  await runCommand(page, 'Distillation: Stop Run');
  await until('the end of the run', () => manifest(long).status === 'stopped', 120_000);
  await until(
    'a row that says so',
    async () =>
      (await row('long')
        .filter({ hasText: /stopped/ })
        .count()) > 0,
  );
  assert.equal(queue().entries.length, 2, 'nothing was started after it');
  await runCommand(page, 'Distillation: Start Queue');
  await until('both runs', () => runFolders(session.workspace).length === 3, 180_000);
  await until('an empty queue', () => queue().entries.length === 0, 120_000);
  await until('the end of the last', () => manifest(newest()).status === 'finished', 180_000);
  const [, a, b] = runFolders(session.workspace).map(manifest);
  assert.ok(b.createdAt >= a.endedAt, 'one after the other');
});

seen('the table of all runs is sorted, filtered and starred by keyboard', async () => {
  const { page, shot } = session;
  await runCommand(page, 'Distillation: Show All Runs');
  const table = await webviewFrame(page, '.runs-table', 'editor', { timeout: 60_000 });
  const rows = table.locator('tbody tr[data-folder]');
  await until('three rows', async () => (await rows.count()) === 3);
  await table.locator('[data-focus="filter methods"]').focus();
  await page.keyboard.type('rdd');
  await until('two rows', async () => (await rows.count()) === 2);
  await rows.first().focus();
  await page.keyboard.press(' ');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press(' ');
  await page.keyboard.press('s');
  await table.locator('.star[aria-pressed="true"]').waitFor();
  const starred = runFolders(session.workspace).filter((folder) => existsSync(join(folder, 'notes.json')));
  assert.equal(starred.length, 1);
  assert.deepEqual(await violations(table), []);
  await shot('studio-all-runs');
  await table.locator('vscode-button', { hasText: 'Compare' }).click();
});

seen('two runs are compared: curves, classes, the same sample side by side', async () => {
  const { page, shot } = session;
  const panel = await webviewFrame(page, '.compared', 'editor', { timeout: 60_000 });
  const chart = panel.locator('.plot canvas').first();
  await until('lines', async () => (await paintedPixels(chart)).colors > 2);
  assert.deepEqual(await violations(panel), []);
  await shot('studio-compare-curves');
  await panel.getByRole('tab', { name: 'Classes' }).click();
  await panel.locator('.compare-table tbody tr').first().waitFor();
  assert.deepEqual(await violations(panel), []);
  await panel.getByRole('tab', { name: 'Samples' }).click();
  const panes = panel.locator('canvas.pane-canvas');
  await until(
    'two pictures',
    async () => (await panes.count()) === 2 && (await paintedPixels(panes.nth(1))).colors > 5,
  );
  for (const theme of ['Light Modern', 'Dark High Contrast', 'Light High Contrast', 'Dark Modern']) {
    await setTheme(page, theme);
    await page.waitForTimeout(500);
    assert.deepEqual(await violations(panel), [], theme);
    await shot(`studio-compare-${theme.replaceAll(' ', '-')}`);
  }
});

seen('notes are typed in the panel of a run and lie beside it', async () => {
  const { page } = session;
  await row('long').first().click();
  const panel = await until('the panel of the run', async () => {
    const found = await webviewFrame(page, '[role=tablist]', 'editor');
    // The panel that was open may be on its way out.
    const titles = await found
      .locator('h1', { hasText: 'long' })
      .count()
      .catch(() => 0);
    return titles > 0 && found;
  });
  await panel.getByRole('tab', { name: 'Notes' }).click();
  await panel.locator('#notes-text').fill('stopped by hand');
  await until('the notes', () => {
    const file = join(long, 'notes.json');
    return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).text === 'stopped by hand';
  });
  for (const tab of ['Curves', 'Samples', 'Classes', 'Configuration', 'Notes']) {
    await panel.getByRole('tab', { name: tab }).click();
    await page.waitForTimeout(300);
    assert.deepEqual(await violations(panel), [], tab);
  }
});

seen('nothing left this machine and no page failed', async () => {
  assert.deepEqual(session.blocked, []);
  assert.deepEqual(session.errors, []);
});
