// The VS Code versions under test, and the package.
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** What `npm run package` makes. */
export const VSIX = join(root, 'distillation-studio.vsix');

const HOMES = { current: '.vscode-e2e', floor: '.vscode-e2e-floor' };

/** Folder of scripts/setup-vscode-server.sh for `current` or `floor`. */
export function homeOf(target) {
  const folder = HOMES[target];
  if (!folder) throw new Error(`Unknown VS Code version "${target}": ${Object.keys(HOMES).join(' or ')}.`);
  return join(root, folder);
}
