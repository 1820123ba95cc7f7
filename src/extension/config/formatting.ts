import {
  type DocumentFormattingEditProvider,
  type FormattingOptions,
  languages,
  type TextDocument,
  type TextEdit,
} from 'vscode';
import { parseDocument } from 'yaml';
import { changeOf } from '../../run/help/schedule';
import { DisposableOwner } from '../lifecycle';
import { toEditorEdits } from './editor-edits';

const yamlConfigurations = { pattern: '**/{distill,*.distill}.yaml' };

/**
 * Formats configurations in YAML; comments stay. Those in JSON are formatted by VS Code itself, which keeps them as well:
 * with a second formatter it would ask which one to use.
 */
export class ConfigurationFormatting extends DisposableOwner implements DocumentFormattingEditProvider {
  constructor() {
    super();
    this.own(languages.registerDocumentFormattingEditProvider(yamlConfigurations, this));
  }

  provideDocumentFormattingEdits(document: TextDocument, { tabSize }: FormattingOptions): TextEdit[] {
    const text = document.getText();
    const parsed = parseDocument(text);
    if (parsed.errors.length > 0) return [];
    const formatted = parsed.toString({ indent: tabSize, lineWidth: 0, flowCollectionPadding: true });
    return formatted === text ? [] : toEditorEdits(document, [changeOf(text, formatted)]);
  }
}
