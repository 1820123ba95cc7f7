import type { Uri } from 'vscode';
import { DisposableOwner } from '../lifecycle';
import type { RunStore } from '../runs/store';
import { ConfigurationLens } from './code-lens';
import { ConfigurationCompletion } from './completion';
import { ConfigurationDiagnostics } from './diagnostics';
import { EditorSchema } from './editor-schema';
import { ConfigurationFormatting } from './formatting';
import { ConfigurationHover } from './hover';
import { ConfigurationFixes } from './quick-fixes';

/** Everything the editor does for configurations, in JSON and in YAML. */
export class ConfigurationHelp extends DisposableOwner {
  readonly diagnostics = this.own(new ConfigurationDiagnostics());

  constructor(extension: Uri, store: RunStore) {
    super();
    const schema = new EditorSchema(extension);
    this.own(new ConfigurationCompletion(schema, this.diagnostics, store));
    this.own(new ConfigurationHover(schema, this.diagnostics));
    this.own(new ConfigurationFixes(this.diagnostics));
    this.own(new ConfigurationFormatting());
    this.own(new ConfigurationLens(store, this.diagnostics));
  }
}
