// What the editor says about a configuration that cannot work.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { runFolders, until } from '../lib/run-folders.mjs';
import { openSession, testsOf, tinyConfig } from '../lib/session.mjs';
import { openFile, runCommand, showSideBar, welcome } from '../lib/workbench.mjs';

let session;
const seen = testsOf(() => session, 120_000);

const wrong = {
  ...tinyConfig([{ kind: 'lad' }], { crop: [100, 96] }),
  dataset: { kind: 'folder', root: 'no-such-dataset' },
  teacher: { checkpoint: 'no-such-teacher.safetensors' },
};

before(
  async () => {
    session = await openSession(
      {
        'wrong.distill.json': wrong,
        'unknown.distill.json': { ...tinyConfig([]), learningRate: 0.1 },
        'good.distill.json': tinyConfig([{ kind: 'rdd' }]),
        'wrong.distill.yaml': 'dataset:\n  kind: sample\ntraining:\n  crop: [100, 96] # mine\n',
      },
      // Nothing here is to compute, and the Engine view is to have nothing to show.
      { settings: { 'distillation.nodePath': '/nowhere/node' }, told: [/cannot be started/] },
    );
  },
  { timeout: 180_000 },
);
after(() => session?.close());

/** Number of separate red squiggles in the active editor. */
const squiggles = () => session.page.locator('.editor-instance .squiggly-error').count();

seen(
  'a crop that does not divide, a dataset and a checkpoint that are not there are underlined',
  async () => {
    const { page, shot } = session;
    await openFile(page, 'wrong.distill.json');
    await until('three squiggles', async () => (await squiggles()) >= 3);
    await runCommand(page, 'Problems: Focus on Problems View');
    const problems = page.locator('.markers-panel');
    await problems.getByText('no-such-dataset').first().waitFor();
    await problems.getByText('no-such-teacher.safetensors').first().waitFor();
    await problems
      .getByText(/100.*8/)
      .first()
      .waitFor();
    await shot('problems');
  },
);

seen('a wrong configuration is not started; the reason is said', async () => {
  const { page, workspace } = session;
  await openFile(page, 'wrong.distill.json');
  await runCommand(page, 'Distillation: Start Run');
  await page.locator('.notification-list-item-message', { hasText: 'cannot be started' }).first().waitFor();
  assert.deepEqual(runFolders(workspace), []);
  await runCommand(page, 'Notifications: Clear All Notifications');
});

seen('an unknown field is underlined, and its name corrected where it is known', async () => {
  const { page } = session;
  await openFile(page, 'unknown.distill.json');
  await until(
    'a squiggle',
    async () => (await page.locator('.editor-instance [class*=squiggly-]').count()) > 0,
  );
  await runCommand(page, 'Problems: Focus on Problems View');
  await page.locator('.markers-panel').getByText('learningRate').first().waitFor();
});

seen('a good configuration has no squiggle, and a lens to start it', async () => {
  const { page, shot } = session;
  await openFile(page, 'good.distill.json');
  await page.locator('.codelens-decoration a', { hasText: /Start/ }).first().waitFor();
  assert.equal(await squiggles(), 0);
  await shot('configuration');
});

seen('a quick fix cures a problem of a configuration in YAML, and keeps its comment', async () => {
  const { page, workspace } = session;
  await openFile(page, 'wrong.distill.yaml');
  await until('a squiggle', async () => (await squiggles()) === 1);
  await page.keyboard.press('Control+g');
  await page.locator('.quick-input-widget input').fill(':4:10');
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  const fix = page.getByText('Change "training.crop[0]" to 96').first();
  await until('the fix', async () => {
    if (await fix.isVisible()) return true;
    await page.keyboard.press('Control+.');
    await page.waitForTimeout(1000);
    return await fix.isVisible();
  });
  await page.keyboard.press('Enter');
  await until('no squiggle', async () => (await squiggles()) === 0);
  await runCommand(page, 'File: Save');
  const text = () => readFileSync(join(workspace, 'wrong.distill.yaml'), 'utf8');
  await until('the saved file', () => text().includes('crop: [96, 96] # mine'));
});

seen('New Configuration asks step by step, goes back, and writes what can be trained', async () => {
  const { page, workspace, shot } = session;
  const asked = (question) => page.locator(`.quick-input-widget input[placeholder="${question}"]`).waitFor();
  await runCommand(page, 'Distillation: New Configuration');
  await asked('Which method of distillation?');
  await page.keyboard.press('Enter');
  await asked('Which dataset?');
  await page.locator('.quick-input-left-action-bar .action-label').first().click();
  await asked('Which method of distillation?');
  await page.keyboard.type('RDD');
  await page.keyboard.press('Enter');
  await asked('Which dataset?');
  await page.keyboard.press('Enter');
  await asked('The student');
  await shot('new-configuration');
  await page.keyboard.press('Enter');
  await asked('The teacher');
  await page.keyboard.press('Enter');
  await asked('Written in');
  await page.keyboard.type('YAML');
  await page.keyboard.press('Enter');
  await page.locator('.tab.active[aria-label*="rdd-sample.distill.yaml"]').waitFor();
  await page.locator('.codelens-decoration a', { hasText: 'Validate' }).first().waitFor();
  assert.equal(await squiggles(), 0);
  assert.match(readFileSync(join(workspace, 'rdd-sample.distill.yaml'), 'utf8'), /^ {2}- kind: rdd$/m);
});

seen('views with nothing to show say how to begin', async () => {
  const { page, workspace, shot, openWindow, closeWindow } = session;
  await showSideBar(page);
  await welcome(page, 'No runs yet', 'Start Run').waitFor();
  await runCommand(page, 'Distillation: Focus on Engine View');
  await welcome(page, 'What can compute here could not be found out', 'Check Again').waitFor();
  await shot('welcome-no-runs-no-engine');
  const empty = join(workspace, 'empty');
  mkdirSync(empty);
  for (const [name, folder, text, button] of [
    ['no-folder', undefined, 'Open a folder to train in', 'Open Folder'],
    ['no-configuration', empty, 'No runs yet, and no configuration', 'New Configuration'],
  ]) {
    const other = await openWindow(folder);
    await showSideBar(other);
    await welcome(other, text, button).waitFor();
    await shot(`welcome-${name}`, other);
    await closeWindow(other);
  }
});

seen('nothing left this machine and no page failed', async () => {
  assert.deepEqual(session.blocked, []);
  assert.deepEqual(session.errors, []);
});
