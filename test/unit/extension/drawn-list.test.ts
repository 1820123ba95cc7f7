import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DrawnList } from '../../../src/extension/views/drawn-list';

describe('a list that is drawn', () => {
  const values = () => new Map(['a', 'b', 'c'].map((key) => [key, { key }]));

  function drawn() {
    const now = values();
    const list = new DrawnList<{ key: string }>();
    list.drawList([...now.keys()]);
    for (const key of ['a', 'b']) list.drawRow(key, now.get(key)!);
    return { list, now, stale: () => list.stale([...now.keys()], (key) => now.get(key)) };
  }

  it('is left alone while nothing changes', () => {
    assert.deepEqual(drawn().stale(), []);
  });

  it('is drawn again where a row is another, of those that were ever drawn', () => {
    const { list, now, stale } = drawn();
    now.set('b', { key: 'b' });
    now.set('c', { key: 'c' });
    assert.deepEqual(stale(), ['b']);
    list.drawRow('b', now.get('b')!);
    assert.deepEqual(stale(), []);
  });

  it('is drawn whole when a row comes, goes or moves', () => {
    const { list, now, stale } = drawn();
    now.set('d', { key: 'd' });
    assert.equal(stale(), 'all');
    now.delete('d');
    assert.deepEqual(stale(), []);
    now.delete('a');
    assert.equal(stale(), 'all');
    list.drawList([...now.keys()]);
    // The row that went is not asked for.
    assert.deepEqual(stale(), []);
    now.delete('b');
    now.set('b', { key: 'b' });
    assert.equal(stale(), 'all');
  });
});
