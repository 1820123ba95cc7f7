import type { Frame } from 'playwright-core';
import { floorPanel } from './run-panel';
import { ask, closeEditors, first, type Measured, offer, PATIENCE, type Studio, timeFrom } from './studio';

/** Words of which each letter leaves other rows. */
const WORDS = ['night 77', 'mobilenetv2', 'cwd', 'ablation 3'];

/** What happens once in a window: activation, opening the list and the table of all runs, filtering it. */
export async function windows(studio: Studio, count: number): Promise<Measured> {
  const { page, workbench } = studio;
  const empty = () => ({ values: [] as number[], floor: [] as number[] });
  const [list, table] = [empty(), empty()];
  const activations: number[] = [];
  const filters: number[] = [];
  for (let i = 0; i < count; i++) {
    await workbench.runCommand(page, 'View: Show Explorer');
    await workbench.reloadWindow(page);
    activations.push(await activation(studio));
    await closeEditors(studio);
    const opened = async (container: string): Promise<number> => {
      const icon = page.locator(`.activitybar .action-item a[aria-label^="${container}"]`);
      return await timeFrom(
        page,
        'click',
        () => icon.click({ force: true }),
        () => ask(page, 'sight', 'runs'),
      );
    };
    list.floor.push(await opened('Floor'));
    await workbench.runCommand(page, 'View: Show Explorer');
    list.values.push(await opened('Distillation'));
    // For the first panel of a window VS Code loads what all of them need.
    await floorPanel(studio);
    await offer(page, 'Distillation: Show All Runs');
    const panels: Frame[] = [];
    table.values.push(
      await timeFrom(
        page,
        'keydown',
        () => page.keyboard.press('Enter'),
        async () => {
          panels.push(await workbench.webviewFrame(page, '.runs-table', 'editor', PATIENCE));
          return await first(panels[0]!, 'table');
        },
      ),
    );
    filters.push(...(await ask(panels[0]!, 'filter', WORDS)));
    await closeEditors(studio);
    table.floor.push(await floorPanel(studio));
  }
  return {
    activation: { values: activations },
    'runs-1000': list,
    'runs-1000-table': table,
    'runs-1000-filter': { values: filters },
  };
}

/** As VS Code itself tells it: loading the code and calling `activate`. */
async function activation({ page, workbench }: Studio): Promise<number> {
  await workbench.runCommand(page, 'Developer: Show Running Extensions');
  // Rows out of sight do not exist.
  const size = page.viewportSize()!;
  await page.setViewportSize({ ...size, height: 2000 });
  const text = await page
    .locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Distillation Studio' })
    .locator('.activation-time')
    .filter({ hasText: /\d+\s*ms/ })
    .textContent()
    .finally(() => page.setViewportSize(size));
  return Number(/(\d+)\s*ms/.exec(text ?? '')![1]);
}
