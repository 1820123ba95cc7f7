import type { Uri } from 'vscode';
import { DisposableOwner } from '../lifecycle';
import type { RunStore } from '../runs/store';
import { ConfigurationLens } from './code-lens';
import { ConfigurationCompletion } from './completion';
import type { ConfigurationDiagnostics } from './diagnostics';
import { EditorSchema } from './editor-schema';
import { ConfigurationFormatting } from './formatting';
import { ConfigurationHover } from './hover';
import { ConfigurationFixes } from './quick-fixes';

/** Everything the editor does for configurations but what is wrong with them, in JSON and in YAML. */
export class ConfigurationHelp extends DisposableOwner {
  constructor(extension: Uri, store: RunStore, diagnostics: ConfigurationDiagnostics) {
    super();
    const schema = new EditorSchema(extension);
    this.own(new ConfigurationCompletion(schema, diagnostics, store));
    this.own(new ConfigurationHover(schema, diagnostics));
    this.own(new ConfigurationFixes(diagnostics));
    this.own(new ConfigurationFormatting());
    this.own(new ConfigurationLens(store, diagnostics));
  }
}
