import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { comparedRuns } from './harness/compared';
import { Harness, type Opened, type OpenOptions } from './harness/harness';
import { snapshotOf } from './harness/runs';

/** Charts in a real browser, under the policy the extension gives them: what is drawn, moved and saved. */

const harness = new Harness();
before(() => harness.start());
after(() => harness.stop());

const opened = (options: OpenOptions, use: (panel: Opened) => Promise<void>) => harness.with(options, use);

const drawn = ({ frame }: Opened) =>
  frame.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas');
    if (!canvas) return false;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return data.some((part) => part > 0);
  });

/** The next file that the panel saves, by name and text. */
async function saved({ page, frame }: Opened, button: string): Promise<{ name: string; data: string }> {
  await page.evaluate(() => window.harness.posted.splice(0));
  await frame.getByRole('button', { name: button, exact: true }).press('Enter');
  await page.waitForFunction(() => window.harness.posted.some((m) => m.kind === 'save'));
  return await page.evaluate(() => {
    const message = window.harness.posted.find((m) => m.kind === 'save')!;
    return { name: message.name, data: typeof message.data === 'string' ? message.data : 'binary' };
  });
}

/** What a drawing says when it is read as XML: its texts, how many lines are in it, and every colour. */
const read = ({ page }: Opened, svg: string) =>
  page.evaluate((text) => {
    const document = new DOMParser().parseFromString(text, 'image/svg+xml');
    const all = [...document.querySelectorAll('*')];
    return {
      problem: document.querySelector('parsererror')?.textContent ?? '',
      root: document.documentElement.localName,
      title: document.querySelector('title')?.textContent,
      texts: [...document.querySelectorAll('text')].map((node) => node.textContent),
      tags: [...new Set(all.map((node) => node.localName))].sort(),
      paths: document.querySelectorAll('path[fill=none][stroke-linejoin]').length,
      strokes: [...new Set(all.map((node) => node.getAttribute('stroke')))],
      ground: document.querySelector('rect')?.getAttribute('fill'),
    };
  }, svg);

for (const theme of ['Dark Modern', 'High Contrast Light'] as const)
  test(`${theme}: a chart is saved as a drawing with title, legend, axes and marks in the colours of the theme`, () =>
    opened({ panel: 'run', method: 'rdd', theme }, async (panel) => {
      await drawn(panel);
      const { name, data } = await saved(panel, 'Save as SVG: Loss');
      assert.equal(name, 'Loss.svg');
      const svg = await read(panel, data);
      assert.equal(svg.problem, '');
      assert.deepEqual([svg.root, svg.title], ['svg', 'Loss']);
      for (const text of ['Loss', 'loss', 'task', 'KD', 'Teacher', 'Student', 'TFE', 'TSE', '100', '600'])
        assert.ok(svg.texts.includes(text), `${text} in ${svg.texts.join()}`);
      assert.equal(svg.paths, 5, 'loss, its faint twin, three terms');
      const wanted = await panel.frame.evaluate(() => {
        const probe = document.body.appendChild(document.createElement('i'));
        const colors = ['--vscode-charts-blue', '--vscode-charts-green', '--vscode-editor-background'].map(
          (v) => {
            probe.style.color = `var(${v})`;
            return getComputedStyle(probe).color.replaceAll(' ', '');
          },
        );
        probe.remove();
        return colors;
      });
      for (const color of wanted.slice(0, 2)) assert.ok(svg.strokes.includes(color), color);
      assert.equal(svg.ground, wanted[2]);
      await panel.frame.locator('[data-line=task]').click();
      const without = await read(panel, (await saved(panel, 'Save as SVG: Loss')).data);
      assert.ok(!without.texts.includes('task'), 'as it is seen');
      const png = await saved(panel, 'Save as PNG: Loss');
      assert.deepEqual(png, { name: 'Loss.png', data: 'binary' });
    }));

test('compared runs: charts are saved as well, and a name is a name whatever is in it', () =>
  opened({ panel: 'compare', compared: 3 }, async (panel) => {
    await drawn(panel);
    const name = '<script>alert("1")</script> & \u0001 <![CDATA[';
    const runs = comparedRuns(2).map((run, i) => (i === 0 ? { ...run, run: { ...run.run, name } } : run));
    await panel.page.evaluate((sent) => window.harness.send({ kind: 'runs', runs: sent }), runs);
    await panel.frame.locator('.legend-item', { hasText: '<script>' }).first().waitFor();
    for (const title of ['Student mIoU on validation (%)', 'Loss']) {
      const { name: file, data } = await saved(panel, `Save as SVG: ${title}`);
      assert.match(file, /^[\w-]+\.svg$/);
      const svg = await read(panel, data);
      assert.equal(svg.problem, '');
      const told = '<script>alert("1")</script> & \ufffd <![CDATA[';
      assert.ok(
        svg.texts.some((text) => text?.startsWith(told)),
        svg.texts.join(),
      );
      assert.ok(!svg.tags.includes('script'), svg.tags.join());
      assert.equal((await saved(panel, `Save as PNG: ${title}`)).data, 'binary');
    }
  }));

test('what methods watch has a chart of its own, as soon as there is anything', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    const { frame, page } = panel;
    await drawn(panel);
    const chart = frame.locator('.chart', { has: frame.getByRole('heading', { name: 'Watched' }) });
    assert.equal(await chart.isVisible(), false);
    const { run } = snapshotOf({ method: 'rdd', iterations: 400, done: 0.6, status: 'running' });
    await page.evaluate((base) => {
      const events = [241, 242].map((step) => ({
        ...{ kind: 'step', at: 1, stage: 'student', step, loss: 1, terms: { task: 1 }, lr: 0.01, ms: 1 },
        watched: { 'adversarial.discriminator': step / 100, other: 2 },
      }));
      window.harness.send({ kind: 'events', run: base, events });
    }, run);
    await chart.waitFor();
    assert.deepEqual(await chart.locator('.legend-item > span:nth-of-type(1)').allTextContents(), [
      'discriminator of the adversarial term',
      'other',
    ]);
    assert.match((await chart.locator('.plot').getAttribute('aria-label'))!, /^Watched up to step 642\. /);
    await chart.locator('[data-line=other]').focus();
    await page.keyboard.press('Enter');
    assert.equal(await chart.locator('[data-line=other]').getAttribute('aria-pressed'), 'false');
  }));

test('another snapshot of the same run is drawn anew', () =>
  opened({ panel: 'run', method: 'rdd' }, async ({ frame, page }) => {
    const plot = frame.locator('.plot').first();
    const rewound = snapshotOf({ method: 'rdd', iterations: 20, done: 1, status: 'stopped' });
    await page.evaluate((sent) => window.harness.send(sent), rewound);
    await frame.waitForFunction(() => /up to step 40\./.test(document.querySelector('.plot')!.ariaLabel!));
    await plot.waitFor();
  }));

test('the axis of a run of few steps has a tick for each, and none between them', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    const { frame, page } = panel;
    const short = snapshotOf({ method: 'rdd', iterations: 2, done: 1, status: 'finished' });
    await page.evaluate((sent) => window.harness.send(sent), short);
    await frame.waitForFunction(() => /up to step 4\./.test(document.querySelector('.plot')!.ariaLabel!));
    const { data } = await saved(panel, 'Save as SVG: Loss');
    const steps = await page.evaluate((text) => {
      const texts = [...new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('text')];
      const below = Math.max(...texts.map((node) => Number(node.getAttribute('y'))));
      return texts.flatMap((node) => (Number(node.getAttribute('y')) === below ? [node.textContent] : []));
    }, data);
    assert.deepEqual(steps, ['0', '1', '2', '3', '4']);
  }));

test('charts are zoomed about the pointer and moved by wheel and keys, all together; the page keeps a plain wheel', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    const { frame, page } = panel;
    await drawn(panel);
    const seen = () =>
      frame.evaluate(() =>
        [...document.querySelectorAll<HTMLCanvasElement>('.chart canvas')].map((c) => c.toDataURL()).join(),
      );
    const changes = async (what: string, act: () => Promise<unknown>): Promise<void> => {
      const before = await seen();
      await act();
      for (let i = 0; (await seen()) === before; i++) assert.ok(i < 200, what);
    };
    const whole = await seen();
    const over = (await frame.locator('.u-over').first().boundingBox())!;
    await page.mouse.move(over.x + over.width / 2, over.y + 60);
    const where = frame.locator('.cursor-where');
    await where.filter({ hasText: /Step \d/ }).waitFor();
    const before = await where.textContent();
    await page.keyboard.down('Control');
    await changes('the wheel zooms', () => page.mouse.wheel(0, -300));
    await page.keyboard.up('Control');
    assert.equal(await where.textContent(), before, 'what is pointed at stays where it is');
    await changes('a sideways wheel moves', () => page.mouse.wheel(200, 0));
    const plot = frame.locator('.plot').nth(1);
    await page.mouse.move(2, 2);
    await plot.press('Home');
    const pointed = await where.textContent();
    for (let i = 0; i < 3; i++) await changes('a key zooms', () => plot.press('+'));
    assert.equal(await where.textContent(), pointed, 'keys zoom about the cursor, which stays where it is');
    await changes('a key moves back', () => plot.press('Shift+ArrowLeft'));
    assert.equal(await where.textContent(), pointed, 'and stays there when the steps move beneath it');
    await plot.press('-');
    await plot.press('Escape');
    for (let i = 0; (await seen()) !== whole; i++) assert.ok(i < 200, 'everything again');
    const scrolled = await frame.evaluate(
      () =>
        new Promise<boolean>((tell) => {
          const target = document.querySelector('.u-over')!;
          const event = new WheelEvent('wheel', { deltaY: 50, bubbles: true, cancelable: true });
          target.dispatchEvent(event);
          tell(!event.defaultPrevented);
        }),
    );
    assert.equal(scrolled, true);
  }));

test('many curves of many steps: every line is drawn in its colour, a faint twin beneath its own, nothing outside the plot', () =>
  opened({ panel: 'run', method: 'rdd', iterations: 3000, done: 1, status: 'finished' }, async (panel) => {
    await drawn(panel);
    const found = await panel.frame.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas')!;
      const over = document.querySelector<HTMLElement>('.u-over')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const probe = document.body.appendChild(document.createElement('i'));
      const [blue, green, purple] = ['blue', 'green', 'purple'].map((name) => {
        probe.style.color = `var(--vscode-charts-${name})`;
        return getComputedStyle(probe).color.match(/\d+/g)!.map(Number);
      });
      probe.remove();
      const left = over.offsetLeft * devicePixelRatio;
      const right = left + over.offsetWidth * devicePixelRatio;
      const columns = { blue: new Set<number>(), green: new Set<number>(), purple: new Set<number>() };
      let faint = 0;
      let outside = 0;
      for (let i = 0; i < data.length; i += 4) {
        const x = (i / 4) % canvas.width;
        for (const [name, color] of Object.entries({ blue, green, purple }))
          if (data[i + 3] === 255 && color!.every((part, k) => Math.abs(data[i + k]! - part) < 3)) {
            columns[name as keyof typeof columns].add(x);
            if (x < left || x >= right) outside++;
          }
        // A quarter of the colour, over nothing.
        if (data[i + 3] === 64 && blue!.every((part, k) => Math.abs(data[i + k]! - part) < 6)) faint++;
      }
      const sizes = Object.fromEntries(Object.entries(columns).map(([name, set]) => [name, set.size]));
      return { ...sizes, faint, outside, width: right - left };
    });
    const { width, blue, green, purple, faint, outside } = found as Record<string, number>;
    assert.ok(blue! > 0.9 * width!, `the loss in ${blue} of ${width} columns`);
    assert.ok(green! > 0.4 * width! && green! < 0.8 * width!, `dashes in ${green} columns`);
    assert.ok(purple! > 0.2 * width! && purple! < 0.6 * width!, `dots in ${purple} columns`);
    assert.ok(faint! > width!, `${faint} pixels of the loss as measured`);
    assert.equal(outside, 0);
  }));
