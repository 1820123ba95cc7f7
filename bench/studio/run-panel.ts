import type { Frame } from 'playwright-core';
import { ask, closeEditors, first, PATIENCE, type Studio, samplesFirst, timeFrom } from './studio';
import { runNames } from './workspace';

/** Opening the panel of a run with a sample, and what is done with that sample. */
export async function samplePanel(
  studio: Studio,
  opens: number,
  frames: number,
): Promise<Record<string, number[]>> {
  await samplesFirst(studio);
  await studio.workbench.showSideBar(studio.page);
  const paints: number[] = [];
  let panel: Frame | undefined;
  for (let i = 0; i < opens; i++) {
    if (panel) await closeEditors(studio);
    const time = await timeFrom(
      studio.page,
      'click',
      () => openRun(studio, runNames.sample),
      async () => {
        panel = await studio.workbench.webviewFrame(
          studio.page,
          'canvas[data-pane="student"]',
          'editor',
          PATIENCE,
        );
        return await first(panel, 'overlay');
      },
    );
    paints.push(time);
  }
  const overlay = await ask(panel!, 'overlay', frames);
  const hover = await ask(panel!, 'hover', frames);
  await closeEditors(studio);
  return { 'panel-first-paint': paints, 'overlay-frame': overlay, 'pixel-hover': hover };
}

/** Moving and zooming the curves of a long run. */
export async function curvesPanel(studio: Studio, frames: number): Promise<Record<string, number[]>> {
  const { page, workbench } = studio;
  await workbench.showSideBar(page);
  await openRun(studio, runNames.long);
  const panel = await workbench.webviewFrame(page, '[role=tablist]', 'editor', PATIENCE);
  await panel.getByRole('tab', { name: 'Curves' }).click();
  await panel.locator('.plot canvas').first().waitFor();
  const times = await ask(panel, 'curves', frames);
  await closeEditors(studio);
  return { 'curve-100k': times };
}

export async function openRun({ page, workbench }: Studio, name: string): Promise<void> {
  await workbench.runRows(page).filter({ hasText: name }).first().click();
}
