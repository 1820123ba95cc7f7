// Builds everything into dist/: extension host, worker, command line, core library, webviews, JSON schema, wasm files.
//   node scripts/build.mjs [--production] [--watch]
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';
import { lazyModules } from './lazy-modules.mjs';
import { bundleOf } from './lib/l10n.mjs';
import { webviewBuild, zodInEnglish } from './webview-build.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

const common = {
  bundle: true,
  minify: production,
  sourcemap: !production,
  logLevel: 'warning',
  keepNames: true,
};
const node = {
  ...common,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // Its UMD build hides its requires from the bundler.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
};

const targets = [
  { ...node, entryPoints: { extension: 'src/extension/main.ts' }, outdir: 'dist', external: ['vscode'] },
  {
    ...node,
    entryPoints: { studio: 'src/extension/studio.ts' },
    outdir: 'dist',
    external: ['vscode'],
    // What loading it costs, every window pays: row `activation` of npm run bench.
    keepNames: false,
    plugins: [zodInEnglish, lazyModules],
    // zod asks for it to tell one cloud from others; in the extension host VS Code reports each use as an error.
    define: { navigator: 'undefined' },
  },
  {
    ...node,
    entryPoints: {
      worker: 'src/worker/main.ts',
      cli: 'src/cli/main.ts',
      'crop-worker': 'src/data/workers/crop-worker.ts',
      'check-worker': 'src/data/check/check-worker.ts',
    },
    outdir: 'dist',
    banner: { js: '#!/usr/bin/env node' },
    // Native parts are found at run time; the packages around them are bundled.
    external: ['*.node', '@mapbox/node-pre-gyp'],
  },
  { ...node, entryPoints: { core: 'src/core.ts' }, outdir: 'dist' },
  { ...common, ...webviewBuild, outdir: 'dist/webview' },
].filter((t) => Object.values(t.entryPoints).every((f) => existsSync(f)));

if (!watch) rmSync('dist', { recursive: true, force: true });
mkdirSync('dist', { recursive: true });

if (watch) {
  for (const t of targets) await (await context(t)).watch();
} else {
  await Promise.all(targets.map((t) => build(t)));
}

const wasm = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';
for (const f of readdirSync(wasm).filter((f) => f.endsWith('.wasm')))
  copyFileSync(join(wasm, f), join('dist', f));
for (const f of ['kernels.wasm', 'kernels-fused.wasm'])
  copyFileSync(join('src/engine/wasm', f), join('dist', f));
copyFileSync('src/data/image-kernels.wasm', 'dist/image-kernels.wasm');
copyFileSync(
  'node_modules/@cornerstonejs/codec-libjpeg-turbo-8bit/dist/libjpegturbowasm_decode.wasm',
  'dist/libjpegturbo.wasm',
);

// The addon that loads TensorFlow: as shipped for some platforms, and its sources for all others.
for (const [from, to] of [
  ['native/prebuilt', 'dist/native/prebuilt'],
  ['native/tensorflow', 'dist/native/tensorflow'],
  ['node_modules/node-api-headers/include', 'dist/native/node-api'],
])
  cpSync(from, to, { recursive: true });

// The scripts of the npm package that say where its library is; `distill doctor --install tensorflow --from npm` reads them.
mkdirSync('dist/native/npm', { recursive: true });
for (const f of ['install.js', 'deps-constants.js'])
  copyFileSync(`node_modules/@tensorflow/tfjs-node-gpu/scripts/${f}`, `dist/native/npm/${f}`);

// The JSON schema of the configuration comes from the same zod schema that validates it.
const schema = await build({
  entryPoints: ['src/run/editor-schema.ts'],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
});
const { editorSchema } = await import(
  `data:text/javascript;base64,${Buffer.from(schema.outputFiles[0].contents).toString('base64')}`
);
// What can be translated of the extension and its webviews: `l10n/bundle.l10n.<language>.json` beside it is a translation.
mkdirSync('l10n', { recursive: true });
writeFileSync('l10n/bundle.l10n.json', `${JSON.stringify(bundleOf('src/extension', 'webview'), null, 2)}\n`);

// Of a package VS Code shows no picture in the README, only such of the web: the copy that is packaged goes without them.
const readme = readFileSync('README.md', 'utf8');
writeFileSync('dist/README.md', readme.replace(/<!-- pictures -->[\s\S]*?<!-- \/pictures -->\n+/, ''));

mkdirSync('schemas', { recursive: true });
writeFileSync('schemas/distill.schema.json', `${JSON.stringify(editorSchema(), null, 2)}\n`);
