import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Frame, type Page } from 'playwright-core';
import { webviewBuild } from '../../../../scripts/webview-build.mjs';
import { translationsBlock } from '../../../../src/extension/panels/translations';
import type { HarnessOptions } from './host';
import themes from './themes.json';

/**
 * Opens the panels' bundles in a real browser, inside a frame with the content security policy of the extension and the
 * theme variables of VS Code 1.100 (read from a running one), with `host.ts` in the extension's place.
 */
export type ThemeName = keyof typeof themes;
export type Panel = 'run' | 'live' | 'runs' | 'compare' | 'samples';
const nonce = 'harness0nonce';
const root = join(__dirname, '../../../..');

export interface OpenOptions extends HarnessOptions {
  panel: Panel;
  theme?: ThemeName;
  width?: number;
  height?: number;
  /** By English text, as VS Code gives them to the extension in another language. */
  translations?: Readonly<Record<string, string>>;
}

export interface Opened {
  page: Page;
  /** The webview itself. */
  frame: Frame;
  /** Uncaught errors of either document. */
  errors: string[];
}

export class Harness {
  readonly #files = new Map<string, { type: string; body: string | Uint8Array }>();
  /** Of the page that is opened now. */
  #translations: OpenOptions['translations'];
  #server: Server | undefined;
  #browser: Browser | undefined;

  async start(): Promise<void> {
    const shared = { bundle: true, write: false, outdir: 'out', logLevel: 'warning' } as const;
    const panels = await build({ ...webviewBuild, ...shared, absWorkingDir: root });
    const host = await build({
      ...shared,
      entryPoints: [join(__dirname, 'host.ts')],
      platform: 'browser',
      format: 'iife',
    });
    for (const file of [...panels.outputFiles, ...host.outputFiles]) {
      const name = file.path.split('/').at(-1)!;
      this.#files.set(`/${name}`, {
        type: name.endsWith('.css') ? 'text/css' : 'text/javascript',
        body: file.contents,
      });
    }
    this.#server = createServer((request, response) => {
      const url = new URL(request.url!, 'http://localhost');
      const file = this.#files.get(url.pathname) ?? this.#page(url);
      response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' }).end(file?.body);
    });
    await new Promise<void>((ready) => this.#server!.listen(0, '127.0.0.1', ready));
    this.#browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-dev-shm-usage',
      ],
    });
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await new Promise((done) => this.#server?.close(done));
  }

  async open({
    panel,
    theme = 'Dark Modern',
    width = 1200,
    height = 900,
    translations,
    ...options
  }: OpenOptions): Promise<Opened> {
    this.#translations = translations;
    const page = await this.#browser!.newPage({ viewport: { width, height } });
    // For what never comes: beside other suites on busy processors a page takes its time.
    page.setDefaultTimeout(60_000);
    const errors: string[] = [];
    page.on('pageerror', (e) => errors.push(e.message));
    const { port } = this.#server!.address() as AddressInfo;
    const query = new URLSearchParams({ panel, theme, options: JSON.stringify(options) });
    await page.goto(`http://127.0.0.1:${port}/?${query}`);
    const frame = (await (await page.waitForSelector('iframe')).contentFrame())!;
    await frame.waitForSelector(options.empty ? '.quiet' : 'h1');
    return { page, frame, errors };
  }

  /** Opens a panel, uses and closes it. Errors: an uncaught error of the page, a breach of its policy. */
  async with(options: OpenOptions, use: (panel: Opened) => Promise<void>): Promise<void> {
    const panel = await this.open(options);
    try {
      await use(panel);
      assert.deepEqual(await panel.page.evaluate(() => window.harness.violations), []);
      assert.deepEqual(panel.errors, []);
    } finally {
      await panel.page.close();
    }
  }

  /** The outer page with the frame, or the webview's own document. */
  #page(url: URL): { type: string; body: string } | undefined {
    const panel = url.searchParams.get('panel') ?? 'run';
    const theme = themes[(url.searchParams.get('theme') ?? 'Dark Modern') as ThemeName];
    const ground = panel === 'live' ? '--vscode-sideBar-background' : '--vscode-editor-background';
    const variables = Object.entries(theme.variables).map(([name, value]) => `${name}: ${value};`);
    if (url.pathname === '/')
      return {
        type: 'text/html',
        body: `<!doctype html><html><body style="margin:0"><script src="/host.js"></script></body></html>`,
      };
    if (url.pathname !== '/webview') return undefined;
    const self = 'http://127.0.0.1:*';
    const policy = `default-src 'none'; img-src ${self} blob: data:; style-src ${self} 'nonce-${nonce}'; script-src 'nonce-${nonce}'; font-src ${self};`;
    return {
      type: 'text/html',
      body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${panel}</title><meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${nonce}">:root { ${variables.join(' ')} } html { background: var(${ground}); } body { padding: 0 20px; }</style>
<link rel="stylesheet" href="/${panel}.css"></head>
<body class="${theme.bodyClass}" data-vscode-theme-kind="${theme.kind}"><main id="root"></main>
<script nonce="${nonce}">
addEventListener('securitypolicyviolation', (e) => parent.harness.violations.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sourceFile + ':' + e.lineNumber));
window.acquireVsCodeApi = () => ({ postMessage: (m) => parent.postMessage(m, '*'), getState: () => parent.harness.state, setState: (s) => { parent.harness.state = JSON.parse(JSON.stringify(s)); } });
</script>
${translationsBlock(this.#translations)}<script nonce="${nonce}" src="/${panel}.js"></script></body></html>`,
    };
  }
}

export const themeNames = Object.keys(themes) as ThemeName[];
