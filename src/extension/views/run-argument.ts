import { Uri } from 'vscode';

/** What commands get from a tree item, a link or another command: the item, or the folder of a run. */
export function folderOf(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument;
  if (argument instanceof Uri) return undefined;
  const folder = (argument as { folder?: unknown } | undefined)?.folder;
  return typeof folder === 'string' ? folder : undefined;
}

/** All runs a command is for: those that are selected, if the one it was called on is among them, or that one alone. */
export function foldersOf(argument: unknown, selected: unknown): string[] {
  const own = folderOf(argument);
  const all = Array.isArray(selected) ? selected.flatMap((item) => folderOf(item) ?? []) : [];
  if (own === undefined) return all;
  return all.includes(own) ? all : [own];
}
