// What happens to a run when it is stopped, its process is killed, or the window goes away.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before } from 'node:test';
import { isAlive, journal, manifest, runFolders, until, workerPid } from '../lib/run-folders.mjs';
import { openSession, testsOf, tinyConfig } from '../lib/session.mjs';
import { reloadWindow, runCommand, runRows, showSideBar, webviewFrame } from '../lib/workbench.mjs';

let session;
let folder;
const seen = testsOf(() => session, 240_000);

before(
  async () => {
    // Far more steps than the tests wait for: whatever ends the run is what the test does.
    const long = { iterations: 50_000, teacherIterations: 50_000, checkpointEvery: 5, sampleEvery: 20 };
    session = await openSession(
      { 'long.distill.json': tinyConfig([{ kind: 'lad' }], long) },
      { told: [/the training process is gone/] },
    );
  },
  { timeout: 180_000 },
);
after(() => session?.close());

const steps = () => journal(folder).filter((event) => event.kind === 'step').length;
const lastStep = () => journal(folder).findLast((event) => event.kind === 'step')?.step ?? 0;
const row = (text) => runRows(session.page).filter({ hasText: 'long' }).filter({ hasText: text });

seen('a run goes on while its window is reloaded, and is found again', async () => {
  const { page, workspace } = session;
  await runCommand(page, 'Distillation: Start LAD Run');
  folder = await until('a run folder', () => runFolders(workspace)[0]);
  await until('a checkpoint', () => journal(folder).some((event) => event.kind === 'checkpoint'), 120_000);
  const pid = workerPid(folder);
  const before = steps();

  const panel = await webviewFrame(page, '[role=tablist]', 'editor', { timeout: 60_000 });
  await panel.locator('[data-tile="step"] .tile-value', { hasText: /[1-9]/ }).waitFor({ timeout: 60_000 });
  await reloadWindow(page);
  assert.equal(workerPid(folder), pid, 'the same process still trains');
  assert.ok(isAlive(pid));
  await until('steps after the reload', () => steps() > before + 2);
  await showSideBar(page);
  await row(/teacher/).waitFor();
  // The panel that was open is there again and follows.
  const frame = await webviewFrame(page, '[role=tablist]', 'editor', { timeout: 60_000 });
  const step = frame.locator('[data-tile="step"] .tile-value');
  await until('a number', async () => /\d/.test(await step.textContent()));
  const shown = await step.textContent();
  await until('a later step on screen', async () => (await step.textContent()) !== shown);
  // Nothing is missing and nothing is there twice.
  const numbers = journal(folder)
    .filter((event) => event.kind === 'step')
    .map((event) => event.step);
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i + 1),
  );
});

seen('a window that did not start the run can stop it', async () => {
  const { page } = session;
  const pid = workerPid(folder);
  await runCommand(page, 'Distillation: Stop Run');
  await until('the end of the run', () => manifest(folder).status === 'stopped', 60_000);
  await until('the end of the process', () => !isAlive(pid));
  assert.equal(workerPid(folder), undefined, 'the lock is gone');
  const checkpoint = journal(folder).findLast((event) => event.kind === 'checkpoint');
  assert.equal(checkpoint.step, lastStep(), 'nothing that was trained is lost');
  await row(/stopped/).waitFor();
});

seen('a killed worker is shown as crashed, and Resume goes on from its last checkpoint', async () => {
  const { page, shot } = session;
  await runCommand(page, 'Distillation: Resume Run');
  const pid = await until('a worker', () => workerPid(folder), 60_000);
  const resumed = await until('the resume in the journal', () =>
    journal(folder).find((event) => event.kind === 'resume'),
  );
  await until('further steps', () => lastStep() > resumed.step + 2, 60_000);
  process.kill(pid, 'SIGKILL');
  await row(/crashed/).waitFor({ timeout: 30_000 });
  await shot('crashed');
  const checkpoint = journal(folder).findLast((event) => event.kind === 'checkpoint');

  await row(/crashed/).hover();
  await row(/crashed/)
    .getByRole('button', { name: 'Resume Run' })
    .click();
  const again = await until(
    'the second resume in the journal',
    () => journal(folder).filter((event) => event.kind === 'resume')[1],
    60_000,
  );
  assert.equal(again.step, checkpoint.step);
  await until('further steps', () => lastStep() > again.step + 2, 60_000);
  await row(/teacher/).waitFor();
});

seen('a process that does not react is ended at once for those who ask again', async () => {
  const { page } = session;
  const pid = workerPid(folder);
  // It lives, and does nothing any more: as one does that waits for a disk.
  process.kill(pid, 'SIGSTOP');
  await runCommand(page, 'Distillation: Stop Run');
  await runCommand(page, 'Distillation: Stop Run');
  const offer = page.locator('.notification-list-item', { hasText: 'still busy before it can stop' });
  await offer.getByRole('button', { name: 'End Now' }).click();
  await until('its end', () => !isAlive(pid));
  await row(/crashed/).waitFor({ timeout: 30_000 });
  await runCommand(page, 'Notifications: Clear All Notifications');
});

seen('a run is renamed, put away, copied and deleted from the palette', async () => {
  const { page, context, workspace, server } = session;
  const named = (text) => runRows(page).filter({ hasText: text });
  await runCommand(page, 'Distillation: Rename Run');
  await page.locator('.quick-input-widget input').fill('night shift');
  await page.keyboard.press('Enter');
  await named('night shift').waitFor();
  await runCommand(page, 'Distillation: Archive Run');
  await named('Archived').waitFor();
  await runCommand(page, 'Distillation: Bring Run Back from Archive');
  await until('the end of the archive', async () => (await named('Archived').count()) === 0);
  await named('night shift').waitFor();

  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  await runCommand(page, 'Distillation: Copy Command Line of Run');
  const line = await until('the command line', async () => {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    return text.startsWith('node ') && text;
  });
  assert.match(
    line,
    new RegExp(`/dist/cli\\.js train --resume ${basename(folder)} --workspace ${workspace}$`),
  );

  await runCommand(page, 'Distillation: Reveal Run Folder');
  await page.locator('.explorer-folders-view [role=treeitem]', { hasText: 'run.json' }).waitFor();
  await runCommand(page, 'Distillation: Duplicate Run with Changes');
  await page.locator('.tab.active[aria-label*="long-2.distill.json"]').waitFor();
  const text = (name) => readFileSync(join(workspace, name), 'utf8');
  assert.equal(text('long-2.distill.json'), text('long.distill.json'));

  await runCommand(page, 'Distillation: Delete Run');
  await page.locator('.monaco-dialog-box').getByRole('button', { name: 'Delete', exact: true }).click();
  await until('the end of its folder', () => !existsSync(folder));
  await showSideBar(page);
  await until('the end of its row', async () => (await named('night shift').count()) === 0);
});

seen('nothing left this machine and no page failed', async () => {
  assert.deepEqual(session.blocked, []);
  assert.deepEqual(session.errors, []);
});
