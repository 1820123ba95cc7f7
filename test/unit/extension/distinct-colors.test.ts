import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { distinctColors, leastDistance } from '../../../src/extension/panels/distinct-colors';
import { outcomeStyle } from '../../../webview/paint/difference';
import { maskStyle } from '../../../webview/paint/mask';

type Color = readonly [number, number, number];

/** How different the two most alike of some colours look to those to whom they look most alike. */
function closest(colors: readonly Color[]): number {
  return Math.min(...colors.flatMap((a, i) => colors.slice(0, i).map((b) => leastDistance([...a], [...b]))));
}

/** Made for any colour vision, and widely used where seven are enough. */
const OKABE_ITO: Color[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
];
/** Cityscapes' own, as its scripts define them. */
const CITYSCAPES: Color[] = [
  [128, 64, 128],
  [244, 35, 232],
  [70, 70, 70],
  [102, 102, 156],
  [190, 153, 153],
  [153, 153, 153],
  [250, 170, 30],
  [220, 220, 0],
  [107, 142, 35],
  [152, 251, 152],
  [70, 130, 180],
  [220, 20, 60],
  [255, 0, 0],
  [0, 0, 142],
  [0, 0, 70],
  [0, 60, 100],
  [0, 80, 100],
  [0, 0, 230],
  [119, 11, 32],
];

describe('colours of classes', () => {
  it('that are to be told apart are, with any colour vision', () => {
    assert.ok(leastDistance([255, 0, 0], [0, 158, 0]) < leastDistance([255, 0, 0], [0, 0, 255]));
    const colors = distinctColors(19);
    assert.ok(closest(colors) > 4 * closest(CITYSCAPES), `${closest(colors)} ${closest(CITYSCAPES)}`);
    assert.ok(closest(colors) > 0.9 * closest(OKABE_ITO), `${closest(colors)} ${closest(OKABE_ITO)}`);
    assert.equal(new Set(distinctColors(171).map(String)).size, 171);
  });

  it('do not depend on how many others there are', () => {
    assert.deepEqual(distinctColors(171).slice(0, 8), distinctColors(8));
    assert.deepEqual(distinctColors(0), []);
  });
});

describe('colours of outcomes and of hard pixels', () => {
  it('are told apart with any colour vision', () => {
    assert.ok(closest(Object.values(outcomeStyle).map(({ color }) => color)) >= closest(OKABE_ITO));
    assert.ok(closest(maskStyle.flatMap(({ color }) => (color ? [color] : []))) >= closest(OKABE_ITO));
  });
});
