import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, type LogOutputChannel } from 'vscode';
import { type BrowserAnswer, type BrowserRequest, browserAnswerSchema } from '../../protocol/dataset-browser';
import { DisposableOwner } from '../lifecycle';
import { requireTrust } from '../trust';
import type { FoundDataset } from './find-datasets';

export interface SampleProcessOptions {
  /** Absolute path of dist/cli.js. */
  script: string;
  dataset: Pick<FoundDataset, 'kind' | 'convention' | 'root'>;
  log: LogOutputChannel;
}

const OUTPUT_TAIL = 4_000;

/** The child process that decodes for one sample browser. It ends with its panel. */
export class SampleProcess extends DisposableOwner {
  readonly #child: ChildProcess;
  readonly #log: LogOutputChannel;
  readonly #answer = this.own(new EventEmitter<BrowserAnswer>());
  readonly #end = this.own(new EventEmitter<string>());
  readonly onAnswer = this.#answer.event;
  /** Fires once if it ends by itself, with what it said. */
  readonly onEnd = this.#end.event;
  #said = '';

  constructor({ script, dataset, log }: SampleProcessOptions) {
    super();
    this.#log = log;
    const { kind, convention, root } = dataset;
    const args = [
      'data',
      'serve',
      root,
      '--dataset',
      kind,
      ...(convention ? ['--convention', convention] : []),
    ];
    requireTrust();
    this.#child = fork(script, args, {
      serialization: 'advanced',
      execArgv: [],
      // In the desktop window this process is Electron.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString('utf8')).slice(-OUTPUT_TAIL);
    });
    this.#child.on('message', (value) => this.#receive(value));
    this.#child.once('error', (error) => this.#ended(error.message));
    this.#child.once('close', (code) => this.#ended(this.#said.trim() || `It ended with status ${code}.`));
  }

  ask(request: BrowserRequest): void {
    if (this.#child.connected) this.#child.send(request);
  }

  #receive(value: unknown): void {
    const parsed = browserAnswerSchema.safeParse(value);
    if (parsed.success) this.#answer.fire(parsed.data);
    else this.#log.warn(`sample browser: answer not understood: ${parsed.error.message}`);
  }

  #ended(reason: string): void {
    if (!this.disposed) this.#end.fire(reason);
  }

  override dispose(): void {
    super.dispose();
    // It takes the closed channel as the end of its work.
    if (this.#child.connected) this.#child.disconnect();
  }
}
