import type { ConfigLanguage } from '../document/config-document';
import { blockField, inline, keyText } from '../document/inline';

/** A place to fill in, in the syntax of snippets of VS Code. */
export interface Place {
  readonly place: number;
  /** What stands there at first. */
  readonly text: string;
  /** Where it lies: in a string, among the fields of a section, or by itself. */
  readonly within: 'string' | 'section' | undefined;
}

export function place(number: number, text = '', within?: Place['within']): Place {
  return { place: number, text, within };
}

/** Characters that mean something in snippets. */
export function escaped(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}

/** `"key": value` or `key: value`; `value` may have places in it. */
export function fieldSnippet(language: ConfigLanguage, key: string, value: unknown): string {
  if (language === 'json')
    return withPlaces(
      language,
      (leaf) => `${keyText(key, { language })}: ${inline(value, { language, leaf })}`,
    );
  if (isPlace(value) && value.within === 'section') return `${escaped(key)}:\n  $${value.place}`;
  return withPlaces(language, (leaf) => blockField(key, value, '', { language, leaf }));
}

/** A value on one line. */
export function valueSnippet(language: ConfigLanguage, value: unknown): string {
  return withPlaces(language, (leaf) => inline(value, { language, leaf }));
}

/**
 * The text of a snippet. `write` gives the text of a configuration in which `leaf` writes the places: with marks, which no text of
 * a configuration has.
 */
export function withPlaces(
  language: ConfigLanguage,
  write: (leaf: (value: unknown) => string | undefined) => string,
): string {
  const places: Place[] = [];
  const text = write((value) => (isPlace(value) ? `\u0000${places.push(value) - 1}\u0000` : undefined));
  return escaped(text).replace(/\0(\d+)\0/g, (_, i: string) => {
    const { place: number, text: first, within } = places[Number(i)]!;
    const at = first === '' ? `$${number}` : `\${${number}:${escaped(first)}}`;
    if (within === 'section') return `{ ${at} \\}`;
    return within === 'string' && language === 'json' ? `"${at}"` : at;
  });
}

function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && 'place' in value;
}
