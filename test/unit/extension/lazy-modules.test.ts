import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { build } from 'esbuild';
import { lazyModules } from '../../../scripts/lazy-modules.mjs';

const folder = mkdtempSync(join(tmpdir(), 'distill-lazy-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Every module says when it is evaluated. */
const modules: Record<string, string> = {
  'main.ts': `
    import path, { sep } from 'node:path';
    import { Shape } from './base';
    import { late, count } from './late';
    import type { Never } from './never';
    export { twice } from './again';
    globalThis.evaluated.push('main');
    export const short = (file: string): string => path.basename(file) + sep.length;
    export class Square extends Shape { readonly kind: Never = 'square'; }
    export const make = () => new Square().name();
    export const use = () => [late(), count];
  `,
  'base.ts': `globalThis.evaluated.push('base'); export class Shape { name() { return 'shape'; } }`,
  'late.ts': `
    import { made } from './made';
    globalThis.evaluated.push('late');
    export let count = 0;
    export const late = () => { count++; return new made.Thing('x').text; };
  `,
  'made.ts': `globalThis.evaluated.push('made'); export const made = { Thing: class { constructor(readonly text: string) {} } };`,
  'again.ts': `globalThis.evaluated.push('again'); export const twice = (n: number) => 2 * n;`,
  'never.ts': `globalThis.evaluated.push('never'); export type Never = 'square';`,
};

test('a module is evaluated when something of it is used for the first time, and once', async () => {
  mkdirSync(join(folder, 'src'));
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, 'src', name), text);
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'src/main.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    plugins: [lazyModules],
  });
  const evaluated: string[] = [];
  Object.assign(globalThis, { evaluated });
  const module = { exports: {} as Record<string, (given?: unknown) => unknown> };
  new Function('module', 'exports', 'require', outputFiles[0]!.text)(module, module.exports, require);
  const { short, make, use } = module.exports;
  // What a class extends is used where the class is made.
  assert.deepEqual(evaluated, ['main', 'base']);
  assert.equal(short!('/a/b.ts'), 'b.ts1');
  assert.equal(make!(), 'shape');
  assert.deepEqual(evaluated, ['main', 'base']);
  assert.deepEqual(use!(), ['x', 1]);
  assert.deepEqual(use!(), ['x', 2], 'a value that changes is seen as it is');
  assert.equal(module.exports.twice!(4), 8);
  assert.deepEqual([...evaluated].sort(), ['again', 'base', 'late', 'made', 'main']);
});
