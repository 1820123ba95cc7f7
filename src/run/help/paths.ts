import { isAbsolute, join, posix } from 'node:path';

/** What a folder has, as a listing tells it. */
export interface Entry {
  name: string;
  isFolder: boolean;
}

/** A path that could be written. */
export interface PathProposal {
  /** As it is written in a configuration: with `/`, folders with one behind them. */
  path: string;
  name: string;
  isFolder: boolean;
}

/** What weights can be read from. */
const WEIGHTS = /\.(safetensors|pth|pt|pkl|json)$/;

/** The folder to list for what has been written of a path so far. */
export function folderOf(written: string, base: string): { folder: string; lead: string } {
  const lead = written.slice(0, written.lastIndexOf('/') + 1);
  return { lead, folder: isAbsolute(lead) ? lead : join(base, lead) };
}

/** The entries of a folder that fit: folders, and files of weights where those are wanted. */
export function pathsIn(
  entries: readonly Entry[],
  lead: string,
  wants: 'folder' | 'weights',
): PathProposal[] {
  const ups = /^(\.\.\/)*$/.test(lead) && !lead.startsWith('/') ? [{ name: '..', isFolder: true }] : [];
  return [...entries, ...ups]
    .filter(({ name, isFolder }) => isFolder || (wants === 'weights' && WEIGHTS.test(name)))
    .filter(({ name }) => name === '..' || !name.startsWith('.') || name === '.distill')
    .sort((a, b) => Number(b.isFolder) - Number(a.isFolder) || a.name.localeCompare(b.name))
    .map(({ name, isFolder }) => ({ name, isFolder, path: `${lead}${name}${isFolder ? '/' : ''}` }));
}

/** A file as a configuration in `base` names it. */
export function asWritten(file: string, base: string): string {
  const relative = posix.relative(base.replaceAll('\\', '/'), file.replaceAll('\\', '/'));
  return relative.startsWith('../../..') ? file.replaceAll('\\', '/') : relative;
}
