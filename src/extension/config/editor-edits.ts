import { Range, type TextDocument, TextEdit } from 'vscode';
import type { TextEdit as PlainEdit } from '../../run/document/edit';

/** Edits in offsets as edits of a document of VS Code. */
export function toEditorEdits(document: TextDocument, edits: readonly PlainEdit[]): TextEdit[] {
  return edits.map(({ offset, length, text }) =>
    TextEdit.replace(new Range(document.positionAt(offset), document.positionAt(offset + length)), text),
  );
}
