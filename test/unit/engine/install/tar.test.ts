import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { unpackTar } from '../../../../src/engine/install/tar';
import { writeTar } from './archives';
import { refused, scratch } from './support';

describe('tar archives', () => {
  const here = scratch();
  const wanted = ['lib/libtensorflow.so.2', 'lib/libtensorflow_framework.so.2'];

  it('takes the wanted files, through links to them', async () => {
    const library = 'library '.repeat(200_000);
    const archive = writeTar(here.path('a.tar.gz'), {
      './include/c_api.h': 'not wanted',
      './lib/libtensorflow.so.2': '->libtensorflow.so.2.9.1',
      './lib/libtensorflow.so.2.9.1': library,
      './lib/libtensorflow_framework.so.2.9.1': 'framework',
      './lib/libtensorflow_framework.so.2': '->libtensorflow_framework.so.2.9.1',
    });
    let bytes = 0;
    const found = await unpackTar(archive, here.path('out'), wanted, { bytes: (count) => (bytes += count) });
    assert.deepEqual(found.sort(), wanted);
    assert.equal(readFileSync(here.path('out', wanted[0]!), 'utf8'), library);
    assert.equal(readFileSync(here.path('out', wanted[1]!), 'utf8'), 'framework');
    assert.equal(bytes, library.length + 9);
    assert.ok(!existsSync(here.path('out/include')));
  });

  it('writes nothing outside its folder and follows no link out of the archive', async () => {
    const outside = writeTar(here.path('a.tar.gz'), { '../escaped': 'x' });
    await refused(unpackTar(outside, here.path('out'), ['../escaped']), 'engine-unavailable', /unsafe name/);
    const link = writeTar(here.path('b.tar.gz'), { [wanted[0]!]: '->/etc/passwd' });
    assert.deepEqual(await unpackTar(link, here.path('out'), wanted), []);
    const circle = writeTar(here.path('c.tar.gz'), { [wanted[0]!]: '->x', 'lib/x': '->libtensorflow.so.2' });
    await refused(unpackTar(circle, here.path('out'), wanted), 'engine-unavailable', /in a circle/);
    assert.ok(!existsSync(here.path('escaped')));
  });

  it('refuses what is no archive, damaged or cut off', async () => {
    const whole = readFileSync(writeTar(here.path('a.tar.gz'), { [wanted[0]!]: 'x'.repeat(5000) }));
    const flipped = Buffer.from(whole);
    flipped[40]! ^= 0xff;
    for (const bytes of [Buffer.from('no archive'), whole.subarray(0, 60), flipped]) {
      writeFileSync(here.path('b.tar.gz'), bytes);
      await refused(
        unpackTar(here.path('b.tar.gz'), here.path('out'), wanted),
        'engine-unavailable',
        /cannot be unpacked/,
      );
    }
  });
});
