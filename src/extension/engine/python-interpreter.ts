import { extensions, workspace } from 'vscode';

/** What is used of the Python extension's public API (ms-python.python, PythonExtension.environments). */
interface PythonApi {
  environments?: { getActiveEnvironmentPath?(resource?: unknown): { path?: string } | undefined };
}

/** Longer than this nobody waits for another extension. */
const PATIENCE_MS = 3_000;

/** The interpreter selected in this window; undefined where there is no Python extension, or it does not answer. */
export async function selectedInterpreter(): Promise<string | undefined> {
  const extension = extensions.getExtension<PythonApi>('ms-python.python');
  if (extension) {
    const late = new Promise<undefined>((done) => setTimeout(() => done(undefined), PATIENCE_MS));
    const api = await Promise.race([
      Promise.resolve(extension.isActive ? extension.exports : extension.activate()).catch(() => undefined),
      late,
    ]);
    const path = api?.environments?.getActiveEnvironmentPath?.(workspace.workspaceFolders?.[0]?.uri)?.path;
    if (path) return path;
  }
  // The extension's own setting; `python`, its default, is looked for anyway.
  const setting = workspace.getConfiguration('python').get<string>('defaultInterpreterPath');
  return setting && setting !== 'python' && !setting.includes('${') ? setting : undefined;
}
