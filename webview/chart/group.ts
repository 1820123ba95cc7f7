/** What charts share: the part of the step axis that is shown, and the position the cursor points at. */
export interface GroupMember {
  showRange(range: XRange): void;
  showCursor(x: number | null): void;
}
export interface XRange {
  min: number;
  max: number;
}

/** Fewer steps than this are not shown across a whole chart. */
const NARROWEST = 4;

export class ChartGroup {
  readonly #members = new Set<GroupMember>();
  #zoom: XRange | null = null;
  #end = 1;
  /** Told whenever the cursor moves; null when it left. */
  onCursor: (x: number | null) => void = () => {};

  get range(): XRange {
    return this.#zoom ?? { min: 0, max: this.#end };
  }

  get zoomed(): boolean {
    return this.#zoom !== null;
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

  /** Shows more (factor below 1) or less about a position, which stays in its place. */
  zoomAbout(x: number, factor: number): void {
    const { min, max } = this.range;
    const span = Math.max(Math.min(NARROWEST, this.#end), (max - min) / factor);
    if (span >= this.#end) this.zoom(null);
    else this.#show(x - ((x - min) / (max - min)) * span, span);
  }

  /** Moves along the axis, by a fraction of what is shown. */
  move(fraction: number): void {
    const { min, max } = this.range;
    if (this.#zoom) this.#show(min + fraction * (max - min), max - min);
  }

  point(x: number | null): void {
    for (const member of this.#members) member.showCursor(x);
    this.onCursor(x);
  }

  /** No further than there is data. */
  #show(from: number, span: number): void {
    const min = Math.max(0, Math.min(this.#end - span, from));
    this.zoom({ min, max: min + span });
  }
}
