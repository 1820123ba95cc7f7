import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isSafePath, ZipFile } from '../../../../src/engine/install/zip';
import { type Member, writeZip } from './archives';
import { refused, scratch } from './support';

describe('zip archives', () => {
  const here = scratch();
  const large = Buffer.alloc(3_000_000, 'TensorFlow ');

  for (const zip64 of [false, true])
    it(`unpacks what was packed${zip64 ? ', with 64-bit sizes' : ''}`, async () => {
      const file = writeZip(
        here.path('a.zip'),
        {
          'a/large': large,
          'a/stored': { content: 'as it is', stored: true, mode: 0o100755 },
          'a/empty': '',
        },
        { zip64 },
      );
      const zip = await ZipFile.open(file);
      let bytes = 0;
      for (const entry of zip.entries)
        await zip.extract(entry, here.path('out'), { bytes: (count) => (bytes += count) });
      assert.equal(await zip.text('a/stored'), 'as it is');
      assert.equal(await zip.text('a/none'), undefined);
      await zip.close();
      assert.deepEqual(readFileSync(here.path('out/a/large')), large);
      assert.equal(readFileSync(here.path('out/a/empty'), 'utf8'), '');
      assert.equal(bytes, large.length + 8);
      assert.deepEqual(
        zip.entries.map(({ name, executable }) => [name, executable]),
        [
          ['a/large', false],
          ['a/stored', true],
          ['a/empty', false],
        ],
      );
    });

  it('refuses names that leave the folder, links, and entries it cannot read', async () => {
    const cases: Array<[Record<string, string | Member>, RegExp]> = [
      [{ '../escaped': 'x' }, /unsafe name/],
      [{ 'a/../../escaped': 'x' }, /unsafe name/],
      [{ '/etc/escaped': 'x' }, /unsafe name/],
      [{ 'a\\..\\escaped': 'x' }, /unsafe name/],
      [{ 'C:/escaped': 'x' }, /unsafe name/],
      [{ link: { content: '/etc/passwd', mode: 0o120777 } }, /is a link/],
      [{ secret: { content: 'x', flags: 1 } }, /encrypted/],
      [{ other: { content: 'x', flags: 0, stored: false, claimed: 1, mode: 0o120755 } }, /is a link/],
    ];
    for (const [members, message] of cases) {
      const file = writeZip(here.path('bad.zip'), members);
      await refused(
        async () => {
          const zip = await ZipFile.open(file);
          try {
            await zip.extract(zip.entries[0]!, here.path('out'));
          } finally {
            await zip.close();
          }
        },
        'engine-unavailable',
        message,
      );
    }
    assert.ok(!existsSync(here.path('escaped')));
  });

  it('stops where an entry is larger or shorter than it says', async () => {
    for (const [claimed, message] of [
      [10, /larger than it says/],
      [5_000_000, /shorter than it says/],
    ] as const) {
      const zip = await ZipFile.open(writeZip(here.path('lie.zip'), { a: { content: large, claimed } }));
      await refused(zip.extract(zip.entries[0]!, here.path('out')), 'engine-unavailable', message);
      await zip.close();
    }
  });

  it('refuses what is no archive, or only the beginning or the end of one', async () => {
    const whole = readFileSync(writeZip(here.path('a.zip'), { a: large }));
    for (const bytes of [
      Buffer.from('no archive'),
      Buffer.alloc(0),
      whole.subarray(0, -30),
      whole.subarray(2000),
    ]) {
      writeFileSync(here.path('b.zip'), bytes);
      await refused(
        async () => {
          const zip = await ZipFile.open(here.path('b.zip'));
          try {
            await zip.extract(zip.entries[0]!, here.path('out'));
          } finally {
            await zip.close();
          }
        },
        'engine-unavailable',
        /cannot be unpacked.*download it again/,
      );
    }
  });

  it('tells safe paths from others', () => {
    for (const path of ['a', 'a/b.so.2', '.hidden/x', 'a..b']) assert.ok(isSafePath(path), path);
    for (const path of ['', '/a', '../a', 'a/..', 'a/./b', 'a//b', 'a\\b', 'c:a', 'a\nb'])
      assert.ok(!isSafePath(path), path);
  });
});
