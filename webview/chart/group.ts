/** What charts share: the part of the step axis that is shown, and the position the cursor points at. */
export interface GroupMember {
  showRange(range: XRange): void;
  showCursor(x: number | null): void;
}
export interface XRange {
  min: number;
  max: number;
}

export class ChartGroup {
  readonly #members = new Set<GroupMember>();
  #zoom: XRange | null = null;
  #end = 1;
  /** Told whenever the cursor moves; null when it left. */
  onCursor: (x: number | null) => void = () => {};

  get range(): XRange {
    return this.#zoom ?? { min: 0, max: this.#end };
  }

  add(member: GroupMember): void {
    this.#members.add(member);
  }

  /** Last position there is data for. A zoomed view stays where it is. */
  set end(end: number) {
    this.#end = Math.max(1, end);
  }

  zoom(range: XRange | null): void {
    this.#zoom = range && range.max - range.min >= 1 ? range : null;
    for (const member of this.#members) member.showRange(this.range);
  }

  point(x: number | null): void {
    for (const member of this.#members) member.showCursor(x);
    this.onCursor(x);
  }
}
