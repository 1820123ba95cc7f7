import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode } from 'fast-png';
import type { LayerData } from '../../../src/protocol/panel';
import { binned, lineChart, ticks } from '../../../src/run/report/chart';
import { html } from '../../../src/run/report/markup';
import { type PrintedLayer, paint } from '../../../src/run/report/picture';
import { buildReport } from '../../../src/run/report/report';
import { temporaryFolder } from './fixtures';
import { writeReportRun } from './report-runs';

test('the report is one page without network, scripts or other files, and the same for the same runs', async () => {
  const workspace = temporaryFolder();
  const folders = (['baseline', 'lad', 'rdd'] as const).map((kind) => writeReportRun(workspace, kind));
  const page = await buildReport(folders);
  assert.equal(await buildReport(folders), page);
  assert.deepEqual(page.match(/<script|<link|@import|url\(|https?:/g), null);
  for (const [, source] of page.matchAll(/src="([^"]*)"/g)) assert.match(source!, /^data:image\/png;base64,/);
});

test('the report tells the scores of every arm and what each method shows', async () => {
  const workspace = temporaryFolder();
  const baseline = await buildReport([writeReportRun(workspace, 'baseline')]);
  const lad = await buildReport([writeReportRun(workspace, 'lad')]);
  const rdd = await buildReport([writeReportRun(workspace, 'rdd')]);
  // 0.5 * (1 - exp(-120/30)) and the teacher's 0.62 * (1 - exp(-80/30))
  assert.match(lad, /<td class="n">49\.1<\/td>[\s\S]*<td class="n">57\.7<\/td>/);
  assert.match(lad, /80 \+ 120/);
  for (const [page, layers] of [
    [baseline, ['Image', 'Label', 'Student']],
    [
      lad,
      [
        'Image',
        'Label',
        'Teacher',
        'Student',
        'Noised label, first path (LAD)',
        'Noised label, second path (LAD)',
      ],
    ],
    [rdd, ['Image', 'Label', 'Teacher', 'Student', 'Difficulty for the teacher (RDD)', 'Hard pixels (RDD)']],
  ] as const) {
    const titles = [...page.matchAll(/alt="([^"]*)"/g)].map(([, title]) => title!);
    assert.deepEqual(
      titles.filter((title) => !title.startsWith('step ')),
      layers,
    );
    assert.deepEqual(
      titles.filter((title) => title.startsWith('step ')),
      ['step 40', 'step 80', 'step 120'],
    );
  }
  assert.match(rdd, /The crop is 48 instead of 512/);
  assert.match(rdd, /<dt>Seed<\/dt><dd>7<\/dd>/);
});

test('text of others is shown, never obeyed', async () => {
  const page = await buildReport([writeReportRun(temporaryFolder(), 'baseline')]);
  assert.match(page, /&lt;car&gt; &amp; &quot;van&quot;/);
  assert.match(page, /&lt;written&gt; &amp; kept/);
  assert.doesNotMatch(page, /<car>|<written>/);
  assert.equal(html`<p>${'<b>'}${html`<i>`}${[1, "'"]}${undefined}</p>`.text, '<p>&lt;b&gt;<i>1&#39;</p>');
});

test('pictures that are gone are named, and the rest of the report stands', async () => {
  const folder = writeReportRun(temporaryFolder(), 'rdd');
  rmSync(join(folder, 'samples/student-000080/scene-1/student.bin'));
  const page = await buildReport([folder]);
  assert.match(page, /student-000080\/scene-1\/student\.bin: The picture is missing/);
  assert.match(page, /alt="step 120"/);
});

test('runs of the same name are told apart by their ids', async () => {
  const workspace = temporaryFolder();
  const page = await buildReport([writeReportRun(workspace, 'lad'), writeReportRun(workspace, 'lad')]);
  assert.match(page, /20261122-000000-lad<span/);
  assert.match(page, /20261122-000000-lad-2<span/);
});

test('axes have round numbers that cover the values', () => {
  assert.deepEqual(ticks(0, 120), [0, 25, 50, 75, 100, 125]);
  assert.deepEqual(ticks(0, 0.9), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(3, 3), [3, 4]);
  assert.deepEqual(ticks(0, 0), [0, 0.2, 0.4, 0.6, 0.8, 1].slice(0, 2));
  for (const [low, high] of [
    [-3.7, 912],
    [0.00123, 0.00131],
    [0, 40_000],
  ] as const) {
    const t = ticks(low, high);
    assert.ok(t[0]! <= low && t.at(-1)! >= high && t.length >= 2 && t.length <= 8, `${t}`);
  }
});

test('points are drawn where their values are', () => {
  const { text } = lineChart({
    title: 't',
    xLabel: 'x',
    yLabel: 'y',
    format: String,
    fromZero: true,
    series: [
      {
        name: 'a',
        index: 0,
        dots: true,
        points: [
          { x: 0, y: 0 },
          { x: 50, y: 5 },
          { x: 100, y: 10 },
        ],
      },
    ],
  });
  // The plot reaches from (54, 230) to (526, 22).
  assert.match(text, /d="M54 230L290 126L526 22"/);
  assert.match(text, /<title>a, step 50: 5<\/title>/);
});

test('binning keeps the mean', () => {
  const points = Array.from({ length: 10 }, (_, i) => ({ x: i + 1, y: i }));
  assert.deepEqual(binned(points, 2), [
    { x: 3, y: 2 },
    { x: 8, y: 7 },
  ]);
  assert.deepEqual(binned(points.slice(0, 2), 60), points.slice(0, 2));
  assert.deepEqual(binned([], 60), []);
});

const shape = { height: 1, width: 4, channels: 1 };
const classes = [{ color: [200, 100, 0] as const }, { color: [0, 0, 255] as const }];

function pixels(layer: Omit<LayerData, 'name'> & { name: string }, image?: LayerData): number[][] {
  const { src } = paint(layer as PrintedLayer, image, classes);
  const { data } = decode(Buffer.from(src.slice(src.indexOf(',') + 1), 'base64'));
  return Array.from({ length: 4 }, (_, i) => [...data.slice(3 * i, 3 * i + 3)]);
}

test('label maps lie over the grey image in class colours; ignored pixels have none', () => {
  const label: LayerData = {
    ...shape,
    name: 'label',
    dtype: 'uint8',
    data: Uint8Array.of(0, 1, 255, 7).buffer,
  };
  const image: LayerData = {
    ...shape,
    channels: 3,
    name: 'image',
    dtype: 'uint8',
    data: new Uint8Array(12).fill(100).buffer,
  };
  assert.deepEqual(pixels(label, image), [
    [160, 100, 40],
    [40, 40, 193],
    [55, 55, 55],
    [55, 55, 55],
  ]);
});

test('the harder for the teacher, the brighter; noise is blue below zero and red above', () => {
  const map = (name: 'difficulty' | 'noise', values: number[]): LayerData => ({
    ...shape,
    name,
    dtype: 'float32',
    data: Float32Array.from(values).buffer,
  });
  const [easy, , , hard] = pixels(map('difficulty', [1, 0.9, 0.5, 0.2]));
  assert.deepEqual(
    [easy, hard],
    [
      [68, 1, 84],
      [253, 231, 37],
    ],
  );
  assert.deepEqual(
    paint(map('difficulty', [1, 0.9, 0.5, 0.25]) as PrintedLayer, undefined, classes).ramp?.right,
    'hard 0.25',
  );
  const [below, zero, , above] = pixels(map('noise', [-120, 0, 60, 120]));
  assert.deepEqual(
    [below, zero, above],
    [
      [33, 102, 172],
      [244, 244, 244],
      [178, 24, 43],
    ],
  );
});
