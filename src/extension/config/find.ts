import { basename } from 'node:path';
import { parse } from 'jsonc-parser';
import { type TextDocument, type Uri, window, workspace } from 'vscode';
import type { MethodKind } from '../../protocol/config';

/** Configurations are `distill.json` and `*.distill.json`; VS Code knows their language from the manifest. */
export function isConfiguration(document: Pick<TextDocument, 'uri'>): boolean {
  return /^(.+\.)?distill\.json$/.test(basename(document.uri.path));
}

export const configurationSelector = [{ pattern: '**/distill.json' }, { pattern: '**/*.distill.json' }];

/** The configuration in the active editor. */
export function activeConfiguration(): Uri | undefined {
  const document = window.activeTextEditor?.document;
  return document && isConfiguration(document) ? document.uri : undefined;
}

/** All configurations of the workspace, by path. */
export async function findConfigurations(): Promise<Uri[]> {
  const found = await workspace.findFiles(
    '**/{distill.json,*.distill.json}',
    '**/{node_modules,.distill}/**',
  );
  return found.sort((a, b) => a.path.localeCompare(b.path));
}

/** What a configuration says, unsaved changes included. Opens no document: that would list its problems. */
export async function configurationText(uri: Uri): Promise<string> {
  const open = workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  return open ? open.getText() : new TextDecoder().decode(await workspace.fs.readFile(uri));
}

/** The methods a configuration names, as far as they can be made out; whether they are valid is another question. */
export function methodKinds(text: string): string[] {
  const methods = (parse(text) as { methods?: unknown } | undefined)?.methods;
  if (!Array.isArray(methods)) return [];
  return methods.flatMap((method: { kind?: unknown } | null) =>
    typeof method?.kind === 'string' ? [method.kind] : [],
  );
}

/** The configurations that use a method; all of them for undefined. */
export async function configurationsWith(kind: MethodKind | undefined): Promise<Uri[]> {
  const all = await findConfigurations();
  if (!kind) return all;
  const uses = await Promise.all(
    all.map(async (uri) => methodKinds(await configurationText(uri)).includes(kind)),
  );
  return all.filter((_, index) => uses[index]);
}
