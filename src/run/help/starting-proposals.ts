import type { ConfigDocument } from '../document/config-document';
import type { Cursor } from '../document/cursor';
import { block, inline, type Writing } from '../document/inline';
import { configurationText, type Entry, jsonFields } from './configuration-text';
import type { FieldSchema } from './field-schema';
import type { Proposal } from './proposal';
import { place, withPlaces } from './snippet';
import { filledIn, mapPlaces } from './starting-points';

/** What the schema offers to begin with: whole configurations where nothing is written yet, variants of a method in the list. */
export function startingProposals(cursor: Cursor, document: ConfigDocument, field: FieldSchema): Proposal[] {
  if (cursor.hasValue || !isEmpty(cursor, document)) return [];
  return (field.defaultSnippets ?? []).map(({ label, description, body }) => {
    const entries = entriesOf(
      mapPlaces(body, (number, text, isNumber) => place(number, text, isNumber ? undefined : 'string')),
    );
    const preview = configurationText(entriesOf(filledIn(body)), { language: cursor.language });
    return {
      kind: 'start',
      label,
      documentation: `${description}\n\n\`\`\`${cursor.language}\n${preview}\`\`\``,
      insert: withPlaces(cursor.language, (leaf) =>
        textAt(cursor, document.text, entries, { language: cursor.language, leaf }),
      ),
    };
  });
}

/** Nothing stands beside the cursor that would be in the way. */
function isEmpty({ language, at, path, siblings, alsoKey }: Cursor, { root }: ConfigDocument): boolean {
  if (siblings.length > 0) return false;
  if (path.length > 0) return at === 'value' || language === 'json' || alsoKey === true;
  return root === undefined || root.kind === 'scalar' || (language === 'json' && at === 'key');
}

function textAt(cursor: Cursor, text: string, entries: readonly Entry[], writing: Writing): string {
  const { at, path, indent, replace, after } = cursor;
  if (path.length === 0) {
    if (at === 'value' || writing.language === 'yaml') return configurationText(entries, writing).trimEnd();
    // Between brackets on one line, or on a line below the first.
    const lead = text.slice(text.lastIndexOf('\n', replace.offset - 1) + 1, replace.offset);
    return /^\s*$/.test(lead)
      ? jsonFields(entries, '', writing)
      : `\n${jsonFields(entries, '  ', writing)}\n`;
  }
  const value = Object.fromEntries(entries.map(({ name, value: one }) => [name, one]));
  if (at === 'value') return inline(value, writing) + after;
  if (writing.language === 'json') return inline(value, writing).slice(2, -2) + after;
  // The first line begins behind the dash.
  return block(value, ' '.repeat(indent), writing).trimStart();
}

function entriesOf(body: unknown): Entry[] {
  return Object.entries(body as object).map(([name, value]) => ({ name, value }));
}
