import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curveOf, drawnOf, outlinesOf, reachOf } from '../../../webview/chart/curve';
import { Extremes } from '../../../webview/chart/extremes';
import { ChartGroup } from '../../../webview/chart/group';
import type { Line } from '../../../webview/chart/lines';
import { chartSvg } from '../../../webview/chart/svg';
import { type Frame, stepsIn, trace } from '../../../webview/chart/trace';
import { escapeXml } from '../../../webview/chart/xml';

const upTo = (length: number): number[] => Array.from({ length }, (_, i) => i);
const frameOf = (min: number, max: number, more: Partial<Frame> = {}): Frame => ({
  left: 0,
  top: 0,
  width: 100,
  height: 100,
  x: { min, max },
  y: { min: 0, max: 100 },
  log: false,
  ...more,
});
const line = (values: (number | null)[], more: Partial<Line> = {}): Line => ({
  id: 'a',
  label: 'a',
  color: 'blue',
  values,
  ...more,
});

test('the extremes of any stretch are those that looking at every value finds', () => {
  for (const length of [1, 2, 7, 8, 9, 63, 64, 65, 512, 700]) {
    const values = upTo(length).map((i) => (i % 5 === 3 ? null : ((i * 7919) % 1009) - 500));
    const extremes = new Extremes(values);
    const stride = Math.max(1, Math.floor(length / 40));
    for (let from = 0; from <= length; from += stride)
      for (let to = from; to <= length; to += stride) {
        const there = values.slice(from, to).filter((v) => v !== null);
        assert.equal(extremes.find(from, to), there.length > 0, `${from} to ${to} of ${length}`);
        if (there.length > 0)
          assert.deepEqual([extremes.low, extremes.high], [Math.min(...there), Math.max(...there)]);
      }
  }
});

test('what is not finite is missing', () => {
  const extremes = new Extremes([Number.NaN, Number.POSITIVE_INFINITY, null, 3]);
  assert.equal(extremes.find(0, 3), false);
  assert.equal(extremes.find(0, 4), true);
  assert.deepEqual([extremes.low, extremes.high], [3, 3]);
});

test('few steps are drawn one by one, with a hole where a value is missing or another stage begins', () => {
  const x = Float64Array.from([0, 25, 50, 75, 100]);
  const frame = frameOf(0, 100);
  const drawn = (values: (number | null)[], breaks: number[], connect = false) =>
    trace(new Extremes(values), stepsIn(x, breaks, frame), frame, connect).ways;
  assert.deepEqual(drawn([0, 10, 20, 30, 40], []), [[0, 100, 25, 90, 50, 80, 75, 70, 100, 60]]);
  assert.deepEqual(drawn([0, 10, null, 30, 40], []), [
    [0, 100, 25, 90],
    [75, 70, 100, 60],
  ]);
  assert.deepEqual(drawn([0, null, null, null, 40], [], true), [[0, 100, 100, 60]]);
  assert.deepEqual(drawn([0, 10, 20, 30, 40], [50]), [
    [0, 100, 25, 90],
    [50, 80, 75, 70, 100, 60],
  ]);
});

test('a line goes on beyond the edges of what is seen', () => {
  const x = Float64Array.from([0, 25, 50, 75, 100]);
  const frame = frameOf(30, 70);
  const { ways } = trace(new Extremes([0, 10, null, 30, 40]), stepsIn(x, [], frame), frame, true);
  assert.deepEqual(ways, [[-12.5, 90, 112.5, 70]]);
});

test('of many steps every pixel column shows how far they reach, without a gap between neighbours', () => {
  const x = Float64Array.from(upTo(10_000));
  const values = upTo(10_000).map((i) => 50 + 40 * Math.sin(i / 700) + ((i * 7919) % 11));
  values[4321] = 97;
  const frame = frameOf(0, 10_000);
  const { ways, bars } = trace(new Extremes(values), stepsIn(x, [], frame), frame, false);
  assert.equal(ways.length, 0);
  assert.equal(bars.length, 3 * 100);
  for (let column = 0; column < 100; column++) {
    const [left, top, bottom] = bars.slice(3 * column, 3 * column + 3) as [number, number, number];
    const own = values.slice(100 * column, 100 * column + 100);
    assert.equal(left, column);
    assert.ok(top <= 100 - Math.max(...own) + 1e-9 && bottom >= 100 - Math.min(...own) - 1e-9, `${column}`);
    if (column > 0) assert.ok(top <= bars[3 * column - 1]! && bottom >= bars[3 * column - 2]!, 'touches');
  }
  assert.ok(Math.abs(bars[3 * 43 + 1]! - 3) < 1e-9, 'one high value among a hundred is seen');
});

test('of many steps that only rise or only fall, each bar reaches to the last value of the one before', () => {
  const x = Float64Array.from(upTo(1000));
  const frame = frameOf(0, 1000, { y: { min: 0, max: 1000 } });
  const drawn = (values: number[]) =>
    trace(new Extremes(values), stepsIn(x, [], frame), frame, false).bars.slice(3, 6);
  assert.deepEqual(
    drawn(upTo(1000)).map((v) => Math.round(v * 10)),
    [10, 981, 991],
  );
  assert.deepEqual(
    drawn(upTo(1000).reverse()).map((v) => Math.round(v * 10)),
    [10, 10, 20],
  );
});

test('many steps: nothing is drawn where nothing is, and no line leads from one stage into the next', () => {
  const x = Float64Array.from(upTo(10_000));
  const values = upTo(10_000).map((i) => (i < 3000 ? null : i < 5050 ? 10 : 90));
  const frame = frameOf(0, 10_000);
  const drawn = (breaks: number[]) =>
    trace(new Extremes(values), stepsIn(x, breaks, frame), frame, false).bars;
  const at = (bars: number[], column: number) => {
    const found: number[][] = [];
    for (let i = 0; i < bars.length; i += 3) if (bars[i] === column) found.push(bars.slice(i + 1, i + 3));
    return found;
  };
  assert.deepEqual(at(drawn([]), 29), []);
  assert.deepEqual(at(drawn([]), 50), [[10, 90]]);
  assert.deepEqual(at(drawn([5050]), 50), [
    [90, 90],
    [10, 10],
  ]);
});

test('lines of runs that tell of few steps go across the many of others', () => {
  const x = Float64Array.from(upTo(10_000));
  const values = upTo(10_000).map((i) => (i % 1000 === 0 ? 50 : null));
  const frame = frameOf(0, 10_000);
  const { ways, bars } = trace(new Extremes(values), stepsIn(x, [], frame), frame, true);
  assert.equal(bars.length, 3 * 10);
  assert.deepEqual(ways[0], [0.5, 50, 10.5, 50]);
  assert.equal(ways.length, 9);
});

test('the axis reaches over lines, their twins and their bands; a logarithmic one over what is above zero', () => {
  const curves = [
    curveOf(line([3, 4, null, 5], { faint: [1, 9, null, 5] })),
    curveOf(line([6, 6, 6, 6], { spread: { low: [-2, 5, 5, 5], high: [7, 7, 7, 12] } })),
  ];
  assert.deepEqual(reachOf(curves, 0, 4, false), [-2, 12]);
  assert.deepEqual(reachOf(curves, 1, 3, false), [4, 9]);
  assert.deepEqual(reachOf(curves, 0, 4, true), [1, 12]);
  assert.equal(reachOf([curveOf(line([null, null]))], 0, 2, false), null);
  assert.equal(reachOf([curveOf(line([0, -1]))], 0, 2, true), null);
});

test('a band is drawn beneath all lines, around the values', () => {
  const frame = frameOf(0, 1);
  const curves = [curveOf(line([5, 5])), curveOf(line([6, 6], { spread: { low: [0, 0], high: [50, 100] } }))];
  const drawn = drawnOf(curves, stepsIn(Float64Array.of(0, 1), [], frame), frame);
  assert.deepEqual(
    drawn.map(({ kind }) => kind),
    ['band', 'line', 'line'],
  );
  assert.deepEqual(outlinesOf(drawn[0]!.trace, drawn[0]!.lower!), [[0, 50, 100, 0, 100, 100, 0, 100]]);
});

test('charts zoom about a place and move, no further than there are steps', () => {
  const group = new ChartGroup();
  group.end = 1000;
  group.move(0.5);
  assert.deepEqual(group.range, { min: 0, max: 1000 });
  group.zoomAbout(250, 4);
  assert.deepEqual(group.range, { min: 187.5, max: 437.5 });
  group.move(-0.5);
  assert.deepEqual(group.range, { min: 62.5, max: 312.5 });
  group.move(-9);
  assert.deepEqual(group.range, { min: 0, max: 250 });
  group.zoomAbout(100, 1e9);
  assert.equal(group.range.max - group.range.min, 4);
  group.zoomAbout(100, 1e-9);
  assert.deepEqual(group.range, { min: 0, max: 1000 });
});

test('text of strangers is text in a drawing', () => {
  assert.equal(escapeXml(`<b a="1">&'`), '&lt;b a=&quot;1&quot;&gt;&amp;&apos;');
  assert.equal(escapeXml('a\u0000b\u001bc\ud800d\tü😀'), 'a\ufffdb\ufffdc\ufffdd\tü😀');
});

test('a drawing has the title, every line with its value, ticks, marks and the colours it is given', () => {
  const frame = frameOf(0, 100, { left: 50, top: 20, height: 60 });
  const curves = [
    curveOf(line([0, 100], { label: 'a "line" <1>', dash: [6, 3], faint: [0, 50], sparse: true })),
    curveOf(line([50, 50], { id: 'b', spread: { low: [40, 40], high: [60, 60] } })),
  ];
  const theme = { background: '#000', foreground: '#fff', muted: '#888', grid: '#8888', blue: 'blue' };
  const svg = chartSvg(
    {
      title: 'Loss & more',
      width: 200,
      height: 100,
      frame,
      drawn: drawnOf(curves, stepsIn(Float64Array.of(0, 100), [], frame), frame),
      fine: 1,
      legend: curves.map((curve) => ({ line: curve.line, value: '0.5' })),
      marks: [{ x: 50, label: 'Student', kind: 'stage' }],
      ticks: { x: [{ at: 25, label: 'quarter' }], y: [{ at: 0, label: 'nought' }] },
      theme: { ...theme, highContrast: false, font: '11px "Some Font"' } as never,
    },
    { measure: (text) => 6 * text.length, solid: () => [1, 2, 3, 0.5] },
  );
  for (const part of [
    '<title>Loss &amp; more</title>',
    'font-family="&quot;Some Font&quot;"',
    'a &quot;line&quot; &lt;1&gt;',
    '>quarter</text>',
    '>nought</text>',
    '>Student</text>',
    'stroke-dasharray="6 3"',
    'd="M50 80L150 20"',
    'd="M50 80L150 50"',
    'd="M50 44L150 44L150 56L50 56Z"',
    'fill="rgb(1,2,3)" fill-opacity="0.5"',
    '<circle cx="150" cy="20" r="3"/>',
  ])
    assert.ok(svg.includes(part), part);
  // A dot on the edge of the plot is not cut off with the curves.
  assert.ok(svg.indexOf('<circle') > svg.indexOf('</svg>'));
  // The curve that has a smoothed twin lies beneath it.
  assert.ok(svg.indexOf('d="M50 80L150 50"') < svg.indexOf('d="M50 80L150 20"'));
});
