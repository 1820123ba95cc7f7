/**
 * A self-contained page under a policy that allows no inline style: its style elements get a nonce, and style attributes
 * become rules. The page is our own report, in which every text of others is escaped.
 */
export function strictPage(html: string, nonce: string): string {
  const rules: string[] = [];
  const page = html
    .replace(/ style="([^"]*)"/g, (_, css: string) => ` data-style="${rules.push(css) - 1}"`)
    .replaceAll('<style>', `<style nonce="${nonce}">`);
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:`;
  const own = rules.map((css, i) => `[data-style="${i}"]{${css}}`).join('\n');
  return page
    .replace('<head>', `<head><meta http-equiv="Content-Security-Policy" content="${policy}">`)
    .replace('</head>', () => `<style nonce="${nonce}">${own}</style></head>`);
}
