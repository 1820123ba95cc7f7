// Compiles all TypeScript that tests run to CommonJS, file by file, for test/lib/typescript.cjs.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { requireOwn } from './own-imports.cjs';

const root = resolve(import.meta.dirname, '../..');
const FOLDERS = ['src', 'test', 'webview', 'bench', 'samples', 'scripts'];
/** @param {string} outdir folder for the results, laid out as the sources are */
export async function compileTypeScript(outdir) {
  const entryPoints = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => join(root, folder, name)),
  );
  const { outputFiles } = await build({
    entryPoints,
    outdir,
    outbase: root,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    sourcemap: 'external',
    sourcesContent: false,
    logLevel: 'error',
  });
  const maps = new Map(outputFiles.map(({ path, text }) => [path, text]));
  for (const [path, text] of maps) {
    if (!path.endsWith('.js')) continue;
    // It is run in the place of its source, and so lies beside it.
    const map = { ...JSON.parse(maps.get(`${path}.map`)), sources: [basename(path).replace(/\.js$/, '.ts')] };
    const inline = Buffer.from(JSON.stringify(map)).toString('base64');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${requireOwn(text)}//# sourceMappingURL=data:application/json;base64,${inline}\n`);
  }
}
