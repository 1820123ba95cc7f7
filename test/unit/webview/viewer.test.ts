import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayerData, SampleKey } from '../../../src/protocol/panel';
import { unpack } from '../../../webview/paint/color';
import { color, type Layer } from '../../../webview/paint/layer';
import { type Cut, pick } from '../../../webview/paint/pick';
import type { Plane } from '../../../webview/paint/plane';
import { balancedColumns } from '../../../webview/viewer/columns';
import { inspect } from '../../../webview/viewer/inspect';
import { layersOf, panesOf } from '../../../webview/viewer/layers';
import { guessesAt, Picture } from '../../../webview/viewer/picture';
import { SampleSource } from '../../../webview/viewer/sample-source';
import { pan, pixelAt, reveal, whole, zoomAt } from '../../../webview/viewer/viewport';
import { paneWords } from '../../../webview/viewer/words';

const key: SampleKey = { stage: 'student', step: 1, id: 'street' };
const classes = [
  { name: 'road', color: [1, 2, 3] as [number, number, number] },
  { name: 'car', color: [4, 5, 6] as [number, number, number] },
];
function layer(
  name: LayerData['name'],
  data: Uint8Array | Float32Array,
  height = 2,
  width = 2,
  channels = 1,
): LayerData {
  return {
    name,
    dtype: data instanceof Uint8Array ? 'uint8' : 'float32',
    height,
    width,
    channels,
    data: data.slice().buffer as ArrayBuffer,
  };
}
/** All pixels of a layer, at its own size. */
function painted(of: Layer): Uint32Array {
  const out = new Uint32Array(of.plane.width * of.plane.height);
  color(of, of.plane.data, out);
  return out;
}
const all = [
  layer('image', new Uint8Array(12).fill(9), 2, 2, 3),
  layer('label', Uint8Array.of(0, 1, 255, 1)),
  layer('teacher', Uint8Array.of(0, 1, 0, 0)),
  layer('student', Uint8Array.of(0, 0, 0, 0)),
  layer('difficulty', Float32Array.of(0.25), 1, 1),
  layer('mask', Uint8Array.of(0, 1, 2, 3)),
  layer('noise', Float32Array.of(1, -2, 3, -4)),
];

test('a pixel is told in words, class by class and map by map', () => {
  const facts = inspect(new Picture(key, all), classes, 1, 0);
  assert.deepEqual(
    facts.map((f) => `${f.label}: ${f.text}`),
    [
      'Ground truth: car',
      'Teacher: car',
      'Student: road',
      'Outcome: Only the student is wrong',
      'Difficulty: 0.25',
      'TSE: Hard for the student only',
      'Noised label: -2',
    ],
  );
  assert.equal(inspect(new Picture(key, all), classes, 0, 1)[0]!.text, 'not labelled');
});

test('where a sample says how sure the networks are, the three most probable classes are told', () => {
  const top = (...ids: number[]) => layer('studentTop', Uint8Array.from(ids), 1, 1, 6);
  const picture = new Picture(key, [...all, top(1, 0, 255, 204, 51, 0)]);
  assert.deepEqual(guessesAt(picture, 'student', 1, 1), [
    { classId: 1, probability: 0.8 },
    { classId: 0, probability: 0.2 },
  ]);
  assert.deepEqual(guessesAt(picture, 'teacher', 1, 1), []);
  const said = inspect(picture, classes, 0, 0).find(({ pane }) => pane === 'student');
  assert.equal(said?.text, 'car 80 %, road 20 %');
});

test('any layer lies over any other, with an opacity of its own', () => {
  const picture = new Picture(key, all);
  const composed = { base: 'difficulty', over: 'student', opacity: 0.25 } as const;
  const layers = layersOf('composed', picture, classes, {
    hidden: new Set(),
    mode: 'all',
    stretch: false,
    composed,
  });
  assert.deepEqual(
    layers.map(({ plane, alpha, fades }) => [plane.width, alpha, fades]),
    [
      [1, undefined, undefined],
      [2, 0.25, undefined],
    ],
  );
  assert.deepEqual(unpack(painted(layers[1]!)[0]!), [1, 2, 3, 255]);
});

test('panes follow the layers that are there', () => {
  assert.deepEqual(panesOf(new Picture(key, all)), [
    'image',
    'label',
    'teacher',
    'student',
    'difference',
    'difficulty',
    'mask',
    'noise',
  ]);
  assert.deepEqual(panesOf(new Picture(key, all.slice(0, 2))), ['image', 'label']);
});

test('an overlay lies over the photograph, a hidden class does not', () => {
  const picture = new Picture(key, all);
  const options = { mode: 'all', stretch: false } as const;
  const top = (hidden: number[]) =>
    painted(layersOf('label', picture, classes, { ...options, hidden: new Set(hidden) }).at(-1)!);
  assert.deepEqual(unpack(top([])[1]!), [4, 5, 6, 255]);
  assert.deepEqual(unpack(top([1])[1]!), [0, 0, 0, 0]);
  assert.equal(layersOf('label', picture, classes, { ...options, hidden: new Set() }).length, 2);
});

test('a layer of the wrong length is refused with its name and its shape', () => {
  const broken = { ...layer('label', Uint8Array.of(1, 2, 3)), height: 2, width: 2 };
  assert.throws(
    () => new Picture(key, [broken]),
    /“label” has 3 bytes where 2×2×1 uint8 were expected.*another step/,
  );
});

test('shares are fractions of the labelled pixels', () => {
  const picture = new Picture(key, all);
  assert.ok(Math.abs(picture.share('studentWrong') - 1 / 3) < 1e-9);
  assert.ok(Math.abs(picture.share('sameMistake') - 1 / 3) < 1e-9);
  assert.match(paneWords('difference', picture, classes), /errs on 66\.7 %/);
});

test('zooming keeps the point under the cursor and never shows what is outside', () => {
  const view = zoomAt(whole, 0.75, 0.25, 4);
  assert.deepEqual(pixelAt(view, 0.75, 0.25, 100, 100), [75, 25]);
  assert.deepEqual(zoomAt(view, 0.5, 0.5, 0.01), whole);
  assert.deepEqual(pan({ scale: 2, left: 0, top: 0 }, 5, -5), { scale: 2, left: 0, top: 0.5 });
  assert.equal(zoomAt(whole, 0.5, 0.5, 1e9).scale, 64);
  assert.deepEqual(reveal({ scale: 4, left: 0, top: 0 }, 0.9, 0.1), { scale: 4, left: 0.65, top: 0 });
});

test('pixels at the far edge belong to the picture', () => {
  assert.deepEqual(pixelAt(whole, 1, 1, 96, 48), [95, 47]);
  assert.deepEqual(pixelAt(whole, -0.1, 0, 96, 48), [0, 0]);
});

test('rows of panes are filled evenly', () => {
  assert.equal(balancedColumns(7, 1000, 150, 10), 4);
  assert.equal(balancedColumns(2, 1000, 150, 10), 2);
  assert.equal(balancedColumns(7, 100, 150, 10), 1);
});

test('dragging through many steps asks for the first and the last only', () => {
  const asked: number[] = [];
  const shown: number[] = [];
  const source = new SampleSource(
    (request) => asked.push(request.key.step),
    (p) => shown.push(p.key.step),
    (m) => assert.fail(m),
  );
  for (const step of [1, 2, 3, 4]) source.want({ ...key, step });
  assert.deepEqual(asked, [1]);
  source.receive({ kind: 'sample', key: { ...key, step: 1 }, layers: all });
  assert.deepEqual([asked, shown], [[1, 4], []]);
  source.receive({ kind: 'sample', key: { ...key, step: 4 }, layers: all });
  assert.deepEqual(shown, [4]);
  assert.ok(source.want({ ...key, step: 1 }), 'kept from before');
});

test('a large sample is shown coarsely until all of it is there, unless another is wanted by then', () => {
  const asked: string[] = [];
  const shown: string[] = [];
  const sources = [false, true].map(
    (coarsely) =>
      new SampleSource(
        ({ key, coarse }) => asked.push(`${key.step}${coarse ? ' coarse' : ''}`),
        (p) => shown.push(`${p.key.step} ${p.width}x${p.height}${p.coarse ? ' coarse' : ''}`),
        (m) => assert.fail(m),
        coarsely,
      ),
  ) as [SampleSource, SampleSource];
  const [whole, live] = sources;
  const of = { height: 4, width: 4 };
  const come = (source: SampleSource, step: number, layers = all, size?: typeof of) =>
    source.receive({ kind: 'sample', key: { ...key, step }, layers, ...(size && { of: size }) });
  whole.want({ ...key, step: 1 });
  come(whole, 1, all, of);
  come(whole, 1);
  assert.deepEqual(asked.splice(0), ['1 coarse', '1']);
  assert.deepEqual(shown.splice(0), ['1 4x4 coarse', '1 2x2']);
  whole.want({ ...key, step: 2 });
  whole.want({ ...key, step: 3 });
  come(whole, 2, all, of);
  come(whole, 3, all, of);
  come(whole, 3);
  assert.deepEqual(asked.splice(0), ['2 coarse', '3 coarse', '3']);
  assert.deepEqual(shown.splice(0), ['3 4x4 coarse', '3 2x2']);
  assert.ok(!whole.want({ ...key, step: 2 }), 'what came coarsely is no picture to keep');
  live.want({ ...key, step: 1 });
  come(live, 1, all, of);
  assert.deepEqual(asked.splice(0), ['2 coarse', '1 coarse']);
  assert.deepEqual(shown, ['1 4x4 coarse']);
});

test('a problem is told, and the next wish is asked for again', () => {
  const asked: number[] = [];
  const problems: string[] = [];
  const source = new SampleSource(
    (request) => asked.push(request.key.step),
    () => {},
    (m) => problems.push(m),
  );
  source.want({ ...key, step: 1 });
  source.problem('gone');
  source.want({ ...key, step: 1 });
  source.receive({ kind: 'sample', key: { ...key, step: 1 }, layers: [{ ...all[1]!, width: 3 }] });
  assert.deepEqual(asked, [1, 1]);
  assert.equal(problems[0], 'gone');
  assert.match(problems[1]!, /damaged/);
});

test('of a picture the pixel under the middle of each pixel of the screen is seen, however it is cut', () => {
  const plane = { width: 4, height: 2, data: Uint8Array.of(0, 1, 2, 3, 10, 11, 12, 13) };
  const seen = (cut: Cut, channels = 1, from: Plane<Uint8Array> = plane) => {
    const out = new Uint8Array(cut.width * cut.height * channels);
    pick(from, channels, cut, out);
    return [...out];
  };
  const all = { scale: 1, left: 0, top: 0 };
  assert.deepEqual(seen({ ...all, width: 4, height: 2 }), [...plane.data]);
  assert.deepEqual(seen({ ...all, width: 2, height: 1 }), [11, 13]);
  assert.deepEqual(
    seen({ ...all, width: 4, height: 4 }),
    [0, 1, 2, 3, 0, 1, 2, 3, 10, 11, 12, 13, 10, 11, 12, 13],
  );
  assert.deepEqual(seen({ scale: 2, left: 0.5, top: 0, width: 4, height: 1 }), [2, 2, 3, 3]);
  const rgb = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  assert.deepEqual(seen({ scale: 2, left: 0.5, top: 0.5, width: 1, height: 1 }, 3, rgb), [4, 5, 6]);
});

test('what is seen of a large picture is what scaling its whole would show', () => {
  const [width, height] = [257, 131];
  const data = Uint8Array.from({ length: width * height }, (_, i) => (i * 7919) % 251);
  for (const cut of [
    { width: 64, height: 32, scale: 1, left: 0, top: 0 },
    { width: 400, height: 200, scale: 1, left: 0, top: 0 },
    { width: 90, height: 45, scale: 3.7, left: 0.21, top: 0.4 },
  ]) {
    const out = new Uint8Array(cut.width * cut.height);
    pick({ width, height, data }, 1, cut, out);
    const wanted = Uint8Array.from(out, (_, i) => {
      const [x, y] = [i % cut.width, Math.floor(i / cut.width)];
      const [px, py] = pixelAt(cut, (x + 0.5) / cut.width, (y + 0.5) / cut.height, width, height);
      return data[py * width + px]!;
    });
    assert.deepEqual(out, wanted);
  }
});
