import type { Frame } from 'playwright-core';
import {
  ask,
  closeEditors,
  first,
  type Measured,
  offer,
  PATIENCE,
  type Studio,
  samplesFirst,
  timeFrom,
} from './studio';
import { runNames } from './workspace';

/** Opening the panel of a run with a sample, and what is done with that sample. */
export async function samplePanel(studio: Studio, opens: number, frames: number): Promise<Measured> {
  await samplesFirst(studio);
  await studio.workbench.showSideBar(studio.page);
  const values: number[] = [];
  const floor: number[] = [];
  for (let i = 0; i < opens; i++) {
    floor.push(await floorPanel(studio));
    const time = await timeFrom(
      studio.page,
      'click',
      () => openRun(studio, runNames.sample),
      () => painted(studio),
    );
    values.push(time);
    if (i < opens - 1) await closeEditors(studio);
  }
  const panel = await pictured(studio);
  // The whole sample has come, and not only its preview.
  await panel.locator('.readout', { hasText: 'student right on' }).waitFor(PATIENCE);
  const overlay = await ask(panel, 'overlay', frames);
  const hover = await ask(panel, 'hover', frames);
  await closeEditors(studio);
  let pointed: number[] = [];
  await floorPanel(studio, async () => {
    pointed = await ask(await pictured(studio), 'hover', frames);
  });
  return {
    'panel-first-paint': { values, floor },
    'overlay-frame': { values: overlay },
    'pixel-hover': { values: hover, floor: pointed },
  };
}

/** Moving and zooming the curves of a long run. */
export async function curvesPanel(studio: Studio, frames: number): Promise<Measured> {
  const { page, workbench } = studio;
  await workbench.showSideBar(page);
  await openRun(studio, runNames.long);
  const panel = await workbench.webviewFrame(page, '[role=tablist]', 'editor', PATIENCE);
  await panel.getByRole('tab', { name: 'Curves' }).click();
  await panel.locator('.plot canvas').first().waitFor();
  const times = await ask(panel, 'curves', frames);
  await closeEditors(studio);
  return { 'curve-100k': { values: times } };
}

/**
 * From the command until the smallest panel there is has drawn something.
 * @param look what else is done there
 */
export async function floorPanel(studio: Studio, look?: () => Promise<void>): Promise<number> {
  const { page } = studio;
  await offer(page, 'Floor: Open');
  const time = await timeFrom(
    page,
    'keydown',
    () => page.keyboard.press('Enter'),
    () => painted(studio),
  );
  await look?.();
  await closeEditors(studio);
  return time;
}

/** The panel in the editor that shows pictures. */
const pictured = ({ page, workbench }: Studio): Promise<Frame> =>
  workbench.webviewFrame(page, 'canvas[data-pane="student"]', 'editor', PATIENCE);

/** When it first showed one. */
const painted = async (studio: Studio): Promise<number> => await first(await pictured(studio), 'overlay');

export async function openRun({ page, workbench }: Studio, name: string): Promise<void> {
  await workbench.runRows(page).filter({ hasText: name }).first().click();
}
