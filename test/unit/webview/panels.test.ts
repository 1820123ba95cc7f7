import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Harness, type Opened, type OpenOptions, themeNames } from './harness/harness';
import { snapshotOf } from './harness/runs';

/** The panels' own bundles in a real browser, under the policy the extension gives them. */

const harness = new Harness();
before(() => harness.start());
after(() => harness.stop());

const opened = (options: OpenOptions, use: (panel: Opened) => Promise<void>) => harness.with(options, use);

/** Number of different colours on a canvas, fully transparent pixels left out; 0 when there is none. */
function colors({ frame }: Opened, selector: string): Promise<number> {
  return frame.evaluate((which) => {
    const canvas = document.querySelector<HTMLCanvasElement>(which);
    if (!canvas || canvas.width === 0) return 0;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set<number>();
    for (let i = 0; i < data.length; i += 4)
      if (data[i + 3]! > 0) seen.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
    return seen.size;
  }, selector);
}

/** All pixels of a pane as one number; equal pictures have equal sums. */
function checksum({ frame }: Opened, pane: string): Promise<number> {
  return frame.evaluate((id) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`.pane-canvas[data-pane="${id}"]`)!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, byte, i) => (sum + byte * ((i % 8191) + 1)) % 2147483647, 0);
  }, pane);
}

async function showSamples(panel: Opened): Promise<void> {
  await panel.frame.click('#tab-samples');
  await panel.frame.waitForSelector('.pane-canvas[data-pane="student"]');
  await painted(panel, '.pane-canvas[data-pane="student"]');
}

/** Drawing waits for a frame; so does this. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

/** Messages cross to the extension in their own time. */
const asked = (panel: Opened, command: string): Promise<void> =>
  until(`the command ${command}`, () =>
    panel.page.evaluate(
      (name) => window.harness.posted.some((m) => m.kind === 'command' && m.command === name),
      command,
    ),
  );

const painted = (panel: Opened, selector: string): Promise<void> =>
  until(`${selector} to be painted`, async () => (await colors(panel, selector)) > 1);

for (const theme of themeNames)
  test(`${theme}: curves of both stages are drawn in the colours of the theme`, () =>
    opened({ panel: 'run', theme }, async (panel) => {
      await painted(panel, '.chart .u-wrap canvas');
      assert.equal(await panel.frame.locator('.chart canvas').count(), 3);
      const wanted = await panel.frame.evaluate(() => {
        const probe = document.body.appendChild(document.createElement('i'));
        probe.style.color = 'var(--vscode-charts-blue)';
        const color = getComputedStyle(probe).color.match(/\d+/g)!.map(Number);
        probe.remove();
        const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        let hits = 0;
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3] === 255 && color.every((part, k) => Math.abs(data[i + k]! - part) < 3)) hits++;
        return hits;
      });
      assert.ok(wanted > 100, `${wanted} pixels of the loss curve`);
    }));

test('curves take the colours of a theme that is chosen while they are shown', () =>
  opened({ panel: 'run' }, async (panel) => {
    await painted(panel, '.chart .u-wrap canvas');
    await panel.frame.evaluate(() =>
      document.documentElement.style.setProperty('--vscode-charts-blue', '#010203'),
    );
    await until('the new colour', () =>
      panel.frame.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3] === 255 && data[i] === 1 && data[i + 1] === 2 && data[i + 2] === 3) return true;
        return false;
      }),
    );
  }));

test('every pane of an RDD sample is painted and has a text alternative', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    await showSamples(panel);
    const panes = await panel.frame
      .locator('.pane-canvas')
      .evaluateAll((all) => all.map((c) => [c.getAttribute('data-pane')!, c.getAttribute('aria-label')!]));
    assert.deepEqual(
      panes.map(([id]) => id),
      ['image', 'label', 'teacher', 'student', 'difference', 'difficulty', 'mask', 'weight'],
    );
    for (const [id, words] of panes) {
      await painted(panel, `.pane-canvas[data-pane="${id}"]`);
      assert.match(words!, /: .{10,}/);
    }
  }));

test("LAD's teacher stage shows the noised label and its second path in different colours", () =>
  opened({ panel: 'run', method: 'lad' }, async (panel) => {
    await showSamples(panel);
    const slider = panel.frame.getByRole('slider', { name: 'Step' });
    await slider.press('Home');
    await panel.frame.waitForSelector('.pane-canvas[data-pane="noise2"]');
    await painted(panel, '.pane-canvas[data-pane="noise"]');
    await painted(panel, '.pane-canvas[data-pane="noise2"]');
    assert.notEqual(await checksum(panel, 'noise'), await checksum(panel, 'noise2'));
    assert.equal(await panel.frame.locator('.pane-canvas[data-pane="student"]').count(), 0);
    assert.match((await slider.getAttribute('aria-valuetext'))!, /^teacher 40$/);
  }));

test('pointing at a pixel tells its classes, difficulty and mask, and the keyboard does the same', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    await showSamples(panel);
    const canvas = panel.frame.locator('.pane-canvas[data-pane="student"]');
    const { width } = (await canvas.boundingBox())!;
    await canvas.hover({ position: { x: (48.5 / 96) * width, y: (80.5 / 96) * width } });
    const readout = panel.frame.locator('.readout');
    await readout.filter({ hasText: 'x 48, y 80' }).waitFor();
    const text = (await readout.textContent())!;
    assert.match(text, /Ground truth: road {2}·/);
    assert.match(text, /Teacher: \w+ 80 %, \w+ 16 %, \w+ 4 % {2}· {2}Student: \w+ 80 %/);
    assert.match(
      text,
      /Difficulty: [\d.]+ {2}· {2}Weight in the task loss: [\d.]+ {2}· {2}TSE: (Easy|Hard) for/,
    );
    assert.equal(await panel.frame.locator('.pane:has([data-pane=label]) .pane-value').textContent(), 'road');
    await canvas.focus();
    await canvas.press('ArrowUp');
    await readout.filter({ hasText: 'x 48, y 79' }).waitFor();
  }));

test('hiding a class uncovers the photograph, showing it again brings the overlay back', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    await showSamples(panel);
    const before = await checksum(panel, 'label');
    const image = await checksum(panel, 'image');
    const road = panel.frame.getByRole('button', { name: /^road/ });
    await road.click();
    assert.equal(await road.getAttribute('aria-pressed'), 'false');
    await until('other pixels', async () => (await checksum(panel, 'label')) !== before);
    assert.equal(await checksum(panel, 'image'), image);
    await road.press(' ');
    await until('the same pixels again', async () => (await checksum(panel, 'label')) === before);
  }));

test('the class list is worked by arrows and Enter: one class alone, then all again', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    await showSamples(panel);
    await panel.frame.getByRole('button', { name: /^road/ }).focus();
    await panel.page.keyboard.press('ArrowDown');
    await panel.page.keyboard.press('Enter');
    const shown = () => panel.frame.locator('.class-toggle[aria-pressed=true] .class-name').allTextContents();
    assert.deepEqual(await shown(), ['pavement']);
    assert.equal(
      await panel.frame.evaluate(() => document.activeElement?.textContent?.includes('pavement')),
      true,
    );
    await panel.page.keyboard.press('Enter');
    assert.equal((await shown()).length, 8);
    const scores = await panel.frame.locator('.class-heads, .class-iou').allTextContents();
    assert.equal(scores[0], 'IoU student / teacher');
    for (const score of scores.slice(1)) assert.match(score, /^\d+\.\d \/ \d+\.\d$/);
  }));

test('wheel zooms all panes together, double-click shows everything again', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    await showSamples(panel);
    const before = await checksum(panel, 'label');
    const canvas = panel.frame.locator('.pane-canvas[data-pane="student"]');
    await canvas.hover();
    await panel.page.mouse.wheel(0, -400);
    await panel.frame.locator('.readout', { hasText: /zoom [1-9]/ }).waitFor();
    await panel.page.mouse.move(2, 2);
    await until('other pixels', async () => (await checksum(panel, 'label')) !== before);
    await canvas.dblclick();
    await panel.page.mouse.move(2, 2);
    await until('the same pixels again', async () => (await checksum(panel, 'label')) === before);
  }));

test('tab, step, hidden classes and the run folder survive a reload', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    await showSamples(panel);
    await panel.frame.getByRole('button', { name: /^sky/ }).click();
    await panel.frame.getByRole('slider', { name: 'Step' }).press('Home');
    await panel.frame.evaluate(() => location.reload());
    await panel.frame.waitForSelector('.pane-canvas');
    assert.equal(await panel.frame.getByRole('tab', { selected: true }).textContent(), 'Samples');
    assert.equal(
      await panel.frame.getByRole('button', { name: /^sky/ }).getAttribute('aria-pressed'),
      'false',
    );
    assert.match(
      (await panel.frame.getByRole('slider', { name: 'Step' }).getAttribute('aria-valuetext'))!,
      /^teacher 40/,
    );
    const state = await panel.page.evaluate(() => window.harness.state as { runFolder: string });
    assert.equal(
      state.runFolder,
      snapshotOf({ method: 'rdd', iterations: 2, done: 1, status: 'running' }).run!.folder,
    );
  }));

test('new events move the numbers and the newest sample; Stop asks the extension', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    await showSamples(panel);
    const { run } = snapshotOf({ method: 'rdd', iterations: 400, done: 0.6, status: 'running' });
    await panel.page.evaluate((base) => {
      const at = Date.now();
      window.harness.send({
        kind: 'events',
        run: { ...base, step: 241, loss: 0.125 },
        events: [
          {
            kind: 'step',
            at,
            stage: 'student',
            step: 241,
            loss: 0.125,
            terms: { task: 0.1 },
            lr: 0.01,
            ms: 1,
          },
          { kind: 'sample', at, stage: 'student', step: 241, id: 'val_000', layers: [] },
        ],
      });
    }, run);
    await panel.frame.locator('[data-tile=loss]', { hasText: '0.125' }).waitFor();
    await panel.frame.locator('output', { hasText: 'student 241 (newest)' }).waitFor();
    await panel.frame.getByRole('button', { name: 'Stop' }).click();
    await asked(panel, 'stop');
    const posted = await panel.page.evaluate(() => window.harness.posted);
    assert.ok(posted.some((m) => m.kind === 'requestSample' && m.key.step === 241));
  }));

test('a message that is not of the protocol is told, not swallowed', () =>
  opened({ panel: 'run' }, async (panel) => {
    await panel.page.evaluate(() =>
      window.harness.send({ kind: 'events', run: {}, events: [{ kind: 'step' }] }),
    );
    await panel.frame.getByRole('alert').filter({ hasText: 'could not be read' }).waitFor();
  }));

test('no panel takes a run that is not described as runs are', async () => {
  const { run } = snapshotOf({ method: 'rdd', iterations: 2, done: 1, status: 'running' });
  const wrong = { ...run, progress: 'half' };
  const messages: [OpenOptions, object][] = [
    [{ panel: 'run' }, { kind: 'events', run: wrong, events: [] }],
    [{ panel: 'live' }, { kind: 'events', run: wrong, events: [] }],
    [
      { panel: 'runs', runs: 3 },
      { kind: 'changed', rows: [{ summary: wrong, config: {} }], gone: [] },
    ],
    [
      { panel: 'compare', compared: 2 },
      { kind: 'events', run: wrong, events: [] },
    ],
  ];
  for (const [options, message] of messages)
    await opened(options, async (panel) => {
      await panel.page.evaluate((sent) => window.harness.send(sent), message);
      await panel.frame.getByRole('alert').filter({ hasText: 'could not be read' }).waitFor();
    });
});

test('a stopped run offers to resume, a failed one says why', () =>
  opened({ panel: 'run', status: 'failed', error: 'The loss became NaN at step 3.' }, async (panel) => {
    await panel.frame.getByRole('alert').filter({ hasText: 'NaN at step 3' }).waitFor();
    await panel.frame.getByRole('button', { name: 'Resume' }).click();
    assert.equal(await panel.frame.getByRole('button', { name: 'Stop' }).count(), 0);
    await asked(panel, 'resume');
  }));

test('tabs are reached by arrow keys; the class table sorts by IoU', () =>
  opened({ panel: 'run', method: 'lad' }, async (panel) => {
    await panel.frame.locator('#tab-curves').focus();
    await panel.page.keyboard.press('ArrowRight');
    await panel.page.keyboard.press('ArrowRight');
    const values = () =>
      panel.frame
        .locator('tbody td:nth-child(2) .figure')
        .evaluateAll((all) => all.map((c) => Number(c.textContent)));
    await panel.frame.getByRole('button', { name: 'Student IoU' }).click();
    const down = await values();
    assert.equal(down.length, 8);
    assert.deepEqual(
      down,
      [...down].sort((a, b) => b - a),
    );
    assert.equal(
      await panel.frame.getByRole('columnheader', { name: /Student IoU/ }).getAttribute('aria-sort'),
      'descending',
    );
  }));

test('dragging over one chart zooms all three, arrows move one cursor through them', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    await painted(panel, '.chart .u-wrap canvas');
    const over = panel.frame.locator('.u-over').first();
    const { x, y, width } = (await over.boundingBox())!;
    const rate = () =>
      panel.frame.evaluate(() =>
        document.querySelectorAll<HTMLCanvasElement>('.chart canvas')[2]!.toDataURL(),
      );
    const before = await rate();
    await panel.page.mouse.move(x + width * 0.7, y + 50);
    await panel.page.mouse.down();
    await panel.page.mouse.move(x + width * 0.9, y + 50, { steps: 4 });
    await panel.page.mouse.up();
    await until('the learning rate to be zoomed', async () => (await rate()) !== before);
    const plot = panel.frame.locator('.plot').nth(1);
    await plot.press('Home');
    await panel.frame
      .locator('.cursor-where', { hasText: /Step \d+ of the student stage \(TSE\)/ })
      .waitFor();
    const loss = panel.frame.locator('[data-line=loss] .legend-value');
    const first = await loss.textContent();
    await plot.press('ArrowRight');
    await until('another loss', async () => (await loss.textContent()) !== first);
    await plot.press('-');
    await plot.press('Escape');
    await until('the whole learning rate', async () => (await rate()) === before);
  }));

test('a hundred thousand steps are drawn', () =>
  opened({ panel: 'run', method: 'lad', iterations: 50_000, done: 1, status: 'finished' }, async (panel) => {
    await painted(panel, '.chart .u-wrap canvas');
    assert.match(
      (await panel.frame.locator('.plot').first().getAttribute('aria-label'))!,
      /up to step 100.000/,
    );
  }));

for (const method of ['lad', 'rdd'] as const)
  test(`Live view of ${method}: loss, student, teacher and what the method shows`, () =>
    opened({ panel: 'live', method, width: 240 }, async (panel) => {
      await painted(panel, '.chart .u-wrap canvas');
      for (const pane of ['student', 'teacher', method === 'lad' ? 'noise' : 'difficulty'])
        await painted(panel, `.thumb-canvas[data-pane="${pane}"]`);
      const overflow = await panel.frame.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${overflow} px too wide`);
      const told = (await panel.frame.textContent('.card'))!;
      for (const fact of [/Step 240 of 400/, /29 s left/, /Images\/s44/, /Memory1\.6 GB/, /Engine: wasm/])
        assert.match(told, fact);
      await panel.frame.getByRole('button', { name: 'Open Run' }).click();
      await asked(panel, 'openRun');
    }));

test('Live view with nothing to show is quiet', () =>
  opened({ panel: 'live', empty: true }, async ({ frame }) => {
    assert.match((await frame.textContent('#root'))!, /^Nothing is running\./);
    assert.equal(await frame.locator('canvas').count(), 0);
  }));

test('the configuration tells what the networks began from, and each weight where it is unfolded', () =>
  opened({ panel: 'run' }, async ({ frame }) => {
    await frame.click('#tab-configuration');
    const weights = frame.locator('details');
    assert.equal(
      await weights.locator('summary').textContent(),
      'Student: 2 loaded, 1 missing, 1 unexpected, from /home/user/weights/resnet18-imagenet.pth (PyTorch)',
    );
    const line = weights.getByText('head.classifier.bias [8], left at initial values');
    assert.equal(await line.isVisible(), false);
    await weights.locator('summary').click();
    assert.equal(await line.isVisible(), true);
    assert.equal(
      await weights.getByText('pretrained.conv1.weight [64,3,3,3], from conv1.weight').isVisible(),
      true,
    );
  }));

for (const width of [420, 1600])
  for (const tab of ['curves', 'samples', 'classes', 'configuration'])
    test(`${tab} fit into ${width} px`, () =>
      opened({ panel: 'run', width }, async ({ frame, page }) => {
        await frame.click(`#tab-${tab}`);
        await page.waitForTimeout(300);
        const overflow = await frame.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${overflow} px too wide`);
      }));
