// What is on the pictures of scripts/screenshots.mjs: each scene brings the window into a state and takes one or more of it.
import { journal, runFolders, until } from '../../test/lib/run-folders.mjs';
import { openFile, runCommand, runRows, showSideBar, webviewFrame } from '../../test/lib/workbench.mjs';

/** Files of the workspace: an empty configuration, one whose dataset is yet to be chosen, and one that cannot work. */
export const configurations = {
  'new.distill.json': '',
  'mine.distill.json': `{
  // A ResNet-101 teaches a ResNet-18
  "dataset": { "kind": "" },
  "methods": [{ "kind": "lad" }, { "kind": "rdd", "warmup": 0.4 }],
  "teacher": { "backbone": "resnet101", "width": 0.25 },
  "student": { "width": 0.25 },
  "training": { "iterations": 300, "batch": 8, "crop": [96, 96] }
}
`,
  'broken.distill.json': `{
  "dataset": { "kind": "sample" },
  "methods": [{ "kind": "rdd", "warmup": 0.4 }],
  "training": {
    "iterations": 300,
    "batch": 1,
    "crop": [100, 96]
  }
}
`,
};

/** @type {{pictures: string[], take: (session: object, camera: import('./camera.mjs').Camera) => Promise<void>}[]} */
export const scenes = [
  { pictures: ['configuration', 'configuration-hover'], take: configuration },
  { pictures: ['run'], take: beforeARun },
  { pictures: ['run-curves', 'run-samples-rdd', 'run-classes', 'watch'], take: runOfRdd },
  { pictures: ['run-samples-lad'], take: runOfLad },
  { pictures: ['compare-curves', 'compare-samples'], take: comparison },
  { pictures: ['datasets'], take: datasets },
  { pictures: ['engine'], take: engine },
  { pictures: ['live', 'all-runs', 'compare'], take: live },
];

/** While a run trains, the palette may take its time. */
const command = (page, title) => runCommand(page, title, { timeout: 120_000 });

async function sideBar(page, shown) {
  const visible = await page.locator('.part.sidebar').isVisible();
  if (visible !== shown) await page.keyboard.press('Control+b');
  await page.locator('.part.sidebar').waitFor({ state: shown ? 'visible' : 'hidden' });
}

/** Drags its edge. */
async function widenSideBar(page, by) {
  const { x, width } = await page.locator('.part.sidebar').boundingBox();
  await page.mouse.move(x + width, 300);
  await page.mouse.down();
  await page.mouse.move(x + width + by, 300, { steps: 5 });
  await page.mouse.up();
}

/** Opens these views of the side bar and folds the others. */
async function views(page, ...open) {
  await showSideBar(page);
  for (const name of ['Runs', 'Live', 'Datasets', 'Engine']) {
    const header = page.locator('.part.sidebar .pane-header', { hasText: name }).first();
    const expanded = (await header.getAttribute('aria-expanded')) === 'true';
    if (expanded !== open.includes(name)) await header.click();
  }
}

async function closeEditors(page) {
  await command(page, 'View: Close All Editors');
  await page.locator('.part.editor .tab').first().waitFor({ state: 'hidden' });
}

async function goTo(page, line, column) {
  await page.keyboard.press('Control+g');
  await page.locator('.quick-input-widget input').fill(`:${line}:${column}`);
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

/** Answers a question that is asked in the palette. */
async function pick(page, text) {
  await page.locator('.quick-input-list [role=option]', { hasText: text }).first().click();
}

/** A word of the active editor. */
function word(page, text) {
  return page.locator('.editor-instance .view-line span', { hasText: text }).last();
}

/** Asks what can be written at the cursor, goes down the list and shows what is said there. */
async function suggest(page, offered, down) {
  const row = page.locator('.suggest-widget .monaco-list-row', { hasText: offered }).first();
  await until('what is offered', async () => {
    await page.keyboard.press('Control+Space');
    await page.waitForTimeout(1000);
    return await row.isVisible();
  });
  for (let i = 0; i < down; i++) await page.keyboard.press('ArrowDown');
  const details = page.locator('.suggest-details');
  if (!(await details.isVisible())) await page.keyboard.press('Control+Space');
  await details.waitFor();
}

async function configuration({ page }, camera) {
  await camera.frame('readme', 640);
  await sideBar(page, false);
  await openFile(page, 'mine.distill.json');
  await page.locator('.squiggly-error').first().waitFor();
  await goTo(page, 3, 25);
  await suggest(page, 'camvid', 3);
  await camera.take('readme', 'configuration', { of: page.locator('.part.editor') });
  await page.keyboard.press('Escape');

  await camera.frame('walkthrough');
  await openFile(page, 'new.distill.json');
  await suggest(page, 'LAD on CamVid', 3);
  await camera.take('walkthrough', 'configuration', { of: page.locator('.part.editor') });
  await page.keyboard.press('Escape');

  await camera.frame('readme', 640);
  await closeEditors(page);
  await openFile(page, 'broken.distill.json');
  await command(page, 'Problems: Focus on Problems View');
  await page.locator('.markers-panel').getByText('output stride').first().waitFor();
  await word(page, 'warmup').hover();
  await page.locator('.monaco-hover', { hasText: 'Fraction of the iterations' }).waitFor();
  await camera.take('readme', 'configuration-hover', { mouse: true });
  await command(page, 'View: Hide Panel');
}

async function beforeARun({ page }, camera) {
  await camera.frame('walkthrough');
  await closeEditors(page);
  await openFile(page, 'lad.distill.json');
  await sideBar(page, true);
  await views(page, 'Runs', 'Live');
  await runRows(page).first().waitFor();
  await page.locator('.codelens-decoration a').first().waitFor();
  await camera.take('walkthrough', 'run');
}

/** Opens a run by its name in the Runs view; gives the frame of its panel. */
async function openRun(page, name) {
  await closeEditors(page);
  await sideBar(page, true);
  await views(page, 'Runs', 'Live');
  await runRows(page).filter({ hasText: name }).first().click();
  return await until(`the panel of ${name}`, async () => {
    const frame = await webviewFrame(page, '[role=tablist]', 'editor', { timeout: 60_000 });
    return (await frame.locator('h1', { hasText: name }).count()) > 0 && frame;
  });
}

async function samplesOf(frame, ...panes) {
  await frame.getByRole('tab', { name: 'Samples' }).click();
  for (const pane of panes) await frame.locator(`canvas[data-pane="${pane}"]`).waitFor();
}

async function runOfRdd({ page }, camera) {
  await camera.frame('readme');
  const frame = await openRun(page, 'Demo: RDD');
  await frame.getByRole('tab', { name: 'Curves' }).click();
  await camera.take('readme', 'run-curves');
  await camera.frame('readme', 1100);
  await sideBar(page, false);
  await samplesOf(frame, 'difficulty', 'mask');
  const student = frame.locator('canvas[data-pane="student"]');
  const { width, height } = await student.boundingBox();
  await student.hover({ position: { x: width * 0.3, y: height * 0.62 } });
  await camera.take('readme', 'run-samples-rdd', { mouse: true });
  await frame.getByRole('tab', { name: 'Classes' }).click();
  await camera.take('readme', 'run-classes');
  await camera.frame('walkthrough');
  await samplesOf(frame, 'difficulty', 'mask');
  await frame.evaluate(() => document.querySelector('.samples-main').scrollIntoView());
  await camera.take('walkthrough', 'watch', { of: page.locator('.part.editor') });
}

async function runOfLad({ page }, camera) {
  await camera.frame('readme', 680);
  const frame = await openRun(page, 'Demo: LAD');
  await sideBar(page, false);
  await frame.getByRole('tab', { name: 'Samples' }).click();
  // While the teacher learns it sees two noised labels of each image.
  const step = frame.locator('input[aria-label="Step"]');
  await until('the last step of the teacher', async () => {
    if ((await frame.locator('.slider.wide', { hasText: 'teacher' }).count()) > 0) return true;
    await step.press('ArrowLeft');
    return false;
  });
  await samplesOf(frame, 'noise', 'noise2');
  await camera.take('readme', 'run-samples-lad');
}

async function comparison({ page }, camera) {
  await camera.frame('readme');
  await closeEditors(page);
  await sideBar(page, false);
  await command(page, 'Distillation: Show All Runs');
  const table = await webviewFrame(page, '.runs-table', 'editor', { timeout: 60_000 });
  await table.locator('thead input[type=checkbox]').first().click();
  await table.locator('vscode-button', { hasText: 'Compare' }).click();
  const panel = await webviewFrame(page, '.compared', 'editor', { timeout: 60_000 });
  await panel.locator('.plot canvas').first().waitFor();
  await camera.frame('readme', 860);
  await camera.take('readme', 'compare-curves');
  await panel.getByRole('tab', { name: 'Samples' }).click();
  await until('three pictures', async () => (await panel.locator('canvas.pane-canvas').count()) === 3);
  await camera.take('readme', 'compare-samples');
}

async function datasets({ page }, camera) {
  await camera.frame('readme', 680);
  await closeEditors(page);
  await sideBar(page, true);
  await views(page, 'Datasets');
  const rows = page.getByRole('tree', { name: /Datasets/ }).getByRole('treeitem');
  await rows.filter({ hasText: 'streets' }).first().click();
  await command(page, 'Distillation: Check Dataset Fully');
  await pick(page, 'streets');
  const dataset = rows.filter({ hasText: '1 problem' }).first();
  await dataset.waitFor({ timeout: 60_000 });
  await dataset.click();
  await page.keyboard.press('ArrowRight');
  await rows.filter({ hasText: 'Classes' }).click();
  await page.keyboard.press('ArrowRight');
  await rows.filter({ hasText: /road/ }).first().waitFor();
  await command(page, 'Distillation: Browse Samples');
  await pick(page, 'streets');
  const frame = await webviewFrame(page, '.sample-name', 'editor');
  await frame.locator('.pane-canvas[data-pane="label"]').waitFor();
  await camera.take('readme', 'datasets');
}

async function engine({ page }, camera) {
  await camera.frame('walkthrough');
  await closeEditors(page);
  await sideBar(page, true);
  await views(page, 'Engine');
  const rows = page.getByRole('tree', { name: /Engine/ }).getByRole('treeitem');
  await rows.first().waitFor({ timeout: 240_000 });
  // Not that of TensorFlow, which tells where on this machine it lies.
  await rows.filter({ hasText: 'WebAssembly' }).click();
  await page.keyboard.press('ArrowRight');
  await widenSideBar(page, 240);
  await camera.take('walkthrough', 'engine', { of: page.locator('.part.sidebar') });
  await camera.take('readme', 'engine', { of: page.locator('.part.sidebar') });
  await widenSideBar(page, -240);
}

/** A run that trains, with another one waiting for it. */
async function live({ page, workspace }, camera) {
  await camera.frame('readme');
  await closeEditors(page);
  await sideBar(page, true);
  await views(page, 'Runs', 'Live');
  await openFile(page, 'lad.distill.json');
  const before = runFolders(workspace).length;
  await command(page, 'Distillation: Start Run');
  const folder = await until('a run', () => runFolders(workspace)[before]);
  // Its panel takes the focus when it is there.
  await webviewFrame(page, '[role=tablist]', 'editor', { timeout: 120_000 });
  await openFile(page, 'rdd.distill.json', { timeout: 120_000 });
  await command(page, 'Distillation: Add Run to Queue');
  await runRows(page).filter({ hasText: /Queue/ }).first().waitFor();
  await until(
    'a hundred steps',
    () => journal(folder).some(({ kind, step }) => kind === 'sample' && step >= 100),
    600_000,
  );
  await runRows(page).filter({ hasText: '%' }).filter({ hasText: 'teacher' }).first().click();
  await webviewFrame(page, '[role=tablist]', 'editor', { timeout: 60_000 });
  await camera.take('readme', 'live', { moving: true });
  await closeEditors(page);
  await command(page, 'Distillation: Show All Runs');
  await webviewFrame(page, '.runs-table', 'editor', { timeout: 60_000 });
  await sideBar(page, false);
  await camera.frame('readme', 520);
  await camera.take('readme', 'all-runs', { moving: true });
  await camera.frame('walkthrough', 420);
  await camera.take('walkthrough', 'compare', { of: page.locator('.part.editor'), moving: true });
}
