import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** A process that is asked by lines of JSON and answers each by one. Lines that are not JSON objects are passed on. */
export class Child {
  readonly #label: string;
  readonly #process: ChildProcess;
  readonly #lines: Interface;
  #waiting: { resolve(answer: unknown): void; reject(error: Error): void } | undefined;
  #ended: Error | undefined;

  constructor(label: string, command: readonly string[], env: NodeJS.ProcessEnv) {
    this.#label = label;
    this.#process = spawn(command[0]!, command.slice(1), {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.on('error', (error) => this.#end(error));
    this.#process.on('exit', (code, signal) => this.#end(new Error(`${label} ended: ${signal ?? code}.`)));
    this.#lines = createInterface({ input: this.#process.stdout! });
    this.#lines.on('line', (line) => this.#hear(line));
  }

  /** Errors: what the process reports, or that it ended. */
  async ask<T>(request: object): Promise<T> {
    if (this.#ended) throw this.#ended;
    const answer = await new Promise<unknown>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    });
    const { error } = answer as { error?: string };
    if (error !== undefined) throw new Error(`${this.#label}: ${error}`);
    return answer as T;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Ends the process and waits until it has. */
  async close(): Promise<void> {
    if (this.#ended) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.stdin!.end();
    const late = setTimeout(() => this.#process.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
  }

  #hear(line: string): void {
    if (!line.startsWith('{')) {
      console.error(`${this.#label}: ${line}`);
      return;
    }
    this.#waiting?.resolve(JSON.parse(line));
    this.#waiting = undefined;
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#waiting?.reject(this.#ended);
    this.#waiting = undefined;
  }
}
