import * as vscode from 'vscode';
import type { DistillationApi } from '../../src/extension/studio';

export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('The suite needs an open folder.');
  return folder.uri;
}

export async function api(): Promise<DistillationApi> {
  const extension = vscode.extensions.getExtension<DistillationApi>(
    'distillation-studio.distillation-studio',
  );
  if (!extension) throw new Error('The extension is not installed.');
  return await extension.activate();
}

type Answer<T> = T | false | undefined;

/** Asks until the answer is truthy. */
export async function until<T>(
  what: string,
  ask: () => Answer<T> | Promise<Answer<T>>,
  limitMs = 20_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`Waited ${limitMs / 1000} s in vain for ${what}.`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export async function open(name: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(workspaceFolder(), name));
  await vscode.window.showTextDocument(document);
  return document;
}
