// The pictures of the walkthrough, from the packaged extension in a real VS Code.
//   npm run demo && npm run package && node scripts/walkthrough-pictures.mjs [WORKSPACE]
// WORKSPACE has runs of the demo (this clone by default). Its runs are copied; nothing is written into it.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { launch, offlineContext } from '../test/lib/browser.mjs';
import { startServer } from '../test/lib/server.mjs';
import { homeOf, VSIX } from '../test/lib/targets.mjs';
import {
  openFile,
  openWorkbench,
  runCommand,
  runRows,
  showSideBar,
  webviewFrame,
} from '../test/lib/workbench.mjs';
import { root } from './lib/steps.mjs';

const source = resolve(process.argv[2] ?? root);
const out = join(root, 'media/walkthrough');
const workspace = mkdtempSync(join(tmpdir(), 'distillation-walkthrough-'));
mkdirSync(out, { recursive: true });
const runs = join(source, '.distill/runs');
for (const name of readdirSync(runs))
  cpSync(join(runs, name), join(workspace, '.distill/runs', name), { recursive: true });
for (const name of readdirSync(join(root, 'samples/demo')))
  cpSync(join(root, 'samples/demo', name), join(workspace, name));
writeFileSync(
  join(workspace, 'street.distill.json'),
  '{\n  // Small street scenes\n  "dataset": { "kind": "" },\n\n  "methods": [{ "kind": "rdd" }],\n\n  "training": {\n    "iterations": 300,\n    "crop": [100, 96]\n  }\n}\n',
);

process.env.VSCODE_E2E_HOME ??= homeOf('current');
const server = await startServer({
  vsix: [VSIX],
  settings: { 'editor.minimap.enabled': false, 'breadcrumbs.enabled': false },
});
const browser = await launch();
const { context } = await offlineContext(browser, { viewport: { width: 1120, height: 640 } });
const page = await context.newPage();
const picture = async (name, locator = page) => {
  // What is under the mouse would have its tooltip.
  await page.mouse.move(600, 500);
  await page.waitForTimeout(800);
  await locator.screenshot({ path: join(out, `${name}.png`) });
};
const settle = () => page.waitForTimeout(2500);
try {
  await openWorkbench(page, server, workspace);
  await page.keyboard.press('Control+b');
  await openFile(page, 'street.distill.json');
  await page.locator('.squiggly-error').first().waitFor();
  await page.keyboard.press('Control+g');
  await page.locator('.quick-input-widget input').fill(':3:25');
  await page.keyboard.press('Enter');
  const offered = page.locator('.suggest-widget .monaco-list-row').first();
  for (let i = 0; i < 10 && !(await offered.isVisible()); i++) {
    await page.keyboard.press('Control+Space');
    await settle();
  }
  await offered.waitFor();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
  if (!(await page.locator('.suggest-details').isVisible())) await page.keyboard.press('Control+Space');
  await settle();
  await picture('configuration', page.locator('.part.editor'));
  await page.keyboard.press('Escape');

  await openFile(page, 'lad.distill.json');
  await page.keyboard.press('Control+b');
  await showSideBar(page);
  await runRows(page).first().waitFor();
  await page.locator('.codelens-decoration a').first().waitFor();
  await settle();
  await picture('run');

  await runRows(page).filter({ hasText: 'RDD' }).first().click();
  const run = await webviewFrame(page, '[role=tablist]', 'editor', { timeout: 60_000 });
  await page.keyboard.press('Control+b');
  await run.getByRole('tab', { name: 'Samples' }).click();
  await settle();
  await settle();
  await picture('watch', page.locator('.part.editor'));

  await runCommand(page, 'Distillation: Show All Runs');
  await settle();
  await picture('compare', page.locator('.part.editor'));

  await runCommand(page, 'Focus on Engine View');
  await page
    .getByRole('tree', { name: /Engine/ })
    .getByRole('treeitem')
    .first()
    .waitFor({ timeout: 240_000 });
  // The view is small beside the others.
  for (const view of ['Runs', 'Live', 'Datasets']) {
    const header = page.locator('.part.sidebar .pane-header[aria-expanded=true]', { hasText: view });
    if ((await header.count()) > 0) await header.first().click();
  }
  // Not that of TensorFlow, which tells where on this machine it lies.
  await page
    .getByRole('tree', { name: /Engine/ })
    .getByRole('treeitem', { name: /WebAssembly/ })
    .click();
  await page.keyboard.press('ArrowRight');
  await settle();
  await picture('engine', page.locator('.part.sidebar'));
} catch (error) {
  await page.screenshot({ path: join(tmpdir(), 'walkthrough-failed.png') });
  throw error;
} finally {
  await browser.close();
  await server.stop();
  rmSync(workspace, { recursive: true, force: true });
}
console.log(`Written: ${readdirSync(out).join(', ')}`);
