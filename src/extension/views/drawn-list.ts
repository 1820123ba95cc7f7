/** What was drawn of a list, to draw again only what is another since. */
export class DrawnList<Value extends object> {
  #outline: readonly string[] = [];
  readonly #values = new Map<string, Value>();

  /** @param outline what the list consists of, in its order: keys, and whatever else a change of which concerns all of it */
  drawList(outline: readonly string[]): void {
    this.#outline = outline;
    const keys = new Set(outline);
    for (const key of this.#values.keys()) if (!keys.has(key)) this.#values.delete(key);
  }

  /** @param value the same object as long as the row says the same */
  drawRow(key: string, value: Value): void {
    this.#values.set(key, value);
  }

  /** Keys of the rows to draw again, or the whole list where it is made up otherwise. */
  stale(outline: readonly string[], current: (key: string) => Value | undefined): 'all' | string[] {
    if (outline.length !== this.#outline.length || outline.some((part, i) => part !== this.#outline[i]))
      return 'all';
    return [...this.#values].filter(([key, value]) => current(key) !== value).map(([key]) => key);
  }
}
