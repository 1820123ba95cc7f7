import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(__dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json'));
const readme = read('README.md');

/** Names of the pictures that scripts/screenshots.mjs takes. */
const taken = [...read('scripts/lib/screenshot-scenes.mjs').matchAll(/pictures: \[([^\]]*)\]/g)].flatMap(
  ([, list]) => [...list!.matchAll(/'([\w-]+)'/g)].map((match) => match[1]!),
);
const shown = [...readme.matchAll(/!\[([^\]]+)\]\(docs\/images\/([\w-]+)\.png\)/g)];
const steps = manifest.contributes.walkthroughs[0].steps as { media: { image: string } }[];

test('README shows every panel, in pictures that one script takes', () => {
  const names = shown.map((match) => match[2]!);
  assert.ok(names.length >= 10);
  for (const name of names) {
    assert.ok(taken.includes(name), `scripts/screenshots.mjs does not take ${name}`);
    assert.ok(existsSync(join(root, 'docs/images', `${name}.png`)), `${name}.png is not there`);
  }
  const walkthrough = steps.map(({ media }) => media.image.match(/^media\/walkthrough\/([\w-]+)\.png$/)![1]!);
  assert.deepEqual(
    taken.filter((name) => !names.includes(name) && !walkthrough.includes(name)),
    [],
    'taken, but nowhere to be seen',
  );
  for (const name of walkthrough) assert.ok(taken.includes(name), `nothing takes ${name} of the walkthrough`);
});

test('all pictures of README lie between the marks that the package leaves out', () => {
  const [, between] = /<!-- pictures -->([\s\S]*?)<!-- \/pictures -->\n+/.exec(readme) ?? [];
  assert.equal([...between!.matchAll(/!\[/g)].length, [...readme.matchAll(/!\[/g)].length);
});
