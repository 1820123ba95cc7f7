import type { CheckProgress } from '../protocol/dataset-report';
import type { Output } from './progress';

/** Between two lines where the output is no terminal. */
const LINE_MS = 10_000;
/** Between two states on a terminal, and between two lines for programs. */
const REDRAW_MS = 100;

/** Work that is counted, as text: a line that is rewritten on a terminal, a line now and then elsewhere, JSON for programs. */
export class CountProgress {
  readonly #output: Output;
  readonly #json: boolean;
  readonly #now: () => number;
  #last = Number.NEGATIVE_INFINITY;
  #lineIsOpen = false;

  constructor(output: Output, json: boolean, now: () => number = Date.now) {
    this.#output = output;
    this.#json = json;
    this.#now = now;
  }

  show(progress: CheckProgress): void {
    const now = this.#now();
    const { text, done, total } = progress;
    const gap = this.#json || this.#output.isTTY ? REDRAW_MS : LINE_MS;
    if (now - this.#last < gap && (done < total || !this.#json)) return;
    this.#last = now;
    if (this.#json) this.#output.write(`${JSON.stringify(progress)}\n`);
    else if (!this.#output.isTTY) this.#output.write(`${text}: ${done} of ${total}\n`);
    else {
      this.#output.write(
        `\r\x1b[2K${`${text}: ${done} of ${total}`.slice(0, (this.#output.columns ?? 80) - 1)}`,
      );
      this.#lineIsOpen = true;
    }
  }

  /** Takes the line that is being rewritten away. */
  close(): void {
    if (this.#lineIsOpen) this.#output.write('\r\x1b[2K');
    this.#lineIsOpen = false;
  }
}
