// What happens to a run when it is stopped, its process is killed, or the window goes away.
import assert from 'node:assert/strict';
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
    session = await openSession({ 'long.distill.json': tinyConfig([{ kind: 'lad' }], long) });
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

  await runCommand(page, 'Distillation: Stop Run');
  await until('the end', () => manifest(folder).status === 'stopped' && !workerPid(folder), 60_000);
});

seen('nothing left this machine and no page failed', async () => {
  assert.deepEqual(session.blocked, []);
  assert.deepEqual(session.errors, []);
});
