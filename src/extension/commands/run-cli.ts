import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Uri } from 'vscode';
import type { App } from '../app';
import { requireTrust } from '../trust';

/** Reading a whole run or writing a large network takes a while; longer than this something hangs. */
const LIMIT_MS = 120_000;
const MAX_OUTPUT = 16 * 1024 * 1024;

/**
 * Runs a subcommand of `distill` that is done in a moment, in a process of its own: the extension host does not compute.
 * @returns what it printed. Errors: what it printed as its error.
 */
export async function runCli(app: App, args: readonly string[]): Promise<string> {
  requireTrust();
  const cli = Uri.joinPath(app.extension, 'dist', 'cli.js').fsPath;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args], {
      // In the desktop window this process is Electron.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      timeout: LIMIT_MS,
      maxBuffer: MAX_OUTPUT,
    });
    return stdout;
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim();
    throw said ? new Error(said) : error;
  }
}
