// A folder that nobody trusts: looking and validating work, starting programs does not. In it lies a run folder that wants
// to do harm.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { until } from '../lib/run-folders.mjs';
import { openSession, testsOf, tinyConfig } from '../lib/session.mjs';
import { openFile, runCommand, runRows, showSideBar, webviewFrame, welcome } from '../lib/workbench.mjs';

let session;
const seen = testsOf(() => session, 120_000);

const evil = '<img src=x onerror="globalThis.harmed=1"><script>globalThis.harmed=1</script>';

before(
  async () => {
    session = await openSession(
      {
        'wrong.distill.json': { ...tinyConfig([{ kind: 'lad' }]), training: { crop: [100, 96] } },
        'good.distill.yaml':
          'dataset: { kind: sample }\nmethods:\n  - kind: rdd\nstudent: { width: 0.125 }\n',
      },
      {
        untrusted: true,
        settings: { 'security.workspace.trust.startupPrompt': 'never' },
        prepare: strangersRun,
        told: [/cannot be trained/],
      },
    );
  },
  { timeout: 180_000 },
);
after(() => {
  // Who ends the workers of a session reads all of its runs, as if they were its own.
  if (session) rmSync(join(session.workspace, '.distill'), { recursive: true, force: true });
  return session?.close();
});

/** A run whose names are markup, and whose files are links to somewhere else. */
function strangersRun(workspace) {
  const folder = join(workspace, '.distill/runs/20261122-000000-stranger');
  mkdirSync(join(folder, 'samples'), { recursive: true });
  const manifest = {
    version: 1,
    id: '20261122-000000-stranger',
    name: `Stranger ${evil}`,
    createdAt: 1,
    configText: evil,
    config: tinyConfig([]),
    base: '/',
    methods: [],
    deviations: [evil],
    classes: [{ name: evil, color: [1, 2, 3] }],
    engine: { name: evil, device: evil, versions: {} },
    host: { name: 'x', platform: 'x', node: 'x', cpus: 1 },
    status: 'failed',
    error: evil,
  };
  writeFileSync(join(folder, 'run.json'), JSON.stringify(manifest));
  const layer = { name: 'image', dtype: 'uint8', height: 1, width: 7, channels: 1 };
  const events = [
    {
      kind: 'stage',
      at: 1,
      stage: 'student',
      trains: 'student',
      index: 0,
      stages: 1,
      iterations: 2,
      from: 0,
    },
    { kind: 'step', at: 2, stage: 'student', step: 1, loss: 1, terms: { [evil]: 1 }, lr: 1, ms: 1 },
    ...['samples/link.bin', 'samples/huge.bin'].map((file, i) => ({
      ...{ kind: 'sample', at: 3, stage: 'student', step: 1, id: `${evil}${i}` },
      layers: [{ ...layer, file, ...(i ? { height: 60000, width: 60000 } : {}) }],
    })),
  ];
  const lines = [...events.map((event) => JSON.stringify(event)), 'not JSON', '{"kind":"step"}'];
  writeFileSync(join(folder, 'journal.jsonl'), `${lines.join('\n')}\n`);
  writeFileSync(join(workspace, 'secret'), 'secret!');
  symlinkSync(join(workspace, 'secret'), join(folder, 'samples/link.bin'));
  symlinkSync(join(workspace, 'secret'), join(folder, 'stop'));
  const broken = join(workspace, '.distill/runs/20261122-000001-broken');
  mkdirSync(broken, { recursive: true });
  symlinkSync(join(workspace, 'secret'), join(broken, 'run.json'));
  const pipe = join(workspace, '.distill/runs/20261122-000002-pipe');
  mkdirSync(pipe, { recursive: true });
  execFileSync('mkfifo', [join(pipe, 'run.json')]);
}

seen('the window is restricted, and the runs of the folder are listed all the same', async () => {
  const { page, shot } = session;
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).first().waitFor();
  await showSideBar(page);
  await runRows(page).filter({ hasText: 'Stranger' }).first().waitFor();
  await until('the broken ones', async () => (await runRows(page).count()) === 3);
  await shot('restricted-runs');
});

seen('a run of a stranger is shown as text; nothing of it is executed', async () => {
  const { page, shot, workspace } = session;
  await runRows(page).filter({ hasText: 'Stranger' }).first().click();
  const frame = await webviewFrame(page, '[role=tablist]', 'editor');
  await frame.getByText('Stranger <img').first().waitFor();
  for (const name of ['Curves', 'Samples', 'Configuration']) {
    await frame.getByRole('tab', { name }).click();
    await page.waitForTimeout(500);
  }
  await shot('restricted-run');
  for (const one of page.frames()) assert.equal(await one.evaluate(() => globalThis.harmed), undefined);
  assert.equal(await frame.locator('img[src=x]').count(), 0);
  assert.equal(readFileSync(join(workspace, 'secret'), 'utf8'), 'secret!');
});

seen('validation works: problems are underlined, and told', async () => {
  const { page } = session;
  await openFile(page, 'wrong.distill.json');
  await page.locator('.editor-instance .squiggly-error').first().waitFor();
  await runCommand(page, 'Distillation: Validate Configuration');
  await page.locator('.notification-list-item-message', { hasText: 'cannot be trained' }).first().waitFor();
  await runCommand(page, 'Notifications: Clear All Notifications');
});

seen('nothing can be started', async () => {
  const { page, shot, workspace } = session;
  await openFile(page, 'good.distill.yaml');
  await page.locator('.codelens-decoration a', { hasText: 'Trust this workspace' }).first().waitFor();
  await runCommand(page, 'Distillation: Start Run');
  await page.locator('.notification-list-item-message', { hasText: 'trusted workspace' }).first().waitFor();
  await shot('restricted-start');
  assert.equal(readdirSync(join(workspace, '.distill/runs')).length, 3);
  await runCommand(page, 'Notifications: Clear All Notifications');
  await runCommand(page, 'Focus on Engine View');
  await page.getByText('needs a trusted workspace').first().waitFor();
  assert.ok(!existsSync(join(workspace, '.distill/datasets')));
});

seen('a folder without runs says what trust is needed for', async () => {
  const { workspace, shot, openWindow, closeWindow } = session;
  mkdirSync(join(workspace, 'empty'));
  const other = await openWindow(join(workspace, 'empty'));
  await showSideBar(other);
  await welcome(
    other,
    'Training starts a program and needs a trusted workspace',
    'Manage Workspace Trust',
  ).waitFor();
  await shot('welcome-untrusted', other);
  await closeWindow(other);
});

seen('nothing left this machine and no page failed', async () => {
  assert.deepEqual(session.blocked, []);
  assert.deepEqual(session.errors, []);
});
