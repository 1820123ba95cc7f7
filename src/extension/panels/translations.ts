/**
 * Translations as data in a page, where `webview/ui/l10n.ts` reads them: no script, so that no policy has to allow it.
 * Whatever a translation says, it cannot end the element, nor begin another: there is no `<` in it.
 * @param bundle by English text; undefined where VS Code speaks English or there are none for its language
 */
export function translationsBlock(bundle: Readonly<Record<string, string>> | undefined): string {
  if (!bundle) return '';
  const data = JSON.stringify(bundle).replaceAll('<', '\\u003c');
  return `<script type="application/json" id="translations">${data}</script>\n`;
}
