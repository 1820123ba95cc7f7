import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csv, json } from '../../../webview/model/table-text';
import { columnsOf, differs } from '../../../webview/runs/columns';
import { parseFilter, type Query, select } from '../../../webview/runs/filter';
import { tableRows } from './harness/rows';

const rows = tableRows(46);
const columns = columnsOf(rows);
const column = (id: string) => columns.find((c) => c.id === id)!;
const all: Query = { words: '', filters: {}, archived: true, sort: { column: 'name', down: false } };
const found = (query: Partial<Query>) => select(rows, columns, { ...all, ...query });

test('a filter says what it looks for, as the cells show it', () => {
  const fits = (query: string, value: string | number | undefined, shown = String(value ?? '')) =>
    parseFilter(query)?.(value, shown);
  assert.equal(parseFilter('  '), undefined);
  assert.equal(parseFilter('>'), undefined, 'still being typed');
  assert.equal(fits('RDD', 'rdd camvid'), true);
  assert.equal(fits('!rdd', 'rdd camvid'), false);
  assert.equal(fits('=rdd', 'rdd camvid'), false);
  assert.equal(fits('= rdd', 'RDD'), true);
  assert.equal(fits('>60', 0.613, '61.30'), true, 'mIoU is compared as it is shown, in percent');
  assert.equal(fits('>60', 0.59, '59.00'), false);
  assert.equal(fits('<= 0.01', 0.01, '0.01'), true);
  assert.equal(fits('0.01..0.02', 0.015), true);
  assert.equal(fits('0.01..0.02', 0.03), false);
  assert.equal(fits('>1', undefined, ''), false, 'what has no value is not above anything');
  assert.equal(fits('>x', 3), false);
});

test('runs are filtered by every column, words anywhere, and archive', () => {
  assert.ok(found({ filters: { methods: 'rdd' } }).every(({ summary }) => summary.methods[0] === 'rdd'));
  const good = found({ filters: { studentMiou: '>55', methods: '!rdd' } });
  assert.ok(good.length > 0 && good.length < rows.length);
  assert.ok(good.every(({ summary: s }) => s.bestStudentMiou! > 0.55 && s.methods[0] !== 'rdd'));
  const seeds = found({ filters: { 'config.training.seed': '=3' } });
  assert.ok(seeds.length > 0 && seeds.every(({ config }) => config['training.seed'] === 3));
  const words = found({ words: 'LAD crop' });
  assert.ok(words.length > 0);
  assert.ok(words.every(({ summary: s }) => s.methods[0] === 'lad' && s.notes.includes('crop')));
  const put = rows.filter(({ summary }) => summary.archived).length;
  assert.ok(put > 0);
  assert.equal(found({ archived: false }).length, rows.length - put);
});

test('runs are sorted by any column, those without a value last either way', () => {
  for (const down of [false, true]) {
    const sorted = found({ sort: { column: 'studentMiou', down } }).map((r) => r.summary.bestStudentMiou);
    const values = sorted.filter((v) => v !== undefined);
    assert.ok(values.length < sorted.length);
    assert.deepEqual(
      values,
      [...values].sort((a, b) => (down ? b - a : a - b)),
    );
    assert.ok(sorted.slice(values.length).every((v) => v === undefined));
  }
  const names = found({}).map(({ summary }) => summary.name);
  assert.ok(
    names.indexOf('kd camvid 2') < names.indexOf('kd camvid 10'),
    'numbers in names count as numbers',
  );
});

test('a column differs if two runs say different things, or one says nothing', () => {
  assert.equal(differs(column('config.training.lr'), rows), true);
  assert.equal(differs(column('config.training.batch'), rows), false);
  assert.equal(differs(column('config.rdd.tse.threshold'), rows), true, 'only some runs have it');
  const ofRdd = rows.filter(({ summary }) => summary.methods[0] === 'rdd');
  assert.equal(differs(column('config.rdd.tse.threshold'), ofRdd), false);
});

test('tables become text that other programs read, and no formula', () => {
  const table = {
    heads: ['run', 'mIoU', 'notes'],
    rows: [
      ['=HYPERLINK("http://x")', 0.5, 'a, "b"\nc'],
      ['-1', undefined, ''],
    ],
  };
  assert.equal(csv(table), 'run,mIoU,notes\r\n"\'=HYPERLINK(""http://x"")",0.5,"a, ""b""\nc"\r\n\'-1,,\r\n');
  assert.deepEqual(JSON.parse(json(table)), [
    { run: '=HYPERLINK("http://x")', mIoU: 0.5, notes: 'a, "b"\nc' },
    { run: '-1', mIoU: null, notes: '' },
  ]);
});
