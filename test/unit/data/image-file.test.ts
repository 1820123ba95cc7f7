import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { encode } from 'jpeg-js';
import { readImageFile, readLabelFile } from '../../../src/data/image-file';
import { greyPng, rgbPng, temporaryFolder, writeFiles } from './files';

function jpeg(width: number, height: number): Buffer {
  const data = Buffer.alloc(width * height * 4);
  for (let p = 0; p < width * height; p++) data.set([200, 100, 40, 255], p * 4);
  return encode({ width, height, data }, 95).data;
}

test('the first bytes decide how an image is read, not its name', async () => {
  const root = temporaryFolder();
  writeFiles(root, { 'a.jpg': jpeg(16, 9), 'b.png': jpeg(16, 9), 'c.jpg': rgbPng(2, 1, [9, 8, 7]) });
  for (const name of ['a.jpg', 'b.png']) {
    const image = (await readImageFile(join(root, name))).image;
    assert.deepEqual([image.width, image.height, image.data.length], [16, 9, 16 * 9 * 3]);
    for (const [c, value] of [200, 100, 40].entries())
      assert.ok(Math.abs(image.data[c]! - value) <= 3, `channel ${c}: ${image.data[c]}`);
  }
  assert.deepEqual(Array.from((await readImageFile(join(root, 'c.jpg'))).image.data), [9, 8, 7, 9, 8, 7]);
});

test('a truncated JPEG is refused, not filled with grey', async () => {
  const root = temporaryFolder();
  const whole = jpeg(64, 64);
  writeFiles(root, { 'half.jpg': whole.subarray(0, whole.length - 40), 'head.jpg': whole.subarray(0, 30) });
  for (const name of ['half.jpg', 'head.jpg'])
    await assert.rejects(readImageFile(join(root, name)), {
      code: 'image-unreadable',
      where: join(root, name),
      message: /JPEG data ends early.*Copy the file again/,
    });
});

test('what is neither PNG nor JPEG, and what is not there, is refused', async () => {
  const root = temporaryFolder();
  writeFiles(root, { 'text.png': 'not a picture', 'label.jpg': jpeg(8, 8), 'empty.png': '' });
  await assert.rejects(readImageFile(join(root, 'text.png')), {
    code: 'image-unreadable',
    message: /neither PNG nor JPEG/,
  });
  await assert.rejects(readImageFile(join(root, 'empty.png')), { code: 'image-unreadable' });
  await assert.rejects(readImageFile(join(root, 'gone.png')), {
    code: 'image-unreadable',
    message: /does not exist/,
  });
  await assert.rejects(readLabelFile(join(root, 'label.jpg')), {
    code: 'image-unreadable',
    message: /must be PNG/,
  });
});

test('a label file gives raw values', async () => {
  const root = temporaryFolder();
  writeFiles(root, { 'l.png': greyPng(2, 1, [0, 255]) });
  assert.deepEqual(Array.from((await readLabelFile(join(root, 'l.png'))).data), [0, 255]);
});
