const { randomBytes } = require('node:crypto');
const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
const vscode = require('vscode');

const ROWS = 1000;
/** Of the canvas that is drawn. */
const SIZE = [512, 256];
const LOOK_MS = 500;

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.window.registerTreeDataProvider('floor.list', {
      getChildren: (parent) => (parent ? [] : Array.from({ length: ROWS }, (_, i) => `${i}`)),
      getTreeItem: (row) =>
        Object.assign(new vscode.TreeItem(`run ${row}`), { id: row, description: 'of many' }),
    }),
    vscode.commands.registerCommand('floor.open', () => open(context.extensionUri)),
    vscode.commands.registerCommand('floor.watchMemory', () => context.subscriptions.push(watchMemory())),
    problems(),
  );
};

/** A panel that asks for a picture as soon as it is there, draws it, and writes where the pointer is. */
function open(extension) {
  const { webview } = vscode.window.createWebviewPanel('floor', 'Floor', vscode.ViewColumn.Active, {
    enableScripts: true,
    localResourceRoots: [extension],
  });
  const nonce = randomBytes(16).toString('base64');
  webview.onDidReceiveMessage(() => webview.postMessage({ size: SIZE, pixels: picture().buffer }));
  webview.html = `<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}'"></head>
<body><canvas data-pane="student"></canvas><p class="readout"></p>
<script nonce="${nonce}" src="${webview.asWebviewUri(vscode.Uri.joinPath(extension, 'page.js'))}"></script></body></html>`;
}

function picture() {
  const pixels = new Uint8ClampedArray(4 * SIZE[0] * SIZE[1]);
  for (let i = 0; i < pixels.length; i++) pixels[i] = i % 4 === 3 ? 255 : (i >> 4) % 256;
  return pixels;
}

/** Underlines a text as soon as there is a number of four digits in it. */
function problems() {
  const collection = vscode.languages.createDiagnosticCollection('floor');
  const listener = vscode.workspace.onDidChangeTextDocument(({ document }) => {
    if (!document.fileName.endsWith('.floor')) return;
    const text = document.getText();
    const whole = new vscode.Range(document.positionAt(0), document.positionAt(text.length));
    const wrong = /\d{4}/.test(text);
    collection.set(document.uri, wrong ? [new vscode.Diagnostic(whole, 'Four digits.')] : []);
  });
  return vscode.Disposable.from(collection, listener);
}

/**
 * Writes down again and again, in `memory.floor` of the workspace, how many bytes the process shared by all extensions holds
 * once it has collected its garbage: how much of that lies about depends on what else the machine does.
 */
function watchMemory() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const file = join(vscode.workspace.workspaceFolders[0].uri.fsPath, 'memory.floor');
  const timer = setInterval(() => {
    collect();
    appendFileSync(file, `${process.memoryUsage.rss()}\n`);
  }, LOOK_MS);
  return { dispose: () => clearInterval(timer) };
}
