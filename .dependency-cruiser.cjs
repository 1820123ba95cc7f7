// The one-way arrows of docs/architecture.md. A room may import itself and what is listed for it, nothing else.
const rooms = {
  protocol: [],
  engine: ['protocol'],
  nn: ['engine', 'protocol'],
  data: ['engine', 'protocol'],
  distill: ['nn', 'data', 'engine', 'protocol'],
  run: ['protocol'],
  worker: ['distill', 'run', 'nn', 'data', 'engine', 'protocol'],
  cli: ['worker', 'distill', 'run', 'nn', 'data', 'engine', 'protocol'],
  extension: ['run', 'protocol'],
};

// Networks as data, what they consist of and cost, and tables of files of weights. No engine is behind them, so that everybody may look.
const descriptions =
  '^src/nn/((cost|cost-rows|cost-text|graph|network|networks|operations|spec|spec-text|step-memory|discriminator-size)[.]ts$|(backbones|heads|weights/torch)/|weights/(byte-source|dtype|layout|match|names|open|refusal|safetensors|spec-metadata|targets|tfjs|weight-file|whole)[.]ts$)';
const mayDescribe = ['run', 'extension'];
// Where things are kept for a user, whoever keeps them.
const cachePlace = '^src/engine/cache-folder[.]ts$';

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-arrows`,
      comment: `src/${room} may import ${allowed.length ? allowed.map((r) => `src/${r}`).join(', ') : 'no other room'}.`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: {
        path: '^(src|webview)/',
        pathNot: [
          `^src/(${[room, ...allowed].join('|')})/`,
          ...(mayDescribe.includes(room) ? [descriptions, cachePlace] : []),
        ],
      },
    })),
    {
      name: 'descriptions-without-engine',
      comment: 'The descriptions of networks are imported where TensorFlow.js must not be.',
      severity: 'error',
      from: { path: descriptions },
      to: { pathNot: [descriptions, '^src/protocol/', 'node_modules/zod/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'webview-arrows',
      comment: 'Browser code may import src/protocol only.',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^src/', pathNot: '^src/protocol/' },
    },
    {
      name: 'vscode-in-extension-only',
      comment: 'Only src/extension imports vscode, and the extension that it is measured beside.',
      severity: 'error',
      from: { pathNot: '^(src/extension|bench/studio/floor)/' },
      to: { path: '^vscode$' },
    },
    {
      name: 'no-tensorflow-in-host',
      comment: 'The extension host never imports TensorFlow.js; protocol imports zod alone.',
      severity: 'error',
      from: { path: '^(src/(extension|run|protocol)|webview)/' },
      to: { path: 'node_modules/@tensorflow/' },
    },
    {
      name: 'protocol-imports-zod-only',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { path: 'node_modules/', pathNot: 'node_modules/zod/' },
    },
    {
      name: 'toolkit-in-ui-only',
      comment: 'The toolkit is no longer developed: one folder to replace.',
      severity: 'error',
      from: { pathNot: '^webview/ui/' },
      to: { path: 'node_modules/@vscode/webview-ui-toolkit/' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};
