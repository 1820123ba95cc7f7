import { bytesText, type Progress } from '../engine/install/progress';
import type { Output } from './progress';

/** Between two lines with bytes where the output is no terminal. */
const LINE_MS = 5_000;

/**
 * The progress of a set-up: lines, and on a terminal one that is rewritten while bytes move. As JSON, one object per
 * line, for programs.
 */
export class SetUpProgressText {
  readonly #output: Output;
  readonly #json: boolean;
  readonly #now: () => number;
  #last: Progress | undefined;
  #written = Number.NEGATIVE_INFINITY;
  #lineIsOpen = false;

  constructor(output: Output, json: boolean, now: () => number = Date.now) {
    this.#output = output;
    this.#json = json;
    this.#now = now;
  }

  show(progress: Progress): void {
    if (this.#json) {
      this.#output.write(`${JSON.stringify(progress)}\n`);
      return;
    }
    const moves = progress.done !== undefined;
    const goesOn = this.#last?.text === progress.text;
    this.#last = progress;
    if (!moves) this.#line(progress.text);
    else if (this.#output.isTTY) {
      this.#output.write(`\r\x1b[2K${describe(progress).slice(0, (this.#output.columns ?? 80) - 1)}`);
      this.#lineIsOpen = true;
    } else if (!goesOn || this.#now() - this.#written >= LINE_MS || progress.done === progress.total)
      this.#line(describe(progress));
  }

  /** Ends a line that is being rewritten. */
  close(): void {
    if (this.#lineIsOpen) this.#output.write('\n');
    this.#lineIsOpen = false;
  }

  #line(text: string): void {
    this.close();
    this.#written = this.#now();
    this.#output.write(`${text}\n`);
  }
}

function describe({ text, done, total }: Progress): string {
  if (done === undefined) return text;
  if (!total) return `${text}: ${bytesText(done)}`;
  return `${text}: ${bytesText(done)} of ${bytesText(total)} (${Math.floor((100 * done) / total)} %)`;
}
