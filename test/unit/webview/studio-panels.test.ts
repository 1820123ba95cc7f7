import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Harness, type Opened, type OpenOptions } from './harness/harness';

/** What users do in the panels for many runs, and the newer parts of the run panel, by keyboard where it goes. */

const harness = new Harness();
before(() => harness.start());
after(() => harness.stop());

const opened = (options: OpenOptions, use: (panel: Opened) => Promise<void>) => harness.with(options, use);

type Posted = Window['harness']['posted'][number];

/** The first message of a kind, once it has come. */
async function posted<K extends Posted['kind']>(
  { page }: Opened,
  kind: K,
): Promise<Extract<Posted, { kind: K }>> {
  await page.waitForFunction((k) => window.harness.posted.some((m) => m.kind === k), kind);
  // A picture does not cross from the page as it is; its length does.
  return (await page.evaluate((k) => {
    const message = window.harness.posted.find((m) => m.kind === k)!;
    return 'data' in message && message.data instanceof ArrayBuffer
      ? { ...message, data: [...new Uint8Array(message.data)] }
      : message;
  }, kind)) as unknown as Extract<Posted, { kind: K }>;
}

test('a thousand runs: only what is in sight exists; keys move, choose and open', () =>
  opened({ panel: 'runs', runs: 1000 }, async (panel) => {
    const { frame, page } = panel;
    const rows = frame.locator('tbody tr[data-folder]');
    await rows.first().waitFor();
    assert.ok((await rows.count()) < 100);
    assert.match((await frame.locator('.tally').textContent())!, /of 956 runs, 44 archived/);
    await rows.first().focus();
    await page.keyboard.press('End');
    assert.equal(
      await frame.evaluate(() => document.activeElement?.getAttribute('aria-rowindex')),
      String(956 + 2),
      'the last run is there now and has the focus',
    );
    await page.keyboard.press('Home');
    await page.keyboard.press(' ');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press(' ');
    await frame.locator('.chosen-bar', { hasText: '2 runs chosen' }).waitFor();
    await frame.locator('vscode-button', { hasText: 'Compare' }).click();
    const message = await posted(panel, 'command');
    assert.equal(message.command, 'compare');
    assert.equal('folders' in message && message.folders.length, 2);
  }));

test('rows that a filter brings are whole: at once as far as is in sight, and beyond it when nothing is typed any more', () =>
  opened({ panel: 'runs', runs: 1000, width: 700 }, async ({ frame }) => {
    const cells = () =>
      frame.evaluate(() => {
        const heads = [...document.querySelectorAll<HTMLElement>('tr.heads > th')];
        const edge = document.querySelector('.grid')!.clientWidth;
        const rows = [...document.querySelectorAll('tbody tr[data-folder]')];
        return {
          all: heads.length,
          seen: heads.filter((head) => head.offsetLeft < edge).length,
          least: Math.min(...rows.map((row) => row.children.length)),
        };
      });
    await frame.locator('tbody tr[data-folder]').first().waitFor();
    await frame.waitForTimeout(500);
    const before = await cells();
    assert.equal(before.least, before.all);
    assert.ok(before.seen < before.all, 'there is more than is in sight');
    const typed = await frame.evaluate(() => {
      const field = document.querySelector<HTMLInputElement>('input.words')!;
      field.value = 'camvid 77';
      field.dispatchEvent(new Event('input', { bubbles: true }));
      // As rows come in, however late the next frame is.
      return new Promise<number>((done) => {
        new MutationObserver((changes) => {
          const came = changes.flatMap(({ addedNodes }) => [...addedNodes]) as Element[];
          const rows = came.filter((row) => row.matches('[data-folder]'));
          if (rows.length > 0) done(Math.min(...rows.map((row) => row.children.length)));
        }).observe(document.querySelector('tbody')!, { childList: true });
      });
    });
    assert.ok(typed >= before.seen && typed < before.all, `${typed} of ${before.all}`);
    await frame.waitForTimeout(500);
    assert.equal((await cells()).least, before.all);
  }));

test('the table is saved as it is listed', () =>
  opened({ panel: 'runs', runs: 40 }, async (panel) => {
    const { frame } = panel;
    await frame.locator('[data-focus="filter methods"]').fill('lad');
    await frame.locator('.tally', { hasText: /^\d+ of/ }).waitFor();
    await frame.locator('[data-focus="sort studentMiou"]').click();
    await frame.locator('th[aria-sort="descending"] .head', { hasText: 'Student mIoU' }).waitFor();
    await frame.locator('vscode-button', { hasText: 'JSON' }).click();
    const { name, data } = await posted(panel, 'save');
    assert.equal(name, 'runs.json');
    const rows = JSON.parse(data as string) as Record<string, unknown>[];
    assert.ok(rows.length > 5 && rows.every((row) => row.Method === 'LAD'));
    const scores = rows.map((row) => row['Student mIoU']).filter((v) => typeof v === 'number');
    assert.deepEqual(
      scores,
      [...scores].sort((a, b) => b - a),
    );
    assert.ok(
      'training.seed' in rows[0]! && !('training.batch' in rows[0]!),
      'columns that differ, and no others',
    );
    assert.ok('Teacher mIoU' in rows[0]!, 'of the configuration; what came of runs is always told');
    await frame.locator('vscode-checkbox', { hasText: 'Only columns that differ' }).click();
    await frame.waitForFunction(() => !document.querySelector('[data-focus="sort teacherMiou"]'));
    assert.ok((await frame.locator('th .head', { hasText: 'Student mIoU' }).count()) === 1);
  }));

test('every table is saved as CSV and as JSON', async () => {
  const tables: [OpenOptions, string, string, RegExp[]][] = [
    [
      { panel: 'run' },
      'classes',
      'CSV',
      [/^class,student IoU,teacher IoU\r\nroad,0\.\d+,0\.\d+\r\n/, /^\[\s+\{\s+"class": "road"/],
    ],
    [{ panel: 'run' }, 'classes', 'Confusion CSV', [/^label \\ prediction,road,/, /"road": \d+,/]],
    [
      { panel: 'compare', compared: 4 },
      'classes',
      'CSV',
      [/^class,rdd 0,rdd 0 deviation,/, /"class": "mIoU"/],
    ],
    [
      { panel: 'compare', compared: 4 },
      'configuration',
      'CSV',
      [
        /^Setting,rdd 0,lad 1,"rdd 2, 2 seeds"\r\ntraining\.seed,1,1,"1, 2"\r\n/,
        /"Setting": "training\.seed"/,
      ],
    ],
  ];
  for (const [options, tab, button, [asCsv, asJson]] of tables)
    await opened(options, async (panel) => {
      await panel.frame.click(`#tab-${tab}`);
      const section = panel.frame.locator(`#panel-${tab}`);
      for (const [kind, wanted] of [
        ['CSV', asCsv!],
        ['JSON', asJson!],
      ] as const) {
        await panel.page.evaluate(() => window.harness.posted.splice(0));
        await section.getByRole('button', { name: button.replace('CSV', kind), exact: true }).click();
        const { name, data } = await posted(panel, 'save');
        assert.match(name, new RegExp(`\\.${kind.toLowerCase()}$`));
        assert.match(data as string, wanted);
      }
    });
});

test('steps are played through to the end', () =>
  opened({ panel: 'run', method: 'rdd', iterations: 20, done: 1 }, async ({ frame }) => {
    await frame.click('#tab-samples');
    const step = frame.getByRole('slider', { name: 'Step' });
    await step.waitFor();
    const last = Number(await step.getAttribute('max'));
    for (let back = 0; back < 2; back++) await step.press('ArrowLeft');
    await frame.getByRole('button', { name: 'Play through the steps' }).click();
    await frame.getByRole('button', { name: 'Stop playing the steps' }).waitFor();
    await frame.getByRole('button', { name: 'Play through the steps' }).waitFor();
    assert.equal(Number(await step.inputValue()), last);
  }));

test('the samples of a step are listed worst first, and the worst is shown', () =>
  opened({ panel: 'run', method: 'rdd' }, async ({ frame }) => {
    await frame.click('#tab-samples');
    await frame.locator('.readout', { hasText: 'val_000' }).waitFor();
    for (const [order, worst, score] of [
      ['worst IoU first', 'val_001', 'IoU '],
      ['most disagreement first', 'val_000', 'disagree on 30.0 %'],
      ['hardest first', 'val_001', 'difficulty 30.0 %'],
    ] as const) {
      await frame.locator('vscode-dropdown[aria-label="Order"]').click();
      await frame.locator('vscode-dropdown[aria-label="Order"] vscode-option', { hasText: order }).click();
      await frame.locator('.readout', { hasText: worst }).waitFor();
      const first = frame.locator('vscode-dropdown[aria-label="Sample"] vscode-option').first();
      await first.filter({ hasText: `${worst}  ·  ${score}` }).waitFor({ state: 'attached' });
    }
  }));

test('the pictures of compared runs are zoomed and pointed at together', () =>
  opened({ panel: 'compare', compared: 2 }, async ({ frame }) => {
    await frame.click('#tab-samples');
    const panes = frame.locator('.pane-canvas');
    await frame.waitForFunction(() => document.querySelectorAll('.pane-canvas').length === 2);
    const row = () =>
      panes.first().evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, canvas.height >> 1, canvas.width, 1);
        return data.join();
      });
    await frame.waitForFunction(() =>
      [...document.querySelectorAll<HTMLCanvasElement>('.pane-canvas')].every((canvas) =>
        canvas
          .getContext('2d')!
          .getImageData(5, 5, 1, 1)
          .data.some((part) => part > 0),
      ),
    );
    const before = await row();
    await panes.nth(1).press('ArrowLeft');
    await frame.locator('.readout', { hasText: /x 48, y 48 .*seed 1: .*seed 2: / }).waitFor();
    for (let i = 0; i < 4; i++) await panes.nth(1).press('+');
    await panes.nth(1).press('Escape');
    for (let i = 0; (await row()) === before; i++) assert.ok(i < 200, 'the other picture is zoomed as well');
  }));

test('a class is hidden in the pictures of all compared runs', () =>
  opened({ panel: 'compare', compared: 2 }, async ({ frame }) => {
    await frame.click('#tab-samples');
    await frame.waitForFunction(() => document.querySelectorAll('.pane-canvas').length === 2);
    const rows = () =>
      frame.locator('.pane-canvas').evaluateAll((all) =>
        (all as HTMLCanvasElement[]).map((canvas) => {
          const { width, height } = canvas;
          return canvas
            .getContext('2d')!
            .getImageData(0, height * 0.8, width, 1)
            .data.join();
        }),
      );
    const painted = (row: string) => /[1-9]/.test(row);
    for (let i = 0; !(await rows()).every(painted); i++) assert.ok(i < 500);
    // Beside each class, how well the student of either run knew it by then.
    const scores = await frame.locator('.class-heads, .class-iou').allTextContents();
    assert.equal(scores[0], 'IoU');
    for (const score of scores.slice(1)) assert.match(score, /^\d+\.\d \/ \d+\.\d$/);
    assert.match(
      (await frame.locator('.class-toggle').first().getAttribute('title'))!,
      /: student IoU \d+\.\d, .+: student IoU \d+\.\d$/,
    );
    const before = await rows();
    await frame.locator('.class-actions .link', { hasText: 'Hide all' }).click();
    const changed = async () => (await rows()).every((row, i) => row !== before[i]);
    for (let i = 0; !(await changed()); i++) assert.ok(i < 500, 'the photograph alone, in both');
  }));

test('a picture is saved as PNG at its own size', () =>
  opened({ panel: 'run', method: 'rdd' }, async (panel) => {
    await panel.frame.click('#tab-samples');
    await panel.frame.getByRole('button', { name: 'Save as PNG: Student' }).click();
    const { name, data } = await posted(panel, 'save');
    assert.match(name, /^val_000-student-\d+-student\.png$/);
    const bytes = Buffer.from(data as unknown as number[]);
    assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
    assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [96, 96]);
  }));

test('layers of one\u2019s choice: one more picture, in which one lies over another', () =>
  opened({ panel: 'run', method: 'rdd' }, async ({ frame }) => {
    await frame.click('#tab-samples');
    await frame.waitForSelector('.pane-canvas');
    assert.equal(await frame.locator('[data-pane="composed"]').count(), 0);
    await frame.locator('vscode-checkbox', { hasText: 'Layers of my choice' }).click();
    await frame.waitForSelector('[data-pane="composed"]');
    await frame.getByRole('slider', { name: 'Opacity' }).waitFor();
  }));

test('a paused run offers to go on, a running one to pause', () =>
  opened({ panel: 'run', status: 'paused' }, async (panel) => {
    const { frame } = panel;
    await frame.locator('.header-status', { hasText: 'Paused' }).waitFor();
    await frame.locator('vscode-button', { hasText: 'Go On' }).click();
    assert.equal((await posted(panel, 'command')).command, 'continue');
    assert.equal(
      await frame.locator('.header-actions vscode-button', { hasText: 'Pause' }).isVisible(),
      false,
    );
    assert.equal(await frame.locator('.header-actions vscode-button', { hasText: 'Stop' }).isVisible(), true);
  }));

test('what is typed as a note is kept', () =>
  opened({ panel: 'run' }, async (panel) => {
    await panel.frame.click('#tab-notes');
    await panel.frame.locator('#notes-text').fill('try a larger crop');
    assert.equal((await posted(panel, 'notes')).text, 'try a larger crop');
  }));

test('a comparison names what differs and folds seeds', () =>
  opened({ panel: 'compare', compared: 4 }, async ({ frame }) => {
    const lines = frame.locator('.chart').first().locator('.legend-item');
    await lines.first().waitFor();
    assert.equal(await lines.count(), 3);
    await frame.locator('vscode-checkbox', { hasText: 'Fold seeds' }).click();
    await frame.waitForFunction(() => document.querySelectorAll('.chart .legend')[0]!.children.length === 4);
    await frame.click('#tab-configuration');
    assert.deepEqual(await frame.locator('.compare-table tbody th').allTextContents(), [
      'training.seed',
      'training.lr',
    ]);
    await frame.click('#tab-classes');
    await frame.locator('.compare-table td .gap').first().waitFor();
  }));
