import type { Frame } from 'playwright-core';
import { ask, closeEditors, first, offer, PATIENCE, type Studio, timeFrom } from './studio';

/** Words of which each letter leaves other rows. */
const WORDS = ['night 77', 'mobilenetv2', 'cwd', 'ablation 3'];

/** What happens once in a window: activation, opening the list and the table of all runs, filtering it. */
export async function windows(studio: Studio, count: number): Promise<Record<string, number[]>> {
  const { page, workbench } = studio;
  const times = {
    activation: [] as number[],
    'runs-1000': [] as number[],
    'runs-1000-table': [] as number[],
    'runs-1000-filter': [] as number[],
  };
  for (let i = 0; i < count; i++) {
    await workbench.runCommand(page, 'View: Show Explorer');
    await workbench.reloadWindow(page);
    times.activation.push(await activation(studio));
    await closeEditors(studio);
    const icon = page.locator('.activitybar .action-item a[aria-label^="Distillation"]');
    times['runs-1000'].push(
      await timeFrom(
        page,
        'click',
        () => icon.click({ force: true }),
        () => ask(page, 'sight', 'runs'),
      ),
    );
    await offer(page, 'Distillation: Show All Runs');
    const opened: Frame[] = [];
    times['runs-1000-table'].push(
      await timeFrom(
        page,
        'keydown',
        () => page.keyboard.press('Enter'),
        async () => {
          opened.push(await workbench.webviewFrame(page, '.runs-table', 'editor', PATIENCE));
          return await first(opened[0]!, 'table');
        },
      ),
    );
    times['runs-1000-filter'].push(...(await ask(opened[0]!, 'filter', WORDS)));
    await closeEditors(studio);
  }
  return times;
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
