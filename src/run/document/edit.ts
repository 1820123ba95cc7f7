import { type ConfigDocument, fieldAt, nodeAt, type Path, type Span } from './config-document';
import { inline, keyText } from './inline';
import { insertion } from './insert';
import { spanOf } from './layout';
import { removal } from './remove';

/** A change of a configuration, whatever language it is written in. */
export type ConfigEdit =
  /** A value, or an item of a list, that may not be there yet. */
  | { kind: 'set'; path: Path; value: unknown }
  | { kind: 'remove'; path: Path }
  | { kind: 'rename'; path: Path; name: string };

/** Text in place of other text. */
export interface TextEdit extends Span {
  text: string;
}

/**
 * The change as edits of the text; comments and everything else stay as they are.
 * @returns none where the path does not lead anywhere
 */
export function textEdits(document: ConfigDocument, edit: ConfigEdit): TextEdit[] {
  const { text, root } = document;
  switch (edit.kind) {
    case 'rename': {
      const field = fieldAt(root, edit.path);
      const { offset, length } = field?.key ?? { offset: 0, length: 0 };
      return field ? [{ offset, length, text: keyText(edit.name, document) }] : [];
    }
    case 'remove':
      return removal(document, edit.path);
    case 'set': {
      const there = nodeAt(root, edit.path);
      return there
        ? [{ ...spanOf(text, there), text: inline(edit.value, document) }]
        : insertion(document, edit.path, edit.value);
    }
    default:
      return edit satisfies never;
  }
}

/** The text after edits, which may come in any order and do not overlap. */
export function applyTextEdits(text: string, edits: readonly TextEdit[]): string {
  return edits
    .map((edit, order) => ({ ...edit, order }))
    .sort((a, b) => b.offset - a.offset || b.order - a.order)
    .reduce(
      (now, { offset, length, text: put }) => now.slice(0, offset) + put + now.slice(offset + length),
      text,
    );
}
