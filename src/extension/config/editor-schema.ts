import { readFileSync } from 'node:fs';
import { Uri } from 'vscode';
import type { FieldSchema } from '../../run/help/field-schema';

/** The schema of configurations, which the build makes of the one that validates them; read when help is first asked for. */
export class EditorSchema {
  readonly #file: string;
  #schema: FieldSchema | undefined;

  constructor(extension: Uri) {
    this.#file = Uri.joinPath(extension, 'schemas', 'distill.schema.json').fsPath;
  }

  get root(): FieldSchema {
    this.#schema ??= JSON.parse(readFileSync(this.#file, 'utf8')) as FieldSchema;
    return this.#schema;
  }
}
