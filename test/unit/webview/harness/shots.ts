import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Harness, type OpenOptions, themeNames } from './harness';

/** Pictures of both panels for people to look at: `node --import tsx test/unit/webview/harness/shots.ts OUT [filter]`. */
const [out = 'shots', filter = ''] = process.argv.slice(2);

interface Shot extends OpenOptions {
  name: string;
  tab?: string;
  /** Point at a pane or a chart before the picture is taken. */
  hover?: string;
  full?: boolean;
}

const shots: Shot[] = [
  ...themeNames.flatMap((theme): Shot[] => [
    { name: `curves ${theme}`, panel: 'run', theme, tab: 'curves', method: 'rdd', hover: '.plot .u-over' },
    {
      name: `samples ${theme}`,
      panel: 'run',
      theme,
      tab: 'samples',
      method: 'rdd',
      hover: '[data-pane=student]',
    },
    { name: `live ${theme}`, panel: 'live', theme, width: 300, method: 'rdd' },
  ]),
  { name: 'classes', panel: 'run', tab: 'classes', method: 'lad', status: 'finished', done: 1 },
  { name: 'configuration', panel: 'run', tab: 'configuration', method: 'rdd', status: 'stopped' },
  {
    name: 'lad samples light',
    panel: 'run',
    theme: 'Light Modern',
    tab: 'samples',
    method: 'lad',
    hover: '[data-pane=noise]',
  },
  {
    name: 'lad curves failed',
    panel: 'run',
    tab: 'curves',
    method: 'lad',
    status: 'failed',
    error:
      'The loss became NaN at step 240. Lower training.lr (now 0.02) and resume from the last checkpoint.',
  },
  { name: 'narrow curves', panel: 'run', width: 420, tab: 'curves', method: 'lad' },
  { name: 'narrow samples', panel: 'run', width: 420, tab: 'samples', method: 'rdd' },
  { name: 'narrow classes', panel: 'run', width: 420, tab: 'classes', method: 'rdd' },
  {
    name: 'wide samples',
    panel: 'run',
    width: 1600,
    height: 1000,
    tab: 'samples',
    method: 'rdd',
    size: [192, 96],
  },
  { name: 'live narrow', panel: 'live', width: 220, method: 'lad' },
  { name: 'live empty', panel: 'live', width: 260, empty: true, height: 300 },
  {
    name: 'long curves',
    panel: 'run',
    tab: 'curves',
    method: 'lad',
    iterations: 50_000,
    done: 1,
    status: 'finished',
  },
];

async function main(): Promise<void> {
  mkdirSync(out, { recursive: true });
  const harness = new Harness();
  await harness.start();
  try {
    for (const { name, tab, hover, full = true, ...options } of shots.filter((s) =>
      s.name.includes(filter),
    )) {
      const { page, frame } = await harness.open(options);
      const begun = Date.now();
      if (tab) await frame.click(`#tab-${tab}`);
      if (tab === 'samples') await frame.waitForSelector('.pane-canvas');
      await page.waitForTimeout(400);
      if (full) {
        const height = await frame.evaluate(() => document.documentElement.scrollHeight);
        await page.setViewportSize({
          width: options.width ?? 1200,
          height: Math.max(options.height ?? 400, height),
        });
      }
      if (hover) await frame.hover(hover, { position: { x: 60, y: 50 } });
      await page.waitForTimeout(300);
      await page.screenshot({ path: join(out, `${name.replaceAll(' ', '-')}.png`) });
      const violations = await page.evaluate(() => window.harness.violations);
      console.log(name, `${Date.now() - begun} ms`, violations.length > 0 ? violations : '');
      await page.close();
    }
  } finally {
    await harness.stop();
  }
}
void main();
