import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { CancellationToken, LogOutputChannel } from 'vscode';
import { type SetUpProgress, setUpProgressSchema } from '../protocol/doctor';

/** From being asked to end until it is killed. */
const GRACE_MS = 15_000;

export interface CliOptions {
  /** Absolute path of dist/cli.js. */
  script: string;
  /** Another Node.js than the one this process runs on. */
  nodePath?: string | undefined;
  /** Folder it runs in. */
  workspace?: string | undefined;
  log: LogOutputChannel;
  token?: CancellationToken;
  onProgress?: (progress: SetUpProgress) => void;
}

/** The user ended it. */
export class CliEnded extends Error {}

/**
 * Runs `distill ...` to its end and gives what it printed, parsed: the extension host itself neither computes nor decodes.
 * It prints one JSON value, progress as JSON lines on its standard error, and ends in good order when the channel closes.
 * Errors: what the command said, which is complete in itself; `CliEnded`.
 */
export function runCliJson(args: readonly string[], options: CliOptions): Promise<unknown> {
  const name = `distill ${args[0]}`;
  const { log } = options;
  return new Promise((resolve, reject) => {
    log.info(`distill ${args.join(' ')}`);
    const child = fork(options.script, [...args], {
      cwd: options.workspace,
      execArgv: [],
      // In the desktop window this process is Electron.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(options.nodePath ? { execPath: options.nodePath } : {}),
    });
    let kill: NodeJS.Timeout | undefined;
    const cancellation = options.token?.onCancellationRequested(() => {
      // It takes the closed channel as the wish to end; signals would end it at once on Windows.
      if (child.connected) child.disconnect();
      kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    });
    let output = '';
    const said: string[] = [];
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
    if (child.stderr)
      createInterface({ input: child.stderr }).on('line', (line) => {
        const progress = progressOf(line);
        if (progress) options.onProgress?.(progress);
        else said.push(line);
        // Bytes come several times a second; the log keeps what changes.
        if (progress?.done === undefined) log.info(`${name}: ${progress?.text ?? line}`);
      });
    const end = (result: () => void) => {
      clearTimeout(kill);
      cancellation?.dispose();
      result();
    };
    child.once('error', (error) => end(() => reject(error)));
    // Not `close`: it does not come when this side has closed the channel. All output is there once the streams ended.
    const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
    const drained = Promise.all(streams.map((stream) => new Promise((done) => stream.once('close', done))));
    child.once('exit', async (code) => {
      await drained;
      end(() => {
        if (options.token?.isCancellationRequested) return reject(new CliEnded());
        try {
          resolve(JSON.parse(output));
        } catch {
          reject(new Error(said.join('\n').trim() || `${name} ended with status ${code}.`));
        }
      });
    });
  });
}

function progressOf(line: string): SetUpProgress | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return setUpProgressSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
