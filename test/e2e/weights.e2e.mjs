// Weights in and out as a user does it: commands of the palette, paths and names typed into what they ask, and what a
// configuration says of its networks.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before } from 'node:test';
import { InferenceSession } from 'onnxruntime-node';
import { runFolders, until } from '../lib/run-folders.mjs';
import { openSession, testsOf, tinyConfig } from '../lib/session.mjs';
import { openFile, runCommand, webviewFrame } from '../lib/workbench.mjs';

const root = resolve(import.meta.dirname, '../..');
/** The network whose first convolution is in test/golden/pytorch/checkpoints/backbone.pth. */
const NETWORK = 'pspnet-resnet18:stem=7x7,width=0.0625';

let session;
const seen = testsOf(() => session, 240_000);

before(
  async () => {
    const short = {
      iterations: 2,
      teacherIterations: 2,
      evaluateEvery: 2,
      checkpointEvery: 2,
      sampleEvery: 2,
    };
    session = await openSession({ 'tiny.distill.json': tinyConfig([], short) }, { told: [/posix\.system/] });
    const { workspace } = session;
    copyFileSync(join(root, 'test/golden/pytorch/checkpoints/backbone.pth'), join(workspace, 'imagenet.pth'));
    // PyTorch's older format begins with a pickle; this one calls os.system when it is executed.
    writeFileSync(
      join(workspace, 'hostile.pth'),
      `\x80\x02cposix\nsystem\nX${'\x0c\0\0\0'}touch pwned!\x85R.`,
      'latin1',
    );
    const cli = [join(root, 'dist/cli.js'), 'train', 'tiny.distill.json'];
    const { status, stderr } = spawnSync('node', cli, { cwd: workspace, encoding: 'utf8', timeout: 120_000 });
    assert.equal(status, 0, stderr);
  },
  { timeout: 240_000 },
);
after(() => session?.close());

/** A picker, an input box or the dialog of files that shows a text. */
const asked = (text) => session.page.locator('.quick-input-widget', { hasText: text });
/** One that has it as its title; the palette, where the command was, has none. */
const titled = (text) =>
  session.page
    .locator('.quick-input-widget')
    .filter({ has: session.page.locator('.quick-input-title', { hasText: text }) });

/** Types an answer to what is asked, or takes what is proposed. Retries: the dialog of files writes its own path when it is ready. */
async function answer(here, text) {
  const { page } = session;
  await here.waitFor();
  const input = page.locator('.quick-input-widget input');
  await until(`the answer ${text ?? 'as proposed'}`, async () => {
    if (!(await here.isVisible())) return true;
    if (text !== undefined) await input.fill(text, { timeout: 2000 }).catch(() => {});
    // It looks at a path before it takes it.
    await page.waitForTimeout(700);
    if (text !== undefined && (await input.inputValue({ timeout: 2000 }).catch(() => text)) !== text)
      return false;
    await page.keyboard.press('Enter');
    return await here.waitFor({ state: 'hidden', timeout: 5000 }).then(
      () => true,
      () => false,
    );
  });
}

const notification = (text) =>
  session.page.locator('.notification-list-item-message', { hasText: text }).first();

async function importAs(file, network) {
  await runCommand(session.page, 'Distillation: Import Weights');
  await answer(titled('Import weights'), join(session.workspace, file));
  await answer(titled('For which network?'), network);
}

seen(
  'Import Weights reads a PyTorch checkpoint, writes what fits and says what became of everything',
  async () => {
    const { page, workspace, shot } = session;
    await importAs('imagenet.pth', NETWORK);
    await titled('Write what fits to').waitFor();
    await shot('import-target');
    await answer(titled('Write what fits to'));
    const written = join(workspace, 'imagenet.safetensors');
    await until('the file', () => existsSync(written));
    const frame = await webviewFrame(page, 'pre', 'editor');
    const text = await frame.locator('pre').textContent();
    assert.match(text, /5 loaded, 129 missing, 2 unexpected/);
    assert.match(text, /pretrained\.conv1\.weight \[4,3,7,7\], from conv1\.weight/);
    assert.match(text, /129 missing, left at initial values/);
    await shot('import-report');
    const header = readFileSync(written);
    const tensors = JSON.parse(header.subarray(8, 8 + Number(header.readBigUInt64LE(0))).toString());
    assert.deepEqual(tensors['pretrained.conv1.weight'].shape, [4, 3, 7, 7]);
    assert.equal(tensors['fc.weight'], undefined);
    await runCommand(page, 'View: Close All Editors');
  },
);

seen(
  'a checkpoint that calls os.system is refused in words: nothing is executed, nothing written',
  async () => {
    const { page, workspace, shot } = session;
    const files = readdirSync(workspace);
    await importAs('hostile.pth', NETWORK);
    await answer(titled('Write what fits to'));
    await notification('posix.system').waitFor();
    await shot('import-refused');
    assert.deepEqual(readdirSync(workspace), files);
    await runCommand(page, 'Notifications: Clear All Notifications');
  },
);

seen('a network that is not understood is told before a file is asked for', async () => {
  const { page, workspace } = session;
  const files = readdirSync(workspace);
  await runCommand(page, 'Distillation: Import Weights');
  await answer(titled('Import weights'), join(workspace, 'imagenet.pth'));
  await titled('For which network?').waitFor();
  await page.locator('.quick-input-widget input').fill('segformer');
  await asked('no model "segformer"').waitFor();
  await page.keyboard.press('Enter');
  await asked('no model "segformer"').waitFor();
  await page.keyboard.press('Escape');
  assert.deepEqual(readdirSync(workspace), files);
});

seen('Export Student writes the best student of a run as ONNX, and as safetensors', async () => {
  const { page, workspace, shot } = session;
  const [folder] = runFolders(workspace);
  for (const format of ['ONNX', 'safetensors']) {
    await runCommand(page, 'Distillation: Export Student');
    await asked('For deployment').waitFor();
    if (format === 'ONNX') await shot('export-format');
    await answer(asked('For deployment'), format);
    await answer(titled('Export the student of'));
    const file = join(workspace, `${folder.split('/').pop()}-student.${format.toLowerCase()}`);
    await notification('The student is in').waitFor();
    await until(`${file}`, () => existsSync(file));
    if (format === 'ONNX') {
      await shot('exported');
      const model = await InferenceSession.create(file);
      assert.deepEqual(model.outputNames, ['logits', 'classes']);
    }
    await runCommand(page, 'Notifications: Clear All Notifications');
  }
});

seen('hovering over a model shows its layers, parameters, multiply-adds and memory', async () => {
  const { page, shot, workspace } = session;
  writeFileSync(
    join(workspace, 'net.distill.json'),
    JSON.stringify({ dataset: { kind: 'sample' }, student: { model: 'stdc' } }, null, 2),
  );
  await openFile(page, 'net.distill.json');
  const word = page.locator('.view-line span', { hasText: '"stdc"' }).last();
  const hover = page.locator('.monaco-hover:visible', { hasText: 'stdc-stdc1' });
  await until('the hover', async () => {
    await page.mouse.move(2, 2);
    await word.hover();
    return await hover.waitFor({ timeout: 4000 }).then(
      () => true,
      () => false,
    );
  });
  await hover
    .getByText(/parameters/)
    .first()
    .waitFor();
  await hover.getByText(/multiply-adds for .* by the formula of the published tables/).waitFor();
  await hover.getByText(/of activations in a training step/).waitFor();
  await hover.getByText('cp.backbone').first().waitFor();
  await shot('hover-model');
});

seen('nothing left this machine and no page failed', async () => {
  assert.deepEqual(session.blocked, []);
  assert.deepEqual(session.errors, []);
});
