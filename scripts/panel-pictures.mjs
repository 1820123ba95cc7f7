// Pictures of the run panel for the documents, from the packaged extension in a real VS Code.
//   npm run package && node scripts/panel-pictures.mjs WORKSPACE RUN-NAME TAB OUT
// Opens WORKSPACE, the run of that name and the tab (Curves, Samples, Classes, Configuration), and writes
// OUT-dark.png and OUT-light.png.
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { launch, offlineContext } from '../test/lib/browser.mjs';
import { startServer } from '../test/lib/server.mjs';
import { homeOf, VSIX } from '../test/lib/targets.mjs';
import { openWorkbench, runRows, setTheme, showSideBar, webviewFrame } from '../test/lib/workbench.mjs';

const [workspace, name, tab, out] = process.argv.slice(2);
if (!out) {
  console.error('Usage: node scripts/panel-pictures.mjs WORKSPACE RUN-NAME TAB OUT');
  process.exit(2);
}
mkdirSync(dirname(resolve(out)), { recursive: true });
process.env.VSCODE_E2E_HOME ??= homeOf('current');
const server = await startServer({ vsix: [VSIX] });
const browser = await launch();
try {
  const { context } = await offlineContext(browser, { viewport: { width: 1600, height: 1000 } });
  const page = await context.newPage();
  await openWorkbench(page, server, resolve(workspace));
  await showSideBar(page);
  const row = runRows(page).filter({ hasText: name }).first();
  await row.waitFor({ timeout: 60_000 });
  await row.click();
  const frame = await webviewFrame(page, '[role=tablist]', 'editor', { timeout: 60_000 });
  for (const [theme, suffix] of [
    ['Dark Modern', 'dark'],
    ['Light Modern', 'light'],
  ]) {
    await setTheme(page, theme);
    await frame.getByRole('tab', { name: tab }).click();
    await page.mouse.move(10, 700);
    // Pictures arrive after the tab, and a theme after its command.
    await page.waitForTimeout(2000);
    // The editor alone: the Live view beside it shows an image of the dataset, whose licence may not allow that.
    await page.locator('.part.editor').screenshot({ path: `${out}-${suffix}.png` });
  }
} finally {
  await browser.close();
  await server.stop();
}
