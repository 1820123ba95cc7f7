// What the editor says about a configuration that cannot work.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runFolders, until } from '../lib/run-folders.mjs';
import { openSession, tinyConfig, withPicture } from '../lib/session.mjs';
import { openFile, runCommand } from '../lib/workbench.mjs';

let session;
const seen = (name, body) =>
  test(
    name,
    { timeout: 120_000 },
    withPicture(() => session, name, body),
  );

const wrong = {
  ...tinyConfig([{ kind: 'lad' }], { crop: [100, 96] }),
  dataset: { kind: 'folder', root: 'no-such-dataset' },
  teacher: { checkpoint: 'no-such-teacher.safetensors' },
};

before(
  async () => {
    session = await openSession({
      'wrong.distill.json': wrong,
      'unknown.distill.json': { ...tinyConfig([]), learningRate: 0.1 },
      'good.distill.json': tinyConfig([{ kind: 'rdd' }]),
    });
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

seen('an unknown field is underlined by the schema', async () => {
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

seen('nothing left this machine and no page failed', async () => {
  assert.deepEqual(session.blocked, []);
  assert.deepEqual(session.errors, []);
});
