/** By English text. */
type Translations = Readonly<Record<string, string>>;

let translations: Translations | undefined;

/**
 * A text in the language of VS Code, as `vscode.l10n.t` has it in the extension: the English text is the key, `{0}` and on
 * are places for values. English where there is no translation.
 * @param message a literal, or the build does not find it for the bundle that translations are made from
 */
export function t(message: string, ...values: (string | number)[]): string {
  translations ??= readTranslations();
  const text = Object.hasOwn(translations, message) ? translations[message]! : message;
  if (values.length === 0) return text;
  return text.replace(/\{(\d+)\}/g, (place, index) => String(values[Number(index)] ?? place));
}

/** What the extension put into the page before its script. Without a page, as in tests of what lies behind it: nothing. */
function readTranslations(): Translations {
  const data = typeof document === 'undefined' ? null : document.getElementById('translations')?.textContent;
  return data ? (JSON.parse(data) as Translations) : {};
}
