import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Frame, Page } from 'playwright-core';
import type { Session } from '../../test/lib/session.mjs';
import type { Probe } from './page/probe';
import { fillWorkspace } from './workspace';

/** A machine that is busy is slow, and what is waited for still comes; nothing is measured by giving up. */
export const PATIENCE = { timeout: 120_000 };

export type Workbench = typeof import('../../test/lib/workbench.mjs');

/** A real VS Code with the packaged extension and the workspace of `workspace.ts` open, and a probe in each of its documents. */
export interface Studio {
  session: Session;
  page: Page;
  workbench: Workbench;
  versions: Record<string, string>;
}

export interface Times {
  values: number[];
  /** What the extension in `floor/` takes for the same. */
  floor?: number[];
}
/** By the names of their rows. */
export type Measured = Record<string, Times>;

/** Packages the extension as it is shipped. */
export function packageExtension(): void {
  execFileSync('npm', ['run', '-s', 'package'], {
    cwd: join(__dirname, '..', '..'),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

export async function openStudio(): Promise<Studio> {
  const { openSession } = await import('../../test/lib/session.mjs');
  const workbench = await import('../../test/lib/workbench.mjs');
  const session = await openSession({}, { prepare: fillWorkspace, others: [packageFloor()] });
  const { page, context, server } = session;
  page.setDefaultTimeout(PATIENCE.timeout);
  const versions = { vscode: server.version, chromium: context.browser()?.version() ?? '' };
  await context.addInitScript({ content: await browserCode('probe.ts') });
  // Once before anything is measured: summaries of runs are kept from then on, as they are after the first day.
  await workbench.showSideBar(page);
  await workbench.runRows(page).nth(5).waitFor();
  await workbench.reloadWindow(page);
  return { session, page, workbench, versions };
}

/** @returns the .vsix of the extension beside ours */
function packageFloor(): string {
  const root = join(__dirname, '..', '..');
  const file = join(root, 'dist', 'floor.vsix');
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules', '@vscode', 'vsce', 'vsce'),
      'package',
      '--skip-license',
      '--no-dependencies',
      '--allow-missing-repository',
      '--out',
      file,
    ],
    { cwd: join(__dirname, 'floor'), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return file;
}

/** From here on panels of runs open at their samples. */
export async function samplesFirst({ session }: Studio): Promise<void> {
  await session.context.addInitScript({ content: await browserCode('samples-first.ts') });
}

async function browserCode(source: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, 'page', source)],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

/** Asks the probe of a document. */
export async function ask<K extends keyof Probe>(
  document: Page | Frame,
  what: K,
  ...given: Parameters<Probe[K]>
): Promise<Awaited<ReturnType<Probe[K]>>> {
  return (await document.evaluate(`studioProbe.${what}(...${JSON.stringify(given)})`)) as Awaited<
    ReturnType<Probe[K]>
  >;
}

/**
 * Does something and tells how long after the event it began with something else was seen, in ms.
 * @param seen on the clock of all documents
 */
export async function timeFrom(
  page: Page,
  event: string,
  act: () => Promise<void>,
  seen: () => Promise<number>,
): Promise<number> {
  await ask(page, 'arm', event);
  await act();
  const at = await seen();
  const begun = await ask(page, 'begun');
  if (begun === undefined) throw new Error(`There was no ${event}.`);
  return at - begun;
}

/** Chooses a command of the palette, whose Enter is left to the caller. */
export async function offer(page: Page, title: string): Promise<void> {
  await page.keyboard.press('Escape');
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').fill(`>${title}`);
  await page
    .locator('.quick-input-list [role=option]')
    .first()
    .and(page.locator('[role=option]', { has: page.locator('.label-name', { hasText: title }) }))
    .waitFor();
}

/** When a webview first showed what it was opened for. */
export async function first(frame: Frame, what: Parameters<Probe['first']>[0]): Promise<number> {
  for (const end = Date.now() + PATIENCE.timeout; Date.now() < end; await frame.page().waitForTimeout(50)) {
    const at = await ask(frame, 'first', what);
    if (at) return at;
  }
  throw new Error(`The panel was opened, but its ${what} did not come.`);
}

export async function closeEditors({ page, workbench }: Studio): Promise<void> {
  await workbench.runCommand(page, 'View: Close All Editors');
  // A panel that is still there would be found instead of the next one.
  for (const end = Date.now() + PATIENCE.timeout; Date.now() < end; await page.waitForTimeout(50))
    if ((await page.locator('.part.editor .tab').count()) === 0) return;
  throw new Error('The editors could not be closed.');
}
