import {
  Hover,
  type HoverProvider,
  languages,
  MarkdownString,
  type Position,
  Range,
  type TextDocument,
} from 'vscode';
import { hoverAt } from '../../run/help/hover';
import { networkSummary } from '../../run/network-summary';
import { DisposableOwner } from '../lifecycle';
import type { ConfigurationDiagnostics } from './diagnostics';
import type { EditorSchema } from './editor-schema';
import { configurationSelector } from './find';

/** What a field means and where its default comes from; on networks also what they consist of and cost at the configured crop. */
export class ConfigurationHover extends DisposableOwner implements HoverProvider {
  readonly #schema: EditorSchema;
  readonly #diagnostics: ConfigurationDiagnostics;

  constructor(schema: EditorSchema, diagnostics: ConfigurationDiagnostics) {
    super();
    this.#schema = schema;
    this.#diagnostics = diagnostics;
    this.own(languages.registerHoverProvider(configurationSelector, this));
  }

  provideHover(document: TextDocument, position: Position): Hover | undefined {
    const offset = document.offsetAt(position);
    const field = hoverAt(this.#diagnostics.of(document).parsed, this.#schema.root, offset);
    if (!field) return undefined;
    const network = networkSummary(document.getText(), document.uri.fsPath, offset);
    const texts = [...(network === undefined ? [] : [network]), field.markdown];
    const { offset: begin, length } = field.span;
    const range = new Range(document.positionAt(begin), document.positionAt(begin + length));
    return new Hover(
      texts.map((text) => new MarkdownString(text)),
      range,
    );
  }
}
