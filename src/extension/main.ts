import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import { loadCompiled } from './compiled-code';
import type { DistillationApi } from './studio';

/** All a window reads before it is known that it wants the extension; the studio itself is compiled only once per machine. */
export function activate(context: ExtensionContext): DistillationApi {
  const studio = loadCompiled<typeof import('./studio')>(
    join(__dirname, 'studio.js'),
    context.globalStorageUri.fsPath,
    require,
  );
  return studio.activate(context);
}
