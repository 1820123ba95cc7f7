import type { Disposable } from 'vscode';

/** Work that many ask for: done at once, and then again when some time has passed, however often it was asked for meanwhile. */
export class Throttle implements Disposable {
  readonly #work: () => void;
  readonly #gap: number;
  #last = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  /** @param gap ms between two times */
  constructor(work: () => void, gap: number) {
    this.#work = work;
    this.#gap = gap;
  }

  ask(): void {
    if (this.#timer || this.#disposed) return;
    const wait = this.#last + this.#gap - performance.now();
    if (wait <= 0) this.#do();
    else this.#timer = setTimeout(() => this.#do(), wait);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  #do(): void {
    this.#timer = undefined;
    this.#last = performance.now();
    this.#work();
  }
}
