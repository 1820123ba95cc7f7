// Compiles native/tensorflow to native/prebuilt/<platform>-<arch>/distill_tensorflow.node. The one for Linux on x64 is kept
// in the repository and shipped: it needs no TensorFlow to build, is small, and spares users a compiler. The same compiler
// gives the same bytes. It must load on systems as old as TensorFlow itself supports: symbol versions are checked.
//   node scripts/build-addon.mjs [--out FILE]
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'native/tensorflow');

/** Newest symbol versions of manylinux_2_27, which is what TensorFlow's own wheels ask for. */
const OLDEST = { GLIBC: [2, 27], GLIBCXX: [3, 4, 24], CXXABI: [1, 3, 11], GCC: [8] };

export function compileAddon(target) {
  const flags = JSON.parse(readFileSync(join(folder, 'flags.json'), 'utf8'));
  const sources = readdirSync(folder).sort();
  const hash = createHash('sha256');
  for (const name of sources) hash.update(name).update(readFileSync(join(folder, name)));
  mkdirSync(dirname(target), { recursive: true });
  execFileSync(
    process.env.CXX ?? 'g++',
    [
      ...flags.all,
      ...['-I', '../../node_modules/node-api-headers/include'],
      `-DSOURCES="${hash.digest('hex').slice(0, 16)}"`,
      ...sources.filter((name) => name.endsWith('.cc')),
      ...(flags[process.platform] ?? []),
      ...['-o', target],
    ],
    { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return target;
}

/** Symbols of newer systems than the oldest supported one. */
export function tooNewSymbols(file) {
  const table = execFileSync('objdump', ['-T', file], { encoding: 'utf8' });
  return [...table.matchAll(/\((GLIBC|GLIBCXX|CXXABI|GCC)_([\d.]+)\)\s+(\S+)/g)]
    .filter(([, library, version]) => isNewer(version.split('.').map(Number), OLDEST[library]))
    .map(([, library, version, name]) => `${name}@${library}_${version}`);
}

function isNewer(version, limit) {
  for (let i = 0; i < Math.max(version.length, limit.length); i++) {
    const difference = (version[i] ?? 0) - (limit[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = process.argv.indexOf('--out');
  const name = `native/prebuilt/${process.platform}-${process.arch}/distill_tensorflow.node`;
  const file = compileAddon(out === -1 ? join(root, name) : resolve(process.argv[out + 1]));
  if (process.platform === 'linux') {
    const tooNew = tooNewSymbols(file);
    if (tooNew.length > 0) throw new Error(`needs a newer system than TensorFlow: ${tooNew.join(', ')}`);
  }
}
