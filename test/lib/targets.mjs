// The VS Code versions under test, and the package.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** What `npm run package` makes. */
export const VSIX = join(root, 'distillation-studio.vsix');

const HOMES = { current: '.vscode-e2e', floor: '.vscode-e2e-floor' };

/** Folder of the VS Code server `current` or `floor`; installs it when it is not there. */
export function homeOf(target) {
  const folder = HOMES[target];
  if (!folder) throw new Error(`Unknown VS Code version "${target}": ${Object.keys(HOMES).join(' or ')}.`);
  const setup = spawnSync('bash', [join(root, 'scripts/setup-vscode-server.sh'), target], {
    stdio: 'inherit',
  });
  if (setup.status !== 0) throw new Error(`The VS Code server "${target}" could not be installed.`);
  return join(root, folder);
}
