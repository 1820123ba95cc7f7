// Modules that are evaluated when something of them is first used, not when they are imported. The extension host is shared by
// all extensions, and of what ours can do a window needs little when it opens: no schema of a configuration that nobody
// edits, no YAML. (Node's own loader cannot do this; the proposal for the language is `import defer`.)
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { transform } from 'esbuild';

/** `var import_x = require("./x");` as esbuild writes it for an import, with its helper around where one is needed. */
const IMPORT = /^var (import_\w+) = ((?:__toESM\()?require\("[^"]+"\)(?:, 1\)|\))?);$/gm;

const ASKED = Symbol('asked');

/** For modules whose evaluation has no effect but their exports: those of src/. `import *` is not put off. */
export const lazyModules = {
  name: 'lazy-modules',
  setup(build) {
    // As an import would find it: of some packages `require` finds another copy.
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind !== 'require-call' || pluginData === ASKED || !/[\\/]src[\\/]/.test(importer))
        return undefined;
      return await build.resolve(path, { kind: 'import-statement', importer, resolveDir, pluginData: ASKED });
    });
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), {
        loader: 'ts',
        format: 'cjs',
        platform: build.initialOptions.platform,
        target: build.initialOptions.target,
        sourcefile: relative(process.cwd(), path),
        sourcemap: build.initialOptions.sourcemap ? 'inline' : false,
      });
      return { contents: lazily(code), loader: 'js' };
    });
  },
};

/** A use of an import then calls for its module. */
function lazily(code) {
  const names = new Set();
  const deferred = code.replace(IMPORT, (_, name, loading) => {
    names.add(name);
    return `var ${name}_loaded, ${name}_load = () => ${name}_loaded ??= ${loading};`;
  });
  return deferred.replace(/\bimport_\w+/g, (name) => (names.has(name) ? `(${name}_load())` : name));
}
