import type { StepEvent } from '../../src/protocol/events';
import { Column } from './column';

/** Loss, its terms, what methods watch and the learning rate of every step, as columns over one continuous step axis. */
export class StepSeries {
  readonly x = new Column();
  readonly loss = new Column();
  readonly lr = new Column();
  /** Weighted contribution per term, in order of first appearance; NaN in stages that lack the term. */
  readonly terms = new Map<string, Column>();
  /** Values that are no part of the loss, as `terms`. */
  readonly watched = new Map<string, Column>();
  /** Where a phase of the method begins, on the continuous axis. */
  phases: { x: number; phase: string | undefined }[] = [];

  get length(): number {
    return this.x.length;
  }

  /** @param x position on the continuous axis; must grow. */
  append(x: number, event: StepEvent): void {
    const before = this.x.length;
    this.x.push(x);
    this.loss.push(event.loss);
    this.lr.push(event.lr);
    appendTo(this.terms, event.terms, before);
    appendTo(this.watched, event.watched ?? {}, before);
    if (this.phases.at(-1)?.phase !== event.phase) this.phases.push({ x, phase: event.phase });
  }

  /** Forgets every step that lies after `x`. */
  cutAfter(x: number): void {
    const length = firstAfter(this.x.values, x);
    const named = [...this.terms.values(), ...this.watched.values()];
    for (const column of [this.x, this.loss, this.lr, ...named]) column.truncate(length);
    this.phases = this.phases.filter((p) => p.x <= x);
  }
}

/** @param before steps that were there before a column was */
function appendTo(columns: Map<string, Column>, values: Record<string, number>, before: number): void {
  for (const id of Object.keys(values)) if (!columns.has(id)) columns.set(id, new Column(before));
  for (const [id, column] of columns) column.push(values[id] ?? Number.NaN);
}

/** Index of the first value greater than `limit` in ascending values. */
export function firstAfter(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
