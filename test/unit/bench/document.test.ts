import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { profilesMarkdown, resultsMarkdown, table, withSection } from '../../../bench/document';
import { inputMarkdown } from '../../../bench/input/results';
import { grouped, groupOf } from '../../../bench/profile-groups';
import { FILES, readDetails, readInput, readProfiles, rowsFile } from '../../../bench/store';
import { detail } from './details';

const root = join(__dirname, '..', '..', '..');
const begin = '<!-- results: written by npm run bench -->';
const end = '<!-- end of results -->';

test('what stands between the markers is replaced, everything else stays', () => {
  const text = `# Title\n\n${begin}\nold\n${end}\n\nafter\n`;
  const once = withSection(text, 'results', 'new\n');
  assert.equal(once, `# Title\n\n${begin}\n\nnew\n\n${end}\n\nafter\n`);
  assert.equal(withSection(once, 'results', 'new'), once);
});

test('a document without its two markers, in order and once each, is not written', () => {
  for (const text of ['', begin, end, `${end}${begin}`, `${begin}${begin}${end}`, `${begin}${end}${end}`])
    assert.throws(() => withSection(text, 'results', 'x'), /belong between/);
});

test('a table is aligned', () => {
  assert.deepEqual(table(['row', 'ms'], [['a long one', '1']]), [
    '| row        | ms  |',
    '|------------|-----|',
    '| a long one | 1   |',
  ]);
});

test('the document shows medians, ratio, whether the target is met, formats and units', () => {
  const memory = detail({ name: 'peak-rss-student-256', ours: [900], pytorch: { contiguous: [1000] } });
  const text = resultsMarkdown([detail({ ours: [280, 290, 330] }), memory]);
  assert.match(text, /student-step-128.*290 ms.*340 ms.*0\.85.*<= 0\.92.*\bmet\b/);
  assert.match(
    text,
    /285 ms - 310 ms.*335 ms - 345 ms \(contiguous\).*365 ms - 375 ms \(channels_last\).*243 ms/,
  );
  assert.match(text, /peak-rss-student-256.*900 MiB.*1000 MiB.*0\.90/);
  assert.match(text, /Linux 6\.1\. node 20\.0\.0, torch 2\.13\.0/);
  assert.match(resultsMarkdown([detail({ ours: [340] })]), /1\.00.*not met/);
});

test('the results in the repository are the ones that were measured: rows and document follow from the details', () => {
  const details = readDetails(root);
  assert.equal(existsSync(join(root, FILES.rows)), details.length > 0);
  if (details.length === 0) return;
  assert.equal(readFileSync(join(root, FILES.rows), 'utf8'), rowsFile(details));
  const document = readFileSync(join(root, FILES.document), 'utf8');
  assert.equal(withSection(document, 'results', resultsMarkdown(details)), document);
  for (const { ours } of details) assert.ok(ours.length >= 7);
  const input = readInput(root);
  if (input.length > 0) assert.equal(withSection(document, 'input', inputMarkdown(input)), document);
  const profiles = readProfiles(root);
  if (profiles.length > 0)
    assert.equal(withSection(document, 'profiles', profilesMarkdown(profiles)), document);
});

test('operations of both sides are counted in the same groups, what is left of a step as outside of them', () => {
  const groups = grouped({
    ms: 100,
    operations: [
      { name: 'own:winogradFilterGrad', calls: 1, ms: 10 },
      { name: 'own:directInputGrad', calls: 1, ms: 1 },
      { name: 'Conv2DBackpropInput', calls: 1, ms: 5 },
      { name: 'aten::convolution_backward', calls: 1, ms: 2 },
      { name: 'own:winograd', calls: 1, ms: 20 },
      { name: 'own:directNorm', calls: 1, ms: 2 },
      { name: 'Conv2D', calls: 1, ms: 1 },
      { name: 'aten::mkldnn_convolution', calls: 1, ms: 1 },
      { name: 'own:normTrainGrad', calls: 1, ms: 3 },
      { name: 'aten::native_batch_norm', calls: 1, ms: 3 },
      { name: 'own:crossEntropyGrad', calls: 1, ms: 2 },
      { name: 'aten::upsample_bilinear2d', calls: 1, ms: 1 },
      { name: 'aten::_fused_sgd_', calls: 1, ms: 4 },
      { name: 'Relu', calls: 1, ms: 6 },
    ],
  });
  assert.deepEqual(groups, {
    update: 4,
    'convolution, backward': 18,
    'convolution, forward': 24,
    'batch norm': 6,
    'losses, pools, resizing': 3,
    'other operations': 6,
    'outside operations': 39,
  });
});

test('every kernel of the addon has its group', () => {
  const folder = join(root, 'native', 'tensorflow');
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const kernels = sources.flatMap((source) => [...source.matchAll(/"(own:\w+)"/g)].map(([, name]) => name!));
  assert.ok(kernels.length > 15);
  assert.deepEqual(
    kernels.filter((name) => groupOf(name) === 'other operations'),
    [],
  );
});
