import { spawn } from 'node:child_process';

export interface ToolResult {
  /** Exit code; null if the program was killed, `'missing'` if it could not be started. */
  code: number | null | 'missing';
  /** Everything it printed, both streams, the last 64 KiB of it. */
  output: string;
}

/** Runs a program to its end. Never throws: what failed is in the result. */
export function runTool(
  program: string,
  args: string[],
  options: {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    timeoutMs?: number;
    /** Ends the program. */
    signal?: AbortSignal | undefined;
    /** Called with what it prints, as it prints it. */
    onOutput?: (text: string) => void;
  } = {},
): Promise<ToolResult> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      signal: options.signal,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    const collect = (chunk: Buffer) => {
      const text = chunk.toString('utf8');
      output = (output + text).slice(-65536);
      options.onOutput?.(text);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    // An aborted program was started and is gone when it closes; only then may what it wrote be removed.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: 'missing', output: output + error.message });
    });
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** The last lines of a tool's output, for an error message. */
export function lastLines(output: string, count = 4): string {
  return output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count)
    .join(' | ');
}
