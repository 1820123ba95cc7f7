import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { env, l10n, Uri, type Webview, type WebviewOptions } from 'vscode';
import { translationsBlock } from './translations';

/** Which bundle of dist/webview a webview hosts. */
export type WebviewBundle = 'run' | 'live' | 'runs' | 'compare' | 'samples';

/** What a webview may load: our bundles and pictures, nothing of the workspace. Pixels come by message. */
export function webviewOptions(extension: Uri): WebviewOptions {
  return {
    enableScripts: true,
    localResourceRoots: [Uri.joinPath(extension, 'dist', 'webview'), Uri.joinPath(extension, 'media')],
  };
}

/** The page around a bundle; scripts and styles carry a nonce, everything else is refused. */
export function webviewHtml(webview: Webview, extension: Uri, bundle: WebviewBundle, title: string): string {
  const nonce = randomBytes(16).toString('base64');
  const file = (name: string) => Uri.joinPath(extension, 'dist', 'webview', name);
  const style = fs.existsSync(file(`${bundle}.css`).fsPath)
    ? `<link rel="stylesheet" nonce="${nonce}" href="${webview.asWebviewUri(file(`${bundle}.css`))}">`
    : '';
  const policy = [
    `default-src 'none'`,
    `img-src ${webview.cspSource} blob: data:`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  // Screen readers pronounce by it: without translations the page is in English, whatever VS Code speaks.
  const language = l10n.bundle ? escapeHtml(env.language) : 'en';
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<meta property="csp-nonce" content="${nonce}">
${style}
<title>${escapeHtml(title)}</title>
</head>
<body data-vscode-context='{"preventDefaultContextMenuItems": true}'>
<main id="root"></main>
${translationsBlock(l10n.bundle)}<script nonce="${nonce}" src="${webview.asWebviewUri(file(`${bundle}.js`))}"></script>
</body>
</html>`;
}

/** A text as it stands between tags or in an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
