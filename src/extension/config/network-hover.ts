import {
  Hover,
  type HoverProvider,
  languages,
  MarkdownString,
  type Position,
  type TextDocument,
} from 'vscode';
import { networkSummary } from '../../run/network-summary';
import { DisposableOwner } from '../lifecycle';
import { configurationSelector } from './find';

/** On `model` and `backbone` of a configuration: what the network consists of and costs at the configured crop. */
export class NetworkHover extends DisposableOwner implements HoverProvider {
  constructor() {
    super();
    this.own(languages.registerHoverProvider(configurationSelector, this));
  }

  provideHover(document: TextDocument, position: Position): Hover | undefined {
    const summary = networkSummary(document.getText(), document.uri.fsPath, document.offsetAt(position));
    return summary === undefined ? undefined : new Hover(new MarkdownString(summary));
  }
}
