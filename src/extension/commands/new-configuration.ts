import { l10n, Uri, window, workspace } from 'vscode';
import { type Template, templates, templateText } from '../config/templates';

/** Writes a configuration from a template into the workspace and opens it; an existing file is never replaced. */
export async function newConfiguration(id?: Template['id']): Promise<void> {
  const folder = await pickFolder();
  if (!folder) return;
  const template = id
    ? templates().find((candidate) => candidate.id === id)
    : await window.showQuickPick(templates(), { title: l10n.t('New configuration') });
  if (!template) return;
  const uri = await freeName(folder, template.fileName);
  await workspace.fs.writeFile(uri, Buffer.from(templateText(template.id)));
  await window.showTextDocument(uri, { preview: false });
}

async function pickFolder(): Promise<Uri | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length === 0)
    throw new Error(l10n.t('Open a folder first: a configuration and its runs are kept in it.'));
  if (folders.length === 1) return folders[0]?.uri;
  return (await window.showWorkspaceFolderPick())?.uri;
}

async function freeName(folder: Uri, fileName: string): Promise<Uri> {
  for (let n = 1; ; n++) {
    const name = n === 1 ? fileName : fileName.replace('.distill.json', `-${n}.distill.json`);
    const uri = Uri.joinPath(folder, name);
    try {
      await workspace.fs.stat(uri);
    } catch {
      return uri;
    }
  }
}
