import { dirname, join, resolve } from 'node:path';
import { type Uri, workspace } from 'vscode';
import type { DatasetConfig } from '../../protocol/config';
import { datasetSchema } from '../../protocol/config-dataset';
import { openDocument } from '../../run/document/open-document';
import { findConfigurations } from '../config/find';

/** A dataset that configurations of the workspace name, or that the user added. */
export interface FoundDataset extends Pick<DatasetConfig, 'kind' | 'convention'> {
  /** Absolute folder. */
  root: string;
  /** Those that name it. */
  configurations: Uri[];
  /** By "Add Dataset Folder". */
  added: boolean;
}

/** The same folder read as another kind is another dataset. */
export function datasetKey({
  kind,
  convention,
  root,
}: Pick<FoundDataset, 'kind' | 'convention' | 'root'>): string {
  return [kind, convention ?? '', root].join('\n');
}

/** Every dataset that the configurations name, each once. A configuration that cannot be read names none. */
export async function configuredDatasets(): Promise<FoundDataset[]> {
  const found = new Map<string, FoundDataset>();
  for (const uri of await findConfigurations()) {
    const dataset = await datasetOf(uri);
    if (!dataset) continue;
    const key = datasetKey(dataset);
    const known = found.get(key);
    if (known) known.configurations.push(uri);
    else found.set(key, { ...dataset, configurations: [uri], added: false });
  }
  return [...found.values()];
}

async function datasetOf(uri: Uri): Promise<Pick<FoundDataset, 'kind' | 'convention' | 'root'> | undefined> {
  let value: unknown;
  try {
    const text = new TextDecoder().decode(await workspace.fs.readFile(uri));
    value = openDocument(text, uri.path).value;
  } catch {
    return undefined;
  }
  const parsed = datasetSchema.safeParse((value as { dataset?: unknown } | null | undefined)?.dataset);
  if (!parsed.success) return undefined;
  const { kind, convention, root } = parsed.data;
  if (root !== undefined) return { kind, convention, root: resolve(dirname(uri.fsPath), root) };
  // The sample scenes lie in the workspace, wherever in it the configuration is.
  const home = workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? dirname(uri.fsPath);
  return kind === 'sample'
    ? { kind, convention, root: join(home, '.distill', 'datasets', 'sample') }
    : undefined;
}
