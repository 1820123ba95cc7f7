// How the webviews are bundled; used by build.mjs and by the tests that open them in a browser.
import { join } from 'node:path';

/** zod brings its messages in fifty languages, of which one is used. Saves 260 KB per bundle. */
export const zodInEnglish = {
  name: 'zod-english-only',
  setup(build) {
    build.onResolve({ filter: /locales\/index\.js$/ }, ({ importer, resolveDir }) =>
      importer.includes('/zod/') ? { path: join(resolveDir, '../locales/en.js') } : undefined,
    );
  },
};

export const webviewBuild = {
  entryPoints: {
    run: 'webview/run/main.ts',
    live: 'webview/live/main.ts',
    runs: 'webview/runs/main.ts',
    compare: 'webview/compare/main.ts',
    samples: 'webview/samples/main.ts',
  },
  bundle: true,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  plugins: [zodInEnglish],
};
