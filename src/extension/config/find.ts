import { type TextDocument, type Uri, window, workspace } from 'vscode';
import type { MethodKind } from '../../protocol/config';
import { languageOf, openDocument } from '../../run/document/open-document';

/** `distill.json`, `*.distill.json` and the same in YAML, below a folder. */
export const configurationGlob = '**/{distill,*.distill}.{json,yaml}';
export const configurationSelector = [{ pattern: configurationGlob }];

export function isConfiguration(document: Pick<TextDocument, 'uri'>): boolean {
  return languageOf(document.uri.path) !== undefined;
}

/** The configuration in the active editor. */
export function activeConfiguration(): Uri | undefined {
  const document = window.activeTextEditor?.document;
  return document && isConfiguration(document) ? document.uri : undefined;
}

/** All configurations of the workspace, by path. */
export async function findConfigurations(): Promise<Uri[]> {
  const found = await workspace.findFiles(configurationGlob, '**/{node_modules,.distill}/**');
  return found.sort((a, b) => a.path.localeCompare(b.path));
}

/** What a configuration says, unsaved changes included. Opens no document: that would list its problems. */
async function configurationText(uri: Uri): Promise<string> {
  const open = workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  return open ? open.getText() : new TextDecoder().decode(await workspace.fs.readFile(uri));
}

/** The methods that a configuration names, as far as they can be made out; whether they are valid is another question. */
export async function methodKinds(uri: Uri): Promise<string[]> {
  const { value } = openDocument(await configurationText(uri), uri.path);
  const methods = (value as { methods?: unknown } | null | undefined)?.methods;
  if (!Array.isArray(methods)) return [];
  return methods.flatMap((method: { kind?: unknown } | null) =>
    typeof method?.kind === 'string' ? [method.kind] : [],
  );
}

/** The configurations that use a method; all of them for undefined. */
export async function configurationsWith(kind: MethodKind | undefined): Promise<Uri[]> {
  const all = await findConfigurations();
  if (!kind) return all;
  const uses = await Promise.all(all.map(async (uri) => (await methodKinds(uri)).includes(kind)));
  return all.filter((_, index) => uses[index]);
}
