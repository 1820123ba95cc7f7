// Training as a user sees it: started from the palette, watched in the run panel and the Live view. Pictures are judged by
// the pixels on the canvas and by what the run folder says, not by captions.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before } from 'node:test';
import { journal, manifest, runFolders, until } from '../lib/run-folders.mjs';
import { openSession, testsOf, tinyConfig } from '../lib/session.mjs';
import {
  openFile,
  paintedPixels,
  runCommand,
  runRows,
  setTheme,
  showSideBar,
  webviewFrame,
} from '../lib/workbench.mjs';

let session;
const seen = testsOf(() => session, 480_000);

before(
  async () => {
    session = await openSession({
      // Long enough that it still trains when all of "live" has been looked at.
      'street-lad.distill.json': tinyConfig([{ kind: 'lad' }], {
        teacherIterations: 150,
        iterations: 350,
        evaluateEvery: 40,
        checkpointEvery: 40,
        sampleEvery: 10,
      }),
      // Warm-up long enough that both phases show pictures.
      'street-rdd.distill.json': tinyConfig([{ kind: 'rdd', warmup: 0.5 }]),
    });
  },
  { timeout: 180_000 },
);
after(() => session?.close());

const pane = (frame, id) => frame.locator(`canvas[data-pane="${id}"]`);

/** Waits until a canvas has been painted all over, and says in how many colours. */
async function colorsOf(frame, id) {
  const canvas = pane(frame, id);
  await canvas.waitFor();
  const painted = await until(`pixels of ${id}`, async () => {
    const pixels = await paintedPixels(canvas);
    return pixels.painted === 1 && pixels;
  });
  return painted.colors;
}

/** Fraction of the pixels in which two canvases of the same size differ. */
async function difference(frame, first, second) {
  return await frame.evaluate(
    ([a, b]) => {
      const pixels = (id) => {
        const canvas = document.querySelector(`canvas[data-pane="${id}"]`);
        return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      };
      const [x, y] = [new Uint32Array(pixels(a).buffer), new Uint32Array(pixels(b).buffer)];
      return x.reduce((sum, value, i) => sum + (value === y[i] ? 0 : 1), 0) / x.length;
    },
    [first, second],
  );
}

const overlay = async (frame, percent) =>
  await frame.locator('input[aria-label="Overlay"]').evaluate((input, value) => {
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, String(percent));

/** Starts a run by its palette entry; gives its folder once it exists and its panel. */
async function start(title) {
  const { page, workspace } = session;
  const count = runFolders(workspace).length;
  await runCommand(page, title);
  const folder = await until('a run folder', () => runFolders(workspace)[count], 60_000);
  const frame = await webviewFrame(page, '[role=tablist]', 'editor', { timeout: 60_000 });
  return { folder, frame };
}

const openTab = (frame, name) => frame.getByRole('tab', { name }).click();

async function hasEnded(folder) {
  await until(
    'the end of the run',
    () => manifest(folder).status !== 'running' && manifest(folder).endedAt,
    420_000,
  );
  assert.equal(manifest(folder).status, 'finished', manifest(folder).error);
}

let lad;

seen('a LAD run starts from the palette, is listed, and its curves grow while it trains', async () => {
  const { page } = session;
  lad = await start('Distillation: Start LAD Run');
  await showSideBar(page);
  await runRows(page).filter({ hasText: 'street-lad' }).waitFor();

  const step = lad.frame.locator('[data-tile="step"] .tile-value');
  await lad.frame.locator('[data-tile="step"] .tile-value', { hasText: /\d/ }).waitFor({ timeout: 90_000 });
  const first = await step.textContent();
  await until('the next step on screen', async () => (await step.textContent()) !== first);
  const plot = lad.frame.locator('.plot canvas').first();
  await plot.waitFor();
  await until('a line in the chart', async () => (await paintedPixels(plot)).colors > 2);
  assert.equal(manifest(lad.folder).status, 'running', 'all of this was live');
});

seen('the Live view shows the same run in small', async () => {
  const frame = await webviewFrame(session.page, '.card', 'sidebar');
  await frame.locator('h1', { hasText: 'street-lad' }).waitFor();
  const bar = frame.locator('[role=progressbar]');
  const first = Number(await bar.getAttribute('aria-valuenow'));
  await until('progress', async () => Number(await bar.getAttribute('aria-valuenow')) > first);
  await until('a picture', async () => {
    const thumb = frame.locator('canvas.thumb-canvas').first();
    return (await thumb.count()) > 0 && (await paintedPixels(thumb)).colors > 3;
  });
  await session.shot('lad-live');
});

seen(
  'a sample shows image, teacher, student and the noised label, and the overlay can be faded',
  async () => {
    const { frame, folder } = lad;
    await hasEnded(folder);
    await frame.locator('.header-status', { hasText: /finished/i }).waitFor();
    await openTab(frame, 'Samples');
    assert.ok((await colorsOf(frame, 'image')) > 100, 'a photograph has many colours');
    for (const id of ['label', 'teacher', 'student'])
      assert.ok((await colorsOf(frame, id)) > 100, `${id} over the image`);
    assert.ok((await colorsOf(frame, 'noise')) > 20, 'noise per pixel, not flat areas');

    await overlay(frame, 0);
    await until('the bare image', async () => (await difference(frame, 'image', 'student')) === 0);
    await overlay(frame, 60);
    for (const id of ['label', 'teacher', 'student'])
      await until(`the overlay of ${id}`, async () => (await difference(frame, 'image', id)) > 0.5);
    // A prediction alone, fully opaque, has as many colours as classes occur in it. (A label map has gaps: ignored pixels.)
    await overlay(frame, 100);
    await until('plain class colours', async () => (await colorsOf(frame, 'student')) <= 8);
    await overlay(frame, 60);
    // What is where, and how sure of it the network is.
    await pane(frame, 'student').hover({ position: { x: 20, y: 20 } });
    await frame
      .locator('.readout', { hasText: /Ground truth: .*Student: [a-z ]+ \d+ %, [a-z ]+ \d+ %/ })
      .waitFor();
  },
);

seen('classes change their colours for those who cannot tell those of the dataset apart', async () => {
  const { workspace, shot } = session;
  const swatches = async () =>
    await lad.frame
      .locator('.class-rows .swatch')
      .evaluateAll((all) => all.map(({ style }) => style.backgroundColor).join());
  const usual = await swatches();
  mkdirSync(join(workspace, '.vscode'));
  writeFileSync(join(workspace, '.vscode/settings.json'), '{ "distillation.classColors": "distinct" }');
  await until('other colours', async () => (await swatches()) !== usual);
  await colorsOf(lad.frame, 'student');
  await shot('lad-samples-distinct-colors');
  rmSync(join(workspace, '.vscode'), { recursive: true });
  await until('those of the dataset again', async () => (await swatches()) === usual);
});

seen('every theme shows the panel in its colours', async () => {
  const { page, shot } = session;
  const backgrounds = new Set();
  for (const [theme, name] of [
    ['Dark Modern', 'dark'],
    ['Light Modern', 'light'],
    ['Dark High Contrast', 'high-contrast'],
  ]) {
    await setTheme(page, theme);
    await openTab(lad.frame, 'Curves');
    const document = lad.frame.locator('html');
    const background = await until(`the background of ${theme}`, async () => {
      const color = await document.evaluate((h) =>
        getComputedStyle(h).getPropertyValue('--vscode-editor-background'),
      );
      return !backgrounds.has(color) && color;
    });
    backgrounds.add(background);
    await page.mouse.move(700, 5);
    await shot(`lad-curves-${name}`);
    await openTab(lad.frame, 'Samples');
    await colorsOf(lad.frame, 'student');
    await shot(`lad-samples-${name}`);
  }
  assert.equal(backgrounds.size, 3);
  await setTheme(page, 'Dark Modern');
});

seen('an RDD run shows its difficulty map and the pixels it keeps', async () => {
  const { page, shot } = session;
  const rdd = await start('Distillation: Start RDD Run');
  // Two panels are open now: the frame of the new one is the one that shows its name.
  const frame = await until('the panel of the RDD run', async () => {
    const found = await webviewFrame(page, '[role=tablist]', 'editor');
    // The panel that was open may be on its way out.
    const titles = await found
      .locator('h1', { hasText: 'street-rdd' })
      .count()
      .catch(() => 0);
    return titles > 0 && found;
  });
  await openTab(frame, 'Samples');
  await pane(frame, 'difficulty').waitFor({ timeout: 180_000 });
  assert.ok((await colorsOf(frame, 'difficulty')) > 5, 'a heatmap has shades');
  await pane(frame, 'difficulty').hover({ position: { x: 20, y: 20 } });
  await frame.locator('.readout', { hasText: /Difficulty: .*Weight in the task loss: / }).waitFor();
  await hasEnded(rdd.folder);
  const phases = new Set(journal(rdd.folder).map((event) => event.phase));
  assert.ok(phases.has('tfe') && phases.has('tse'), `both phases ran: ${[...phases]}`);
  await until('the mask of the second phase', async () => (await pane(frame, 'mask').count()) > 0);
  await colorsOf(frame, 'mask');
  await shot('rdd-samples-dark');
  await openTab(frame, 'Curves');
  await shot('rdd-curves-dark');
});

seen('the Runs view lists both, newest first, with their mIoU', async () => {
  const rows = runRows(session.page);
  await until('two finished rows', async () => {
    const texts = await rows.allTextContents();
    return texts.length === 2 && texts.every((text) => /\d+\.\d %/.test(text)) && /street-rdd/.test(texts[0]);
  });
});

seen(
  'a run is started from the line above its configuration, the title of its editor and the Runs view',
  async () => {
    const { page, workspace } = session;
    const name = 'quick.distill.json';
    const brief = { iterations: 2, evaluateEvery: 2, checkpointEvery: 2, sampleEvery: 2 };
    writeFileSync(join(workspace, name), JSON.stringify(tinyConfig([], brief)));
    const buttons = {
      'the line above it': page.locator('.codelens-decoration a', { hasText: 'Start run' }).first(),
      'the title of the editor': page
        .locator('.editor-actions .action-label[aria-label^="Start Run"]')
        .first(),
      'the Runs view': page.locator(
        '.pane-header[aria-label^="Runs"] .action-label[aria-label^="Start Run"]',
      ),
    };
    await showSideBar(page);
    for (const [where, button] of Object.entries(buttons)) {
      await openFile(page, name);
      const count = runFolders(workspace).length;
      // Buttons of a view are there while it is pointed at.
      if (where === 'the Runs view') await page.locator('.pane-header[aria-label^="Runs"]').hover();
      await button.click();
      const folder = await until(`a run from ${where}`, () => runFolders(workspace)[count], 60_000);
      // Its panel takes the place of the editor, sooner or later.
      const time = basename(folder).replace(/^\d{8}-(\d\d)(\d\d)(\d\d).*/, '$1:$2:$3');
      await page.locator(`.tab.active[aria-label*="quick ${time}"]`).first().waitFor();
      await hasEnded(folder);
      assert.equal(manifest(folder).name, 'quick', where);
    }
  },
);

seen('nothing left this machine and no page failed', async () => {
  assert.deepEqual(session.blocked, []);
  assert.deepEqual(session.errors, []);
});
