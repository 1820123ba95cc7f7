import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const dist = join(__dirname, '..', 'dist');

const bundled = new Map<string, Promise<string>>();

/**
 * Bundles a program of the benchmark into the build, once, as what users run is bundled: it uses the same files beside it.
 * @param source relative to bench/
 * @returns the absolute path of the bundle
 * Errors: there is no build.
 */
export function bundle(source: string, name: string): Promise<string> {
  const known = bundled.get(source) ?? write(source, join(dist, `${name}.js`));
  bundled.set(source, known);
  return known;
}

async function write(source: string, outfile: string): Promise<string> {
  if (!existsSync(join(dist, 'worker.js'))) throw new Error('There is no build. Run "npm run build".');
  await build({
    entryPoints: [join(__dirname, source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    keepNames: true,
    logLevel: 'error',
    external: ['*.node', '@mapbox/node-pre-gyp'],
  });
  return outfile;
}
