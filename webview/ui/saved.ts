import type { z } from 'zod';
import { savedState, saveState } from './host';

/** What a panel remembers while it is hidden and across window reloads. Every field of the schema falls back by itself. */
export class Saved<S extends z.ZodType<object>> {
  #state: z.output<S>;

  constructor(schema: S) {
    const saved = savedState();
    this.#state = schema.parse(typeof saved === 'object' && saved !== null ? saved : {});
  }

  get value(): Readonly<z.output<S>> {
    return this.#state;
  }

  set(change: Partial<z.output<S>>): void {
    this.#state = { ...this.#state, ...change };
    saveState(this.#state);
  }
}
