import { type ConfigDocument, type ConfigLanguage, nodeAt, type Path, type Span } from './config-document';
import { jsonCursor } from './json-cursor';
import { yamlCursor } from './yaml-cursor';

/** What can be written at a place of a text, which need not be complete or right. */
export interface Cursor {
  language: ConfigLanguage;
  /** `key`: the name of a field. */
  at: 'key' | 'value';
  /** Of the object whose field is named, or of the value. */
  path: Path;
  /** What is written there so far, on both sides of the cursor. */
  replace: Span;
  /** A key that has its value already. */
  hasValue: boolean;
  /** Names of the object's other fields. */
  siblings: string[];
  /** Where a comma is missing in front of a new entry. */
  comma?: number;
  /** What has to come behind a new entry. */
  after: string;
  /** How far further lines of the same value begin to the right of the line's own beginning. */
  indent: number;
  /** Yaml's item of a block list: a field can be written as well as a value. */
  alsoKey?: boolean;
}

export function cursorAt(document: ConfigDocument, offset: number): Cursor | undefined {
  const cursor =
    document.language === 'json' ? jsonCursor(document.text, offset) : yamlCursor(document.text, offset);
  if (!cursor) return undefined;
  const owner = nodeAt(document.root, cursor.path);
  if (cursor.at === 'value' || owner?.kind !== 'object') return { ...cursor, siblings: [] };
  const { offset: begin } = cursor.replace;
  const siblings = owner.fields.filter(({ key }) => key.offset !== begin).map(({ key }) => key.name);
  return { ...cursor, siblings };
}
