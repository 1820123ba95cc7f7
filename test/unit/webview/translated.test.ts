import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { STREET_CLASSES } from '../../../samples/classes';
import { t } from '../../../webview/ui/l10n';
import { browserAnswers } from './harness/browsed';
import { comparedRuns } from './harness/compared';
import { Harness, type Opened, type OpenOptions } from './harness/harness';
import { tableRows } from './harness/rows';
import { snapshotOf } from './harness/runs';

/** Every text of every panel in a language that marks what was translated: what bears no mark is data, or was forgotten. */

const harness = new Harness();
let translations: Record<string, string>;
before(async () => {
  const { bundleOf } = (await import(join(__dirname, '../../../scripts/lib/l10n.mjs'))) as {
    bundleOf(folder: string): Record<string, string>;
  };
  const english = Object.keys(bundleOf(join(__dirname, '../../../webview')));
  // Values stay outside: a word that is put into a sentence as it is would hide in it.
  const marked = (text: string) => text.replace(/(?<=^|\})[^{}]+/g, '⟦$&⟧');
  translations = Object.fromEntries(english.map((text) => [text, marked(text)]));
  await harness.start();
});
after(() => harness.stop());

/** Terms of the field, formats of files and units; x and y of a pixel, dates as the browser writes them. */
const SAME_EVERYWHERE =
  /(?<!\p{L})(mIoU|IoU|LAD|RDD|KD|CWD|TFE|TSE|CSV|JSON|PNG|SVG|e|s|min|h|d|MB|GB|x|y|AM|PM)(?!\p{L})/gu;
/** Fields of messages whose texts are words of ours for a choice, not names that came from a user. */
const CHOICES = new Set(['kind', 'stage', 'role', 'trains', 'status', 'split', 'phase']);

/** Texts that came with messages: names, paths, what checks and workers said. */
function* dataOf(value: unknown, key = ''): Iterable<string> {
  if (typeof value === 'string') {
    if (!CHOICES.has(key)) yield* [value, value.replace(/\s+/g, ' ')];
  } else if (typeof value === 'object' && value !== null && !(value instanceof ArrayBuffer))
    for (const [name, one] of Object.entries(value)) {
      // Columns are named after what a configuration has.
      if (key === 'config') yield name;
      yield* dataOf(one, Array.isArray(value) ? key : name);
    }
}

/** What is left of a text when translations and data are taken out of it. */
function leftOf(text: string, data: readonly string[]): string {
  let rest = text.replace(/⟦[^⟦⟧]*⟧/gu, ' ');
  for (const known of data)
    if (rest.includes(known))
      rest = rest.replace(
        new RegExp(`(?<!\\p{L})${known.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?!\\p{L})`, 'gu'),
        ' ',
      );
  return rest.replace(SAME_EVERYWHERE, ' ');
}

/** All texts of a page, also those that are hidden now, and of attributes that are shown or read aloud. */
const textsOf = ({ frame }: Opened): Promise<string[]> =>
  frame.evaluate(() => {
    const shown = ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'];
    const found = [...document.querySelectorAll('body *')].flatMap((node) =>
      node.closest('script, pre.json')
        ? []
        : [
            ...[...node.childNodes].map((child) =>
              child.nodeType === Node.TEXT_NODE ? child.textContent! : '',
            ),
            ...shown.map((name) => node.getAttribute(name) ?? ''),
          ],
    );
    return [...new Set(found)].filter((text) => /\p{L}/u.test(text));
  });

async function settled({ page }: Opened): Promise<void> {
  await page.waitForTimeout(300);
}

interface Visit {
  options: OpenOptions;
  data: unknown;
  /** Does what brings up texts that are not there from the beginning; after each the page is read. */
  steps: ((panel: Opened) => Promise<unknown>)[];
}

const tab = (name: string) => async (panel: Opened) => {
  await panel.frame.click(`#tab-${name}`);
  if (name === 'samples') await panel.frame.waitForSelector('.pane-canvas');
};
const point = (selector: string) => (panel: Opened) =>
  panel.frame.hover(selector, { position: { x: 60, y: 50 } });

const rdd = { method: 'rdd', iterations: 100, done: 0.6, status: 'running' } as const;
const lad = {
  method: 'lad',
  iterations: 100,
  done: 0.6,
  status: 'failed',
  error: 'The disk is full.',
} as const;
const sampleOf = (index: number) =>
  browserAnswers({ kind: 'sample', split: 'train', index }, 7).map((answer) => ({
    ...answer,
    label: 0,
    raw: 0,
  }));

const visits: Record<string, Visit> = {
  'the run panel of RDD': {
    options: { panel: 'run', ...rdd },
    data: snapshotOf(rdd),
    steps: [
      point('.plot .u-over'),
      tab('samples'),
      ({ frame }) => frame.click('.composer vscode-checkbox'),
      point('.pane-canvas[data-pane=student]'),
      ({ frame }) => frame.click('.class-only[data-class="1"]'),
      ({ frame }) => frame.click('.play'),
      async ({ frame }) => {
        await frame.focus('.pane-canvas[data-pane=student]');
        await frame.press('.pane-canvas[data-pane=student]', '+');
      },
      tab('classes'),
      tab('configuration'),
      tab('notes'),
    ],
  },
  'the run panel of LAD, failed': {
    options: { panel: 'run', ...lad },
    data: snapshotOf(lad),
    steps: [tab('samples'), point('.pane-canvas[data-pane=noise]'), tab('configuration')],
  },
  'the Live view': { options: { panel: 'live', width: 320, ...rdd }, data: snapshotOf(rdd), steps: [] },
  'the Live view without a run': {
    options: { panel: 'live', width: 320, empty: true },
    data: null,
    steps: [],
  },
  'the table of all runs': {
    options: { panel: 'runs', runs: 9 },
    data: tableRows(9),
    steps: [
      ({ frame }) => frame.click('.heads input[type=checkbox]'),
      ({ frame }) => frame.fill('.words', 'nothing is called like this'),
    ],
  },
  'the panel that compares': {
    options: { panel: 'compare', compared: 4 },
    data: comparedRuns(4),
    steps: [
      point('.plot .u-over'),
      tab('classes'),
      tab('samples'),
      point('.pane-canvas'),
      tab('configuration'),
    ],
  },
  'the sample browser': {
    options: { panel: 'samples', samples: 7 },
    data: [browserAnswers({ kind: 'ready' }, 7), ...Array.from({ length: 7 }, (_, i) => sampleOf(i))],
    steps: [
      point('.pane-canvas'),
      async ({ frame }) => {
        await frame.fill('.sample-index', '6');
        await frame.press('.sample-index', 'Enter');
      },
      ({ frame }) => frame.fill('.sample-name', 'nothing is called like this'),
    ],
  },
};

describe('in another language than English', () => {
  for (const [name, { options, data, steps }] of Object.entries(visits))
    it(`${name} has no English left but data and terms of the field`, () =>
      harness.with({ ...options, translations }, async (panel) => {
        const known = [...new Set([...dataOf(data), ...STREET_CLASSES.map((c) => c.name)])]
          .filter((text) => /\p{L}/u.test(text))
          .sort((a, b) => b.length - a.length);
        const texts = new Set<string>();
        for (const step of [async () => {}, ...steps]) {
          await step(panel);
          await settled(panel);
          for (const text of await textsOf(panel)) texts.add(text);
        }
        assert.ok([...texts].some((text) => text.includes('⟦')));
        assert.deepEqual(
          [...texts].filter((text) => /\p{L}/u.test(leftOf(text, known))),
          [],
        );
      }));

  it('a translation is text, whatever it says', () => {
    const hostile = `</script><img src="x" onerror="parent.harness.violations.push('ran')"><!--<script>`;
    return harness.with(
      { panel: 'run', translations: { Curves: hostile, Loss: hostile, [hostile]: hostile } },
      async ({ frame }) => {
        assert.equal(await frame.textContent('#tab-curves'), hostile);
        assert.equal(await frame.textContent('.chart h2'), hostile);
        assert.equal(await frame.textContent('#tab-samples'), 'Samples');
        assert.equal(await frame.locator('img').count(), 0);
      },
    );
  });
});

describe('t', () => {
  it('is English where there is no page, and fills places as VS Code does', () => {
    assert.equal(t('{0} of {1}', 3, '$&'), '3 of $&');
    assert.equal(t('{1} before {0}, {1} again', 'a', 'b'), 'b before a, b again');
    assert.equal(t('{0} and {1}', 'a'), 'a and {1}');
    assert.equal(t('{0} without values'), '{0} without values');
    assert.equal(t('toString'), 'toString');
  });
});
